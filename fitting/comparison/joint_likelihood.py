"""One likelihood of several tables of counts."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from iminuit import Minuit

from fitting.goodness.bootstrap import effective
from fitting.inference.fit import MAX_LOG, STEEPER, Fit
from fitting.inference.fit_problem import FitProblem
from fitting.inference.likelihood import Columns, Curve, log_likelihood
from fitting.inference.profile_likelihood import (
    MAX_CALLS,
    inside,
    likelihood_minuit,
    profile_interval,
)

Limits = Mapping[str, tuple[float, float]]
Pair = tuple[Columns, Columns]
Problems = tuple[FitProblem, FitProblem]
Parts = Sequence[tuple[Curve, Columns]]


class Estimate(NamedTuple):
    """A value with the bounds of its interval; None where the data set no bound."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class JointFit:
    """Several tables fitted at once; positive parameters were searched by their logarithms.

    Parameters
    ----------
    minuit
        The summed negative binomial log-likelihood at its least, over what was searched.
    logs
        Names of the parameters that were searched by their logarithms.
    """

    minuit: Minuit
    logs: frozenset[str]

    @property
    def fval(self) -> float:
        """The minimum of the summed negative binomial log-likelihood."""
        return float(self.minuit.fval)

    @property
    def values(self) -> dict[str, float]:
        """The parameters of greatest likelihood."""
        return _natural(self.minuit.values.to_dict(), self.logs)

    def estimate(self, name: str, confidence: float) -> Estimate:
        """Return a parameter with its profile-likelihood interval: the value itself where fixed."""
        value = self.values[name]
        if self.minuit.fixed[name]:
            return Estimate(value, value, value)
        low, high = (
            None if bound is None else _natural({name: bound}, self.logs)[name]
            for bound in profile_interval(self.minuit, name, confidence)
        )
        return Estimate(value, low, high)


def joint_fit(
    parts: Callable[[dict[str, float]], Parts],
    start: Mapping[str, float],
    limits: Limits,
    held: Sequence[str] = (),
    steps: Mapping[str, float] | None = None,
    away: Callable[[dict[str, float]], float] | None = None,
) -> JointFit:
    """Fit several tables at once whose curves depend on the same parameters.

    Parameters
    ----------
    parts
        Maps the values of the parameters to pairs of a curve and the counts it describes.
    start
        Where the search begins, in the order of the parameters.
    limits
        Range of each parameter that has one. A range that begins above 0 is searched by its
        logarithm: it may span decades. A range of a single value fixes the parameter.
    held
        Parameters fixed at their start.
    steps
        First steps of the search, for parameters whose scale their start does not show.
    away
        What is known beforehand: the negative logarithm of a density of the parameters.
    """
    logs = frozenset(n for n in start if n in limits and limits[n][0] > 0)
    ranges = {
        n: (math.log(low), math.log(high)) if n in logs else (low, high)
        for n, (low, high) in limits.items()
    }
    first = {n: math.log(value) if n in logs else value for n, value in start.items()}

    def objective(*values: float) -> float:
        named = _natural(dict(zip(first, values, strict=True)), logs)
        known = away(named) if away else 0.0
        return known - float(sum(log_likelihood(curve, cols) for curve, cols in parts(named)))

    minuit = likelihood_minuit(objective, first)
    for name, step in (steps or {}).items():
        minuit.errors[name] = step
    for name in set(ranges) & set(first):
        low, high = ranges[name]
        if low == high:
            minuit.values[name], minuit.fixed[name] = low, True
        elif name not in held:
            minuit.limits[name] = low, high
            minuit.values[name] = inside(first[name], (low, high))
    for name in held:
        minuit.fixed[name] = True
    return JointFit(minuit.migrad(ncall=MAX_CALLS), logs)


def _natural(values: dict[str, float], logs: frozenset[str]) -> dict[str, float]:
    return {n: math.exp(min(v, MAX_LOG)) if n in logs else v for n, v in values.items()}


def effective_columns(problems: Problems, fits: tuple[Fit, Fit]) -> Pair:
    """Return the counts of two tables, as the effective numbers of independent trials."""
    a, b = (
        effective(problem.columns, fit.nuisances)
        for problem, fit in zip(problems, fits, strict=True)
    )
    return a, b


def with_correlation(fits: tuple[Fit, Fit], correlation: float) -> tuple[Fit, Fit]:
    """Return the fits with another correlation of trials."""
    given = {"correlation": (correlation, None, None)}
    a, b = (replace(fit, nuisances={**fit.nuisances, **given}) for fit in fits)
    return a, b


def parameter_limits(problems: Sequence[FitProblem]) -> dict[str, tuple[float, float]]:
    """Return the range of each parameter of a curve that tables of one model together could show.

    Those of the fit of one table (`fitting.inference.fit`), and a single value where the parameter
    is given.
    """
    model = problems[0].model
    flattest, steepest = zip(*(problem.steepness_range_per_mT for problem in problems), strict=True)
    known = {
        name: (low, math.inf if high is None else high)
        for name, (low, high) in model.template.bounds(
            min(flattest), STEEPER * max(steepest)
        ).items()
    } | model.shares
    return {name: known.get(name, (-math.inf, math.inf)) for name in model.names}
