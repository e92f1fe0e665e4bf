"""Quantiles and tails of distributions, without scipy.stats, whose import takes longer than a fit.

As scipy.stats computes them, to the last bit.
"""

from typing import Any

import numpy as np
from scipy.special import chdtr, chdtrc, chdtri, fdtrc, gammaincinv, ndtri, stdtrit


def chi2_cdf(x: Any, degrees_of_freedom: Any) -> Any:
    """Return the probability that a chi-square is at most `x`."""
    return chdtr(degrees_of_freedom, np.maximum(x, 0.0))


def chi2_sf(x: Any, degrees_of_freedom: Any) -> Any:
    """Return the probability that a chi-square exceeds `x`."""
    return chdtrc(degrees_of_freedom, np.maximum(x, 0.0))


def chi2_quantile(p: Any, degrees_of_freedom: Any) -> Any:
    """Return the value that a chi-square exceeds with probability 1 - `p`."""
    return 2 * gammaincinv(degrees_of_freedom / 2, p)


def chi2_upper_quantile(p: Any, degrees_of_freedom: Any) -> Any:
    """Return the value that a chi-square exceeds with probability `p`."""
    return chdtri(degrees_of_freedom, p)


def f_sf(x: Any, numerator: Any, denominator: Any) -> Any:
    """Return the probability that an F of these degrees of freedom exceeds `x`."""
    return fdtrc(numerator, denominator, np.maximum(x, 0.0))


def normal_quantile(p: Any) -> Any:
    """Return the value that a standard normal variable exceeds with probability 1 - `p`."""
    return ndtri(p)


def student_quantile(p: Any, degrees_of_freedom: Any) -> Any:
    """Return the value that Student's t exceeds with probability 1 - `p`."""
    return stdtrit(degrees_of_freedom, p)


def wilson_interval(n_passed: Any, n_trials: Any, confidence: float) -> tuple[Any, Any]:
    """Return Wilson's interval of a share (J. Am. Stat. Assoc. 22, 209, 1927), each end (n_rows,).

    Parameters
    ----------
    n_passed, n_trials
        Counts, each of shape (n_rows,).
    confidence
        Confidence of the interval.
    """
    p = n_passed / n_trials
    z = ndtri(0.5 + 0.5 * confidence)
    whole = 2 * (n_trials + z**2)
    centre = (2 * n_trials * p + z**2) / whole
    half = z / whole * np.sqrt(4 * n_trials * p * (1 - p) + z**2)
    low = np.where(n_passed == 0, 0.0, centre - half)
    return low, np.where(n_passed == n_trials, 1.0, centre + half)
