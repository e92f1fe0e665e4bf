"""Maximum likelihood of the passing curve, with profile-likelihood intervals."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from iminuit import Minuit
from scipy.optimize import brentq
from scipy.stats import chi2

from fitting.forms import PassingCurve
from fitting.likelihood import (
    Columns,
    field_scales_mT,
    log_coefficients,
    log_likelihood,
    steepness_range_per_mT,
)
from fitting.model import LOGISTIC, Model
from fitting.posterior import wide_posterior
from fitting.scoring import Coordinates, fit_many
from workflow.errors import InputError

Interval = tuple[float, float]
Side = Literal["lower", "upper"]

# Minuit maps a bounded parameter to a sine, which is flat at the bounds: a search that starts there
# never leaves.
LEAST_START = 0.01
AT_BOUND = 1e-6
# What cannot be negative: its lower bound is 0 where the profile does not fall far enough.
SHARES = ("floor", "lapse", "correlation")
# A bound further away than this many spans of the fields, or the field at which the barrier
# vanishes than this many times as far, is no bound.
MOST_SPANS = 10
MOST_DOUBLINGS = 12


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
    inside = {name: min(max(values[name], LEAST_START), 1 - LEAST_START) for name in SHARES[:2]}
    first = {name: inside.get(name, values[name]) for name in names}
    first |= {
        name: {"correlation": LEAST_START, "offset_mT": 0.0}[name] for name in model.nuisances
    }
    minuit = Minuit(cost, *first.values(), name=tuple(first))
    minuit.errordef = Minuit.LIKELIHOOD
    for name in set(SHARES) & set(first):
        minuit.limits[name] = (0, 1)
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
    _require_both_outcomes(counts, path)
    start = starting_curve(counts, model)
    _require_bracketed(start, counts, path)
    minuit = negative_log_likelihood(counts, start, model).migrad()
    values = minuit.values.to_dict()
    # Minuit only comes near to a bound: a floor this low is the bound itself.
    for name in set(SHARES) & set(values):
        values[name] = values[name] if values[name] > AT_BOUND else 0.0
    minuit.minos(cl=confidence)
    bounds = {
        name: (
            _bound(minuit, counts, start, model, name, "lower", confidence, path),
            _bound(minuit, counts, start, model, name, "upper", confidence, path),
        )
        for name in values
    }
    return Fit(
        curve=start.with_values({name: values[name] for name in model.names}),
        intervals={name: bounds[name] for name in model.names},
        nuisances={name: (values[name], *bounds[name]) for name in model.nuisances},
        log_likelihood=log_coefficients(Columns.of(counts)) - float(minuit.fval),
        n_parameters=len(model.names) + model.overdispersed,
    )


def _arrays(curve: PassingCurve) -> dict[str, Any]:
    return {name: np.asarray(getattr(curve, name)) for name in curve.units()}


def _require_both_outcomes(counts: pd.DataFrame, path: str | Path) -> None:
    n_fields = counts["field_mT"].nunique()
    n_trials, n_passed = counts["n_trials"].sum(), counts["n_passed"].sum()
    if n_fields < 3:
        raise InputError(
            f"{n_fields} different field{'s' * (n_fields > 1)} cannot determine three parameters",
            path=path,
            where="column field_mT",
            remedy="give counts at three fields or more",
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


def _bound(
    minuit: Minuit,
    counts: pd.DataFrame,
    start: PassingCurve,
    model: Model,
    name: str,
    side: Side,
    confidence: float,
    path: str | Path,
) -> float:
    error = minuit.merrors[name]
    if getattr(error, f"{side}_valid") and not getattr(error, f"at_{side}_limit"):
        return float(minuit.values[name] + getattr(error, side))
    bound = _search_bound(minuit, counts, start, model, name, side, confidence)
    if bound is not None:
        return bound
    if name in SHARES:
        return 0.0 if side == "lower" else 1.0
    raise InputError(
        f"the counts leave {name} without {side} bound at {confidence:.0%} confidence "
        f"(best value {minuit.values[name]:.3g})",
        path=path,
        remedy=f"add trials and fields around {float(start.rise_field_mT(0.5)):.2f} mT",
    )


def _search_bound(
    minuit: Minuit,
    counts: pd.DataFrame,
    start: PassingCurve,
    model: Model,
    name: str,
    side: Side,
    confidence: float,
) -> float | None:
    """Find a bound that MINOS missed by root-finding along the same profile likelihood.

    MINOS does not converge for about one bound in a hundred with few trials per field, mostly
    where the floor meets zero on the way. Returns None where the profile never falls far enough.
    """
    target = minuit.fval + chi2.ppf(confidence, 1) / 2
    best = start.with_values({n: minuit.values[n] for n in model.names})
    low, high = minuit.limits[name]

    def excess(value: float) -> Any:
        profile = negative_log_likelihood(counts, best, model)
        profile.values[name] = value
        profile.fixed[name] = True
        return profile.migrad().fval - target

    span_mT, _ = field_scales_mT(counts)
    inside = minuit.values[name]
    step = minuit.errors[name] * (1 if side == "upper" else -1)
    for _ in range(MOST_DOUBLINGS):
        outside = float(np.clip(minuit.values[name] + step, low, high))
        if excess(outside) > 0:
            return float(brentq(excess, inside, outside, rtol=1e-4))
        if outside in (low, high) or (name == "h0_mT" and abs(step) > MOST_SPANS * span_mT):
            return None
        inside, step = outside, 2 * step
    return None
