"""Which form describes the counts best."""

import math
from typing import Any

import numpy as np

from dwsynapse.study import Fitting
from fitting.counts.pooling import MAX_TRIALS
from fitting.goodness.bootstrap import bootstrap_p, measured_and_drawn
from fitting.goodness.refits import Refits
from fitting.inference.count_model import Model
from fitting.inference.fit import Fit
from fitting.inference.fit_problem import FitProblem
from fitting.inference.likelihood import log_coefficients, log_likelihood
from fitting.settings_of_drive import forms_of_drive


def compare_forms(
    fit: Fit, problem: FitProblem, settings: Fitting, seed: list[int]
) -> list[dict[str, Any]]:
    """Compare all forms of the curve that hold for the drive, on the same counts.

    Parameters
    ----------
    fit
        The fit of the form in the settings, which is the one under test.
    problem
        The counts, and what is assumed about them.
    settings
        How to fit.
    seed
        Seed of the simulated tables.

    Returns
    -------
    list of dict
        For each form: form, log_likelihood, n_parameters, aic, delta_aic (above the best),
        akaike_weight, and p_value: the share of tables drawn from the form under test whose
        likelihood ratio favours the other form at least as much (Cox 1961, by bootstrap); None for
        the form under test. A small one says that the form under test is significantly worse.
        Forms with the same number of parameters differ by AIC as by likelihood, a quasi-likelihood
        where trials are correlated (`fitting.goodness.bootstrap.effective`). Rows of few trials are
        pooled with their neighbours (`fitting.counts.pooling.Pooling`), the same for every form.
        The Neel-Brown forms take the dwell, sweep rate and attempt frequency of the settings.
    """
    coefficients, rng = log_coefficients(problem.columns), np.random.default_rng(seed)
    condensed = problem.condensed()
    # Rows that were condensed are pooled further, as single trials would have been.
    pooling = condensed.pooling(fit.curve, MAX_TRIALS if condensed is problem else math.inf)
    tables = measured_and_drawn(fit, condensed.columns, pooling, settings.simulations, rng)
    refits = Refits.of(fit, problem, tables, rng)
    logs = {}
    for form in forms_of_drive(problem.drive):
        coordinates = Model.of(settings.model_copy(update={"form": form})).coordinates
        curves = refits.curves(coordinates, fit.curve, first_alone=True)
        logs[form] = log_likelihood(curves, refits.tables)
    aic = {form: 2 * (fit.n_parameters - log[0] - coefficients) for form, log in logs.items()}
    least = min(aic.values())
    weights = {form: np.exp((least - value) / 2) for form, value in aic.items()}
    own = logs[settings.form]
    return [
        {
            "form": form,
            "log_likelihood": float(log[0] + coefficients),
            "n_parameters": fit.n_parameters,
            "aic": float(aic[form]),
            "delta_aic": float(aic[form] - least),
            "akaike_weight": float(weights[form] / sum(weights.values())),
            "p_value": None if form == settings.form else bootstrap_p(log - own),
        }
        for form, log in logs.items()
    ]
