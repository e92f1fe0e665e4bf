"""The binomial likelihood of passing counts, for one curve or a batch of them."""

from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import xlogy

from fitting.forms import Logistic

Floats = NDArray[np.float64]

# Keeps logarithms finite far from the data; no curve within reach of a fit comes so close to 0 or 1
# at a field where walls both passed and were pinned.
LEAST_PROBABILITY = 1e-12


class Columns(NamedTuple):
    """The columns of a table of counts as arrays of shape (n_rows,)."""

    field_mT: Floats
    n_trials: Floats
    n_passed: Floats

    @classmethod
    def of(cls, counts: pd.DataFrame) -> Self:
        """Return the columns of a table of counts (`workflow.contracts.COUNTS`)."""
        return cls(*(counts[name].to_numpy(float) for name in cls._fields))


def log_likelihood(curve: Logistic, columns: Columns) -> Any:
    """Return the binomial log-likelihood of counts, without the constant coefficients.

    Parameters
    ----------
    curve
        Curve with scalar parameters, or with parameters of shape (n_curves, 1).
    columns
        The counts.

    Returns
    -------
    float or ndarray of shape (n_curves,)
        Sum over the rows of k ln f + (n - k) ln(1 - f).
    """
    field_mT, n, k = columns
    p = curve.probability(field_mT).clip(LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)
    return (k * np.log(p) + (n - k) * np.log1p(-p)).sum(axis=-1)


def deviance(curve: Logistic, columns: Columns) -> float:
    """Return twice the log-likelihood that the curve lacks against one probability per row."""
    _, n, k = columns
    saturated = (xlogy(k, k / n) + xlogy(n - k, (n - k) / n)).sum()
    return float(2 * (saturated - log_likelihood(curve, columns)))


def field_scales_mT(counts: pd.DataFrame) -> tuple[float, float]:
    """Return the span and the least spacing of the fields, in mT; of a single field, its value."""
    fields: Floats = np.unique(counts["field_mT"].to_numpy(float))
    if len(fields) < 2:
        scale = max(float(fields[0]), 1.0)
        return scale, scale
    return float(fields[-1] - fields[0]), float(np.diff(fields).min())
