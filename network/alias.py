"""Alias tables (Walker 1977, Vose 1991): a binomial number from one random word.

One word w of 32 bits picks one of n = K + 1 columns, (w n) >> 32, and its remainder, (w n) mod
2^32, picks within the column: the column's own outcome below a cut, its alias above.
"""

from functools import cache

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.stats import binom


@cache
def alias_table(reads: int, cells: int) -> NDArray[np.uint32]:
    """Return the alias tables of Bin(reads, g) for the grid g = 0 ... 1/2.

    A remainder has no more than 32 - b random bits, where b bits hold an outcome. So the cut takes
    the upper 32 - b bits of an entry and the alias the lower b, and small tables stay in the cache.

    Returns
    -------
    ndarray
        Shape (cells + 1, reads + 1).
    """
    grid = np.arange(cells + 1)[:, None] / (2 * cells)
    return _alias_rows(binom.pmf(np.arange(reads + 1), reads, grid), alias_mask(reads))


def alias_mask(reads: int) -> int:
    """Return the bits of an entry that hold the alias."""
    return (1 << reads.bit_length()) - 1


@njit(cache=True)
def _alias_rows(pmf, mask):  # type: ignore[no-untyped-def]
    n_rows, n = pmf.shape
    steps = 4294967296.0 / (mask + 1)  # of a cut
    rows = np.empty((n_rows, n), np.uint32)
    small, large = np.empty(n, np.int64), np.empty(n, np.int64)
    for r in range(n_rows):
        share = pmf[r] * (n / pmf[r].sum())
        n_small, n_large = 0, 0
        for k in range(n):
            rows[r, k] = k  # a column that nobody fills up is its own alias
            if share[k] < 1.0:
                small[n_small] = k
                n_small += 1
            else:
                large[n_large] = k
                n_large += 1
        while n_small > 0 and n_large > 0:
            n_small -= 1
            poor, rich = small[n_small], large[n_large - 1]
            cut = min(np.int64(share[poor] * steps + 0.5), np.int64(steps) - 1)
            rows[r, poor] = cut * (mask + 1) + rich
            share[rich] -= 1.0 - share[poor]
            if share[rich] < 1.0:
                n_large -= 1
                small[n_small] = rich
                n_small += 1
    return rows
