"""The embedded engine: trials run in groups, in which the next trial replaces a decided one."""

import ctypes
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.study import Numerics, SimulatedDevice
from micromag.engine.equation_of_motion import equation_of
from micromag.engine.fields_and_energies import fields_A_per_m
from micromag.engine.lanes import LANES
from micromag.engine.problem import Problem
from micromag.trials.lockstep.group_of_trials import DTYPE, Ensemble, Group
from micromag.trials.lockstep.group_on_lanes import LaneGroup
from micromag.trials.referee import Referee, Result, Trial, Verdict
from micromag.trials.threads import run_all

MEASURED_S = 0.1
NOISY_STEPS = 2**32
"""Steps are counted in one of the words that the noise comes from
(micromag.engine.thermal_noise)."""


def ensemble_of(
    device: SimulatedDevice, problem: Problem, released: NDArray[np.floating], seed: int
) -> Ensemble:
    """Return what all trials of a device share; `released` has the shape (walls, 3, cells).

    Raises
    ------
    InputError
        If the window has more steps than there is noise for, or the step is too long.
    """
    numerics = device.numerics
    steps = device.protocol.window_ns * 1e6 / numerics.time_step_fs
    if steps > NOISY_STEPS:
        raise InputError(
            f"a window of {steps:.2g} steps, and the noise repeats after {NOISY_STEPS:.2g}",
            where="protocol.window_ns",
            remedy="shorten the window or lengthen numerics.time_step_fs",
        )
    demag = np.array([fields_A_per_m(problem, m)["demag"] for m in released])
    equation = equation_of(
        problem,
        numerics.time_step_fs * 1e-15,
        DTYPE,
        shared_demag=numerics.demag_evaluations == 1,
    )
    return Ensemble(device, problem, released, demag, equation, seed)


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
    referee: type[Referee] = Referee,
) -> float:
    """Run trials on the embedded engine, on the processor or on a GPU (see `backend_of`).

    A trial's result depends on the device, the field, the seed and the replica number only: its
    noise is keyed by these, and lanes do not interact. A trial whose integration fails is reported
    as failed, and the others continue.

    Parameters
    ----------
    device
        Protocol and numerics.
    problem
        The wire as numbers.
    released
        Unit vectors of the relaxed walls, shape (walls, 3, cells): of every variant, at every
        distance of release (`micromag.trials.release`).
    trials
        What to run.
    seed
        The study's seed.
    threads
        Lane groups that run at the same time; a GPU runs one large group instead.
    on_result
        Called with each result as soon as it is available, from one thread at a time.
    on_longest_s
        Called once, before the first trial, with the time that they take at most.
    referee
        What decides the trials.

    Returns
    -------
    float
        Nanoseconds of trajectory simulated, over all trials.
    """
    ensemble = ensemble_of(device, problem, released, seed)
    queue = deque(trials)
    lock, stopped = threading.Lock(), threading.Event()

    def report(result: Result) -> None:
        with lock:
            if not stopped.is_set():
                on_result(result)

    def stop() -> None:
        # No result is reported from here on.
        with lock:
            stopped.set()

    groups = _groups(ensemble, len(queue), threads)
    if on_longest_s and queue:
        on_longest_s(_longest_s(groups, len(queue), device.protocol.window_ns))
    jobs = [
        partial(work_off, group, queue, referee(device, group.lanes), report, stopped.is_set)
        for group in groups
    ]
    return sum(run_all(jobs, len(jobs), stop))


def backend_of(numerics: Numerics) -> Literal["embedded", "torch-cuda"]:
    """Return what computes the trials: the lane engine, or torch on a GPU.

    Raises
    ------
    InputError
        If CUDA is requested and not available.
    """
    if numerics.device != "cpu" and _cuda_is_available():
        return "torch-cuda"
    if numerics.device == "cuda":
        raise InputError(
            "no CUDA device, or a build of PyTorch without CUDA",
            where="numerics.device",
            remedy="set it to auto or cpu, or install PyTorch for your GPU",
        )
    return "embedded"


def _cuda_is_available() -> bool:
    # Importing torch takes seconds: not on machines without the driver's library.
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    import torch

    return torch.cuda.is_available()


def groups_for(n_trials: int, threads: int) -> int:
    """Return the number of lane groups that the processor runs at the same time."""
    return max(1, min(threads, -(-n_trials // LANES)))


def _longest_s(groups: Sequence[Group], n_trials: int, window_ns: float) -> float:
    """Return how long trials take if all of them last to the end of the window.

    Measured on lanes that have no trial yet; groups that compete for memory may be slower.
    """
    group = groups[0]
    group.advance()  # compiles
    started_s, took_s, intervals = time.perf_counter(), 0.0, 0
    while took_s < MEASURED_S:
        group.advance()
        took_s, intervals = time.perf_counter() - started_s, intervals + 1
    turns = -(-n_trials // sum(group.lanes for group in groups))
    return turns * window_ns / group.interval_ns * took_s / intervals


def _groups(ensemble: Ensemble, n_trials: int, threads: int) -> Sequence[Group]:
    if backend_of(ensemble.device.numerics) == "torch-cuda":
        from micromag.trials.lockstep.group_on_gpu import cuda_group

        return [cuda_group(ensemble, n_trials)]
    return [LaneGroup(ensemble) for _ in range(groups_for(n_trials, threads))]


def work_off(
    group: Group,
    queue: deque[Trial],
    referee: Referee,
    report: Callable[[Result], None],
    stopped: Callable[[], bool],
) -> float:
    """Run trials from a shared queue until it is empty or they are stopped.

    Returns
    -------
    float
        Nanoseconds simulated.
    """
    simulated_ns = 0.0
    while not stopped():
        for lane in group.free_lanes():
            try:
                trial = queue.popleft()
            except IndexError:
                break
            group.start(lane, trial)
            referee.start(lane)
        busy = group.busy_lanes()
        if not busy.size:
            break
        group.advance()
        simulated_ns += group.interval_ns * busy.size
        times_ns, positions_nm = group.times_ns(), group.positions_nm()
        verdicts = {
            lane: Verdict("failed", float(times_ns[lane]), failure=failure)
            for lane, failure in group.failures().items()
        }
        sound = np.setdiff1d(busy, list(verdicts))
        verdicts |= referee.decide(
            sound, times_ns[sound], positions_nm[sound], group.fields_mT()[sound]
        )
        for lane, verdict in verdicts.items():
            distance_nm = group.release_distance_nm(lane)
            report(Result(group.stop(lane), verdict, float(positions_nm[lane]), distance_nm))
    return simulated_ns
