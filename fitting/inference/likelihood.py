"""The likelihood of passing counts, for one curve or a batch of them."""

from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import betaln, gammaln, xlogy

from dwsynapse.drives import of_field
from fitting.inference.field_jitter import Average, Curve, averaging

Floats = NDArray[np.float64]

# Keeps logarithms finite far from the data; no curve that a fit considers is so close to 0 or 1
# at a field where walls both passed and were pinned.
MIN_PROBABILITY = 1e-12
# Below this intraclass correlation a beta-binomial is a binomial for up to 1e5 trials a row, and
# differences of its log-gammas would be lost in rounding.
MIN_CORRELATION = 1e-9
# For a correlation of 1 the distribution of the counts is not defined.
MAX_CORRELATION = 0.999


class Columns(NamedTuple):
    """The columns of a table of counts as arrays of shape (n_rows,)."""

    field_mT: Floats
    n_trials: Floats
    n_passed: Floats
    field_sd_mT: Floats

    @classmethod
    def of(cls, counts: pd.DataFrame) -> Self:
        """Return the columns of a table of counts (`dwsynapse.io.contracts.COUNTS`).

        For a drive other than a field, field_mT and field_sd_mT are in its unit.
        """
        counts = of_field(counts)
        sd_mT = counts["field_sd_mT"].fillna(0.0) if "field_sd_mT" in counts else 0.0
        columns = counts.assign(field_sd_mT=sd_mT)
        return cls(*(columns[name].to_numpy(float) for name in cls._fields))


def passing_probability(
    curve: Curve, columns: Columns, offset_mT: Any = 0.0, average: Average | None = None
) -> Any:
    """Return the probability of passing at each row's field, kept away from 0 and 1.

    A field with a normal jitter field_sd_mT from trial to trial about the field set passes
    walls with the mean of f over the jitter.

    Parameters
    ----------
    curve
        Curve with scalar parameters, or with parameters of shape (n_curves, 1).
    columns
        The counts.
    offset_mT
        True field minus the reported field, the same for all rows.
    average
        How the jitter is averaged (`averaged`); chosen for the curve by default.
    """
    average = average or averaged(curve, columns, offset_mT)
    if average is None:
        p = curve.probability(columns.field_mT + offset_mT)
    else:
        p = average(curve, offset_mT)
    return p.clip(MIN_PROBABILITY, 1 - MIN_PROBABILITY)


def averaged(curve: Curve, columns: Columns, offset_mT: Any = 0.0) -> Average | None:
    """Return how such curves are averaged over the jitter of the fields; None without jitter."""
    if not columns.field_sd_mT.any():
        return None
    return averaging(curve, columns.field_mT, columns.field_sd_mT, offset_mT)


def log_likelihood(
    curve: Curve, columns: Columns, correlation: Any = 0.0, offset_mT: Any = 0.0
) -> Any:
    """Return the log-likelihood of counts, without the binomial coefficients.

    Parameters
    ----------
    curve
        Curve with scalar parameters, or with parameters of shape (n_curves, 1).
    columns
        The counts.
    correlation
        Correlation rho of two trials of the same row: the counts are beta-binomial, their variance
        1 + (n - 1) rho times the binomial one. 0: binomial.
    offset_mT
        True field minus the reported field.

    Returns
    -------
    float or ndarray of shape (n_curves,)
        Sum over the rows of k ln f + (n - k) ln(1 - f), or of
        ln B(k + f s, n - k + (1 - f) s) - ln B(f s, (1 - f) s) with s = 1/rho - 1.
    """
    n, k = columns.n_trials, columns.n_passed
    p = passing_probability(curve, columns, offset_mT)
    if np.all(np.asarray(correlation) < MIN_CORRELATION):
        return binomial_log_likelihood(p, columns)
    total = 1 / np.maximum(correlation, MIN_CORRELATION) - 1
    a, b = p * total, (1 - p) * total
    return (betaln(k + a, n - k + b) - betaln(a, b)).sum(axis=-1)


def binomial_log_likelihood(p: Any, columns: Columns) -> Any:
    """Return the sum over the rows of k ln p + (n - k) ln(1 - p)."""
    n, k = columns.n_trials, columns.n_passed
    return (k * np.log(p) + (n - k) * np.log1p(-p)).sum(axis=-1)


def log_coefficients(columns: Columns) -> float:
    """Return the sum of the logarithms of the binomial coefficients, the same for all curves."""
    n, k = columns.n_trials, columns.n_passed
    return float((gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)).sum())


def saturated_log_likelihood(columns: Columns) -> Any:
    """Return the log-likelihood of one probability per row; n_passed may be (n_tables, n_rows)."""
    n, k = columns.n_trials, columns.n_passed
    return (xlogy(k, k / n) + xlogy(n - k, (n - k) / n)).sum(axis=-1)


def deviance(curve: Curve, columns: Columns) -> Any:
    """Return the deviance: the likelihood-ratio statistic against one probability per row."""
    return 2 * (saturated_log_likelihood(columns) - log_likelihood(curve, columns))
