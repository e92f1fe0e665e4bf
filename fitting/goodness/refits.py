"""Curves fitted to the table measured and to tables drawn, with the detection errors of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fitting.forms import PassingCurve
from fitting.inference.detected_counts import NAMES, ObservedCoordinates, with_known_walls
from fitting.inference.fisher_scoring import Coordinates, fit_many
from fitting.inference.fit import Fit
from fitting.inference.fit_problem import FitProblem
from fitting.inference.likelihood import Columns

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Refits:
    """Tables to which curves are fitted: the one measured first, then those drawn.

    Parameters
    ----------
    tables
        The tables; where outcomes may be detected wrongly with two rows of known walls at the end
        (`fitting.inference.detected_counts.with_known_walls`).
    rates
        Rates of wrong outcomes at which searches start; empty: none is wrong.
    steepness_per_mT
        Flattest and steepest curve allowed.
    """

    tables: Columns
    rates: Mapping[str, float]
    steepness_per_mT: tuple[float, float]

    @classmethod
    def of(
        cls, fit: Fit, problem: FitProblem, tables: Columns, rng: np.random.Generator
    ) -> "Refits":
        """Return the tables of a fit, the outcomes of known walls drawn from its rates."""
        errors, rates = problem.model.detection, {}
        if errors is not None:
            rates = {name: fit.nuisances[name][0] for name in NAMES}
            tables = with_known_walls(errors, tables, rates, rng)
        return cls(tables, rates, problem.steepness_range_per_mT)

    def curves(
        self, of_wire: Coordinates, start: PassingCurve, *, first_alone: bool = False
    ) -> Any:
        """Return the curves fitted, each to one table, of parameters of shape (n_tables, 1).

        Parameters
        ----------
        of_wire
            Coordinates of the wire's curve.
        start
            Where the searches start.
        first_alone
            Whether they start where that of the table measured ends, which those drawn are like.
        """
        coordinates = self._coordinates(of_wire)
        place = coordinates.point(start)
        if first_alone:
            measured = self.tables._replace(n_passed=self.tables.n_passed[:1])
            place = fit_many(coordinates, measured, place, self.steepness_per_mT)
        points = fit_many(coordinates, self.tables, place, self.steepness_per_mT)
        return coordinates.curve(points)

    def _coordinates(self, of_wire: Coordinates) -> Any:
        if not self.rates:
            return of_wire
        n_rows = len(self.tables.n_trials) - len(NAMES)
        return ObservedCoordinates(of_wire, self.rates, n_rows)


def seen(curves: Any) -> Any:
    """Return the curves over the rows of a table alone."""
    return getattr(curves, "seen", curves)
