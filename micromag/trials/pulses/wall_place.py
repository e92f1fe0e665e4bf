"""Where the wall of a track is: its position, and the level at which it rests."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.contracts import NO_LEVEL
from dwsynapse.study import TrackDevice
from micromag.engine.problem import Problem
from micromag.sample.track_window import Placed, Window
from micromag.trials.locator import Locator

ZONE = 1 / 3
"""A wall is at a notch if it is within this share of the spacing of it, and between two else."""


def positions_nm(problem: Problem, m: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the position of the wall from the left side of a window, in each lane.

    The length magnetised up, column by column (`Locator`). Thermal waves shorten m_z in both
    domains, which would shift a wall outside the middle: m_z is measured in units of what it is in
    a domain, its median over the columns. Fixed columns have no waves and are all up or all down.

    Parameters
    ----------
    problem
        The window.
    m
        Unit vectors, shape (3, cells, lanes).
    """
    locator, nx = Locator(problem, "z"), problem.cells[0]
    weights_nm = locator.weights_nm.reshape(nx, -1, 1)
    up_nm = (weights_nm * m[2].reshape(nx, -1, m.shape[-1])).sum(axis=1)
    per_column_nm = problem.cell_m[0] * 1e9 / 2
    fixed = problem.fixed.reshape(nx, -1).all(axis=1)
    saturated = np.median(np.abs(up_nm[~fixed]), axis=0) / per_column_nm
    at_ends_nm = up_nm[fixed].sum(axis=0)
    return np.asarray(locator.offset_nm + at_ends_nm + up_nm[~fixed].sum(axis=0) / saturated)


class Place(NamedTuple):
    """Where a wall rests.

    Parameters
    ----------
    outcome
        settled, between or left, as in `dwsynapse.io.contracts.PULSES`.
    level
        The notch, `NO_LEVEL` where it has not settled at one.
    nearest
        The nearest notch of the track.
    position_nm
        From the left end of the track.
    """

    outcome: str
    level: int
    nearest: int
    position_nm: float


def place_of(device: TrackDevice, placed: Placed, from_window_nm: float) -> Place:
    """Return where a wall rests that is at a position within a window."""
    track = device.track
    window, spacing_nm = placed.window, track.notches.spacing_nm
    start_nm = (window.start + placed.shift) * track.cell_nm[0]
    position_nm = start_nm + from_window_nm
    from_first = (position_nm - track.notch_positions_nm[0]) / spacing_nm
    # The wall of a trial that failed may be nowhere.
    nearest = int(np.clip(np.round(np.nan_to_num(from_first)), 0, track.notches.number - 1))
    if _has_left(device, window, from_window_nm):
        return Place("left", NO_LEVEL, nearest, position_nm)
    if abs(from_first - nearest) > ZONE:
        return Place("between", NO_LEVEL, nearest, position_nm)
    return Place("settled", nearest, nearest, position_nm)


def _has_left(device: TrackDevice, window: Window, from_window_nm: float) -> bool:
    """Return whether a wall is so near a side where the track goes on that it feels it is cut.

    At an end of the track it is held by the fixed magnetisation there.
    """
    margin_nm = device.material.wall_width_nm
    length_nm = (window.stop - window.start) * device.track.cell_nm[0]
    left = from_window_nm < margin_nm and not window.at_left_end
    right = from_window_nm > length_nm - margin_nm and not window.at_right_end
    return bool(left or right or not np.isfinite(from_window_nm))
