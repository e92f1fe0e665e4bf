"""Loops called pinned whose two switches may be the slow edge of one."""

import sys

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hardware.kerr_loops.steps import Floats, Integers, Steps

NEAR = 3
"""Slow edges are sought where steps are at most this many times the least distance apart."""
MIN_RISE = 0.2
"""Least rise between two steps, from the mean of the first half of the points to that of the other,
as a share of the total change. A low pass that makes two of one step rises by 0.22 to 0.25, between
two real steps by less (`docs/hardware.md`)."""
MIN_SHARE_SLOW = 0.2
MIN_SLOW = 3
"""Share and number of near steps that rise so much, from which they are told: fewer are noise."""


def slow_edges(signal: Floats, steps: Steps, points_apart: Integers) -> pd.DataFrame:
    """Say which loops have two steps near each other, and whether the signal rises between them.

    Parameters
    ----------
    signal
        Shape (n_loops, n_points), in the unit of the steps.
    steps
        The steps found.
    points_apart
        Least distance of two steps in points, shape (n_loops,).

    Returns
    -------
    DataFrame
        Columns near and slow (near ones that rise), one row per loop.
    """
    gap = steps.second - steps.first
    near = (steps.n_steps == 2) & (gap <= NEAR * points_apart)
    first, second = (np.where(near, at, 0) for at in (steps.first, steps.second))
    middle = (first + second) // 2
    rise = _mean(signal, middle, second) - _mean(signal, first, middle)
    slow = near & (rise * np.sign(steps.total_change) > MIN_RISE * np.abs(steps.total_change))
    return pd.DataFrame({"near": near, "slow": slow})


def note_slow_edges(decided: pd.DataFrame) -> None:
    """Say on stderr if many pinned loops look like one slow step."""
    pinned = decided[decided["outcome"] == "pinned"]
    n_slow = int(pinned["slow"].sum())
    if n_slow >= MIN_SLOW and n_slow > MIN_SHARE_SLOW * pinned["near"].sum():
        print(
            f"note: {n_slow} of {len(pinned)} pinned loops look like one slow step, of walls that "
            "passed: the signal rises all the way between their two switches; look at "
            "loops.svg, and choose --resolution-mT three times the width of a step, or a shorter "
            "time constant",
            file=sys.stderr,
        )


def _mean(signal: Floats, start: Integers, stop: Integers) -> NDArray[np.float64]:
    """Return the mean of each signal from a point up to before another; 0 where none is between."""
    rows = np.arange(len(signal))
    sums = np.pad(np.cumsum(signal, axis=1), ((0, 0), (1, 0)))
    return (sums[rows, stop] - sums[rows, start]) / np.maximum(stop - start, 1)
