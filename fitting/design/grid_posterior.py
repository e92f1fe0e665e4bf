"""Posterior of a curve on a grid: starting values, and the fields to try next."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fitting.forms import PassingCurve
from fitting.inference.count_model import Model
from fitting.inference.fisher_scoring import Coordinates
from fitting.inference.fit import starting_curve
from fitting.inference.fit_problem import FitProblem
from fitting.inference.likelihood import Columns, log_likelihood

POINTS_PER_PARAMETER = 40
MANY_ROWS = 100
# Width of the range of a fixed floor.
MIN_RANGE = 1e-9


@dataclass(frozen=True)
class GridPosterior:
    """Posterior probabilities of curves in the cells of a grid.

    Parameters
    ----------
    template
        Curve of the form, with its constants.
    centres
        Centres of the cells, shape (n_cells, 3): floor, centre in mT, ln(steepness mT); for the
        logistic form h0 and ln(Delta mT) (see `PassingCurve.placed`).
    edges
        Edges of a cell, shape (3,), in the same units.
    weights
        Posterior probabilities of the cells, shape (n_cells,).
    """

    template: PassingCurve
    centres: NDArray[np.float64]
    edges: NDArray[np.float64]
    weights: NDArray[np.float64]

    def best_point(self) -> NDArray[np.float64]:
        """Return the centre of the most probable cell, shape (3,)."""
        return self.centres[np.argmax(self.weights)]

    def mean_probability(self, field_mT: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the posterior mean of f(h) at fields of shape (n_fields,) in mT."""
        kept = self.weights > 1e-6 * self.weights.max()
        curves = Coordinates(self.template).curve(self.centres[kept])
        return self.weights[kept] @ curves.probability(field_mT) / self.weights[kept].sum()


def grid_posterior(problem: FitProblem, ranges: NDArray[np.float64]) -> GridPosterior:
    """Return the posterior on a grid, for a prior flat in floor, centre and ln(steepness).

    Parameters
    ----------
    problem
        The counts, and the curves assumed about them: any lapse is that of the template.
    ranges
        Lowest and highest floor, centre in mT and ln(steepness mT), shape (3, 2).
    """
    edges = (ranges[:, 1] - ranges[:, 0]) / POINTS_PER_PARAMETER
    places = np.arange(POINTS_PER_PARAMETER) + 0.5
    axes = ranges[:, :1] + edges[:, None] * places
    centres = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    template = problem.model.template
    logs = log_likelihood(Coordinates(template).curve(centres), _few_rows(problem))
    weights = np.exp(logs - logs.max())
    return GridPosterior(template, centres, edges, weights / weights.sum())


def _few_rows(problem: FitProblem) -> Columns:
    """Return the columns of the counts; of many rows those that no curve distinguishes pooled."""
    if len(problem.columns.n_trials) <= MANY_ROWS:
        return problem.columns
    any_floor = problem.assuming(Model(problem.model.template))
    return any_floor.pooled(starting_curve(any_floor), most_trials=np.inf).columns


def wide_posterior(problem: FitProblem) -> GridPosterior:
    """Return the posterior over every curve that the fields of the counts could show.

    Parameters
    ----------
    problem
        The counts, with the template of the curve and the range of its floor.
    """
    span, _ = problem.field_scales_mT
    low, high = problem.field_range_mT
    steepness = np.log(problem.steepness_range_per_mT)
    least, most = problem.model.floor or (0.0, 1.0)
    ranges = np.array(
        [(least, max(most, least + MIN_RANGE)), (max(0.0, low - span), high + span), steepness]
    )
    return grid_posterior(problem, ranges)
