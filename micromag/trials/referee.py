"""Trials of one device: when a wall has passed, is pinned, or is undecided."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.io.number_format import counted
from dwsynapse.study import Protocol, SimulatedDevice
from micromag.trials.drive import drive_of

TOLERANCE_NS = 1e-6


@dataclass(frozen=True)
class Trial:
    """One release of the wall.

    Parameters
    ----------
    field_mT
        Applied field along +x.
    replica
        Number of the trial; with the study's seed it is the key of the thermal noise.
    """

    field_mT: float
    replica: int


@dataclass(frozen=True)
class Verdict:
    """The outcome of a trial.

    Parameters
    ----------
    outcome
        passed, pinned, undecided or failed.
    decided_at_ns
        When that was known.
    depinning_field_mT
        Field at which a pinned wall depinned later, where the field changes.
    failure
        Why a failed trial has no outcome.
    arrived_ns
        When the wall was first seen at the notch or behind it; None if it never was.
    """

    outcome: str
    decided_at_ns: float
    depinning_field_mT: float | None = None
    failure: str | None = None
    arrived_ns: float | None = None


@dataclass(frozen=True)
class Result:
    """A trial, its outcome, where its wall was last seen, and where it was released if drawn."""

    trial: Trial
    verdict: Verdict
    wall_position_nm: float
    release_distance_nm: float | None = None


def require_outcomes(failures: Sequence[str | None], path: Path | None = None) -> None:
    """Raise `InputError` if every trial failed.

    Parameters
    ----------
    failures
        Why each trial failed; None for those that did not.
    path
        File that keeps the trials.
    """
    if failures and all(failures):
        raise InputError(
            f"all of {counted(len(failures), 'trial')} failed, the first one because {failures[0]}",
            path=path,
            remedy="correct the config accordingly",
        )


class Referee:
    """Decides trials from the wall's positions as they are observed, lane by lane.

    A wall has passed once it is `passed_beyond_nm` behind the notch. It is pinned once it has been
    within `notch_zone_nm` of the notch for `pinned_after_ns`; under a field that changes it is then
    followed further, to find the field at which it depins. It has left the wire when less than a
    quarter of a width is left between it and the left end.
    """

    def __init__(self, device: SimulatedDevice, lanes: int):
        self._protocol: Protocol = device.protocol
        self._follows = not drive_of(device).is_constant
        self._centre_nm = device.wire.notch.centre_nm
        self._margin_nm = device.wire.width_nm / 4
        self._reached_ns = np.full(lanes, np.inf)
        self._arrived_ns = np.full(lanes, np.inf)
        self._pinned_ns = np.full(lanes, np.inf)
        self._field_at_notch_mT = np.full(lanes, np.nan)

    def start(self, lane: int) -> None:
        """Forget the last trial of a lane."""
        self._reached_ns[lane] = self._arrived_ns[lane] = self._pinned_ns[lane] = np.inf

    def decide(
        self,
        lanes: NDArray[np.intp],
        time_ns: NDArray[np.float64],
        position_nm: NDArray[np.float64],
        field_mT: NDArray[np.float64],
    ) -> dict[int, Verdict]:
        """Return the verdicts on those lanes' trials that are decided now.

        Parameters
        ----------
        lanes
            Lanes that are observed.
        time_ns, position_nm, field_mT
            Time since release, position of the wall and applied field in each of them.
        """
        protocol, ahead_nm = self._protocol, position_nm - self._centre_nm
        beyond = ahead_nm > protocol.passed_beyond_nm
        at_notch = (np.abs(ahead_nm) <= protocol.notch_zone_nm) & ~beyond
        reached_ns = np.where(ahead_nm >= -protocol.notch_zone_nm, time_ns, np.inf)
        self._reached_ns[lanes] = np.minimum(self._reached_ns[lanes], reached_ns)
        arrived_ns = np.where(at_notch, np.minimum(self._arrived_ns[lanes], time_ns), np.inf)
        waited = time_ns - arrived_ns >= protocol.pinned_after_ns - TOLERANCE_NS
        pinned_ns = np.minimum(self._pinned_ns[lanes], np.where(waited, time_ns, np.inf))
        self._arrived_ns[lanes], self._pinned_ns[lanes] = arrived_ns, pinned_ns
        self._field_at_notch_mT[lanes[at_notch]] = field_mT[at_notch]
        left = position_nm < self._margin_nm
        ended = time_ns >= protocol.window_ns - TOLERANCE_NS
        settled = (pinned_ns < np.inf) & (not self._follows)
        return {
            int(lanes[i]): self._verdict(int(lanes[i]), float(time_ns[i]), left[i], beyond[i])
            for i in np.flatnonzero(left | beyond | ended | settled)
        }

    def _verdict(self, lane: int, time_ns: float, left: bool, beyond: bool) -> Verdict:
        found = self._outcome(lane, time_ns, left, beyond)
        reached_ns = float(self._reached_ns[lane])
        return replace(found, arrived_ns=reached_ns) if reached_ns < np.inf else found

    def _outcome(self, lane: int, time_ns: float, left: bool, beyond: bool) -> Verdict:
        pinned_ns = float(self._pinned_ns[lane])
        if left:
            return Verdict("failed", time_ns, failure="the wall left the wire at its left end")
        if beyond and pinned_ns < np.inf:
            return Verdict("pinned", pinned_ns, float(self._field_at_notch_mT[lane]))
        if beyond:
            return Verdict("passed", time_ns)
        if pinned_ns < np.inf:
            return Verdict("pinned", pinned_ns)
        return Verdict("undecided", time_ns)
