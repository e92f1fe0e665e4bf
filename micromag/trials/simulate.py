"""Running a batch of a round's trials, resumable, on the engine that the config names."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from dwsynapse.io.contracts import PLAN
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import sha256, write_json
from dwsynapse.io.progress_bars import progress_bar
from dwsynapse.io.records import note_engine
from dwsynapse.study import SimulatedDevice
from micromag.engine.problem import Problem
from micromag.engine.resources import announce, engine_bytes, require_memory
from micromag.engine.timestep import check_step
from micromag.sample.wire import declare, notched_shares
from micromag.trials import oommf
from micromag.trials.drive import drive_of
from micromag.trials.ledger import Ledger
from micromag.trials.lockstep import scheduler
from micromag.trials.referee import Result, Trial
from micromag.trials.relaxed_walls import read_walls
from micromag.trials.wall_exists import require_wall


class Engine(Protocol):
    """A function that runs trials, as `micromag.trials.lockstep.scheduler.run_trials` does."""

    def __call__(
        self,
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
        """Run trials and return the nanoseconds simulated."""
        ...


ENGINES: dict[str, Engine] = {"embedded": scheduler.run_trials, "oommf": oommf.run_trials}


def planned_trials(plan: pd.DataFrame, batch: int, batches: int) -> list[Trial]:
    """Return the trials of one batch (counted from 1): every `batches`-th trial of the plan.

    Raises
    ------
    InputError
        If there is no such batch, or it has no trials.
    """
    if batch > batches or batches > plan["n_trials"].sum():
        raise InputError(
            f"no batch {batch} of {batches} in a plan of {plan['n_trials'].sum()} trials",
            where="--batch",
            remedy="ask for a batch that the plan has",
        )
    trials = [
        Trial(float(field_mT), int(first) + i)
        for field_mT, n_trials, first in plan[["field_mT", "n_trials", "first_replica"]].to_numpy()
        for i in range(int(n_trials))
    ]
    return trials[batch - 1 :: batches]


def require_runnable(device: SimulatedDevice) -> None:
    """Raise `InputError` if trials of a device cannot run: no wall, coarse cells, a long step."""
    require_wall(device)
    numerics = device.numerics
    if numerics.engine == "embedded":
        problem = Problem.of(declare(device))
        noisy, once = problem.temperature_K > 0, numerics.demag_evaluations == 1
        check_step(problem, numerics.time_step_fs * 1e-15, once, noisy, "numerics.time_step_fs")


def setup(device: SimulatedDevice) -> dict[str, Any]:
    """Return what a passing curve depends on, for the report."""
    protocol, numerics = device.protocol.model_dump(), device.numerics.model_dump()
    if device.numerics.engine == "oommf":
        numerics = {"engine": "oommf", "time_step_fs": oommf.TIME_STEP_S * 1e15}
    return {
        "cell_nm": list(device.wire.cell_nm),
        "covered_fraction_in_cells": float(notched_shares(device.wire).mean(axis=1).max()),
        "wall": device.wall.model_dump(),
        "disorder": device.disorder.model_dump(),
        **protocol,
        **numerics,
    }


def simulate(
    device: SimulatedDevice,
    wall_file: Path,
    plan_file: Path,
    out: Path,
    *,
    batch: int,
    batches: int,
    seed: int,
    threads: int,
    provenance: dict[str, Any],
    bar: "tqdm[Any] | None" = None,
) -> None:
    """Run one batch of a plan and write its table of trials and, next to it, the engine's speed.

    Finished trials are saved every few seconds to ``<out>.done.csv``, from where a stopped run
    continues. Trials in such files next to `out` of the same config, wall, seed and code are reused
    in any plan and batch. Where `bar` is given, it shows the progress instead of one of its own.

    Raises
    ------
    InputError
        If a plan repeats a trial without noise, or every trial failed.
    """
    plan = PLAN.read(plan_file)
    require_wall(device)
    drive = drive_of(device)
    drive.require_reached(plan[drive.column].max(), path=plan_file, where=f"column {drive.column}")
    _require_trials_that_differ(device, plan, plan_file)
    trials = planned_trials(plan, batch, batches)
    engine = device.numerics.engine
    backend = scheduler.backend_of(device.numerics) if engine == "embedded" else engine
    note_engine(backend)
    # Trials depend on the wall, not on their plan.
    inputs, used = provenance["inputs"], sha256(wall_file)
    walls = {name: found for name, found in inputs.items() if found == used}
    ledger = Ledger(out, trials, backend, {**provenance, "inputs": walls})
    todo = [trial for trial in trials if trial.replica not in ledger.replicas]
    groups = scheduler.groups_for(len(todo), threads) if backend == "embedded" else 1
    n_bytes = engine_bytes(device, groups)
    require_memory(n_bytes, device, "or fewer --threads" if groups > 1 else "")
    problem = Problem.of(declare(device))
    released = read_walls(wall_file, device, problem)
    started_s = time.time()
    name = str(Path(*out.parts[-2:]).with_suffix(""))
    done = len(trials) - len(todo)
    own = progress_bar(
        total=len(trials), initial=done, desc=name, unit="trial", disable=bar is not None
    )
    shown = own if bar is None else bar
    if bar is not None:
        bar.update(done)
    with own:

        def on_result(result: Result) -> None:
            ledger.add(result)
            shown.update()

        try:
            simulated_ns = ENGINES[engine](
                device,
                problem,
                released,
                todo,
                seed=seed,
                threads=threads,
                on_result=on_result,
                on_longest_s=lambda longest_s: announce(f"{len(todo)} trials", longest_s, n_bytes),
            )
        finally:
            ledger.save()
    ledger.require_outcomes()
    speed = {
        "engine": engine,
        "backend": backend,
        "threads": threads,
        "simulated_ns": simulated_ns,
        "started_s": started_s,
        "ended_s": time.time() if todo else started_s,
        "provenance": provenance,
    }
    write_json(out.with_suffix(".speed.json"), "speed", 1, speed)
    ledger.write(out, provenance)


def _require_trials_that_differ(device: SimulatedDevice, plan: pd.DataFrame, path: Path) -> None:
    starts = len(device.wall.variants) * len(device.release_distances_nm)
    repeated = plan["n_trials"] > starts
    if device.protocol.temperature_K == 0 and repeated.any():
        row = plan[repeated].iloc[0]
        raise InputError(
            f"{row['n_trials']:g} trials at {row['field_mT']:g} mT and 0 K are identical: "
            "there is no noise",
            path=path,
            where="column n_trials",
            remedy="raise protocol.temperature_K, plan one trial per field, or find the field "
            "with `python -m micromag depinning`",
        )
