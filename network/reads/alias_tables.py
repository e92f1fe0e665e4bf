"""Alias tables (Walker 1977, Vose 1991): a binomial number from one random word.

One word w of 32 bits picks one of n columns, (w n) >> 32, and its remainder, (w n) mod 2^32, picks
within the column: the column's own outcome below a cut, its alias above.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from dwsynapse.kernels import compiled

NEVER = 2.0**-40  # lower probabilities are below the resolution of a word of 32 bits


class AliasTable(NamedTuple):
    """Alias tables of Bin(reads, g) for a grid of g.

    Parameters
    ----------
    entries
        One for each possible outcome, shape (n_grid, n_columns): the lower bits are the
        alias, the upper bits the cut. A remainder has no more random bits than the cut.
    lowest
        Outcome of the first column, shape (n_grid,).
    mask
        The bits of the alias in an entry.
    """

    entries: NDArray[np.uint32]
    lowest: NDArray[np.int64]
    mask: np.uint32


@cache
def alias_table(reads: int, cells: int) -> AliasTable:
    """Return the alias tables of Bin(reads, g) for the grid g = 0 ... 1/2 of a number of cells."""
    grid = np.arange(cells + 1) / (2 * cells)
    lowest = np.asarray(binom.ppf(NEVER, reads, grid), np.int64).clip(0)
    highest = np.asarray(binom.isf(NEVER, reads, grid), np.int64).clip(0, reads)
    n_columns = int((highest - lowest).max()) + 1
    mask = np.uint32((1 << (n_columns - 1).bit_length()) - 1)
    outcomes = lowest[:, None] + np.arange(n_columns)
    return AliasTable(_alias_rows(binom.pmf(outcomes, reads, grid[:, None]), mask), lowest, mask)


@compiled()
def _alias_rows(pmf, mask):  # type: ignore[no-untyped-def]
    n_rows, n = pmf.shape
    steps = 4294967296.0 / (mask + 1.0)  # of a cut
    full = np.int64(steps)
    rows = np.empty((n_rows, n), np.uint32)
    small, large = np.empty(n, np.int64), np.empty(n, np.int64)
    for r in range(n_rows):
        share = pmf[r] * (n / pmf[r].sum())
        n_small, n_large, owed = 0, 0, 0.0
        for k in range(n):
            rows[r, k] = k  # a column that is not filled up is its own alias
            if share[k] < 1.0:
                small[n_small] = k
                n_small += 1
            else:
                large[n_large] = k
                n_large += 1
        while n_small > 0 and n_large > 0:
            n_small -= 1
            poor, rich = small[n_small], large[n_large - 1]
            # Cuts are integers; the rounding of one is carried over to the next, so that they do
            # not add up in the column that is filled last.
            exact = share[poor] * steps + owed
            cut = min(int(exact + 0.5), full)
            owed = exact - cut
            if cut < full:
                rows[r, poor] = cut * (np.int64(mask) + 1) + rich
            share[rich] -= 1.0 - cut / steps
            if share[rich] < 1.0:
                n_large -= 1
                small[n_small] = rich
                n_small += 1
    return rows
