"""Objections to a proposal of fields: a bad fit, decreasing passing, a lapse."""

from pathlib import Path

import numpy as np
import pandas as pd

from dwsynapse.fit_badge import poor_tests
from dwsynapse.io.number_format import least_p_value, p_value
from dwsynapse.study import Fitting
from fitting.command_options import SEED
from fitting.counts.pooling import pooled_counts
from fitting.design.falling_curve import fall_advice
from fitting.design.proposal_lapse import lapse_doubts
from fitting.forms import PassingCurve
from fitting.goodness.goodness_of_fit import goodness_of_fit
from fitting.inference.count_model import Model
from fitting.inference.fit import fit_curve


def doubts(
    counts: pd.DataFrame, model: Model, template: PassingCurve, settings: Fitting, path: str | Path
) -> list[str]:
    """Return one line for each objection: a curve that fits badly, and what misleads the proposal.

    Parameters
    ----------
    counts
        Table of counts (`dwsynapse.io.contracts.COUNTS`).
    model
        What is assumed of them.
    template
        What `fitting.design.proposal_lapse.design_of` returned.
    settings
        How to fit.
    path
        What an error names as the file.

    Raises
    ------
    InputError
        If the counts do not determine a curve.
    """
    fit = fit_curve(counts, settings.confidence, path, model)
    found = goodness_of_fit(fit, counts, model, settings.simulations, [SEED, 1])
    poor = poor_tests(found)
    least = least_p_value(found["bootstrap_simulations"])
    tests = ", ".join(f"{test['test']} {p_value(test['p_value'], least)}" for test in poor)
    badly = (
        f"the {settings.form} curve fits the counts badly ({tests}), and the proposal relies on "
        "it; look at the report of `fit`, try another --form"
    )
    _, centre_mT, log_steepness, *_ = model.coordinates.point(fit.curve)
    rows = pooled_counts(counts, np.exp(log_steepness))
    if "monotonicity" in [test["test"] for test in poor]:
        misleading = [fall_advice(rows, centre_mT)]
    else:
        misleading = lapse_doubts(rows, model, template)
    return [badly] * bool(poor) + misleading
