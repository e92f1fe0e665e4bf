"""The embedded engine: trials run in lane groups, decided ones making room for the next."""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from config import SimulatedDevice
from micromag.energy import fields_A_per_m
from micromag.lanes import LANES
from micromag.llg import Equation, State, advance, equation_of, state_of
from micromag.noise import trial_key
from micromag.problem import MU0, Problem
from micromag.trials import Locator, Referee, Result, Trial, Verdict
from micromag.wall import variant_of

DTYPE = np.float32
MT_PER_A_PER_M = 1e3 * MU0
LARGEST_STRETCH = 0.05


class Ensemble(NamedTuple):
    """What all trials of a device share.

    Parameters
    ----------
    device, problem
        The wire, declared and as numbers.
    released, demag_A_per_m
        The relaxed wall in each of its variants and its demagnetising field, shape
        (variants, 3, cells).
    equation
        The equation of motion.
    seed
        The study's seed.
    """

    device: SimulatedDevice
    problem: Problem
    released: NDArray[np.floating]
    demag_A_per_m: NDArray[np.floating]
    equation: Equation
    seed: int


def ensemble_of(
    device: SimulatedDevice, problem: Problem, released: NDArray[np.floating], seed: int
) -> Ensemble:
    """Return what all trials of a device share; `released` has the shape (variants, 3, cells)."""
    numerics = device.numerics
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
) -> float:
    """Run trials on the embedded engine.

    A trial's result depends on the device, the field, the seed and the replica number only: its
    noise is keyed by these, and no lane touches another. A trial whose numbers fail is reported as
    failed, and the others go on.

    Parameters
    ----------
    device
        Protocol and numerics.
    problem
        The wire as numbers.
    released
        Unit vectors of the relaxed wall in each of its variants, shape (variants, 3, cells).
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
    """
    ensemble = ensemble_of(device, problem, released, seed)
    queue = deque(trials)
    lock = threading.Lock()

    def report(result: Result) -> None:
        with lock:
            on_result(result)

    groups = max(1, min(threads, -(-len(queue) // LANES)))
    with ThreadPoolExecutor(groups) as pool:
        return sum(pool.map(lambda _: _work_off(queue, ensemble, report), range(groups)))


def _work_off(queue: deque[Trial], ensemble: Ensemble, report: Callable[[Result], None]) -> float:
    """Run trials from a queue that groups share; return the nanoseconds simulated."""
    group, referee = LaneGroup(ensemble), Referee(ensemble.device, LANES)
    simulated_ns = 0.0
    while True:
        for lane in group.free_lanes():
            try:
                group.start(lane, queue.popleft())
            except IndexError:
                break
            referee.start(lane)
        if not group.busy_lanes():
            return simulated_ns
        group.advance()
        simulated_ns += group.interval_ns * len(group.busy_lanes())
        positions_nm, failures = group.positions_nm(), group.failures()
        for lane in group.busy_lanes():
            time_ns, field_mT = group.time_ns(lane), group.field_mT(lane)
            position_nm = float(positions_nm[lane])
            verdict = (
                Verdict("failed", time_ns, failure=failures[lane])
                if lane in failures
                else referee.decide(lane, time_ns, position_nm, field_mT)
            )
            if verdict:
                report(Result(group.stop(lane), verdict, position_nm))


class LaneGroup:
    """`LANES` trials in lockstep, each at its own time after release; some lanes may be free.

    Attributes
    ----------
    interval_ns
        Time from one observation to the next.
    """

    def __init__(self, ensemble: Ensemble):
        self._ensemble = ensemble
        numerics = ensemble.device.numerics
        self._dt_ns = numerics.time_step_fs * 1e-6
        self._steps = max(1, round(numerics.observe_every_ps * 1e-3 / self._dt_ns))
        self.interval_ns = self._steps * self._dt_ns
        self._state: State = state_of(ensemble.problem, DTYPE)
        self._locator = Locator(ensemble.problem)
        self._trials: dict[int, Trial] = {}
        # Free lanes are computed too: let them hold a state that is harmless.
        for lane in range(LANES):
            self._release(lane, 0)

    @property
    def m(self) -> NDArray[np.floating]:
        """Unit vectors, shape (3, cells, LANES)."""
        return self._state.m

    def busy_lanes(self) -> list[int]:
        """Return the lanes that have a trial."""
        return sorted(self._trials)

    def free_lanes(self) -> list[int]:
        """Return the lanes that have none."""
        return [lane for lane in range(LANES) if lane not in self._trials]

    def start(self, lane: int, trial: Trial) -> None:
        """Release the wall of a trial in a free lane."""
        self._trials[lane] = trial
        ensemble = self._ensemble
        self._release(lane, variant_of(ensemble.device.wall, ensemble.seed, trial.replica))
        self._state.key[:, lane] = trial_key(ensemble.seed, trial.replica)
        self._state.step[0, lane] = 0

    def stop(self, lane: int) -> Trial:
        """Take the trial out of a lane."""
        self._release(lane, 0)
        return self._trials.pop(lane)

    def _release(self, lane: int, variant: int) -> None:
        self._state.m[..., lane] = self._ensemble.released[variant]
        self._state.demag[..., lane] = self._ensemble.demag_A_per_m[variant]
        self._state.applied[:, lane] = self._state.applied_rate[:, lane] = 0

    def advance(self) -> None:
        """Go on to the next observation."""
        for lane in self._trials:
            now_mT, then_mT = self.field_mT(lane), self.field_mT(lane, self.interval_ns)
            self._state.applied[0, lane] = now_mT / MT_PER_A_PER_M
            self._state.applied_rate[0, lane] = (then_mT - now_mT) / MT_PER_A_PER_M / self._steps
        self._state.stretch[:] = 0
        advance(self._state, self._ensemble.equation, self._steps)

    def time_ns(self, lane: int) -> float:
        """Return the time since release in a lane."""
        return int(self._state.step[0, lane]) * self._dt_ns

    def field_mT(self, lane: int, later_ns: float = 0.0) -> float:
        """Return the field in a lane, now or later."""
        field = self._ensemble.device.protocol.field
        return field.at_mT(self._trials[lane].field_mT, self.time_ns(lane) + later_ns)

    def positions_nm(self) -> NDArray[np.float64]:
        """Return the position of the wall in every lane."""
        return self._locator.position_nm(self._state.m)

    def failures(self) -> dict[int, str]:
        """Return what went wrong since the last observation, for the lanes where something did."""
        cell_steps = self._steps * int(np.count_nonzero(self._ensemble.problem.Ms))
        stretch = np.sqrt(self._state.stretch[0] / cell_steps)
        words = "shorten numerics.time_step_fs"
        return {
            lane: (
                f"|m| strayed from 1 by {stretch[lane]:.2g} in a step: {words}"
                if np.isfinite(stretch[lane])
                else f"the magnetisation became NaN: {words}"
            )
            for lane in self._trials
            if not stretch[lane] <= LARGEST_STRETCH
        }
