"""The embedded engine: trials run in lane groups, decided ones making room for the next."""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from config import SimulatedDevice
from micromag.lanes import LANES
from micromag.llg import Equation, State, advance, equation_of, state_of
from micromag.noise import trial_key
from micromag.problem import MU0, Problem
from micromag.trials import Locator, Referee, Result, Trial
from micromag.wall import variant_of
from workflow.errors import InputError

DTYPE = np.float32


def run_trials(
    device: SimulatedDevice,
    problem: Problem,
    released: NDArray[np.floating],
    trials: Iterable[Trial],
    *,
    seed: int,
    threads: int = 1,
    on_result: Callable[[Result], None],
) -> float:
    """Run trials on the embedded engine.

    A trial's result depends on the device, the field, the seed and the replica number only: its
    noise is keyed by these, and no lane touches another.

    Parameters
    ----------
    device
        Protocol and numerics.
    problem
        The wire as numbers.
    released
        Unit vectors of the relaxed walls, shape (variants, 3, cells).
    trials
        What to run.
    seed
        The study's seed.
    threads
        Lane groups that run at the same time.
    on_result
        Called with each result as soon as it is there, from one thread at a time.

    Returns
    -------
    float
        Nanoseconds of trajectory simulated, over all trials.

    Raises
    ------
    InputError
        If a trajectory leaves the numbers (NaN): the time step is too long.
    """
    dt_s = device.numerics.time_step_fs * 1e-15
    equation = equation_of(problem, dt_s, DTYPE)
    queue = deque(trials)
    lock = threading.Lock()

    def report(result: Result) -> None:
        with lock:
            on_result(result)

    def run_group(_: int) -> float:
        return _LaneGroup(device, problem, equation, released, queue, seed, report).run()

    groups = max(1, min(threads, -(-len(queue) // LANES)))
    with ThreadPoolExecutor(groups) as pool:
        return sum(pool.map(run_group, range(groups)))


class _LaneGroup:
    """A group of lanes in lockstep, filled from a queue of trials that groups share."""

    def __init__(
        self,
        device: SimulatedDevice,
        problem: Problem,
        equation: Equation,
        released: NDArray[np.floating],
        queue: deque[Trial],
        seed: int,
        report: Callable[[Result], None],
    ):
        self._equation, self._released, self._queue = equation, released, queue
        self._seed, self._report, self._wall = seed, report, device.wall
        self._dt_ns = device.numerics.time_step_fs * 1e-6
        self._steps = max(1, round(device.numerics.observe_every_ps * 1e-3 / self._dt_ns))
        self._state: State = state_of(problem, DTYPE)
        self._locator = Locator(problem)
        self._referee = Referee(device, LANES)
        self._trials: list[Trial | None] = [None] * LANES
        # Lanes without a trial are computed too: let them hold a state that is harmless.
        self._state.m[:] = released[0, ..., None]

    def run(self) -> float:
        """Run until the queue is empty; return the nanoseconds of trajectory simulated."""
        simulated_ns = 0.0
        while self._fill():
            advance(self._state, self._equation, self._steps)
            simulated_ns += sum(t is not None for t in self._trials) * self._steps * self._dt_ns
            self._observe()
        return simulated_ns

    def _fill(self) -> bool:
        for lane in range(LANES):
            if self._trials[lane] is None:
                try:
                    trial = self._queue.popleft()
                except IndexError:
                    break
                self._trials[lane] = trial
                self._referee.start(lane)
                variant = variant_of(self._wall, self._seed, trial.replica)
                self._state.m[..., lane] = self._released[variant]
                self._state.applied[:, lane] = (trial.field_mT * 1e-3 / MU0, 0, 0)
                self._state.key[:, lane] = trial_key(self._seed, trial.replica)
                self._state.step[0, lane] = 0
        return any(trial is not None for trial in self._trials)

    def _observe(self) -> None:
        positions_nm = self._locator.position_nm(self._state.m)
        for lane, trial in enumerate(self._trials):
            if trial is None:
                continue
            time_ns = int(self._state.step[0, lane]) * self._dt_ns
            if not np.isfinite(positions_nm[lane]):
                raise InputError(
                    f"the magnetisation became NaN after {time_ns:.3g} ns at {trial.field_mT:g} mT "
                    f"(replica {trial.replica})",
                    where="numerics.time_step_fs",
                    remedy="shorten the time step",
                )
            outcome = self._referee.decide(lane, time_ns, float(positions_nm[lane]))
            if outcome:
                self._report(Result(trial, outcome, time_ns, float(positions_nm[lane])))
                self._trials[lane] = None
