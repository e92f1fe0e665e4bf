"""The same trials on OOMMF, driven through oommfc: slower, independent, one trial at a time."""

import signal
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from multiprocessing import active_children, get_context
from pathlib import Path

import discretisedfield as df
import numpy as np
import oommfc
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.study import SimulatedDevice
from micromag.engine.problem import Problem, field_of
from micromag.engine.thermal_noise import wire_words
from micromag.sample.wire import declare
from micromag.trials.drive import drive_of
from micromag.trials.locator import Locator
from micromag.trials.referee import Referee, Result, Trial, Verdict
from micromag.trials.release import release_of

TIME_STEP_S = 1e-13
STAGE_NS = 0.25
OBSERVED_PER_STAGE = 25


def check_available() -> None:
    """Raise `InputError` if oommfc finds no OOMMF."""
    try:
        oommfc.runner.runner  # noqa: B018 - looking it up searches for OOMMF
    except OSError as error:
        raise InputError(
            "no OOMMF found",
            where="numerics.engine",
            remedy="install it (conda install -c conda-forge oommf, or set OOMMFTCL to oommf.tcl), "
            "or choose the engine 'embedded'",
        ) from error


def run_trials(
    device: SimulatedDevice,
    problem: Problem,
    released: NDArray[np.floating],
    trials: Iterable[Trial],
    *,
    seed: int,
    threads: int = 1,
    on_result: Callable[[Result], None],
    on_longest_s: Callable[[float], None] | None = None,
) -> float:
    """Run trials on OOMMF, as `micromag.trials.lockstep.scheduler.run_trials` does on our engine.

    `threads` is the number of processes, each of which runs a trial.

    Each trial is driven in stages of 0.25 ns by ``Xf_ThermHeunEvolver`` at 100 fs, every stage with
    its own seed, in a scratch folder that is removed afterwards; the wall is located every
    10 ps and the trial stops with the stage in which it is decided.
    """
    check_available()
    run = partial(_run_trial, device, problem, released, seed)
    simulated_ns, started_s = 0.0, time.perf_counter()
    # Processes, not threads: oommfc changes the working directory while it drives.
    pool = ProcessPoolExecutor(threads, get_context("spawn"), initializer=_leave_signals_to_parent)
    try:
        jobs = [pool.submit(run, trial) for trial in trials]
        for done in as_completed(jobs):
            result, trial_ns = done.result()
            on_result(result)
            if on_longest_s and not simulated_ns:
                turns = len(jobs) / threads * device.protocol.window_ns / trial_ns
                on_longest_s(turns * (time.perf_counter() - started_s))
            simulated_ns += trial_ns
        return simulated_ns
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        # Only a stopped command leaves any running.
        for process in active_children():
            process.terminate()


def _leave_signals_to_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _run_trial(
    device: SimulatedDevice,
    problem: Problem,
    released: NDArray[np.floating],
    seed: int,
    trial: Trial,
) -> tuple[Result, float]:
    with tempfile.TemporaryDirectory(prefix="dwsynapse-oommf-") as folder:
        try:
            return _drive_until_decided(device, problem, released, seed, trial, Path(folder))
        except RuntimeError as error:  # oommfc's word for an OOMMF that ended with an error
            failure = f"OOMMF failed: {str(error).splitlines()[0]}"
            return Result(trial, Verdict("failed", 0.0, failure=failure), float("nan")), 0.0


def _drive_until_decided(
    device: SimulatedDevice,
    problem: Problem,
    released: NDArray[np.floating],
    seed: int,
    trial: Trial,
    folder: Path,
) -> tuple[Result, float]:
    system = declare(device)
    numbers = seed, trial.replica, *wire_words(device)
    release = release_of(device, *numbers)
    system.m = field_of(system, released[release.number])
    drive, locator, referee = drive_of(device), Locator(problem), Referee(device, lanes=1)
    still = system.energy
    stage = 0
    while True:
        system.energy = still + drive.term(trial.field_mT, stage * STAGE_NS)
        seeds = np.random.SeedSequence([*numbers, stage]).generate_state(1)
        evolver = oommfc.Xf_ThermHeunEvolver(
            min_timestep=TIME_STEP_S,
            max_timestep=TIME_STEP_S,
            method="rk2heun",
            uniform_seed=int(seeds[0] >> 1),
        )
        oommfc.TimeDriver(evolver=evolver).drive(
            system, t=STAGE_NS * 1e-9, n=OBSERVED_PER_STAGE, dirname=str(folder), verbose=0
        )
        files = sorted((folder / system.name / f"drive-{stage}").glob(f"{system.name}-*.omf"))
        for number, file in enumerate(files, 1):
            m = problem.unit_vectors(df.Field.from_file(file))
            time_ns = STAGE_NS * (stage + number / OBSERVED_PER_STAGE)
            position_nm = float(locator.position_nm(m[..., None])[0])
            field_mT = drive.values(trial.field_mT, time_ns)
            seen = (np.array([value]) for value in (0, time_ns, position_nm, field_mT))
            if verdicts := referee.decide(*seen):
                result = Result(trial, verdicts[0], position_nm, release.distance_nm)
                return result, STAGE_NS * (stage + 1)
        stage += 1
