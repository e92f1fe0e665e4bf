"""What a detector finds in Kerr signals: how many steps, where, how large and how surely."""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MIN_SHARE = 0.24
"""Least share of the total change of the signal that counts as a step (Ellis et al. 2023, 4.2)."""
MIN_POINTS_APART = 6
"""Least distance of two steps in points: electronics spread a step over some."""
MIN_POINTS = 30
"""Least number of points of a signal in which steps are searched for."""


@dataclass(frozen=True)
class Steps:
    """Steps of signals, arrays of shape (n_loops,).

    Parameters
    ----------
    n_steps
        Number of steps of at least `MIN_SHARE` of the total change; 0 where there is none, 3 where
        there are more than two, steps in both directions, or one that is too small beside another.
    confidence
        Probability that this is the number, as the detector estimates it.
    first, second
        The first point after the first and after the second step; -1 where there is none.
    first_share
        Size of the first step as a share of the total change; NaN where there is none.
    total_change
        Total change of the signal without its drift, in the unit of the signal.
    noise_sd
        Standard deviation of the noise from point to point, in the unit of the signal.
    """

    n_steps: Integers
    confidence: Floats
    first: Integers
    second: Integers
    first_share: Floats
    total_change: Floats
    noise_sd: Floats

    @classmethod
    def joined(cls, parts: list[Self]) -> Self:
        """Return the steps of several batches of loops one after the other."""
        names = [field.name for field in fields(cls)]
        return cls(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))

    def taken(self, rows: Integers) -> Self:
        """Return the steps of some of the loops, in that order."""
        return type(self)(*(getattr(self, field.name)[rows] for field in fields(self)))
