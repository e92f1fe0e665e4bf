"""Profile-likelihood intervals by MINOS, and where it fails by a search along the same profile."""

import math
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Literal

from iminuit import Minuit

from fitting.inference.brent_root import brent_root
from fitting.inference.distributions import chi2_quantile

Side = Literal["lower", "upper"]
Starts = Sequence[dict[str, float]]
Follow = Callable[[dict[str, float], float], dict[str, float]]
"""From the place of a minimum to a start at another value of the parameter."""

SILENT = -1
# Minuit maps a bounded parameter to a sine, which is flat at the bounds: a search that starts there
# never leaves. Starts keep this share of the range away from them.
MIN_DISTANCE = 1e-3
# Searches along a profile start farther away: where a share has its best value at a bound, the
# minimum at a neighbouring value may be well inside.
AWAY = 0.05
# Searches take about 50 calls; where millions of trials fit no curve they might never end.
MAX_CALLS = 1000
# A bound of MINOS where the profile misses its target by more (1 % of chi2/2) is searched again.
AGREES = 0.02
# A profile that has not fallen after this many doublings of the step gives no bound.
DOUBLINGS = 20
# Bounds are found to this share of the distance walked from the best value, and to the second share
# of their own distance from it.
PRECISION, MIN_PRECISION = 1e-4, 1e-2


def likelihood_minuit(cost: Callable[..., float], start: Mapping[str, float]) -> Minuit:
    """Return a search for the least negative log-likelihood, from values of its parameters."""
    minuit = Minuit(cost, *start.values(), name=tuple(start))
    minuit.errordef = Minuit.LIKELIHOOD
    # Failed searches are handled here, not printed by Minuit.
    minuit.print_level = SILENT
    return minuit


def inside(value: float, limits: tuple[float, float], share: float = MIN_DISTANCE) -> float:
    """Return the value, moved away from the limits where it is at one of them.

    By a share of the range; of its logarithm where both limits are positive, since a range over
    decades is not a scale for a value near its lower end.
    """
    low, high = limits
    if not math.isfinite(high - low):
        return value
    if low > 0:
        return math.exp(inside(math.log(value), (math.log(low), math.log(high)), share))
    least = share * (high - low)
    return min(max(value, low + least), high - least)


def profile_interval(
    minuit: Minuit,
    name: str,
    confidence: float,
    starts: Starts = (),
    follow: Follow | None = None,
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
    starts
        Values of all parameters from which the profile is searched as well, where the cost may
        have several minima.
    follow
        Where other parameters go as this one changes, if they do not about stay where they are.

    Returns
    -------
    tuple
        Lower and upper bound; None where the profile never falls so far.
    """
    if minuit.valid:
        minuit.minos(name, cl=confidence, ncall=MAX_CALLS)
    profile = _Profile(minuit, name, confidence, starts, follow)
    return _bound(profile, "lower"), _bound(profile, "upper")


class _Profile:
    """The profile of one parameter: the least cost with it fixed, minus the target at a bound."""

    def __init__(
        self,
        minuit: Minuit,
        name: str,
        confidence: float,
        starts: Starts,
        follow: Follow | None,
    ) -> None:
        self.minuit, self.name, self._follow = minuit, name, follow
        self.best = minuit.values[name]
        self.target = minuit.fval + chi2_quantile(confidence, 1) / 2
        # Kept, so that a root-finder meets the signs that a walk found.
        self._least = {self.best: minuit.fval}
        values = minuit.values.to_dict()
        self._away = {name: inside(values[name], self._limits(name), AWAY) for name in values}
        self._last = values
        self._starts = starts

    def excess(self, value: float, *, walking: bool = True) -> float:
        """Return by how much the least cost with the parameter at a value exceeds the target.

        The search starts near the best values, and on a walk where the last one ended and at the
        best of the given starts as well.
        """
        if value not in self._least:
            starts = [
                start | {self.name: value} for start in (self._away, self._last, *self._starts)
            ]
            if walking and self._starts:
                starts[2:] = [min(starts[2:], key=lambda s: self.minuit.fcn(list(s.values())))]
            if walking and self._follow:
                starts.append(self._follow(self._last, value))
            self._least[value], self._last = min(
                (self._search(start) for start in (starts if walking else starts[:1])),
                key=itemgetter(0),
            )
        return float(self._least[value] - self.target)

    def _search(self, start: dict[str, float]) -> tuple[float, dict[str, float]]:
        """Return the least cost with the parameter fixed, searched from a start, and its place."""
        minuit = self.minuit
        profile = likelihood_minuit(lambda *values: minuit.fcn(values), start)
        profile.strategy = 0  # Their uncertainties are not needed.
        for name in start:
            profile.limits[name] = minuit.limits[name]
            profile.fixed[name] = minuit.fixed[name] or name == self.name
            if not profile.fixed[name]:
                profile.values[name] = inside(start[name], self._limits(name))
                if 0 < minuit.errors[name] < math.inf:
                    profile.errors[name] = minuit.errors[name]
        profile.migrad(ncall=MAX_CALLS)
        return float(profile.fval), profile.values.to_dict()

    def _limits(self, name: str) -> tuple[float, float]:
        low, high = self.minuit.limits[name]
        return low, high


def _bound(profile: _Profile, side: Side) -> float | None:
    error = profile.minuit.merrors.get(profile.name)
    if error and getattr(error, f"{side}_valid") and not getattr(error, f"at_{side}_limit"):
        found = float(profile.best + getattr(error, side))
        if abs(profile.excess(found, walking=False)) < AGREES:
            return found
    return _search_bound(profile, side)


def _search_bound(profile: _Profile, side: Side) -> float | None:
    best, (low, high) = profile.best, profile.minuit.limits[profile.name]
    step = profile.minuit.errors[profile.name]
    if not 0 < step < high - low:
        step = 0.1 * min(high - low, abs(best) or 1.0)
    within = best
    for doubling in range(DOUBLINGS):
        distance = step * 2**doubling * (1 if side == "upper" else -1)
        beyond = min(max(best + distance, low), high)
        if profile.excess(beyond) > 0:
            return _root(profile, within, beyond)
        if beyond in (low, high):
            return None
        within = beyond
    return None


def _root(profile: _Profile, within: float, beyond: float) -> float:
    """Return where the profile meets its target between two values, inside and outside of it."""
    best = profile.best
    while True:
        precision = PRECISION * abs(beyond - best)
        found = brent_root(profile.excess, within, beyond, precision)
        nearer = found + math.copysign(2 * precision, beyond - best)
        # A step of a flat profile may end far outside: the bound is lost in its precision.
        imprecise = precision > MIN_PRECISION * abs(found - best)
        if not imprecise or profile.excess(nearer) <= 0:
            return found
        beyond = nearer
