"""Maximum likelihood of the passing curve, with profile-likelihood intervals."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from iminuit import Minuit

from dwsynapse.io.errors import InputError
from fitting.forms import PassingCurve
from fitting.inference.count_model import LOGISTIC, Model
from fitting.inference.fisher_scoring import fit_many
from fitting.inference.likelihood import (
    MOST_CORRELATION,
    Columns,
    binomial_log_likelihood,
    log_coefficients,
    log_likelihood,
    steepness_range_per_mT,
)
from fitting.inference.overdispersion import adjusted_confidence, rows_and_parameters
from fitting.inference.profile_likelihood import (
    MOST_CALLS,
    Starts,
    likelihood_minuit,
    profile_interval,
)
from fitting.inference.starting_points import starting_points

Interval = tuple[float | None, float | None]
"""Lower and upper bound; None: an end that the counts leave open."""

# Least start of shares: away from the bounds that Minuit's search never leaves
# (fitting.inference.profile_likelihood).
LEAST_START = 0.01
AT_BOUND = 1e-3
# Rows more than parameters needed to show the scatter of correlated counts.
LEAST_SPARE_ROWS = 1
# Curves up to this many times as steep as the data can resolve count in intervals: the
# position of a step is bounded by its neighbouring fields, not by the width of a wider curve.
STEEPER = 25
# Curves whose log-likelihood exceeds that of a constant probability by less than this do not rise.
LEAST_RISE = 1e-3
# Keeps exponentials finite.
MOST_LOG = 600.0
# What cannot be negative: its lower bound is 0 where the profile does not fall far enough.
SHARES = ("floor", "lapse", "correlation")


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
        Number of parameters fitted, including nuisance parameters but not a calibration offset.
    """

    curve: PassingCurve
    intervals: dict[str, Interval]
    nuisances: dict[str, tuple[float, float | None, float | None]]
    log_likelihood: float
    n_parameters: int


def negative_log_likelihood(
    counts: pd.DataFrame, start: PassingCurve, model: Model = LOGISTIC
) -> Minuit:
    """Return the negative log-likelihood of a model, ready to be minimised from the given start.

    Positive parameters of the rise are searched by their logarithms (`natural`).

    Parameters
    ----------
    counts
        Table of counts (`dwsynapse.io.contracts.COUNTS`).
    start
        Curve to start from.
    model
        What is assumed of the counts.
    """
    columns = Columns.of(counts)
    names = model.names

    def cost(*values: float) -> float:
        given = natural(model, dict(zip((*names, *model.nuisances), values, strict=True)))
        curve = start.with_values({name: given[name] for name in names})
        offset_mT = given.get("offset_mT", 0.0)
        pull = offset_mT / model.offset_sd_mT if model.offset_sd_mT else 0.0
        correlation = given.get("correlation", 0.0)
        return float(pull**2 / 2 - log_likelihood(curve, columns, correlation, offset_mT))

    limits = _limits(counts, start, model)
    values = start.values()
    first = {
        name: math.log(values[name]) if name in _logs(model) else values[name] for name in names
    }
    first |= _first_nuisances(model)
    for name in set(model.shares) - set(model.given):
        low, high = model.shares[name]
        least = min(LEAST_START, (high - low) / 10)
        first[name] = min(max(values[name], low + least), high - least)
    minuit = likelihood_minuit(cost, first)
    for name in set(limits) - set(model.given):
        minuit.limits[name] = limits[name]
    for name, value in model.given.items():
        minuit.values[name], minuit.fixed[name] = value, True
    return minuit


def _first_nuisances(model: Model) -> dict[str, float]:
    return {name: {"correlation": LEAST_START, "offset_mT": 0.0}[name] for name in model.nuisances}


def natural(model: Model, values: dict[str, float]) -> dict[str, float]:
    """Return the parameters of the curve from those that are searched."""
    logs = _logs(model)
    return {
        name: math.exp(min(value, MOST_LOG)) if name in logs else value
        for name, value in values.items()
    }


def _logs(model: Model) -> set[str]:
    return set(model.template.bounds(1.0, 1.0))


def _limits(
    counts: pd.DataFrame, start: PassingCurve, model: Model
) -> dict[str, tuple[float, float | None]]:
    flattest, steepest = steepness_range_per_mT(counts)
    limits: dict[str, tuple[float, float | None]] = {
        name: (math.log(low), None if high is None else math.log(high))
        for name, (low, high) in start.bounds(flattest, STEEPER * steepest).items()
    }
    return (
        limits
        | model.shares
        | ({"correlation": (0.0, MOST_CORRELATION)} if model.overdispersed else {})
    )


def starting_curve(counts: pd.DataFrame, model: Model) -> PassingCurve:
    """Return the curve of greatest binomial likelihood, searched from several steepnesses."""
    coordinates = model.coordinates
    columns = Columns.of(counts)
    steepness = steepness_range_per_mT(counts)
    starts = starting_points(coordinates, columns, steepness)
    passed = np.broadcast_to(columns.n_passed, (len(starts), len(columns.n_passed)))
    many = columns._replace(n_passed=passed)
    points = fit_many(coordinates, many, starts, steepness)
    best = np.argmax(log_likelihood(coordinates.curve(points), many))
    curve = coordinates.curve(points[best])
    return curve.with_values({name: value.item() for name, value in _arrays(curve).items()})


def fit_curve(
    counts: pd.DataFrame, confidence: float, path: str | Path, model: Model = LOGISTIC
) -> Fit:
    """Fit a curve to counts by maximum likelihood.

    Parameters
    ----------
    counts
        Table of counts (`dwsynapse.io.contracts.COUNTS`).
    confidence
        Confidence of the intervals, such as 0.95.
    path
        What an error names as the file.
    model
        What is assumed of the counts.

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
    _require_both_outcomes(counts, model, path)
    start = starting_curve(counts, model)
    _require_rise(start, counts, path)
    minuit = negative_log_likelihood(counts, start, model).migrad(ncall=MOST_CALLS)
    found = minuit.values.to_dict()
    # Minuit only approaches a bound: where the bound is as likely, take the bound.
    for name in (set(SHARES) & set(found)) - set(model.given):
        end = {name: minuit.limits[name][0]}
        if minuit.fcn(list((found | end).values())) < minuit.fval + AT_BOUND:
            found |= end
    values = natural(model, found)
    starts = _profile_starts(counts, model)
    adjusted = adjusted_confidence(confidence, [counts], model)
    bounds = {
        name: _interval(
            minuit, name, confidence if name == "correlation" else adjusted, model, starts
        )
        for name in values
    }
    return Fit(
        curve=start.with_values({name: values[name] for name in model.names}),
        intervals={name: bounds[name] for name in model.names},
        nuisances={name: (values[name], *bounds[name]) for name in model.nuisances},
        log_likelihood=log_coefficients(Columns.of(counts)) - float(minuit.fval),
        n_parameters=model.n_fitted + model.overdispersed,
    )


def _arrays(curve: PassingCurve) -> dict[str, Any]:
    return {name: np.asarray(getattr(curve, name)) for name in curve.units()}


def _require_both_outcomes(counts: pd.DataFrame, model: Model, path: str | Path) -> None:
    n_fields = counts["field_mT"].nunique()
    n_trials, n_passed = counts["n_trials"].sum(), counts["n_passed"].sum()
    n_names = model.n_fitted
    if n_fields < n_names:
        raise InputError(
            f"{n_fields} different field{'s' * (n_fields > 1)} cannot determine {n_names} "
            "parameters",
            path=path,
            where="column field_mT",
            remedy=f"give counts at {n_names} fields or more",
        )
    if model.overdispersed:
        _require_rows(counts, model, path)
    if n_passed in (0, n_trials):
        raise InputError(
            "no wall passed at any field" if n_passed == 0 else "every wall passed at every field",
            path=path,
            where="column n_passed",
            remedy=f"add {'higher' if n_passed == 0 else 'lower'} fields that bracket the curve",
        )


def _require_rows(counts: pd.DataFrame, model: Model, path: str | Path) -> None:
    """Refuse counts with too few rows for valid intervals where trials are correlated."""
    n_rows, n_parameters = rows_and_parameters([counts], model)
    least = n_parameters + LEAST_SPARE_ROWS
    if n_rows >= least:
        return
    single = n_rows < len(counts)
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


def _require_rise(curve: PassingCurve, counts: pd.DataFrame, path: str | Path) -> None:
    """Refuse counts that a constant probability describes as well as any curve."""
    columns = Columns.of(counts)
    share = columns.n_passed.sum() / columns.n_trials.sum()
    flat = binomial_log_likelihood(np.full(len(counts), share), columns)
    if log_likelihood(curve, columns) < flat + LEAST_RISE:
        low_mT, high_mT = counts["field_mT"].min(), counts["field_mT"].max()
        raise InputError(
            f"passing does not rise with the field from {low_mT:g} to {high_mT:g} mT",
            path=path,
            where="column field_mT",
            remedy="add fields below and above the transition",
        )


def _profile_starts(counts: pd.DataFrame, model: Model) -> list[dict[str, float]]:
    points = starting_points(model.coordinates, Columns.of(counts), steepness_range_per_mT(counts))
    curves = model.coordinates.curve(points)
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


def _interval(
    minuit: Minuit, name: str, confidence: float, model: Model, starts: Starts
) -> Interval:
    if minuit.fixed[name]:
        return minuit.values[name], minuit.values[name]
    low, high = profile_interval(minuit, name, confidence, starts)
    if name not in SHARES:
        ends = {"low": low, "high": high}
        bounds = {
            end: None if value is None else natural(model, {name: value})[name]
            for end, value in ends.items()
        }
        return bounds["low"], bounds["high"]
    least, most = getattr(model, name, None) or (0.0, 1.0)
    return least if low is None else low, most if high is None else high
