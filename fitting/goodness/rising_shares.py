"""Non-decreasing shares nearest to counts: isotonic regression of many tables at once."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def rising_shares(n_passed: Floats, n_trials: Floats) -> Floats:
    """Return the most likely shares that never decrease from one column to the next.

    Pooling of adjacent violators (Ayer et al., Ann. Math. Stat. 26, 641, 1955), for all tables at a
    time: neighbouring blocks of columns merge as long as the left one has the higher share.

    Parameters
    ----------
    n_passed
        Counts, shape (n_tables, n_columns).
    n_trials
        Trials, above 0, shape (n_columns,).

    Returns
    -------
    ndarray
        Shape (n_tables, n_columns).
    """
    n_tables, n_columns = n_passed.shape
    tables = np.arange(n_tables)
    # A stack of blocks for each table, below which a share of -1 ends all merging.
    passed, trials = -np.ones((n_tables, n_columns + 1)), np.ones((n_tables, n_columns + 1))
    top = np.zeros(n_tables, int)
    ends = np.zeros((n_tables, n_columns + 1), int)
    for column in range(n_columns):
        top += 1
        passed[tables, top], trials[tables, top] = n_passed[:, column], n_trials[column]
        falling = tables
        while len(falling):
            last = top[falling]
            share = passed[falling, last] / trials[falling, last]
            before = passed[falling, last - 1] / trials[falling, last - 1]
            falling, last = falling[before > share], last[before > share]
            passed[falling, last - 1] += passed[falling, last]
            trials[falling, last - 1] += trials[falling, last]
            top[falling] -= 1
        ends[tables, top] = column + 1
    # A block begins where the one below it on the stack ends.
    ends[np.arange(n_columns + 1) > top[:, None]] = n_columns
    begins = np.zeros((n_tables, n_columns + 1), int)
    begins[tables[:, None], ends] = 1
    block = np.cumsum(begins[:, :n_columns], axis=1)
    return np.take_along_axis(passed / trials, block, axis=1)
