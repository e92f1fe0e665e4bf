"""Where the search for the curve of greatest likelihood starts."""

import numpy as np
from numpy.typing import NDArray

from fitting.counts.pooling import Pooling
from fitting.inference.fit_problem import MANY_ROWS, FitProblem
from fitting.inference.likelihood import (
    Columns,
    binomial_log_likelihood,
    passing_probability,
)

Floats = NDArray[np.float64]

STEEPNESSES, EVEN_CENTRES, MAX_STEPS = 16, 31, 60
# Rows in bins of a tenth of the width of a curve that is so many times steeper than the span.
WIDTHS_OF_SPAN = 100
# Shares of the range of the floor.
FLOORS = (0.0, 0.02, 0.1, 0.3, 0.6)


def starting_points(problem: FitProblem) -> Floats:
    """Return for each of several steepnesses the most likely of some centres and floors.

    The likelihood of a steep curve has a separate maximum between any two neighbouring fields,
    so a search from one point alone may end in the wrong one.

    Returns
    -------
    ndarray
        Shape (STEEPNESSES, 3 or 4).
    """
    columns = starting_columns(problem)
    coordinates, steepness_per_mT = problem.observed_coordinates, problem.steepness_range_per_mT
    low, high = coordinates.bounds(steepness_per_mT)
    fields_mT = np.unique(problem.columns.field_mT)
    span_mT = max(fields_mT[-1] - fields_mT[0], 1 / steepness_per_mT[1])
    steps_mT = (fields_mT[:-1] + fields_mT[1:]) / 2
    if len(steps_mT) > MAX_STEPS:
        steps_mT = steps_mT[np.linspace(0, len(steps_mT) - 1, MAX_STEPS).astype(int)]
    even_mT = np.linspace(fields_mT[0] - span_mT, fields_mT[-1] + span_mT, EVEN_CENTRES)
    centres_mT = np.maximum(np.concatenate([steps_mT, even_mT]), low[1])
    floors = np.unique(low[0] + np.array(FLOORS) * (high[0] - low[0]))
    lapse = low[3:] + FLOORS[1] * (high[3:] - low[3:])
    steepnesses = np.linspace(low[2], high[2], STEEPNESSES)
    # The probability is linear in the floor: two floors give those of all others.
    shares = (floors - floors[0]) / (np.ptp(floors) or 1.0)
    best = []
    for steepness in steepnesses:
        points = np.empty((len(floors), len(centres_mT), len(low)))
        points[..., 0], points[..., 1], points[..., 2:] = (
            floors[:, None],
            centres_mT,
            [steepness, *lapse],
        )
        least, most = (passing_probability(coordinates.curve(points[i]), columns) for i in (0, -1))
        p = least + shares[:, None, None] * (most - least)
        logs = binomial_log_likelihood(p, columns)
        best.append(points.reshape(-1, len(low))[np.argmax(logs)])
    return np.array(best)


def starting_columns(problem: FitProblem) -> Columns:
    """Return the counts, many rows in bins: near the best start a search finds the fit."""
    columns = problem.columns
    if len(columns.n_trials) <= MANY_ROWS:
        return columns
    steepest_per_mT = WIDTHS_OF_SPAN / problem.field_scales_mT[0]
    return Pooling.of(columns, steepest_per_mT, np.inf).pooled(columns)
