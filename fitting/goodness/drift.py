"""Whether passing drifted while the rows of a table were measured."""

import numpy as np
from numpy.typing import NDArray

from fitting.counts.pooling import Pooling
from fitting.inference.likelihood import Columns

Floats = NDArray[np.float64]


class Drift:
    """The trend of Pearson's residuals over rows in the order of measurement, of many tables.

    Residuals are linear in the counts: for rows of equal probability and number of trials it is
    enough to know the sum of their counts, each multiplied by its place in the order.

    Parameters
    ----------
    columns
        The counts.
    bin_of_row
        Which rows have the same probability, shape (n_rows,).
    measured
        Which row was measured first, second, ..., shape (n_rows,); None: unknown.
    """

    def __init__(
        self,
        columns: Columns,
        bin_of_row: NDArray[np.int64],
        measured: NDArray[np.int64] | None,
    ):
        self._sums: list[Floats] = []
        steps = np.diff(columns.field_mT[measured]) if measured is not None else np.empty(0)
        self.is_defined = bool((steps < 0).any() and (steps > 0).any())
        """Whether the order is known, and not that of the fields."""
        if not self.is_defined:
            return
        n_rows = len(columns.n_trials)
        self._place = np.empty(n_rows)
        self._place[measured] = np.arange(n_rows) - (n_rows - 1) / 2
        kinds, kind_of_row = np.unique(
            np.column_stack([bin_of_row, columns.n_trials]), axis=0, return_inverse=True
        )
        self._bins, self._n = kinds[:, 0].astype(int), kinds[:, 1]
        self._equal = Pooling(np.ravel(kind_of_row))

    def add(self, tables: Columns) -> None:
        """Add tables, n_passed of shape (n_tables, n_rows)."""
        if self.is_defined:
            self._sums.append(self._equal.sums(tables.n_passed * self._place))

    def statistics(self, p: Floats) -> Floats:
        """Return the trend of all tables, shape (n_tables,).

        Parameters
        ----------
        p
            Probabilities of the tables' own curves, shape (n_tables, n_bins).
        """
        p, passed = p[:, self._bins], np.concatenate(self._sums)
        expected = self._n * p * self._equal.sums(self._place)
        trend = (passed - expected) / np.sqrt(self._n * p * (1 - p))
        return np.abs(trend.sum(axis=1)) / np.linalg.norm(self._place)
