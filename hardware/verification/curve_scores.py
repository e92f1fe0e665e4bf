"""Scores of departures from the curve that was fitted to a log.

A departure of size e changes the passing probability of read i by e d_i. With residuals
r = passed - f and variances v = f (1 - f), its score and information at e = 0 are

    U = sum d r / v,   I = sum d^2 / v - J^T (A + P)^-1 J,   J = sum g d / v,   A = sum g g^T / v,

where g are the derivatives of f by the curve's coordinates, fitted to the same log, and P the
precision with which they were known before. U / sqrt(I) is standard normal if nothing departs, and
U / I estimates e (Rao's efficient score; Cox & Hinkley, Theoretical Statistics, 1974, section 9.3).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fitting.comparison.new_curve import NewCurve
from hardware.verification.reads import Reads

Floats = NDArray[np.float64]

STEP = 1e-5
# Least variance of a read: one that is more certain would outweigh all others by a single error.
MIN_VARIANCE = 1e-4
FLOOR, CENTRE, LOG_STEEPNESS = range(3)


@dataclass(frozen=True)
class Departure:
    """The estimated size of a departure, and its standard deviation if there is none."""

    size: float
    sd: float

    @property
    def z(self) -> float:
        """The size in standard deviations."""
        return self.size / self.sd if np.isfinite(self.sd) else 0.0


@dataclass(frozen=True)
class CurveScores:
    """Residuals of reads about a fitted curve, and the scores of departures from it.

    Parameters
    ----------
    reads
        The reads.
    fitted
        The curve fitted to them.
    """

    reads: Reads
    fitted: NewCurve

    @cached_property
    def p(self) -> Floats:
        """Passing probability of each read, shape (n_reads,)."""
        return np.asarray(self.fitted.curve.probability(self.reads.field_mT), dtype=float)

    @cached_property
    def variance(self) -> Floats:
        """Variance p (1 - p) of each read."""
        return self.p * (1 - self.p)

    @cached_property
    def residual(self) -> Floats:
        """Outcome minus passing probability of each read."""
        return self.reads.passed - self.p

    @cached_property
    def weight(self) -> Floats:
        """Weight 1 / v of each read."""
        return 1 / np.maximum(self.variance, MIN_VARIANCE)

    @cached_property
    def gradient(self) -> Floats:
        """Derivatives of p by the coordinates of the curve, shape (n_coordinates, n_reads)."""
        point, field_mT = self.fitted.point, self.reads.field_mT
        above = STEP * np.eye(len(point))
        below = above.copy()
        # Floor, lapse and rates of wrong outcomes may be zero.
        for share in (FLOOR, *range(LOG_STEEPNESS + 1, len(point))):
            below[share, share] = min(STEP, point[share])
        upper, lower = (
            [self.fitted.coordinates.curve(p).probability(field_mT) for p in points]
            for points in (point + above, point - below)
        )
        width = (above + below).sum(axis=1)[:, None]
        return np.asarray((np.array(upper) - np.array(lower)) / width)

    @cached_property
    def information(self) -> Floats:
        """Information A of the log on the curve's coordinates, shape (n, n)."""
        return np.asarray((self.gradient * self.weight) @ self.gradient.T)

    @cached_property
    def covariance(self) -> Floats:
        """Covariance (A + P)^-1 of the coordinates that are not known exactly, others zero."""
        free = self.fitted.free
        result = np.zeros_like(self.information)
        known = self.information[np.ix_(free, free)] + self.fitted.precision
        result[np.ix_(free, free)] = np.linalg.inv(known)
        return result

    def departure(self, direction: Floats, about_any_curve: bool = False) -> Departure:
        """Return the size of a departure by its direction d, shape (n_reads,)."""
        scores = self.scores_about_any_curve if about_any_curve else self.scores
        (score,), ((information,),) = scores(direction[None])
        if information <= 1e-12 * (direction**2 @ self.weight):
            return Departure(0.0, float("inf"))
        return Departure(float(score / information), float(information**-0.5))

    def scores(self, directions: Floats) -> tuple[Floats, Floats]:
        """Return scores (n,) and their covariance (n, n), of directions (n, n_reads)."""
        weighted = directions * self.weight
        by_curve = weighted @ self.gradient.T
        information = weighted @ directions.T - by_curve @ self.covariance @ by_curve.T
        return weighted @ self.residual, information

    def scores_about_any_curve(self, directions: Floats) -> tuple[Floats, Floats]:
        """Return the same about a curve of which nothing was known before (P = 0).

        What was known may pull the fitted curve off the log. These scores do not see that.
        """
        weighted = directions * self.weight
        by_curve = weighted @ self.gradient.T @ np.linalg.pinv(self.information)
        residual = weighted - by_curve @ (self.gradient * self.weight)
        return residual @ self.residual, residual @ directions.T

    def sd_of_centre_mT(self) -> float:
        """Return the standard deviation of the centre by this log alone, the rest as known."""
        others = self.fitted.free.copy()
        others[CENTRE] = False
        prior = np.zeros_like(self.information)
        prior[np.ix_(self.fitted.free, self.fitted.free)] = self.fitted.precision
        known = (self.information + prior)[np.ix_(others, others)]
        across = self.information[CENTRE, others]
        left = self.information[CENTRE, CENTRE] - across @ np.linalg.solve(known, across)
        return float(left**-0.5) if left > 0 else float("inf")
