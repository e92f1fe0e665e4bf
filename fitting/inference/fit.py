"""Maximum likelihood of the passing curve, with profile-likelihood intervals."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from iminuit import Minuit

from dwsynapse.io.detection_errors import NAMES
from dwsynapse.io.errors import InputError
from dwsynapse.io.tables.falling_counts import falls
from fitting.forms import PassingCurve
from fitting.forms.observed_curve import observed_curve
from fitting.inference.count_model import Model
from fitting.inference.detected_counts import rates_log_likelihood
from fitting.inference.fisher_scoring import fit_many
from fitting.inference.fit_problem import MIN_RELATIVE_SPACING, FitProblem
from fitting.inference.likelihood import (
    MAX_CORRELATION,
    binomial_log_likelihood,
    log_coefficients,
    log_likelihood,
)
from fitting.inference.overdispersion import (
    adjusted_confidence,
    restriction,
    rows_and_parameters,
)
from fitting.inference.profile_likelihood import (
    MAX_CALLS,
    Follow,
    Starts,
    likelihood_minuit,
    profile_interval,
)
from fitting.inference.starting_points import Floats, starting_points

Interval = tuple[float | None, float | None]
"""Lower and upper bound; None: an end that the counts leave open."""

# Least start of shares: away from the bounds that Minuit's search never leaves
# (fitting.inference.profile_likelihood).
MIN_START = 0.01
AT_BOUND = 1e-3
# Rows more than parameters needed to show the scatter of correlated counts.
MIN_SPARE_ROWS = 1
# Curves up to this many times as steep as the data can resolve count in intervals: the
# position of a step is bounded by its neighbouring fields, not by the width of a wider curve.
STEEPER = 25
# Curves whose log-likelihood exceeds that of a constant probability by less than this do not rise.
MIN_RISE = 1e-3
# Keeps exponentials finite.
MAX_LOG = 600.0
# Powers of the steepness of parameters that go with it.
STEEPNESS = {"delta_per_mT": 1, "sd_mT": -1}
# What cannot be negative: its lower bound is 0 where the profile does not fall far enough.
SHARES = ("floor", "lapse", "correlation", *NAMES)


@dataclass(frozen=True)
class Fit:
    """A fitted curve.

    Parameters
    ----------
    curve
        The curve of greatest likelihood.
    intervals
        Bounds of each parameter of the curve, both at its value where it was fixed.
    nuisances
        For each nuisance parameter: value, lower and upper bound.
    log_likelihood
        With the binomial coefficients, so that forms compare.
    n_parameters
        Number of parameters fitted, including nuisance parameters but not those of
        which other data are known, a calibration offset and detection errors.
    """

    curve: PassingCurve
    intervals: dict[str, Interval]
    nuisances: dict[str, tuple[float, float | None, float | None]]
    log_likelihood: float
    n_parameters: int

    @property
    def observed(self) -> PassingCurve:
        """The curve of the outcomes detected, the same where they were never wrong."""
        return observed_curve(
            self.curve, {name: value for name, (value, *_) in self.nuisances.items()}
        )


def negative_log_likelihood(problem: FitProblem, start: PassingCurve) -> Minuit:
    """Return the negative log-likelihood of a curve, ready to be minimised from the given start.

    Positive parameters of the rise are searched by their logarithms (`natural`).

    Parameters
    ----------
    problem
        The counts, and what is assumed about them.
    start
        Curve to start from.
    """
    columns, model = problem.columns, problem.model
    names = model.names

    def cost(*values: float) -> float:
        given = natural(model, dict(zip((*names, *model.nuisances), values, strict=True)))
        curve = start.with_values({name: given[name] for name in names})
        offset_mT = given.get("offset_mT", 0.0)
        pull = offset_mT / model.offset_sd_mT if model.offset_sd_mT else 0.0
        correlation = given.get("correlation", 0.0)
        restricted = restriction(columns, model.n_fitted, correlation)
        likelihood = log_likelihood(observed_curve(curve, given), columns, correlation, offset_mT)
        likelihood += rates_log_likelihood(model.detection, given)
        return float(pull**2 / 2 - restricted - likelihood)

    limits = _limits(problem, start)
    values = start.values()
    first = {
        name: math.log(values[name]) if name in _logs(model) else values[name] for name in names
    }
    first |= _first_nuisances(model)
    for name in set(model.shares) - set(model.given):
        low, high = model.shares[name]
        least = min(MIN_START, (high - low) / 10)
        first[name] = min(max(values[name], low + least), high - least)
    minuit = likelihood_minuit(cost, first)
    for name in set(limits) - set(model.given):
        minuit.limits[name] = limits[name]
    for name, value in model.given.items():
        minuit.values[name], minuit.fixed[name] = value, True
    return minuit


def _first_nuisances(model: Model) -> dict[str, float]:
    first = {"correlation": MIN_START, "offset_mT": 0.0}
    if model.detection:
        first |= {name: max(rate, MIN_START) for name, rate in model.detection.values.items()}
    return {name: first[name] for name in model.nuisances}


def natural(model: Model, values: dict[str, float]) -> dict[str, float]:
    """Return the parameters of the curve from those that are searched."""
    logs = _logs(model)
    return {
        name: math.exp(min(value, MAX_LOG)) if name in logs else value
        for name, value in values.items()
    }


def _logs(model: Model) -> set[str]:
    return set(model.template.bounds(1.0, 1.0))


def _limits(problem: FitProblem, start: PassingCurve) -> dict[str, tuple[float, float | None]]:
    flattest, steepest = problem.steepness_range_per_mT
    limits: dict[str, tuple[float, float | None]] = {
        name: (math.log(low), None if high is None else math.log(high))
        for name, (low, high) in start.bounds(flattest, STEEPER * steepest).items()
    }
    return (
        limits
        | problem.model.shares
        | ({"correlation": (0.0, MAX_CORRELATION)} if problem.model.overdispersed else {})
        | problem.model.rates
    )


def starting_curve(problem: FitProblem, starts: Floats | None = None) -> PassingCurve:
    """Return the curve of greatest binomial likelihood, searched from several steepnesses.

    `starts` are the problem's `starting_points`, where they are known already.
    """
    columns = problem.columns
    starts = starting_points(problem) if starts is None else starts
    passed = np.broadcast_to(columns.n_passed, (len(starts), len(columns.n_passed)))
    many = columns._replace(n_passed=passed)
    coordinates = problem.observed_coordinates
    points = fit_many(coordinates, many, starts, problem.steepness_range_per_mT)
    best = np.argmax(log_likelihood(coordinates.curve(points), many))
    curve = problem.coordinates.curve(points[best])
    return curve.with_values({name: value.item() for name, value in _arrays(curve).items()})


def fit_curve(problem: FitProblem, confidence: float, path: str | Path) -> Fit:
    """Fit a curve to counts by maximum likelihood.

    Parameters
    ----------
    problem
        The counts, and what is assumed about them.
    confidence
        Confidence of the intervals, such as 0.95.
    path
        What an error names as the file.

    Returns
    -------
    Fit
        Its intervals end where the profile likelihood falls by chi2/2 (MINOS); those of floor,
        lapse and correlation at the ends of their range where the profile does not fall so far.
        An end of any other parameter is None then: the counts set no bound. Where trials are
        correlated the fall is that of Student's t (`fitting.inference.overdispersion`).

    Raises
    ------
    InputError
        If the counts do not determine a curve.
    """
    model, coefficients = problem.model, log_coefficients(problem.columns)
    _require_both_outcomes(problem, path)
    problem = problem.condensed()
    points = starting_points(problem)
    start = starting_curve(problem, points)
    _require_rise(start, problem, path)
    minuit = negative_log_likelihood(problem, start).migrad(ncall=MAX_CALLS)
    found = minuit.values.to_dict()
    # Minuit only approaches a bound: where the bound is as likely, take the bound.
    for name in (set(SHARES) & set(found)) - set(model.given):
        end = {name: minuit.limits[name][0]}
        if minuit.fcn(list((found | end).values())) < minuit.fval + AT_BOUND:
            found |= end
    values = natural(model, found)
    starts = _profile_starts(problem, points)
    adjusted = adjusted_confidence(confidence, [problem])
    bounds = {
        name: _interval(
            minuit,
            name,
            confidence if name == "correlation" else adjusted,
            model,
            starts,
            _following(problem, name),
        )
        for name in values
    }
    restricted = restriction(problem.columns, model.n_fitted, values.get("correlation", 0.0))
    return Fit(
        curve=start.with_values({name: values[name] for name in model.names}),
        intervals={name: bounds[name] for name in model.names},
        nuisances={name: (values[name], *bounds[name]) for name in model.nuisances},
        log_likelihood=coefficients - float(minuit.fval) - restricted,
        n_parameters=model.n_fitted + model.overdispersed,
    )


def _arrays(curve: PassingCurve) -> dict[str, Any]:
    return {name: np.asarray(getattr(curve, name)) for name in curve.units()}


def _require_both_outcomes(problem: FitProblem, path: str | Path) -> None:
    n_fields = len(np.unique(problem.columns.field_mT))
    n_names = problem.model.n_fitted
    if n_fields < n_names:
        raise InputError(
            f"{n_fields} different field{'s' * (n_fields > 1)} cannot determine {n_names} "
            "parameters",
            path=path,
            where="column field_mT",
            remedy=f"give counts at {n_names} fields or more",
        )
    low_mT, high_mT = problem.field_range_mT
    if n_fields > 1 and high_mT - low_mT <= MIN_RELATIVE_SPACING * high_mT:
        raise InputError(
            f"the fields, all near {high_mT:g} mT, differ by less than can be told apart "
            f"({high_mT - low_mT:.1g} mT in all)",
            path=path,
            where="column field_mT",
            remedy="give counts at fields below and above the transition",
        )
    if problem.model.overdispersed:
        _require_rows(problem, path)
    if not problem.both_outcomes:
        none = not problem.columns.n_passed.any()
        raise InputError(
            "no wall passed at any field" if none else "every wall passed at every field",
            path=path,
            where="column n_passed",
            remedy=f"add {'higher' if none else 'lower'} fields that bracket the curve",
        )


def _require_rows(problem: FitProblem, path: str | Path) -> None:
    """Refuse counts with too few rows for valid intervals where trials are correlated."""
    n_rows, n_parameters = rows_and_parameters([problem])
    least = n_parameters + MIN_SPARE_ROWS
    if n_rows >= least:
        return
    single = n_rows < len(problem.columns.n_trials)
    raise InputError(
        f"{n_rows} row{'s' * (n_rows != 1)} of more than one trial cannot show how counts scatter "
        f"about a curve of {n_parameters} parameters; give at least {least} rows",
        path=path,
        where="column n_trials",
        remedy="pool trials of equal or nearly equal fields into one row each, or set counts_vary: "
        "binomial"
        if single
        else "repeat fields in separate rows, or set counts_vary: binomial",
    )


def _require_rise(curve: PassingCurve, problem: FitProblem, path: str | Path) -> None:
    """Refuse counts that a constant probability describes as well as any curve."""
    columns = problem.columns
    share = columns.n_passed.sum() / columns.n_trials.sum()
    flat = binomial_log_likelihood(np.full(len(columns.n_trials), share), columns)
    seen = observed_curve(curve, problem.observed_coordinates.rates)
    if log_likelihood(seen, columns) < flat + MIN_RISE:
        low_mT, high_mT = problem.field_range_mT
        remedy = "add fields below and above the transition"
        if falls(columns.field_mT, columns.n_trials, columns.n_passed):
            remedy = "it falls: if pinned walls are meant, name the column of their counts "
            remedy += "n_pinned, or give 1 minus their share"
        elif problem.model.floor or problem.model.lapse:
            remedy += ", or give another floor or lapse"
        raise InputError(
            f"passing does not rise with the field from {low_mT:.10g} to {high_mT:.10g} mT",
            path=path,
            where="column field_mT",
            remedy=remedy,
        )


def _profile_starts(problem: FitProblem, points: Floats) -> list[dict[str, float]]:
    model = problem.model
    curves = problem.coordinates.curve(points)
    found = {name: np.broadcast_to(getattr(curves, name), (len(points), 1)) for name in model.names}
    logs = _logs(model)
    return [
        {
            name: math.log(column[i, 0]) if name in logs else column[i, 0]
            for name, column in found.items()
        }
        | _first_nuisances(model)
        for i in range(len(points))
    ]


def _following(problem: FitProblem, name: str) -> Follow | None:
    """Return how the centre goes with a steepness: the nearest field keeps its probability.

    Where that field alone is within the rise, a steeper curve has its centre nearer to it.
    """
    if name not in STEEPNESS:
        return None
    fields_mT = np.unique(problem.columns.field_mT)

    def follow(place: dict[str, float], value: float) -> dict[str, float]:
        nearest_mT = fields_mT[np.argmin(np.abs(fields_mT - place["h0_mT"]))]
        steeper = math.exp(STEEPNESS[name] * (value - place[name]))
        centre_mT = nearest_mT + (place["h0_mT"] - nearest_mT) / steeper
        return place | {name: value, "h0_mT": float(centre_mT)}

    return follow


def _interval(
    minuit: Minuit,
    name: str,
    confidence: float,
    model: Model,
    starts: Starts,
    follow: Follow | None,
) -> Interval:
    if minuit.fixed[name]:
        return minuit.values[name], minuit.values[name]
    low, high = profile_interval(minuit, name, confidence, starts, follow)
    if name not in SHARES:
        ends = {"low": low, "high": high}
        bounds = {
            end: None if value is None else natural(model, {name: value})[name]
            for end, value in ends.items()
        }
        return bounds["low"], bounds["high"]
    least, most = getattr(model, name, None) or model.rates.get(name, (0.0, 1.0))
    return least if low is None else low, most if high is None else high
