"""How well a curve describes the counts: tests with p-values from refitted simulations."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from fitting.goodness.bootstrap import bootstrap_p, effective, measured_and_drawn
from fitting.goodness.drift import Drift
from fitting.goodness.refits import Refits, seen
from fitting.goodness.rising_shares import rising_shares
from fitting.inference.fit import Fit
from fitting.inference.fit_problem import FitProblem
from fitting.inference.likelihood import (
    Columns,
    deviance,
    passing_probability,
    saturated_log_likelihood,
)

Floats = NDArray[np.float64]

MEANINGS = {
    "deviance": "the counts deviate from the curve by more than chance",
    "overdispersion": "counts scatter more than independent trials; set counts_vary: beta-binomial",
    "residuals against field": "residuals of neighbouring fields are correlated; try another form",
    "residuals against time order": "passing drifted while the rows were measured",
    "monotonicity": "passing falls somewhere as the field rises, as it can above Walker breakdown",
}
"""What a small p-value of each test means."""


def goodness_of_fit(
    fit: Fit, problem: FitProblem, simulations: int, seed: list[int]
) -> dict[str, Any]:
    """Test a fitted curve against the counts.

    Correlated counts are weighted by their effective number of independent trials
    (`fitting.goodness.bootstrap.effective`). Every p-value is a parametric bootstrap: the share of
    tables drawn from the curve, and fitted again, with a statistic at least as large. The
    chi-square approximation is poor where few trials per field, or probabilities near 0 and 1,
    leave less than about five walls to an outcome. Rows of few trials, uninformative alone,
    are pooled with their neighbours (`fitting.counts.pooling.Pooling`).

    Parameters
    ----------
    fit
        The fit.
    problem
        The counts, and what the fit assumes about them.
    simulations
        Number of tables drawn.
    seed
        Seed of the tables.

    Returns
    -------
    dict
        Keys deviance, degrees_of_freedom, p_value, bootstrap_simulations, and tests: for each of
        `MEANINGS` a dict of test, statistic, p_value and meaning. The test against time order is
        left out where rows were measured in the order of the fields, or in an unknown order.
    """
    columns, rng = problem.columns, np.random.default_rng(seed)
    pooling = problem.pooling(fit.curve)
    drift = Drift(effective(columns, fit.nuisances), pooling.bin_of_row, problem.measured)
    pooled = measured_and_drawn(fit, columns, pooling, simulations, rng, drift.add)
    refits = Refits.of(fit, problem, pooled, rng)
    fitted = refits.curves(problem.coordinates, fit.curve)
    curves = seen(fitted)
    free = max(len(pooled.n_trials) - fit.n_parameters, 1)
    statistics = {
        "deviance": deviance(fitted, refits.tables),
        **residual_statistics(curves, pooled, free),
    }
    if drift.is_defined:
        p = passing_probability(curves, pooled)
        statistics["residuals against time order"] = drift.statistics(p)
    statistics["monotonicity"] = fall(pooled)
    tests = [
        {
            "test": name,
            "statistic": float(values[0]),
            "p_value": bootstrap_p(values),
            "meaning": MEANINGS[name],
        }
        for name, values in statistics.items()
    ]
    return {
        "deviance": tests[0]["statistic"],
        "degrees_of_freedom": len(pooled.n_trials) - fit.n_parameters,
        "p_value": tests[0]["p_value"],
        "bootstrap_simulations": simulations,
        "tests": tests,
    }


def residuals(curves: Any, columns: Columns) -> Floats:
    """Return Pearson's residuals (k - n f) / sqrt(n f (1 - f)), shape (..., n_rows)."""
    n, p = columns.n_trials, passing_probability(curves, columns)
    return (columns.n_passed - n * p) / np.sqrt(n * p * (1 - p))


def residual_statistics(curves: Any, columns: Columns, free: int) -> dict[str, Floats]:
    """Return Pearson's chi-square per degree of freedom and a trend, each of (n_tables,)."""
    r = residuals(curves, columns)
    by_field = r[:, np.argsort(columns.field_mT, kind="stable")]
    return {
        "overdispersion": (r**2).sum(axis=1) / free,
        "residuals against field": (by_field[:, 1:] * by_field[:, :-1]).sum(axis=1),
    }


def fall(columns: Columns) -> Floats:
    """Return the deviance of the best curve that never falls, for each of (n_tables, n_rows)."""
    fields_mT, row = np.unique(columns.field_mT, return_inverse=True)
    n = np.bincount(row, columns.n_trials).astype(np.float64)
    passed = np.zeros((len(columns.n_passed), len(fields_mT)))
    np.add.at(passed.T, row, columns.n_passed.T)
    rising = rising_shares(passed, n)
    best = (xlogy(passed, rising) + xlogy(n - passed, 1 - rising)).sum(axis=1)
    pooled = columns._replace(n_trials=n, n_passed=passed)
    statistic = 2 * (saturated_log_likelihood(pooled) - best)
    # Rounding is not a decrease: tables that only rise tie at 0.
    return np.where(statistic > 1e-9, statistic, 0.0)
