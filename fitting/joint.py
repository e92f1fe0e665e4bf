"""One likelihood of several tables of counts."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import pandas as pd
from iminuit import Minuit

from fitting.bootstrap import effective
from fitting.fit import Fit
from fitting.likelihood import Columns, Curve, log_likelihood, steepness_range_per_mT
from fitting.model import Model
from fitting.profile import inside
from fitting.scoring import MOST_SHARE

Limits = Mapping[str, tuple[float, float]]
Pair = tuple[Columns, Columns]
Parts = Sequence[tuple[Curve, Columns]]


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


def effective_columns(tables: tuple[pd.DataFrame, pd.DataFrame], fits: tuple[Fit, Fit]) -> Pair:
    """Return the counts of two tables, as of so many independent trials as their fits found."""
    a, b = (
        effective(Columns.of(table), fit.nuisances) for table, fit in zip(tables, fits, strict=True)
    )
    return a, b


def with_correlation(fits: tuple[Fit, Fit], correlation: float) -> tuple[Fit, Fit]:
    """Return the fits with a correlation of trials in place of their own."""
    given = {"correlation": (correlation, None, None)}
    a, b = (replace(fit, nuisances={**fit.nuisances, **given}) for fit in fits)
    return a, b


def parameter_limits(
    model: Model, tables: Sequence[pd.DataFrame]
) -> dict[str, tuple[float, float]]:
    """Return the range of each fitted parameter of a curve that the tables together could show."""
    flattest, steepest = zip(*(steepness_range_per_mT(table) for table in tables), strict=True)
    most = MOST_SHARE if model.with_lapse else 1.0
    known = {"floor": (0.0, most), "lapse": (0.0, most)}
    known |= {
        name: (low, math.inf if high is None else high)
        for name, (low, high) in model.template.bounds(min(flattest), max(steepest)).items()
    }
    return {name: known.get(name, (-math.inf, math.inf)) for name in model.names}
