"""One likelihood of several tables of counts, and its profile-likelihood intervals."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

import pandas as pd
from iminuit import Minuit
from scipy.optimize import brentq
from scipy.stats import chi2

from fitting.forms import PassingCurve
from fitting.likelihood import Columns, log_likelihood, steepness_range_per_mT
from fitting.model import Model

Limits = Mapping[str, tuple[float, float]]
Parts = Sequence[tuple[PassingCurve, Columns]]

Side = Literal["lower", "upper"]

# Minuit maps a bounded parameter to a sine, which is flat at the bounds: a search that starts there
# never leaves. Starts keep this share of the range away from them.
LEAST_DISTANCE = 1e-3
# A profile that has not fallen after the step was doubled so often gives no bound.
DOUBLINGS = 12


class Estimate(NamedTuple):
    """A value with the bounds of its interval; None where the data set no bound."""

    value: float
    low: float | None
    high: float | None


def joint_fit(
    parts: Callable[[dict[str, float]], Parts],
    start: Mapping[str, float],
    limits: Limits,
    held: Sequence[str] = (),
) -> Minuit:
    """Fit several tables at once whose curves depend on the same parameters.

    Parameters
    ----------
    parts
        From the values of the parameters to pairs of a curve and the counts it describes.
    start
        Where the search begins, in the order of the parameters.
    limits
        Range of each parameter that has one.
    held
        Parameters held at their start.

    Returns
    -------
    Minuit
        The summed negative binomial log-likelihood at its least (``fval``, ``values``).
    """
    names = tuple(start)

    def objective(*values: float) -> float:
        pairs = parts(dict(zip(names, values, strict=True)))
        return -float(sum(log_likelihood(curve, columns) for curve, columns in pairs))

    minuit = Minuit(objective, *start.values(), name=names)
    minuit.errordef = Minuit.LIKELIHOOD
    for name in names:
        minuit.fixed[name] = name in held
        if name in limits and name not in held:
            minuit.limits[name] = limits[name]
            minuit.values[name] = inside(start[name], limits[name])
    return minuit.migrad()


def parameter_limits(
    model: Model, tables: Sequence[pd.DataFrame]
) -> dict[str, tuple[float, float]]:
    """Return the range of each fitted parameter of a curve that the tables together could show."""
    flattest, steepest = zip(*(steepness_range_per_mT(table) for table in tables), strict=True)
    known = {"floor": (0.0, 1.0), "lapse": (0.0, 1.0)}
    known |= {
        name: (low, math.inf if high is None else high)
        for name, (low, high) in model.template.bounds(min(flattest), max(steepest)).items()
    }
    return {name: known.get(name, (-math.inf, math.inf)) for name in model.names}


def inside(value: float, limits: tuple[float, float]) -> float:
    """Return the value, moved off the limits where it lies at them."""
    low, high = limits
    if not math.isfinite(high - low):
        return value
    least = LEAST_DISTANCE * (high - low)
    return min(max(value, low + least), high - least)


def profile_interval(
    minuit: Minuit, name: str, confidence: float
) -> tuple[float | None, float | None]:
    """Return the bounds at which the profile likelihood of a parameter falls by chi2/2.

    By MINOS; where it does not converge, by root-finding along the same profile.

    Parameters
    ----------
    minuit
        Negative log-likelihood after `migrad`.
    name
        The parameter.
    confidence
        Confidence of the interval, such as 0.95.

    Returns
    -------
    tuple
        Lower and upper bound; None where the profile never falls so far.
    """
    if minuit.valid:
        minuit.minos(name, cl=confidence)
    return _bound(minuit, name, "lower", confidence), _bound(minuit, name, "upper", confidence)


def _bound(minuit: Minuit, name: str, side: Side, confidence: float) -> float | None:
    error = minuit.merrors.get(name)
    if error and getattr(error, f"{side}_valid") and not getattr(error, f"at_{side}_limit"):
        return float(minuit.values[name] + getattr(error, side))
    return _search_bound(minuit, name, side, confidence)


def _search_bound(minuit: Minuit, name: str, side: Side, confidence: float) -> float | None:
    target = minuit.fval + chi2.ppf(confidence, 1) / 2
    best = minuit.values.to_dict()
    low, high = minuit.limits[name]

    def excess(value: float) -> float:
        profile = Minuit(lambda *values: minuit.fcn(values), *best.values(), name=tuple(best))
        profile.errordef = Minuit.LIKELIHOOD
        for other in best:
            profile.limits[other] = minuit.limits[other]
            profile.fixed[other] = minuit.fixed[other]
            if not profile.fixed[other]:
                profile.values[other] = inside(best[other], minuit.limits[other])
        profile.values[name], profile.fixed[name] = value, True
        return float(profile.migrad().fval - target)

    within, step = best[name], minuit.errors[name] * (1 if side == "upper" else -1)
    for _ in range(DOUBLINGS):
        beyond = min(max(within + step, low), high)
        if excess(beyond) > 0:
            return float(brentq(excess, within, beyond, rtol=1e-4))
        if beyond in (low, high):
            return None
        within, step = beyond, 2 * step
    return None
