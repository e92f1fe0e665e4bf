"""How well the curve describes the counts: deviance with a p-value from refitted simulations."""

import numpy as np
import pandas as pd

from fitting.fit import negative_log_likelihood
from fitting.forms import Logistic
from fitting.likelihood import Columns, deviance

SIMULATIONS = 399


def goodness_of_fit(
    curve: Logistic, counts: pd.DataFrame, rng: np.random.Generator
) -> dict[str, float]:
    """Return the deviance of a fitted curve, its degrees of freedom and its p-value.

    The p-value is a parametric bootstrap: the share of tables drawn from the curve, and refitted,
    with a deviance at least as large. The chi-square approximation is poor where few trials per
    field, or probabilities near 0 and 1, leave less than about five walls to an outcome.

    Parameters
    ----------
    curve
        The curve fitted to the counts.
    counts
        Table of counts (`workflow.contracts.COUNTS`).
    rng
        Source of the simulated tables.

    Returns
    -------
    dict
        Keys deviance, degrees_of_freedom, p_value, bootstrap_simulations.
    """
    observed = deviance(curve, Columns.of(counts))
    probability = curve.probability(counts["field_mT"].to_numpy(float))
    as_large = 0
    for _ in range(SIMULATIONS):
        drawn = counts.assign(n_passed=rng.binomial(counts["n_trials"], probability))
        minuit = negative_log_likelihood(drawn, curve).migrad()
        refitted = Logistic.of(minuit.values.to_dict())
        as_large += deviance(refitted, Columns.of(drawn)) >= observed
    return {
        "deviance": observed,
        "degrees_of_freedom": len(counts) - len(curve.units),
        "p_value": (1 + as_large) / (1 + SIMULATIONS),
        "bootstrap_simulations": SIMULATIONS,
    }
