"""Profile-likelihood intervals, by MINOS and where it fails by a search along the same profile."""

import math
from typing import Literal

from iminuit import Minuit
from scipy.optimize import brentq
from scipy.stats import chi2

Side = Literal["lower", "upper"]

# Minuit maps a bounded parameter to a sine, which is flat at the bounds: a search that starts there
# never leaves. Starts keep this share of the range away from them.
LEAST_DISTANCE = 1e-3
# A profile that has not fallen after the step was doubled so often gives no bound.
DOUBLINGS = 12


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
