"""Trials of one device: where the wall is, and when it has passed, is pinned, or is undecided."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from config import Protocol, SimulatedDevice
from micromag.problem import Problem

TOLERANCE_NS = 1e-6


@dataclass(frozen=True)
class Trial:
    """One release of the wall.

    Parameters
    ----------
    field_mT
        Applied field along +x.
    replica
        Number of the trial; with the study's seed it keys the thermal noise.
    """

    field_mT: float
    replica: int


@dataclass(frozen=True)
class Verdict:
    """What became of a trial.

    Parameters
    ----------
    outcome
        passed, pinned, undecided or failed.
    decided_at_ns
        When that was known.
    depinning_field_mT
        Field at which a pinned wall left the notch after all, where the field changes.
    failure
        Why a failed trial has no outcome.
    """

    outcome: str
    decided_at_ns: float
    depinning_field_mT: float | None = None
    failure: str | None = None


@dataclass(frozen=True)
class Result:
    """A trial, what became of it, and where its wall was last seen."""

    trial: Trial
    verdict: Verdict
    wall_position_nm: float


class Locator:
    """Locates a head-to-head wall: the length magnetised along +x, column by column.

    position = dx sum over columns of (1 + <m_x>) / 2, with <m_x> the mean over the magnetic cells
    of a column. Taking columns one by one keeps the notch from shifting the wall.
    """

    def __init__(self, problem: Problem):
        nx = problem.cells[0]
        magnetic = (problem.Ms > 0).reshape(nx, -1)
        per_column = magnetic / magnetic.sum(axis=1, keepdims=True)
        self._weights = (per_column * problem.cell_m[0] * 1e9 / 2).reshape(-1)
        self._offset_nm = nx * problem.cell_m[0] * 1e9 / 2

    def position_nm(self, m: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the wall's position in each lane for `m` of shape (3, cells, lanes)."""
        return np.asarray(self._offset_nm + self._weights @ m[0].astype(np.float64))


class Referee:
    """Decides trials from the wall's positions as they are observed, lane by lane.

    A wall has passed once it is `passed_beyond_nm` behind the notch. It is pinned once it has been
    within `notch_zone_nm` of the notch for `pinned_after_ns`; under a field that changes it is then
    followed on, to see at which field it depins. It has left the wire when less than a quarter of a
    width is left between it and the left end.
    """

    def __init__(self, device: SimulatedDevice, lanes: int):
        self._protocol: Protocol = device.protocol
        self._centre_nm = device.wire.notch.centre_nm
        self._margin_nm = device.wire.width_nm / 4
        self._arrived_ns = np.full(lanes, np.inf)
        self._pinned_ns = np.full(lanes, np.inf)
        self._field_at_notch_mT = np.full(lanes, np.nan)

    def start(self, lane: int) -> None:
        """Forget what a lane's last trial did."""
        self._arrived_ns[lane] = self._pinned_ns[lane] = np.inf

    def decide(
        self, lane: int, time_ns: float, position_nm: float, field_mT: float
    ) -> Verdict | None:
        """Return the verdict on a lane's trial, or None while it is open."""
        protocol, ahead_nm = self._protocol, position_nm - self._centre_nm
        if position_nm < self._margin_nm:
            return Verdict("failed", time_ns, failure="the wall left the wire at its left end")
        if abs(ahead_nm) > protocol.notch_zone_nm:
            self._arrived_ns[lane] = np.inf
        else:
            self._arrived_ns[lane] = min(self._arrived_ns[lane], time_ns)
            self._field_at_notch_mT[lane] = field_mT
        if time_ns - self._arrived_ns[lane] >= protocol.pinned_after_ns - TOLERANCE_NS:
            self._pinned_ns[lane] = min(self._pinned_ns[lane], time_ns)
        pinned_ns = float(self._pinned_ns[lane])
        ended = time_ns >= protocol.window_ns - TOLERANCE_NS
        followed = protocol.field.shape != "constant" and not ended
        if pinned_ns < np.inf and ahead_nm > protocol.passed_beyond_nm:
            return Verdict("pinned", pinned_ns, float(self._field_at_notch_mT[lane]))
        if ahead_nm > protocol.passed_beyond_nm:
            return Verdict("passed", time_ns)
        if pinned_ns < np.inf and not followed:
            return Verdict("pinned", pinned_ns)
        if ended:
            return Verdict("undecided", time_ns)
        return None
