"""Mean and spread of a number over independently trained models."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import t as student

CONFIDENCE = 0.95


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Return mean, spread and interval of values that differ only by chance.

    Parameters
    ----------
    values
        One value for each model.

    Returns
    -------
    dict
        Keys mean, sd, n_models, low and high (Student's 95 % interval of the mean), per_model.
        With one value sd, low and high are None.
    """
    mean, n = float(np.mean(values)), len(values)
    sd = float(np.std(values, ddof=1)) if n > 1 else None
    half = None if sd is None else student.ppf(0.5 + CONFIDENCE / 2, n - 1) * sd / np.sqrt(n)
    return {
        "mean": mean,
        "sd": sd,
        "n_models": n,
        "low": None if half is None else float(mean - half),
        "high": None if half is None else float(mean + half),
        "per_model": [float(value) for value in values],
    }
