"""The posterior on an adaptive grid, which becomes finer as the posterior narrows."""

import numpy as np

from fitting.design.grid_posterior import GridPosterior, grid_posterior, wide_posterior
from fitting.inference.fit_problem import FitProblem

# A marginal this far below its peak is left out: about five standard deviations.
MIN_MARGINAL = 1e-5
# A grid that would not become finer by this factor in total is kept.
WORTHWHILE = 0.5
MAX_TIMES = 6


def focused_posterior(problem: FitProblem) -> GridPosterior:
    """Return the posterior over every curve that the counts could show, on a fitting grid.

    Parameters
    ----------
    problem
        The counts, with the template of the curve and the range of its floor.
    """
    posterior = wide_posterior(problem)
    for _ in range(MAX_TIMES):
        low, high = _occupied(posterior)
        old = posterior.centres.max(axis=0) - posterior.centres.min(axis=0) + posterior.edges
        if np.prod((high - low) / old) > WORTHWHILE:
            break
        ranges = np.column_stack([low, high])
        posterior = grid_posterior(problem, ranges)
    return posterior


def _occupied(posterior: GridPosterior) -> tuple[np.ndarray, np.ndarray]:
    """Return the box of all cells with marginal weight, and a cell around it within the grid."""
    lows, highs = [], []
    for axis, edge in zip(posterior.centres.T, posterior.edges, strict=True):
        places, cells = np.unique(axis, return_inverse=True)
        marginal = np.bincount(cells, posterior.weights)
        kept = places[marginal > MIN_MARGINAL * marginal.max()]
        lows.append(max(kept[0] - 1.5 * edge, places[0] - edge / 2))
        highs.append(min(kept[-1] + 1.5 * edge, places[-1] + edge / 2))
    return np.array(lows), np.array(highs)
