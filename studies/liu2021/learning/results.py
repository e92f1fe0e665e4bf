"""Accuracies with intervals over networks, and differences of pairs of networks."""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from studies.liu2021.table1 import Found

CONFIDENCE = 0.95
LAST_EPOCHS = 3
"""Accuracies are means over so many epochs: those of single epochs with few levels jump."""

Floats = NDArray[np.float64]


def final(accuracies: Floats) -> Floats:
    """Return the accuracy of each network at the end, shape (models,)."""
    return accuracies[:, -LAST_EPOCHS:].mean(axis=1)


def mean_of(values: Floats) -> Found:
    """Return the mean over networks with Student's interval."""
    n, mean = len(values), float(np.mean(values))
    if n < 2:
        return Found(mean, None, None)
    half = stats.t.ppf((1 + CONFIDENCE) / 2, n - 1) * np.std(values, ddof=1) / np.sqrt(n)
    return Found(mean, mean - float(half), mean + float(half))


def difference(ours: Floats, theirs: Floats) -> Found:
    """Return the mean difference of the accuracies of pairs of networks at the end."""
    return mean_of(final(ours) - final(theirs))
