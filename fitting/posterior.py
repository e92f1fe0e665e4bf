"""Posterior of the logistic curve on a grid: starting values, draws, and the fields to try next."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fitting.forms import Logistic
from fitting.likelihood import Columns, field_scales_mT, log_likelihood

Range = tuple[float, float]

POINTS_PER_PARAMETER = 40
# A curve whose width 1/Delta is below this share of the least spacing of the fields is a step for
# all that the data can tell; one wider than this many spans is flat.
NARROWEST_IN_SPACINGS = 1 / 40
WIDEST_IN_SPANS = 4


@dataclass(frozen=True)
class GridPosterior:
    """Posterior probabilities of curves in the cells of a grid.

    Parameters
    ----------
    centres
        Centres of the cells, shape (n_cells, 3): floor, h0 in mT, ln(Delta mT).
    edges
        Edges of a cell, shape (3,), in the same units.
    weights
        Posterior probabilities of the cells, shape (n_cells,).
    """

    centres: NDArray[np.float64]
    edges: NDArray[np.float64]
    weights: NDArray[np.float64]

    def best(self) -> Logistic:
        """Return the curve at the centre of the most probable cell."""
        floor, h0_mT, log_delta = self.centres[np.argmax(self.weights)]
        return Logistic(float(floor), float(h0_mT), float(np.exp(log_delta)))

    def mean_probability(self, field_mT: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the posterior mean of f(h) at fields of shape (n_fields,) in mT."""
        kept = self.weights > 1e-6 * self.weights.max()
        floor, h0_mT, log_delta = self.centres[kept].T[:, :, None]
        curves = Logistic(floor, h0_mT, np.exp(log_delta)).probability(field_mT)
        return self.weights[kept] @ curves / self.weights[kept].sum()

    def covariance(self) -> NDArray[np.float64]:
        """Return the posterior covariance of floor, h0_mT, delta_per_mT, shape (3, 3)."""
        parameters = np.column_stack([self.centres[:, :2], np.exp(self.centres[:, 2])])
        return np.cov(parameters.T, aweights=self.weights, ddof=0)

    def draws(self, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Return n draws of floor, h0_mT, delta_per_mT, spread evenly over their cells."""
        cells = rng.choice(len(self.weights), size=n, p=self.weights)
        drawn = self.centres[cells] + self.edges * (rng.random((n, 3)) - 0.5)
        return np.column_stack([drawn[:, :2], np.exp(drawn[:, 2])])


def grid_posterior(
    counts: pd.DataFrame, floor: Range, h0_mT: Range, delta_per_mT: Range
) -> GridPosterior:
    """Return the posterior for priors flat in floor, h0 and ln Delta within the given ranges.

    Parameters
    ----------
    counts
        Table of counts (`workflow.contracts.COUNTS`).
    floor, h0_mT, delta_per_mT
        Lowest and highest value of each parameter on the grid.
    """
    ranges = np.array([floor, h0_mT, np.log(delta_per_mT)])
    edges = (ranges[:, 1] - ranges[:, 0]) / POINTS_PER_PARAMETER
    places = np.arange(POINTS_PER_PARAMETER) + 0.5
    axes = ranges[:, :1] + edges[:, None] * places
    centres = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    curves = Logistic(centres[:, :1], centres[:, 1:2], np.exp(centres[:, 2:]))
    logs = log_likelihood(curves, Columns.of(counts))
    weights = np.exp(logs - logs.max())
    return GridPosterior(centres, edges, weights / weights.sum())


def delta_range_per_mT(counts: pd.DataFrame) -> Range:
    """Return the flattest and the steepest Delta that counts at such fields can tell, in 1/mT."""
    span, spacing = field_scales_mT(counts)
    return 1 / (WIDEST_IN_SPANS * span), 1 / (NARROWEST_IN_SPACINGS * spacing)


def wide_posterior(counts: pd.DataFrame) -> GridPosterior:
    """Return the posterior over every curve that the fields of the counts could show."""
    span, _ = field_scales_mT(counts)
    low, high = counts["field_mT"].min(), counts["field_mT"].max()
    return grid_posterior(
        counts,
        floor=(0, 1),
        h0_mT=(max(0.0, low - span), high + span),
        delta_per_mT=delta_range_per_mT(counts),
    )
