"""Trials in lockstep: what groups on the processor and on a GPU share."""

from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dwsynapse.study import SimulatedDevice
from micromag.engine.equation_of_motion import Equation
from micromag.engine.problem import Problem
from micromag.engine.thermal_noise import trial_key, wire_words
from micromag.trials.drive import drive_of
from micromag.trials.failed_steps import failures_of
from micromag.trials.referee import Trial
from micromag.trials.release import Release, release_of

DTYPE = np.float32


class Ensemble(NamedTuple):
    """What all trials of a device share.

    Parameters
    ----------
    device, problem
        The wire, declared and as numbers.
    released, demag_A_per_m
        The relaxed walls and their demagnetising fields, shape (walls, 3, cells), as
        `micromag.trials.relaxed_walls.relaxed_walls` returns them.
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


class Group(ABC):
    """Trials in lockstep, each in a lane and at its own time after release; some lanes may be free.

    Parameters
    ----------
    ensemble
        What the trials share.
    lanes
        Number of lanes.

    Attributes
    ----------
    lanes
        Number of lanes.
    interval_ns
        Time from one observation to the next.
    """

    def __init__(self, ensemble: Ensemble, lanes: int):
        numerics = ensemble.device.numerics
        self.lanes = lanes
        self._ensemble = ensemble
        self._drive = drive_of(ensemble.device)
        self._wire_words = wire_words(ensemble.device)
        self._dt_ns = numerics.time_step_fs * 1e-6
        self._steps = max(1, round(numerics.observe_every_ps * 1e-3 / self._dt_ns))
        self.interval_ns = self._steps * self._dt_ns
        self._trials: dict[int, Trial] = {}
        self._releases: dict[int, Release] = {}
        self._release_mT = np.zeros(lanes)
        self._steps_done = np.zeros(lanes, np.int64)

    def busy_lanes(self) -> NDArray[np.intp]:
        """Return the lanes that have a trial."""
        return np.array(sorted(self._trials), np.intp)

    def free_lanes(self) -> list[int]:
        """Return the lanes that have none."""
        return [lane for lane in range(self.lanes) if lane not in self._trials]

    def start(self, lane: int, trial: Trial) -> None:
        """Release the wall of a trial in a free lane."""
        self._trials[lane] = trial
        self._release_mT[lane] = trial.field_mT
        numbers = self._ensemble.seed, trial.replica, *self._wire_words
        self._releases[lane] = release_of(self._ensemble.device, *numbers)
        self._release(lane, self._releases[lane].number, trial_key(*numbers))

    def release_distance_nm(self, lane: int) -> float | None:
        """Return from where the wall in a busy lane was released, if that is drawn."""
        return self._releases[lane].distance_nm

    def stop(self, lane: int) -> Trial:
        """Take the trial out of a lane."""
        # Free lanes are computed too: give them a harmless state.
        self._release_mT[lane] = self._steps_done[lane] = 0
        self._release(lane, 0, np.zeros(2, np.uint32))
        return self._trials.pop(lane)

    def advance(self) -> None:
        """Advance to the next observation."""
        now_mT, then_mT = self.fields_mT(), self.fields_mT(self.interval_ns)
        rate_mT = (then_mT - now_mT) / self._steps
        applied = self._drive.applied_A_per_m
        self._integrate(applied(now_mT), applied(rate_mT))
        self._steps_done[self.busy_lanes()] += self._steps

    def times_ns(self) -> NDArray[np.float64]:
        """Return the time since release in every lane."""
        return self._steps_done.astype(np.float64) * self._dt_ns

    def fields_mT(self, later_ns: float = 0.0) -> NDArray[np.float64]:
        """Return the field in every lane, now or later."""
        return self._drive.values(self._release_mT, self.times_ns() + later_ns)

    def failures(self) -> dict[int, str]:
        """Return what went wrong since the last observation, for the lanes where something did."""
        found = failures_of(self._stretches(), self._steps, self._ensemble.problem.Ms)
        return {
            lane: failure
            for lane, failure in enumerate(found)
            if failure is not None and lane in self._trials
        }

    @abstractmethod
    def positions_nm(self) -> NDArray[np.float64]:
        """Return the position of the wall in every lane."""

    @abstractmethod
    def _release(self, lane: int, number: int, key: NDArray[np.uint32]) -> None:
        """Put one of the relaxed walls into a lane, at step 0 of the noise of a key."""

    @abstractmethod
    def _integrate(
        self, applied_A_per_m: NDArray[np.float64], rate_A_per_m: NDArray[np.float64]
    ) -> None:
        """Take `_steps` steps, given the field along x and its change per step."""

    @abstractmethod
    def _stretches(self) -> NDArray[np.floating]:
        """Return the sum of (|m|^2 - 1)^2 over cells and the last steps, in every lane."""
