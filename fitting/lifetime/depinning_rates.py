"""Depinning rates from survival times of pinned walls, field by field."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from dwsynapse.io.number_format import MIN_P_VALUE
from fitting.inference.distributions import chi2_quantile, chi2_sf, chi2_upper_quantile

Floats = NDArray[np.float64]

# With fewer depinnings the chi-square approximation of the test for a constant hazard is poor.
MIN_DEPINNINGS = 5


def depinning_rates(walls: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Estimate the depinning rate at each field, censored times included.

    The rate of greatest likelihood is the number of depinnings over the total time at risk, which
    pools windows of different lengths. The interval is that of a Poisson mean (chi-square
    quantiles; Garwood, Biometrika 28, 437, 1936; for censored lives Cox, Biometrika 40, 354, 1953):
    exact for a fixed total time, conservative for fixed windows. Its lower bound is 0 where no
    wall depinned, and its upper bound then a one-sided limit.

    Parameters
    ----------
    walls
        Table of `dwsynapse.io.contracts.SURVIVAL`.
    confidence
        Confidence of the intervals.

    Returns
    -------
    DataFrame
        By field: field_mT, n_walls, n_depinned, at_risk_s, rate_Hz, low_Hz, high_Hz, and
        weibull_shape and p_constant_hazard (NaN below five depinnings), see `constant_hazard`.
    """
    rows = []
    for field_mT, there in walls.groupby("field_mT"):
        times_s = there["survived_ns"].to_numpy(float) * 1e-9
        depinned = there["depinned"].to_numpy(bool)
        n, at_risk_s = int(depinned.sum()), float(times_s.sum())
        tail = (1 - confidence) / (2 if n else 1)
        shape, p_value = constant_hazard(times_s, depinned)
        rows.append(
            {
                "field_mT": field_mT,
                "n_walls": len(there),
                "n_depinned": n,
                "at_risk_s": at_risk_s,
                "rate_Hz": n / at_risk_s,
                "low_Hz": chi2_quantile(tail, 2 * n) / 2 / at_risk_s if n else 0.0,
                "high_Hz": chi2_upper_quantile(tail, 2 * n + 2) / 2 / at_risk_s,
                "weibull_shape": shape,
                "p_constant_hazard": p_value,
            }
        )
    return pd.DataFrame(rows)


def constant_hazard(times_s: Floats, depinned: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the shape of a Weibull law of the times, and the p-value of shape 1.

    A shape below 1 means that walls pinned for longer depin more slowly: several pinning sites, or
    different walls. One above 1 means that walls still moved through the notch when they counted
    as pinned. Likelihood ratio, chi-square with one degree of freedom; both NaN below five
    depinnings.
    """
    n = int(depinned.sum())
    if n < MIN_DEPINNINGS:
        return float("nan"), float("nan")
    logs = np.log(times_s / times_s.max())

    def negative_log_likelihood(log_shape: float) -> float:
        shape = np.exp(log_shape)
        spread = np.log(np.exp(shape * logs).sum())
        return float(n * spread - n * log_shape - (shape - 1) * logs[depinned].sum())

    best = minimize_scalar(negative_log_likelihood, bounds=(-4, 4), method="bounded")
    ratio = 2 * (negative_log_likelihood(0.0) - best.fun)
    return float(np.exp(best.x)), max(float(chi2_sf(ratio, 1)), MIN_P_VALUE)
