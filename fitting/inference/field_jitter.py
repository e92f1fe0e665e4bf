"""The mean of a passing curve over a field that varies from trial to trial."""

import math
from collections.abc import Callable
from functools import cache, lru_cache, partial
from typing import Any, Protocol

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import NDArray
from scipy.special import logit

Floats = NDArray[np.float64]
Average = Callable[[Any, Any], Any]
"""From a curve and an offset in mT of all fields to the mean of f over the jitter of each row."""

# Gauss-Hermite rules: number of nodes, and up to which jitter a rule is used, in widths 1/Delta of
# a logistic curve. Probabilities of every form are then accurate to 4e-5, and to 2e-3 for a jitter
# of more than five widths (tested).
RULES = ((3, 0.3), (7, 1.0), (21, 3.0), (81, math.inf))
# Probabilities closer to 0 or 1 are ignored in the choice of the rule.
MIN_RESOLVED = 1e-3
# A batch of curves is interpolated by cubics on a grid of fields. The error half-way between two
# points is this share of the fourth differences of f; the grid is as fine as keeps it below 5e-5.
CUBIC_ERROR, MAX_ERROR = 3 / 128, 5e-5
# The grid starts with this many points and is refined as long as it saves work against a rule.
COARSEST_GRID, MAX_REFINED, MAX_POINTS_PER_ROW = 64, 4, 5
# Rows whose weights are found together, in the processor's cache.
ROWS_AT_ONCE = 64
# Jitter of more standard deviations is left out, and the rest summed at this many points.
MAX_SDS, SUMMED = 6.0, 241


class Curve(Protocol):
    """A passing curve, or any other function from field to probability."""

    def probability(self, field_mT: Any) -> Any:
        """Return f(h) for fields in mT."""


def averaging(curve: Any, field_mT: Floats, field_sd_mT: Floats, offset_mT: Any = 0.0) -> Average:
    """Return how curves like the given ones are averaged over a normal jitter of the field.

    Parameters
    ----------
    curve
        Curve with scalar parameters, or with parameters of shape (n_curves, 1). A
        `fitting.comparison.calibrated_curve.CalibratedCurve` is a separate one for each of two
        groups of rows.
    field_mT, field_sd_mT
        Fields of the rows and their standard deviations, shape (n_rows,).
    offset_mT
        True field minus the reported field, the same for all rows.
    """
    if np.ndim(getattr(curve, "of_b", False)):
        groups = ~curve.of_b, curve.of_b
        averages = [
            averaging(side, field_mT[rows], field_sd_mT[rows], offset_mT)
            for side, rows in zip(curve.sides(), groups, strict=True)
        ]
        return partial(_by_sides, groups, averages)
    is_batch = np.ndim(curve.probability(field_mT[:1] + offset_mT)) > 1
    if is_batch:
        n_points = COARSEST_GRID
        while n_points <= MAX_POINTS_PER_ROW * len(field_mT):
            grid_mT = _grid_mT(field_mT, field_sd_mT, n_points)
            error = _cubic_error(curve.probability(grid_mT + offset_mT))
            if error <= MAX_ERROR:
                weights = _grid_weights(field_mT.tobytes(), field_sd_mT.tobytes(), n_points)
                return partial(_by_grid, grid_mT, weights)
            # The error falls with the fourth power of the step; except at a jump.
            finer = min((error / MAX_ERROR) ** 0.25, MAX_REFINED)
            n_points *= 2 ** max(1, math.ceil(math.log2(finer)))
    by_nodes = _by_each_node if is_batch else _by_nodes
    n_nodes = _nodes_needed(curve, field_mT + offset_mT, field_sd_mT, is_batch)
    return partial(by_nodes, field_mT, field_sd_mT, n_nodes)


def _nodes_needed(curve: Curve, fields_mT: Floats, sd_mT: Floats, is_batch: bool) -> int:
    """Return the number of nodes of a rule that resolves the curve."""
    nodes, _ = _rule(RULES[0][0])
    ends_mT = nodes[[0, -1], None] * sd_mT
    ends: Any = (
        [curve.probability(fields_mT + end_mT) for end_mT in ends_mT]
        if is_batch
        else curve.probability(fields_mT + ends_mT)
    )
    low, high = (logit(p.clip(MIN_RESOLVED, 1 - MIN_RESOLVED)) for p in ends)
    # The odds of a logistic curve rise by exp(Delta h).
    widths = float((high - low).max()) / (nodes[-1] - nodes[0])
    return next(n for n, most_widths in RULES if not widths > most_widths)


def _cubic_error(p: Floats) -> float:
    """Return the error of cubics through every four neighbours along the last axis."""
    fourth = 6 * p[:, 2:-2] - 4 * (p[:, 1:-3] + p[:, 3:-1]) + p[:, :-4] + p[:, 4:]
    return CUBIC_ERROR * float(abs(fourth).max())


def _by_nodes(
    field_mT: Floats, sd_mT: Floats, n_nodes: int, curve: Curve, offset_mT: Any = 0.0
) -> Any:
    nodes, shares = _rule(n_nodes)
    return shares @ curve.probability(field_mT + offset_mT + nodes[:, None] * sd_mT)


def _by_each_node(
    field_mT: Floats, sd_mT: Floats, n_nodes: int, curve: Curve, offset_mT: Any = 0.0
) -> Any:
    """Average one node at a time: those of many curves together would not fit into the cache."""
    nodes, shares = _rule(n_nodes)
    fields_mT = field_mT + offset_mT
    return shares[0] * curve.probability(fields_mT + nodes[0] * sd_mT) + sum(
        share * curve.probability(fields_mT + node * sd_mT)
        for node, share in zip(nodes[1:], shares[1:], strict=True)
    )


@cache
def _rule(n_nodes: int) -> tuple[Floats, Floats]:
    nodes, weights = hermegauss(n_nodes)
    return nodes, weights / weights.sum()


def _by_grid(grid_mT: Floats, weights: Floats, curve: Curve, offset_mT: Any = 0.0) -> Any:
    return curve.probability(grid_mT + offset_mT) @ weights


def _grid_mT(field_mT: Floats, sd_mT: Floats, n_points: int) -> Floats:
    reach_mT = MAX_SDS * sd_mT
    low_mT, high_mT = (field_mT - reach_mT).min(), (field_mT + reach_mT).max()
    # Cubics need a point beyond each end.
    step_mT = (high_mT - low_mT) / (n_points - 3)
    return low_mT + step_mT * (np.arange(n_points) - 1.0)


@lru_cache(maxsize=8)
def _grid_weights(field_mT: bytes, sd_mT: bytes, n_points: int) -> Floats:
    """Return the weight of each point of the grid in the mean of each row, (n_points, n_rows)."""
    fields_mT, sds_mT = (np.frombuffer(x)[:, None] for x in (field_mT, sd_mT))
    grid_mT = _grid_mT(fields_mT[:, 0], sds_mT[:, 0], n_points)
    # On even points sums of a normal density converge exponentially.
    deviates = np.linspace(-MAX_SDS, MAX_SDS, SUMMED)
    shares = np.exp(-(deviates**2) / 2)
    shares /= shares.sum()
    weights = np.empty((n_points, len(fields_mT)))
    for start in range(0, len(fields_mT), ROWS_AT_ONCE):
        some = slice(start, start + ROWS_AT_ONCE)
        place = (fields_mT[some] + sds_mT[some] * deviates - grid_mT[0]) / (grid_mT[1] - grid_mT[0])
        first = np.clip(place.astype(int) - 1, 0, n_points - 4)
        n_rows = len(place)
        index = first * n_rows + np.arange(n_rows)[:, None]
        found = sum(
            np.bincount(
                np.ravel(index + i * n_rows), np.ravel(cubic * shares), minlength=n_points * n_rows
            )
            for i, cubic in enumerate(_cubics(place - first))
        )
        weights[:, some] = np.reshape(found, (n_points, n_rows))
    return weights


def _cubics(x: Floats) -> tuple[Floats, ...]:
    """Return the polynomials of Lagrange for the points 0, 1, 2 and 3."""
    return (
        -(x - 1) * (x - 2) * (x - 3) / 6,
        x * (x - 2) * (x - 3) / 2,
        -x * (x - 1) * (x - 3) / 2,
        x * (x - 1) * (x - 2) / 6,
    )


def _by_sides(
    groups: tuple[Any, Any], averages: list[Average], curve: Any, offset_mT: Any = 0.0
) -> Any:
    a, b = (f(side, offset_mT) for f, side in zip(averages, curve.sides(), strict=True))
    p = np.empty((*a.shape[:-1], len(groups[0])))
    p[..., groups[0]], p[..., groups[1]] = a, b
    return p
