"""Mean and spread of a number over independently trained models."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import t as student

CONFIDENCE = 0.95


def spread(values: Sequence[float], *, shares: bool = False) -> dict[str, Any]:
    """Return mean, spread and interval of values that differ only by chance.

    Parameters
    ----------
    values
        One value for each model.
    shares
        Whether they are from 0 to 1, as accuracies are, and the interval ends there: that of two
        models may go far beyond.

    Returns
    -------
    dict
        Keys mean, sd, n_models, low and high (Student's 95 % interval of the mean), per_model.
        With one value sd, low and high are None.
    """
    mean, n = float(np.mean(values)), len(values)
    sd = float(np.std(values, ddof=1)) if n > 1 else None
    low = high = None
    if sd is not None:
        half = student.ppf(0.5 + CONFIDENCE / 2, n - 1) * sd / np.sqrt(n)
        ends = (0, 1) if shares else (-np.inf, np.inf)
        low, high = (float(np.clip(end, *ends)) for end in (mean - half, mean + half))
    return {
        "mean": mean,
        "sd": sd,
        "n_models": n,
        "low": low,
        "high": high,
        "per_model": [float(value) for value in values],
    }
