"""Objections to a proposal of fields: a bad fit, decreasing passing, a lapse."""

from pathlib import Path

from dwsynapse.fit_badge import poor_tests
from dwsynapse.io.limits import DEFAULT_SEED
from dwsynapse.io.number_format import least_p_value, p_value
from dwsynapse.study import Fitting
from fitting.design.falling_curve import fall_advice
from fitting.design.proposal_lapse import lapse_doubts
from fitting.device.synapse_range import too_flat
from fitting.forms import PassingCurve
from fitting.goodness.goodness_of_fit import goodness_of_fit
from fitting.inference.fit import fit_curve
from fitting.inference.fit_problem import FitProblem


def doubts(
    problem: FitProblem, template: PassingCurve, settings: Fitting, path: str | Path
) -> list[str]:
    """Return one line for each objection: a curve that fits badly, and what misleads the proposal.

    Parameters
    ----------
    problem
        The counts, and what is assumed about them.
    template
        That of the proposal (`fitting.design.proposal_lapse.design_of`).
    settings
        How to fit.
    path
        What an error names as the file.

    Raises
    ------
    InputError
        If the counts do not determine a curve.
    """
    fit = fit_curve(problem, settings.confidence, path)
    found = goodness_of_fit(fit, problem, settings.simulations, [DEFAULT_SEED, 1])
    poor = poor_tests(found)
    least = least_p_value(found["bootstrap_simulations"])
    tests = ", ".join(f"{test['test']} {p_value(test['p_value'], least)}" for test in poor)
    badly = (
        f"the {settings.form} curve fits the counts badly ({tests}), and the proposal relies on "
        "it; look at the report of `fit`, try another --form"
    )
    pooled = problem.pooled(fit.curve)
    if "monotonicity" in [test["test"] for test in poor]:
        misleading = [fall_advice(pooled.columns, float(fit.curve.rise_field_mT(0.5)))]
    else:
        misleading = lapse_doubts(pooled, template)
    flat = too_flat(fit.curve, problem.field_range_mT)
    useless = [f"{flat}; no network trains on such a device"] if flat else []
    return [badly] * bool(poor) + misleading + useless
