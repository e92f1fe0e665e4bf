"""Rows whose fields no curve can distinguish, pooled: tables of single trials become short."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from fitting.inference.likelihood import Columns

Floats = NDArray[np.float64]

# Rows closer than this share of the width 1/Delta of a curve are pooled. Within a bin of width w
# fields scatter by w/sqrt(12), so that the score of a parameter, whose variance is the information,
# changes by a share of no more than Delta w/sqrt(12) of its standard deviation: estimates move by
# 3 % of a standard error, and the greatest likelihood falls by its square over 2, 4e-4.
SHARE_OF_WIDTH = 0.1
# Bins are never wider than this share of the span, even for a flat curve.
SHARE_OF_SPAN = 0.01
# A jitter sd changes f by sd^2 f''/2. A logistic curve changes as much at most when the field is
# shifted by BEND Delta sd^2 (f'' of 0.096 Delta^2 against f' of Delta/4), and by sd in any case.
BEND = 0.2
# Rows of more trials show how counts scatter without pooling.
MAX_TRIALS = 4


@dataclass(frozen=True)
class Pooling:
    """Which rows of a table are pooled.

    Parameters
    ----------
    bin_of_row
        Index of the pooled row that each row goes to, shape (n_rows,).
    """

    bin_of_row: NDArray[np.int64]

    @classmethod
    def of(cls, columns: Columns, steepness_per_mT: float, most_trials: float = MAX_TRIALS) -> Self:
        """Return how rows of few trials are pooled for curves of about a steepness.

        Parameters
        ----------
        columns
            The counts.
        steepness_per_mT
            Delta of a logistic curve as steep.
        most_trials
            Rows of more trials are not pooled.
        """
        width_mT = min(SHARE_OF_WIDTH / steepness_per_mT, SHARE_OF_SPAN * np.ptp(columns.field_mT))
        stays = columns.n_trials > most_trials
        if stays.all() or width_mT == 0:
            return cls(np.arange(len(stays)))
        bent_mT = np.minimum(BEND * steepness_per_mT * columns.field_sd_mT**2, columns.field_sd_mT)
        bins = [np.floor(x / width_mT) for x in (columns.field_mT, bent_mT)]
        alone = np.where(stays, np.arange(len(stays)), -1)
        _, bin_of_row = np.unique(np.column_stack([*bins, alone]), axis=0, return_inverse=True)
        return cls(np.ravel(bin_of_row))

    @classmethod
    def of_equal(cls, columns: Columns) -> Self:
        """Return how rows of equal field and jitter are pooled."""
        place = np.column_stack([columns.field_mT, columns.field_sd_mT])
        return cls(np.ravel(np.unique(place, axis=0, return_inverse=True)[1]))

    def pooled(self, columns: Columns) -> Columns:
        """Return the pooled rows: sums of trials, means of fields weighted by them.

        n_passed may have the shape (n_tables, n_rows).
        """
        n = np.bincount(self.bin_of_row, columns.n_trials).astype(float)
        if len(n) == len(self.bin_of_row):
            return columns
        field_mT = np.bincount(self.bin_of_row, columns.n_trials * columns.field_mT) / n
        variance = np.bincount(self.bin_of_row, columns.n_trials * columns.field_sd_mT**2) / n
        return Columns(field_mT, n, self.sums(columns.n_passed), np.sqrt(variance))

    def sums(self, values: Floats) -> Floats:
        """Return the sums of the rows of each pooled one, of values of shape (..., n_rows)."""
        order, first = self._order
        return np.add.reduceat(values[..., order], first, axis=-1)

    @cached_property
    def _order(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The rows by their pooled row, and where each of these begins."""
        order = np.argsort(self.bin_of_row, kind="stable")
        n_bins = self.bin_of_row.max() + 1
        return order, np.searchsorted(self.bin_of_row[order], np.arange(n_bins))
