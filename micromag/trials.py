"""Trials of one device: where the wall is, and when it has passed, is pinned, or is undecided."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from config import Protocol, SimulatedDevice
from micromag.problem import Problem


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
class Result:
    """Outcome of a trial: passed, pinned or undecided, when it was decided, and where."""

    trial: Trial
    outcome: str
    decided_at_ns: float
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
    """Decides trials from the wall's positions as they are observed, lane by lane."""

    def __init__(self, device: SimulatedDevice, lanes: int):
        self._protocol: Protocol = device.protocol
        self._centre_nm = device.wire.notch.centre_nm
        self._arrived_ns = np.full(lanes, np.inf)

    def start(self, lane: int) -> None:
        """Forget what a lane's last trial did."""
        self._arrived_ns[lane] = np.inf

    def decide(self, lane: int, time_ns: float, position_nm: float) -> str | None:
        """Return the outcome of a lane's trial, or None while it is open."""
        protocol, ahead_nm = self._protocol, position_nm - self._centre_nm
        if abs(ahead_nm) > protocol.notch_zone_nm:
            self._arrived_ns[lane] = np.inf
        else:
            self._arrived_ns[lane] = min(self._arrived_ns[lane], time_ns)
        tolerance_ns = 1e-6
        if ahead_nm > protocol.passed_beyond_nm:
            return "passed"
        if time_ns - self._arrived_ns[lane] >= protocol.pinned_after_ns - tolerance_ns:
            return "pinned"
        if time_ns >= protocol.window_ns - tolerance_ns:
            return "undecided"
        return None
