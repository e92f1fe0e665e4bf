"""Intervals of a response: replicas or ramps are drawn again as wholes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit

from fitting.response.binned_updates import BinnedUpdates
from fitting.response.statistics.nonlinearity import expected_ramp, fitted_curvature
from fitting.response.statistics.whole_ramps import WholeRamps

Floats = NDArray[np.float64]

MEAN_STEPS = "mean steps"
SHOWN_QUANTILES = (0.1, 0.5, 0.9)
FEW_UNITS = 8
"""The percentiles of 95 % lie beyond what draws of fewer units can give."""


class Resampled:
    """Statistics of updates: of all of them first, then of each bootstrap draw.

    Pulses of one ramp depend on each other by the conductance between them, and those of one
    replica by its device: so units are drawn as wholes, never single pulses.

    Parameters
    ----------
    binned
        The updates.
    draws
        Number of bootstrap draws.
    seed
        Seed of the draws.
    """

    def __init__(self, binned: BinnedUpdates, draws: int, seed: int) -> None:
        self.binned = binned
        self.unit = binned.updates.unit
        n_units = int(self.unit.max()) + 1
        rng = np.random.default_rng([seed, 0])
        drawn = rng.multinomial(n_units, np.full(n_units, 1 / n_units), size=draws)
        self.weights = np.vstack([np.ones(n_units), drawn])

    def n_units(self, direction: int) -> int:
        """Return the number of units with pulses of a direction: a ramp has those of one."""
        return len(np.unique(self.unit[self.binned.updates.direction == direction]))

    def moments(self, direction: int) -> tuple[Floats, Floats]:
        """Return mean and standard deviation of each bin (S), shape (1 + draws, n_bins).

        A bin of which a draw has no pulses has those of all updates.
        """
        steps_S, n_units = self.binned.updates.steps_S, self.weights.shape[1]
        members = self.binned.members[direction]
        centre_S = np.array([steps_S[m].mean() for m in members])

        def of_units(power: int) -> Floats:
            parts = [
                np.bincount(self.unit[m], (steps_S[m] - c) ** power, n_units)
                for m, c in zip(members, centre_S, strict=True)
            ]
            return self.weights @ np.stack(parts, axis=1)

        count, first, second = of_units(0), of_units(1), of_units(2)
        none = count == 0
        count[none] = 1
        mean = first / count
        variance = np.maximum(second - count * mean**2, 0) / np.maximum(count - 1, 1)
        variance = np.where(none, variance[0], variance)
        # Draws repeat pulses, and so have less spread than the pulses: only its scatter counts.
        drawn = variance[1:].mean(axis=0)
        variance[1:] *= np.divide(variance[0], drawn, out=np.ones_like(drawn), where=drawn > 0)
        return centre_S + mean, np.sqrt(variance)

    def quantiles(self, direction: int, probabilities: Sequence[float]) -> Floats:
        """Return quantiles of each bin (S), shape (n_probabilities, 1 + draws, n_bins)."""
        steps_S, members = self.binned.updates.steps_S, self.binned.members[direction]
        found = np.empty((len(probabilities), len(self.weights), len(members)))
        for column, pulses in enumerate(members):
            ordered = pulses[np.argsort(steps_S[pulses], kind="stable")]
            below = self.weights[:, self.unit[ordered]].cumsum(axis=1)
            # A bin without any pulse in a draw has the quantiles of all updates.
            below = np.where(below[:, -1:] > 0, below, np.arange(1, len(ordered) + 1))
            for row, p in enumerate(probabilities):
                at = (below < p * below[:, -1:]).sum(axis=1)
                found[row, :, column] = steps_S[ordered[at]]
        return found

    def curvatures(self, direction: int) -> tuple[Floats, str, int]:
        """Return the curvatures (`nonlinearity.rise`), of what they are, and of how many units.

        They have the shape (1 + draws,).

        Of the mean ramp, where most pulses are of ramps through the range; otherwise of the ramp
        that the mean steps give. That one is right for walls, too, which come to the last of their
        levels after more or fewer pulses: their mean ramp bends for this alone.
        """
        has_levels = self.binned.updates.levels_S.size > 0
        ramps = None if has_levels else WholeRamps.of(self.binned.updates, direction)
        if ramps is not None:
            pulses, shares = ramps.normalised(self.weights, direction)
            basis, n_units = "mean ramp", len(np.unique(ramps.unit))
        else:
            means_S, _ = self.moments(direction)
            pulses, shares = expected_ramp(self.binned.centres_S, means_S)
            basis, n_units = MEAN_STEPS, self.n_units(direction)
        known = np.isfinite(pulses * shares).all(axis=-1)
        found = np.full(len(self.weights), np.nan)
        pulses = np.broadcast_to(pulses, shares.shape)
        found[known] = fitted_curvature(pulses[known], shares[known])
        return found, basis, n_units


def interval(values: Floats, confidence: float, n_units: int) -> tuple[Floats, Floats]:
    """Return intervals of a bootstrap: expanded percentiles, or Student's of few units.

    Percentiles of draws of few units are as narrow as an interval with the normal distribution and
    1/n in the variance. These are widened to Student's and 1/(n - 1) (T. Hesterberg, The American
    Statistician 69, 371 (2015), section 5.2); of fewer than `FEW_UNITS` they are those of Student's
    distribution with the standard deviation of the draws. One unit does not say how it scatters.

    Parameters
    ----------
    values
        The estimate, then what the draws give, shape (1 + draws, ...).
    confidence
        Of the intervals.
    n_units
        Number of units that were drawn from.

    Returns
    -------
    low, high : ndarray
        Shape (...); NaN where there is one unit.
    """
    if n_units < 2:
        return np.full(values.shape[1:], np.nan), np.full(values.shape[1:], np.nan)
    freedom = n_units - 1
    students = np.sqrt(1 + 1 / freedom) * stdtrit(freedom, (1 - confidence) / 2)
    if n_units < FEW_UNITS:
        half = -students * np.nanstd(values[1:], axis=0)
        return values[0] - half, values[0] + half
    tail = 100 * ndtr(students)
    low, high = np.nanpercentile(values[1:], [tail, 100 - tail], axis=0)
    return low, high


def ends(values: Floats) -> list[float | None]:
    """Return ends of intervals as a file has them: None where there is none."""
    return [float(value) if np.isfinite(value) else None for value in values]
