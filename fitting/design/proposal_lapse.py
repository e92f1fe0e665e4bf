"""The lapse that a proposal of fields assumes, and whether the counts show another."""

from dataclasses import replace

from dwsynapse.fit_badge import POOR
from dwsynapse.io.number_format import number, p_value
from fitting.forms import PassingCurve
from fitting.goodness.goodness_of_fit import residual_statistics
from fitting.inference.count_model import Model
from fitting.inference.distributions import f_sf
from fitting.inference.fit import starting_curve
from fitting.inference.fit_problem import FitProblem
from fitting.inference.likelihood import log_likelihood

# A fitted lapse this close to the end of its range is at the end.
AT_END = 1e-3
WIDEST = "give --lapse 0:0.9"


def design_of(problem: FitProblem) -> FitProblem:
    """Return the problem of a proposal: independent trials, and a lapse that its template has.

    The lapse is not a parameter of a proposal: it is the fixed one, the fitted one where it is to
    be fitted, and the lower end of its range where no curve can be fitted.
    """
    model = problem.model
    if not model.with_lapse:
        return problem.assuming(Model(model.template, floor=model.floor))
    low, _ = model.shares["lapse"]
    lapse = starting_curve(problem).lapse if problem.both_outcomes else low
    template = model.template.with_values({"lapse": lapse})
    return problem.assuming(Model(template, floor=model.shares["floor"]))


def lapse_doubts(problem: FitProblem, template: PassingCurve) -> list[str]:
    """Return objections to the lapse of a proposal, or nothing.

    The likelihood ratio of a lapse that is fitted, over the scatter of the counts about that curve
    (Pearson's chi-square per degree of freedom), is compared with an F distribution; one-sided
    where the proposal assumes none.

    Parameters
    ----------
    problem
        The counts, with walls of both outcomes, and what is assumed about them.
    template
        That of the proposal (`design_of`).
    """
    columns, model = problem.columns, problem.model
    if model.with_lapse and "lapse" not in model.given:
        if template.lapse > model.shares["lapse"][1] - AT_END:
            return [f"the fitted lapse, {number(template.lapse)}, ends its range; {WIDEST}"]
        return []
    without = replace(model, with_lapse=False, template=template, lapse=None)
    with_lapse = replace(model, with_lapse=True, lapse=None, floor=None)
    taken, found = (starting_curve(problem.assuming(model)) for model in (without, with_lapse))
    ratio = 2 * (log_likelihood(found, columns) - log_likelihood(taken, columns))
    free = max(len(columns.n_trials) - with_lapse.n_fitted, 1)
    residual = residual_statistics(found, columns._replace(n_passed=columns.n_passed[None]), free)
    scatter = max(float(residual["overdispersion"][0]), 1.0)
    p = float(f_sf(ratio / scatter, 1, free)) / (1 if template.lapse else 2)
    if ratio <= 0 or p >= POOR:
        return []
    at_end = found.lapse > with_lapse.shares["lapse"][1] - AT_END
    return [
        f"passing levels off below 1: a lapse of {number(found.lapse)}{' or more' * at_end} fits "
        f"the counts better ({p_value(p)}) than {number(template.lapse)}, which the proposal "
        f"assumes, and which places trials where they give little information; "
        f"{WIDEST if at_end else 'give --lapse true'}"
    ]
