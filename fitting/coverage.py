"""How often nominal intervals cover the truth, in simulated experiments."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from fitting.forms import PassingCurve
from fitting.likelihood import Columns, log_likelihood
from fitting.scoring import Coordinates, fit_many

Floats = NDArray[np.float64]


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
        """Return the point of the truth."""
        values, positive = self.truth.values(), self.truth.bounds(1, 1)
        return np.array([np.log(values[n]) if n in positive else values[n] for n in self.free])


def coverage(
    truth: PassingCurve, columns: Columns, steepness_per_mT: tuple[float, float], confidence: float
) -> dict[str, int]:
    """Return how many tables' profile-likelihood intervals cover each true parameter.

    An interval covers the truth if and only if the likelihood, maximised over the other parameters
    with this one held at its true value, falls short of the maximum by no more than chi2/2; so two
    fits of all tables at once tell it, and no search for bounds.

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
        lacking = best - log_likelihood(held.curve(points), columns)
        covered[name] = int(np.sum(lacking <= chi2.ppf(confidence, 1) / 2))
    return covered
