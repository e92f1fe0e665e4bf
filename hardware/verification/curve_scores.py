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
from typing import Any

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import NDArray

from fitting.comparison.new_counts.new_curve import NewCurve
from fitting.comparison.new_counts.wire_spread import NODES, OverWires, over_wires
from hardware.verification.reads import Groups, Reads

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
        The curve fitted to them, of the typical wire.
    wire_spread_mT
        Spread of the centres of the wires about it, over which p is the mean.
    """

    reads: Reads
    fitted: NewCurve
    wire_spread_mT: float = 0.0

    @cached_property
    def p(self) -> Floats:
        """Passing probability at each field, shape (n_fields,)."""
        return self._over_wires(self.fitted.curve).probability

    @cached_property
    def variance(self) -> Floats:
        """Variance p (1 - p) of a read at each field."""
        return self.p * (1 - self.p)

    def probability(self, point: Floats) -> Floats:
        """Return the passing probability at each field of the curve with these coordinates.

        Floor, lapse and rates of wrong outcomes below zero count as zero.
        """
        shares = [FLOOR, *range(LOG_STEEPNESS + 1, len(point))]
        possible = point.copy()
        possible[shares] = np.maximum(possible[shares], 0.0)
        return self._over_wires(self.fitted.coordinates.curve(possible)).probability

    def _over_wires(self, curve: Any) -> OverWires:
        fields_mT = self.reads.fields_mT
        if not self.wire_spread_mT:
            p = np.asarray(curve.probability(fields_mT), dtype=float)
            return OverWires(p, np.zeros_like(p))
        return over_wires(curve, fields_mT, self.wire_spread_mT)

    def nodes_of_wires(self) -> tuple[Floats, Floats]:
        """Return deviations of wires from the typical one (mT) and their weights, for means."""
        nodes, weights = hermegauss(NODES if self.wire_spread_mT else 1)
        return self.wire_spread_mT * nodes, weights / weights.sum()

    @cached_property
    def weight(self) -> Floats:
        """Weight 1 / v of a read at each field."""
        return 1 / np.maximum(self.variance, MIN_VARIANCE)

    @cached_property
    def gradient(self) -> Floats:
        """Derivatives of p by the coordinates of the curve, shape (n_coordinates, n_fields)."""
        point = self.fitted.point
        above = STEP * np.eye(len(point))
        below = above.copy()
        # Floor, lapse and rates of wrong outcomes may be zero.
        for share in (FLOOR, *range(LOG_STEEPNESS + 1, len(point))):
            below[share, share] = min(STEP, point[share])
        upper, lower = (
            [self._over_wires(self.fitted.coordinates.curve(p)).probability for p in points]
            for points in (point + above, point - below)
        )
        width = (above + below).sum(axis=1)[:, None]
        return np.asarray((np.array(upper) - np.array(lower)) / width)

    @cached_property
    def n(self) -> Floats:
        """Number of reads at each field."""
        return self.reads.by_field()

    @cached_property
    def information(self) -> Floats:
        """Information A of the log on the curve's coordinates, shape (n, n)."""
        return np.asarray((self.gradient * self.weight * self.n) @ self.gradient.T)

    @cached_property
    def covariance(self) -> Floats:
        """Covariance (A + P)^-1 of the coordinates that are not known exactly, others zero."""
        free = self.fitted.free
        result = np.zeros_like(self.information)
        known = self.information[np.ix_(free, free)] + self.fitted.precision
        result[np.ix_(free, free)] = np.linalg.inv(known)
        return result

    def residual(self) -> Floats:
        """Return outcome minus passing probability of each read, shape (n_reads,)."""
        return np.asarray(self.reads.passed - self.p[self.reads.field])

    def sum(self, group: Groups, at_fields: Floats) -> Floats:
        """Return the sums over groups of reads of what each has by its field, (n_groups,)."""
        return group.sum(at_fields[self.reads.field])

    def departure(self, direction: Floats) -> Departure:
        """Return the size of a departure by its direction d at each field, shape (n_fields,)."""
        weighted = direction * self.weight
        by_curve = self.gradient @ (weighted * self.n)
        score = weighted @ (self.reads.by_field(self.reads.passed) - self.n * self.p)
        squared = float(weighted @ (direction * self.n))
        return _departure(
            float(score), squared - float(by_curve @ self.covariance @ by_curve), squared
        )

    def departure_in_time(self, direction: Floats, time: Floats) -> Departure:
        """Return the size of a departure that is proportional to a time, shape (n_reads,).

        About a curve of which nothing was known before (P = 0): what was known may pull the fitted
        curve off the log, and this departure must not see that.
        """
        reads, weighted = self.reads, direction * self.weight
        passed = reads.passed.astype(float)
        once, twice = reads.by_field(time), reads.by_field(time**2)
        score = weighted @ (reads.by_field(time * passed) - once * self.p)
        of_curve = (self.gradient * self.weight) @ (reads.by_field(passed) - self.n * self.p)
        by_curve = self.gradient @ (weighted * once)
        removed = by_curve @ np.linalg.pinv(self.information)
        squared = float(weighted @ (direction * twice))
        return _departure(
            float(score - removed @ of_curve), squared - float(removed @ by_curve), squared
        )

    def parts(self, direction: Floats, part: NDArray[Any], n: int) -> tuple[Floats, Floats]:
        """Return scores (n,) and information (n, n) of a departure in each part of the log.

        Parameters
        ----------
        direction
            Its direction at each field.
        part
            Number of each read's part, shape (n_reads,).
        n
            Number of parts.
        """
        n_fields, weighted = len(self.p), direction * self.weight
        cell = part * n_fields + self.reads.field
        count = np.bincount(cell, minlength=n * n_fields).reshape(n, -1)
        passed = np.bincount(cell, self.reads.passed, n * n_fields).reshape(n, -1)
        residual = passed - count * self.p
        by_curve = (count * weighted) @ self.gradient.T
        removed = by_curve @ np.linalg.pinv(self.information)
        score = residual @ weighted - removed @ (self.gradient * self.weight) @ residual.sum(axis=0)
        return score, np.diag(count @ (weighted * direction)) - removed @ by_curve.T

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


def _departure(score: float, information: float, squared: float) -> Departure:
    """Return a departure, of which nothing is known where rounding has left no information."""
    if information <= 1e-12 * squared:
        return Departure(0.0, float("inf"))
    return Departure(score / information, information**-0.5)
