"""How often nominal intervals cover the true value, in simulated experiments."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from fitting.forms import Logistic, PassingCurve
from fitting.inference.distributions import chi2_quantile
from fitting.inference.fisher_scoring import Coordinates, fit_many
from fitting.inference.fit import fit_curve
from fitting.inference.fit_problem import FitProblem
from fitting.inference.likelihood import Columns, log_likelihood

Floats = NDArray[np.float64]

TABLE_KINDS = {
    "set-points": (2.73, "10 fields x 50 trials"),
    "measured fields": (2.5, "13 set-points x 20 trials, each with its measured field"),
    "even fields": (2.7, "200 single trials at fields drawn evenly"),
    "close fields": (2.73, "12 fields, pairs 0.0001 mT apart, x 40 trials"),
    "steep": (12.0, "13 fields x 20 trials, six widths apart"),
    "few trials": (2.73, "7 fields x 8 trials"),
}
"""Kinds of tables: steepness of the curve in 1/mT, whose centre is drawn, and the rows."""


@dataclass(frozen=True)
class Held:
    """Coordinates of the curves on which one parameter has its true value.

    The other parameters themselves: the logarithm of those that are positive.
    """

    truth: PassingCurve
    held: str

    @property
    def free(self) -> list[str]:
        """The parameters that are fitted."""
        return [n for n in ("floor", *self.truth.shape) if n != self.held]

    def curve(self, points: Floats) -> PassingCurve:
        """Return the curves at points of shape (..., 2)."""
        values = {
            name: np.exp(p) if name in self.truth.bounds(1, 1) else p
            for name, p in zip(self.free, np.moveaxis(points, -1, 0)[..., None], strict=True)
        }
        return self.truth.with_values(values)

    def bounds(self, _: object) -> tuple[Floats, Floats]:
        """Return the lowest and the highest point."""
        low = [0.0 if name == "floor" else -np.inf for name in self.free]
        return np.array(low), np.array([0.99 if n == "floor" else np.inf for n in self.free])

    def point(self) -> Floats:
        """Return the point of the true curve."""
        values, positive = self.truth.values(), self.truth.bounds(1, 1)
        return np.array([np.log(values[n]) if n in positive else values[n] for n in self.free])


def coverage(
    truth: PassingCurve, columns: Columns, steepness_per_mT: tuple[float, float], confidence: float
) -> dict[str, int]:
    """Return how many tables' profile-likelihood intervals cover each true parameter.

    An interval covers the true value if and only if the likelihood, maximised over the other
    parameters with this one fixed at its true value, is below the maximum by no more than chi2/2;
    so two fits of all tables at once are enough, without a search for bounds.

    Parameters
    ----------
    truth
        Curve that the tables were drawn from.
    columns
        The tables; n_passed of shape (n_tables, n_rows).
    steepness_per_mT
        Flattest and steepest curve that a fit considers.
    confidence
        Nominal confidence of the intervals.
    """
    coordinates = Coordinates(truth)
    points = fit_many(coordinates, columns, coordinates.point(truth), steepness_per_mT)
    best = log_likelihood(coordinates.curve(points), columns)
    covered = {}
    for name in ("floor", *truth.shape):
        held = Held(truth, name)
        points = fit_many(held, columns, held.point(), steepness_per_mT)
        statistic = best - log_likelihood(held.curve(points), columns)
        covered[name] = int(np.sum(statistic <= chi2_quantile(confidence, 1) / 2))
    return covered


@dataclass(frozen=True)
class Measured:
    """Coverage of intervals of `fit_curve`: per parameter tables covered and open ends.

    Parameters
    ----------
    fitted
        Tables fitted; others were refused, since no curve rises in them.
    covered, open_ends
        Of the tables fitted, by parameter.
    """

    fitted: int
    covered: dict[str, int]
    open_ends: dict[str, int]


def measured_coverage(kind: str, n_tables: int, seed: int, confidence: float = 0.95) -> Measured:
    """Fit tables of one of `TABLE_KINDS`, drawn from logistic curves with a floor of 0 or 0.02.

    Parameters
    ----------
    kind
        The kind.
    n_tables
        Tables drawn.
    seed
        Their seed.
    confidence
        Nominal confidence of the intervals.
    """
    names = Logistic.typical().shape
    covered, open_ends = ({name: 0 for name in ("floor", *names)} for _ in range(2))
    fitted = 0
    for i in range(n_tables):
        rng = np.random.default_rng([seed, list(TABLE_KINDS).index(kind), i])
        truth = Logistic(rng.choice([0.0, 0.02]), rng.uniform(4.5, 5.0), TABLE_KINDS[kind][0])
        try:
            problem = FitProblem.of(drawn_counts(kind, truth, rng))
            intervals = fit_curve(problem, confidence, kind).intervals
        except InputError:
            continue
        fitted += 1
        for name, (low, high) in intervals.items():
            value = getattr(truth, name)
            within = (low is None or low <= value) and (high is None or value <= high)
            covered[name] += within
            open_ends[name] += (low is None) + (high is None)
    return Measured(fitted, covered, open_ends)


def drawn_counts(kind: str, truth: PassingCurve, rng: np.random.Generator) -> pd.DataFrame:
    """Return a table of counts of one of `TABLE_KINDS`, drawn from a curve."""
    fields_mT: NDArray[Any]
    if kind == "measured fields":
        set_mT = np.repeat(np.linspace(2, 8, 13), 20)
        fields_mT = np.round(set_mT + rng.normal(0, 0.01, len(set_mT)), 4)
    elif kind == "even fields":
        fields_mT = np.round(np.sort(rng.uniform(2, 8, 200)), 4)
    elif kind == "close fields":
        fields_mT = np.repeat(np.linspace(2, 8, 6), 2) + np.tile([0.0, 1e-4], 6)
    else:
        n_fields = {"set-points": 10, "steep": 13, "few trials": 7}[kind]
        fields_mT = np.linspace(2, 8, n_fields)
    n_trials = {"set-points": 50, "close fields": 40, "steep": 20, "few trials": 8}.get(kind, 1)
    passed = rng.binomial(n_trials, truth.probability(fields_mT))
    return pd.DataFrame({"field_mT": fields_mT, "n_trials": n_trials, "n_passed": passed})
