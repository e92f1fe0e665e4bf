"""Maximum likelihood of the passing curve, with profile-likelihood intervals."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from iminuit import Minuit

from fitting.forms import PassingCurve
from fitting.likelihood import (
    Columns,
    log_coefficients,
    log_likelihood,
    steepness_range_per_mT,
)
from fitting.model import LOGISTIC, Model
from fitting.posterior import wide_posterior
from fitting.profile import profile_interval
from fitting.scoring import MOST_SHARE, Coordinates, fit_many
from workflow.errors import InputError

Interval = tuple[float, float]

# Where shares start at least: off the bounds that Minuit's search never leaves (fitting.profile).
LEAST_START = 0.01
AT_BOUND = 1e-3
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
        Bounds of each fitted parameter of the curve.
    nuisances
        For what was fitted beside the curve: value, lower and upper bound.
    log_likelihood
        With the binomial coefficients, so that forms compare.
    n_parameters
        Number of parameters fitted, nuisances included, a calibration offset not.
    """

    curve: PassingCurve
    intervals: dict[str, Interval]
    nuisances: dict[str, tuple[float, float, float]]
    log_likelihood: float
    n_parameters: int


def negative_log_likelihood(
    counts: pd.DataFrame, start: PassingCurve, model: Model = LOGISTIC
) -> Minuit:
    """Return the negative log-likelihood of a model, ready to be minimised from the given start.

    Parameters
    ----------
    counts
        Table of counts (`workflow.contracts.COUNTS`).
    start
        Curve to start from.
    model
        What is assumed of the counts.
    """
    columns = Columns.of(counts)
    names = model.names

    def cost(*values: float) -> float:
        given = dict(zip((*names, *model.nuisances), values, strict=True))
        curve = start.with_values({name: given[name] for name in names})
        offset_mT = given.get("offset_mT", 0.0)
        pull = offset_mT / model.offset_sd_mT if model.offset_sd_mT else 0.0
        correlation = given.get("correlation", 0.0)
        return float(pull**2 / 2 - log_likelihood(curve, columns, correlation, offset_mT))

    values = start.values()
    most = MOST_SHARE if model.with_lapse else 1
    inside = {name: min(max(values[name], LEAST_START), most - LEAST_START) for name in SHARES[:2]}
    first = {name: inside.get(name, values[name]) for name in names}
    first |= {
        name: {"correlation": LEAST_START, "offset_mT": 0.0}[name] for name in model.nuisances
    }
    minuit = Minuit(cost, *first.values(), name=tuple(first))
    minuit.errordef = Minuit.LIKELIHOOD
    for name in set(SHARES) & set(first):
        minuit.limits[name] = (0, MOST_SHARE if model.with_lapse else 1)
    for name, limits in start.bounds(*steepness_range_per_mT(counts)).items():
        minuit.limits[name] = limits
    return minuit


def starting_curve(counts: pd.DataFrame, model: Model) -> PassingCurve:
    """Return the curve of greatest binomial likelihood, searched from the best cell of a grid."""
    coordinates = Coordinates(model.template, model.with_lapse)
    columns = Columns.of(counts)
    start = [*wide_posterior(counts, model.template).best_point(), *[0.01] * model.with_lapse]
    many = columns._replace(n_passed=columns.n_passed[None])
    point = fit_many(coordinates, many, np.array(start), steepness_range_per_mT(counts))[0]
    curve = coordinates.curve(point)
    return curve.with_values({name: value.item() for name, value in _arrays(curve).items()})


def fit_curve(
    counts: pd.DataFrame, confidence: float, path: str | Path, model: Model = LOGISTIC
) -> Fit:
    """Fit a curve to counts by maximum likelihood.

    Parameters
    ----------
    counts
        Table of counts (`workflow.contracts.COUNTS`).
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
        lapse and correlation at 0 where the profile does not fall so far.

    Raises
    ------
    InputError
        If the counts do not determine a curve.
    """
    _require_both_outcomes(counts, model, path)
    start = starting_curve(counts, model)
    _require_bracketed(start, counts, path)
    minuit = negative_log_likelihood(counts, start, model).migrad()
    values = minuit.values.to_dict()
    # Minuit only comes near to a bound: where 0 is as likely, it is the bound itself.
    for name in set(SHARES) & set(values):
        if minuit.fcn(list((values | {name: 0.0}).values())) < minuit.fval + AT_BOUND:
            values[name] = 0.0
    bounds = {name: _interval(minuit, counts, name, confidence, path) for name in values}
    return Fit(
        curve=start.with_values({name: values[name] for name in model.names}),
        intervals={name: bounds[name] for name in model.names},
        nuisances={name: (values[name], *bounds[name]) for name in model.nuisances},
        log_likelihood=log_coefficients(Columns.of(counts)) - float(minuit.fval),
        n_parameters=len(model.names) + model.overdispersed,
    )


def _arrays(curve: PassingCurve) -> dict[str, Any]:
    return {name: np.asarray(getattr(curve, name)) for name in curve.units()}


def _require_both_outcomes(counts: pd.DataFrame, model: Model, path: str | Path) -> None:
    n_fields = counts["field_mT"].nunique()
    n_trials, n_passed = counts["n_trials"].sum(), counts["n_passed"].sum()
    n_names = len(model.names)
    if n_fields < n_names:
        raise InputError(
            f"{n_fields} different field{'s' * (n_fields > 1)} cannot determine {n_names} "
            "parameters",
            path=path,
            where="column field_mT",
            remedy=f"give counts at {n_names} fields or more",
        )
    if model.overdispersed and len(counts) <= n_names:
        raise InputError(
            f"{len(counts)} rows cannot tell how counts scatter about a curve of {n_names} "
            "parameters",
            path=path,
            remedy="give more rows, or set counts_vary: binomial",
        )
    if n_passed in (0, n_trials):
        raise InputError(
            "no wall passed at any field" if n_passed == 0 else "every wall passed at every field",
            path=path,
            where="column n_passed",
            remedy=f"add {'higher' if n_passed == 0 else 'lower'} fields that bracket the curve",
        )


def _require_bracketed(curve: PassingCurve, counts: pd.DataFrame, path: str | Path) -> None:
    low, high = counts["field_mT"].min(), counts["field_mT"].max()
    flattest, _ = steepness_range_per_mT(counts)
    _, centre_mT, log_steepness = Coordinates(curve).point(curve)
    if not low < centre_mT < high or np.exp(log_steepness) < 1.01 * flattest:
        raise InputError(
            f"the fields {low:g} to {high:g} mT do not bracket the curve: passing does not rise "
            "from its floor through the middle within them",
            path=path,
            where="column field_mT",
            remedy="add fields below and above the transition",
        )


def _interval(
    minuit: Minuit, counts: pd.DataFrame, name: str, confidence: float, path: str | Path
) -> Interval:
    low, high = profile_interval(minuit, name, confidence)
    if name in SHARES:
        low, high = 0.0 if low is None else low, 1.0 if high is None else high
    if low is None or high is None:
        raise InputError(
            f"the counts leave {name} without {'lower' if low is None else 'upper'} bound at "
            f"{confidence:.0%} confidence (best value {minuit.values[name]:.3g})",
            path=path,
            remedy="add trials, and fields on the rise between "
            f"{counts['field_mT'].min():g} and {counts['field_mT'].max():g} mT",
        )
    return low, high
