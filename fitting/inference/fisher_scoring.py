"""Many tables of counts fitted at once: starting values, and refits for the bootstrap."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fitting.forms import PassingCurve
from fitting.inference.likelihood import (
    Columns,
    averaged,
    binomial_log_likelihood,
    passing_probability,
)

Floats = NDArray[np.float64]
Range = tuple[float, float]

ITERATIONS = 60
# A table is finished when the expected gain of a step in log-likelihood is below this.
TOLERANCE = 1e-5
STEP = 1e-6
MIN_CENTRE_mT = 1e-6
MAX_FLOOR, MAX_SHARE = 0.99, 0.495
MIN_DAMPING, MAX_DAMPING = 1e-9, 1e12
# Steps that gain less than this share of the expected gain are damped, first by this much, and
# damping decreases where they gain more.
POOR, GOOD, DAMPING_AGAIN = 0.7, 0.9, 0.3


@dataclass(frozen=True)
class Coordinates:
    """The coordinates in which every form is fitted: floor, centre, ln(steepness mT), and lapse.

    Parameters
    ----------
    template
        Curve of the form, with its constants.
    with_lapse
        Whether the lapse is one; it is the template's otherwise.
    floor, lapse
        Lowest and highest value, the same where it is fixed; None: all that leaves a curve that
        rises.
    """

    template: PassingCurve
    with_lapse: bool = False
    floor: Range | None = None
    lapse: Range | None = None

    def curve(self, points: Floats) -> Any:
        """Return the curves at points of shape (..., 3 or 4), each parameter (..., 1)."""
        floor, centre_mT, log_steepness, *lapse = (
            points[..., i, None] for i in range(points.shape[-1])
        )
        placed = self.template.placed(centre_mT, np.exp(log_steepness))
        return placed.with_values({"floor": floor} | ({"lapse": lapse[0]} if lapse else {}))

    def point(self, curve: PassingCurve) -> Floats:
        """Return the coordinates of one curve, shape (3,) or (4,)."""
        centre_mT = float(curve.rise_field_mT(0.5))
        steepness_per_mT = 4 * float(curve.rise_slope_per_mT(np.asarray(centre_mT)))
        lapse = [curve.lapse] * self.with_lapse
        return np.array([curve.floor, centre_mT, np.log(steepness_per_mT), *lapse])

    def bounds(self, steepness_per_mT: tuple[float, float]) -> tuple[Floats, Floats]:
        """Return the lowest and the highest value of each coordinate."""
        flattest, steepest = np.log(steepness_per_mT)
        # With floor and lapse below a half each the curve rises.
        most = MAX_SHARE if self.with_lapse else MAX_FLOOR
        shares = [self.floor or (0.0, most)] + [self.lapse or (0.0, most)] * self.with_lapse
        place = [(MIN_CENTRE_mT, np.inf), (flattest, steepest)]
        low, high = np.array([shares[0], *place, *shares[1:]]).T
        return low, high


def fit_many(
    coordinates: Any,
    columns: Columns,
    start: Floats,
    steepness_per_mT: tuple[float, float],
) -> Floats:
    """Fit a curve to each of many tables by Fisher scoring, damped after Levenberg and Marquardt.

    Parameters
    ----------
    coordinates
        The form and its coordinates.
    columns
        The counts; n_passed has the shape (n_tables, n_rows).
    start
        Points to start from, shape (3 or 4,) or (n_tables, 3 or 4).
    steepness_per_mT
        Flattest and steepest curve allowed.

    Returns
    -------
    ndarray
        The points of greatest binomial likelihood, shape (n_tables, 3 or 4).
    """
    low, high = coordinates.bounds(steepness_per_mT)
    n_tables = len(columns.n_passed)
    points = np.clip(np.broadcast_to(start, (n_tables, len(low))), low, high).copy()
    p = passing_probability(coordinates.curve(points), columns)
    height = binomial_log_likelihood(p, columns)
    damping = np.full(n_tables, 1e-3)
    open_ = np.arange(n_tables)
    for _ in range(ITERATIONS):
        some = columns._replace(n_passed=columns.n_passed[open_])
        curves = coordinates.curve(points[open_])
        # All curves of an iteration are averaged with one rule: only the points differ.
        if average := averaged(curves, columns):
            p[open_] = passing_probability(curves, columns, 0.0, average)
            height[open_] = binomial_log_likelihood(p[open_], some)
        probability = partial(passing_probability, columns=columns, average=average)
        step, promised = _step(
            coordinates, points[open_], p[open_], some, damping[open_], (low, high), probability
        )
        tried = np.clip(points[open_] + step, low, high)
        p_tried = probability(coordinates.curve(tried))
        gained = binomial_log_likelihood(p_tried, some) - height[open_]
        better = gained > 0
        points[open_[better]], p[open_[better]] = tried[better], p_tried[better]
        height[open_[better]] += gained[better]
        damping[open_] = _damping(damping[open_], gained, promised)
        done = (promised < TOLERANCE) | (damping[open_] >= MAX_DAMPING)
        open_ = open_[~done]
        if not len(open_):
            break
    return points


def _damping(damping: Floats, gained: Floats, promised: Floats) -> Floats:
    """Return the damping after steps with these gains of log-likelihood.

    A correct undamped step gains half of the gain predicted by its slope. Where the curve has the
    wrong form, Fisher's information is less than the curvature: steps are too long, gain little,
    and without damping would oscillate.
    """
    share = 2 * gained / np.maximum(promised, TOLERANCE)
    more = np.maximum(10 * damping, DAMPING_AGAIN)
    found = np.where(share < POOR, more, np.where(share > GOOD, 0.1 * damping, damping))
    return np.clip(found, MIN_DAMPING, MAX_DAMPING)


def _step(
    coordinates: Any,
    points: Floats,
    p: Floats,
    columns: Columns,
    damping: Floats,
    bounds: tuple[Floats, Floats],
    probability: Callable[[Any], Floats],
) -> tuple[Floats, Floats]:
    """Return the step of every table and the expected gain of an undamped one."""
    low, high = bounds
    variance = p * (1 - p)
    slopes = np.empty((points.shape[1], *p.shape))
    for i in range(points.shape[1]):
        shift = np.zeros(points.shape[1])
        shift[i] = STEP
        slopes[i] = (probability(coordinates.curve(points + shift)) - p) / STEP
    score = (columns.n_passed - columns.n_trials * p) / variance
    gradient = np.einsum("itr,tr->ti", slopes, score)
    fisher = np.einsum("itr,jtr->tij", slopes * (columns.n_trials / variance), slopes)
    # A coordinate that would leave its range is not moved.
    held = ((points <= low) & (gradient < 0)) | ((points >= high) & (gradient > 0))
    gradient = np.where(held, 0.0, gradient)
    fisher = np.where(held[:, :, None] | held[:, None, :], 0.0, fisher)
    diagonal = np.einsum("tii->ti", fisher)
    scale = np.where(diagonal > 0, diagonal, 1.0)
    matrix = fisher + np.einsum("ti,ij->tij", scale * damping[:, None], np.eye(len(low)))
    matrix += np.einsum("ti,ij->tij", np.where(diagonal > 0, 1e-12 * scale, 1.0), np.eye(len(low)))
    step = np.linalg.solve(matrix, gradient[..., None])[..., 0]
    return step, np.einsum("ti,ti->t", step, gradient)
