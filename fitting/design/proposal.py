"""The next round of trials, placed where it gives most information about the curve."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from fitting.design.adaptive_grid import focused_posterior
from fitting.design.expected_information import (
    expected_weights,
    gain_bits,
    interest_covariance,
    outcome_information_bits,
    spread_trials,
)
from fitting.design.grid_posterior import GridPosterior
from fitting.forms import PassingCurve
from fitting.inference.fisher_scoring import Coordinates
from fitting.inference.fit_problem import FitProblem
from fitting.inference.likelihood import MIN_PROBABILITY

Floats = NDArray[np.float64]
FieldRange = tuple[float | None, float | None]

# A batch is placed in this many chunks, and so at this many fields at most.
CHUNKS = 20
# More candidates than this differ too little.
MAX_CANDIDATES = 200
# Curves that represent the posterior, and those of them that are taken as true in turn.
CURVES = 3000
TRUTHS = 40
# So many curves must remain likely after a batch.
MIN_REMAINING = 20
# How far outside the candidates, in spans, a more informative field is looked for, and
# how much more informative it must be for a note.
BEYOND, NOTEWORTHY = 0.5, 1.1


@dataclass(frozen=True)
class Proposal:
    """A batch of trials over candidate fields, with its expected information.

    For a form other than the logistic one, h0 and Delta are the field at half of the rise and four
    times the slope there.

    Parameters
    ----------
    field_mT
        Candidate fields, shape (n_fields,).
    distance_mT
        Distance of the candidates, one or several steps.
    n_trials
        Trials proposed at each, shape (n_fields,).
    gain_bits
        Information on h0 and Delta that those trials add, shape (n_fields,).
    single_gain_bits
        Information on h0 and Delta of one trial now, shape (n_fields,).
    outcome_bits
        Information on the whole curve, floor included, of one trial now, shape (n_fields,).
    sd_before, sd_after
        Standard deviations of h0 in mT and of ln Delta now, and expected after the batch,
        shape (2,).
    posterior
        The posterior of the counts so far.
    beyond_mT
        A field outside the candidates where a trial is notably more informative than at any of
        them; None where there is none.
    resolved
        Whether enough of the compared curves remain likely after the batch: else `sd_after` is too
        small.
    """

    field_mT: Floats
    distance_mT: float
    n_trials: NDArray[np.int64]
    gain_bits: Floats
    single_gain_bits: Floats
    outcome_bits: Floats
    sd_before: Floats
    sd_after: Floats
    posterior: GridPosterior
    beyond_mT: float | None
    resolved: bool


def curve_probabilities(template: PassingCurve, centres: Floats, field_mT: Floats) -> Floats:
    """Return f(h) of the curves at cell centres, shape (n_cells, n_fields)."""
    f = Coordinates(template).curve(centres).probability(field_mT)
    # Products of much smaller numbers are subnormal, and take a hundred times as long.
    return f.clip(MIN_PROBABILITY, 1 - MIN_PROBABILITY)


def range_ends_mT(problem: FitProblem, range_mT: FieldRange) -> tuple[float, float]:
    """Return the ends of a range of fields, those of the fields tried where an end is None."""
    low, high = range_mT
    lowest, highest = problem.field_range_mT
    return lowest if low is None else low, highest if high is None else high


def candidate_fields_mT(
    problem: FitProblem, step_mT: float, range_mT: FieldRange = (None, None)
) -> tuple[Floats, float]:
    """Return the candidate fields, all multiples of the step, and their distance.

    Below the fields tried walls might never arrive at the notch, and above they might nucleate: the
    range goes no further by default. Where it has many steps, the distance is several of them, but
    for the first and last multiple in the range.

    Raises
    ------
    InputError
        If the range has no multiple of the step.
    """
    low, high = range_ends_mT(problem, range_mT)
    # 0.3 / 0.1 is a little less than 3.
    first, last = np.ceil(round(low / step_mT, 9)), np.floor(round(high / step_mT, 9))
    if first > last:
        raise InputError(
            f"no multiple of {step_mT:g} mT is from {low:g} to {high:g} mT",
            where="--step-mT",
            remedy="give a smaller step, or a wider range by --lowest-mT and --highest-mT",
        )
    several = max(1.0, np.ceil((last - first) / MAX_CANDIDATES))
    between = np.arange(np.ceil(first / several) * several, last, several)
    multiples = np.unique([first, *between, last])
    return np.round(multiples * step_mT, 6), float(several * step_mT)


def propose(
    problem: FitProblem, n_trials: int, step_mT: float, range_mT: FieldRange = (None, None)
) -> Proposal:
    """Place a batch of trials by their expected information on h0 and Delta.

    The floor is a nuisance parameter: trials go to it as far as it affects the other two. Counts
    that cannot be fitted yet have a wide posterior, and need no special case.

    Parameters
    ----------
    problem
        The counts, with the template of the curve and the range of its floor
        (`fitting.design.proposal_lapse.design_of`).
    n_trials
        Trials of the batch.
    step_mT, range_mT
        Which fields are considered, see `candidate_fields_mT`.
    """
    posterior = focused_posterior(problem)
    centres = posterior.centres[_evenly(posterior.weights, CURVES)]
    weights = np.full(CURVES, 1 / CURVES)
    interest = centres[:, 1:]
    truths = _evenly(weights, TRUTHS)
    fields_mT, distance_mT = candidate_fields_mT(problem, step_mT, range_mT)
    probabilities = curve_probabilities(posterior.template, centres, fields_mT)
    trials, gains = spread_trials(
        weights, probabilities, interest, truths, n_trials, chunk=-(-n_trials // CHUNKS)
    )
    after = expected_weights(weights, probabilities, truths, trials)
    covariance_after = interest_covariance(after, interest).mean(axis=0)
    sd_before = np.sqrt(np.diag(interest_covariance(weights, interest)))
    # Where almost nothing is left to learn, rounding makes variances negative. Trials never widen
    # what is expected, but the estimate from a few truths may be wider than that from all curves.
    sd_after = np.sqrt(np.diag(covariance_after).clip(min=0)).clip(max=sd_before)
    single = gain_bits(weights, probabilities, interest, 1)
    outside_mT = _fields_beyond_mT(fields_mT)
    outside = curve_probabilities(posterior.template, centres, outside_mT)
    beyond = gain_bits(weights, outside, interest, 1)
    tells_more = beyond.max() > NOTEWORTHY * single.max()
    return Proposal(
        fields_mT,
        distance_mT,
        trials,
        gains,
        single,
        outcome_information_bits(weights, probabilities),
        sd_before,
        sd_after,
        posterior,
        float(outside_mT[np.argmax(beyond)]) if tells_more else None,
        resolved=bool((1 / (after**2).sum(axis=1)).mean() >= MIN_REMAINING),
    )


def _fields_beyond_mT(fields_mT: Floats) -> Floats:
    """Return fields on both sides of the candidates, at steps of a twentieth of their span.

    A single field has none: then its size counts.
    """
    low, high = fields_mT[0], fields_mT[-1]
    steps = np.linspace(0, BEYOND, 11) * ((high - low) or high)
    return np.concatenate([np.clip(low - steps, 0, None), high + steps])


def _evenly(weights: Floats, n: int) -> NDArray[np.int64]:
    """Return n indices at even steps of the cumulative weights: a deterministic sample."""
    places = (np.arange(n) + 0.5) / n
    return np.searchsorted(np.cumsum(weights) / weights.sum(), places)


def plan_of(proposal: Proposal, first_replica: int) -> pd.DataFrame:
    """Return the table of a proposal (`dwsynapse.io.contracts.PLAN`), its replicas numbered."""
    used = proposal.n_trials > 0
    trials = proposal.n_trials[used]
    return pd.DataFrame(
        {
            "field_mT": proposal.field_mT[used],
            "n_trials": trials,
            "first_replica": first_replica + np.cumsum(trials) - trials,
        }
    )


def next_plan(
    counts: pd.DataFrame, n_trials: int, first_replica: int, step_mT: float
) -> pd.DataFrame:
    """Choose the next round of trials for a logistic curve from the counts so far.

    Parameters
    ----------
    counts
        Table of counts (`dwsynapse.io.contracts.COUNTS`).
    n_trials
        Trials of the round.
    first_replica
        Number of the round's first replica.
    step_mT
        Fields are multiples of this.

    Returns
    -------
    DataFrame
        Table of `dwsynapse.io.contracts.PLAN`.
    """
    return plan_of(propose(FitProblem.of(counts), n_trials, step_mT), first_replica)


def proposal_text(proposal: Proposal) -> str:
    """Return a proposal as a printed table, with the uncertainties now and expected afterwards."""
    used = proposal.n_trials > 0
    rows = zip(
        proposal.field_mT[used], proposal.n_trials[used], proposal.gain_bits[used], strict=True
    )
    explained = proposal.posterior.template.form != "logistic"

    def after(sd: float) -> str:
        return f"{sd:.3g} expected after" if proposal.resolved else "too small to resolve after"

    (h0_mT, log_delta), (h0_after_mT, log_delta_after) = proposal.sd_before, proposal.sd_after
    return "\n".join(
        [
            "field (mT)   trials   expected gain (bits)",
            *(f"{field_mT:10g} {n:8d} {gain:22.3f}" for field_mT, n, gain in rows),
            f"     total {proposal.n_trials.sum():8d} {proposal.gain_bits.sum():22.3f}",
            f"standard deviation of h0 (mT): {h0_mT:.3g} now, {after(h0_after_mT)}",
            f"standard deviation of ln Delta: {log_delta:.3g} now, {after(log_delta_after)}",
            *(["(h0: field at half of the rise; Delta: four times the slope there)"] * explained),
        ]
    )
