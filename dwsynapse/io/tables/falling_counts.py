"""Passing counts that fall with the field, as those of pinned walls do."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def falls(field_mT: Floats, n_trials: Floats, n_passed: Floats) -> bool:
    """Return whether passing falls with the field by three standard deviations or more.

    Parameters
    ----------
    field_mT, n_trials, n_passed
        Passing counts, shapes (n_rows,).
    """
    share = n_passed.sum() / n_trials.sum()
    away_mT = field_mT - np.average(field_mT, weights=n_trials)
    slope = (away_mT * (n_passed - share * n_trials)).sum()
    return bool(slope < -3 * np.sqrt(share * (1 - share) * (n_trials * away_mT**2).sum()))
