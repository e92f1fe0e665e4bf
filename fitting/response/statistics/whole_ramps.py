"""Ramps through most of the range, pulse by pulse, as a matrix."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fitting.response.updates import Updates

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

COVERED = 0.6
"""Least share of the range that a ramp goes through."""
MIN_PULSES = 5


@dataclass(frozen=True)
class WholeRamps:
    """Ramps of one direction.

    Parameters
    ----------
    conductances_S
        Before the first pulse and after each, shape (n_ramps, 1 + n_pulses), with as many pulses as
        half of the ramps have. NaN after the last pulse of a ramp; a wall stays at its last level.
    unit
        What a bootstrap draws (`Updates.unit`), shape (n_ramps,).
    """

    conductances_S: Floats
    unit: Integers

    @classmethod
    def of(cls, updates: Updates, direction: int) -> "WholeRamps | None":
        """Return the ramps that go through most of the range; None if few of the pulses are so."""
        low_S, high_S = updates.range_S()
        ramp = updates.ramp
        starts = np.flatnonzero(np.append(True, np.diff(ramp) != 0))
        ends = np.append(starts[1:], len(ramp))
        ways = updates.direction[starts] == direction
        crossed = np.abs(updates.after_S[ends - 1] - updates.before_S[starts])
        whole = ways & (crossed >= COVERED * (high_S - low_S)) & (ends - starts >= MIN_PULSES)
        lengths = ends - starts
        if lengths[whole].sum() < lengths[ways].sum() / 2 or not whole.any():
            return None
        n_pulses = int(np.median(lengths[whole]))
        rows = np.full((int(whole.sum()), 1 + n_pulses), np.nan)
        for row, start, length in zip(rows, starts[whole], lengths[whole], strict=True):
            row[0] = updates.before_S[start]
            kept = min(int(length), n_pulses)
            row[1 : 1 + kept] = updates.after_S[start : start + kept]
            if updates.levels_S.size:
                row[1 + kept :] = row[kept]
        return cls(rows, updates.unit[starts[whole]])

    def mean_S(self, weights: Floats) -> Floats:
        """Return the mean ramp of each draw.

        Parameters
        ----------
        weights
            How often each unit was drawn, shape (n_draws, n_units).

        Returns
        -------
        ndarray
            Shape (n_draws, 1 + n_pulses); NaN where no ramp was drawn.
        """
        weight = weights[:, self.unit]
        seen = np.isfinite(self.conductances_S)
        total = weight @ np.where(seen, self.conductances_S, 0)
        count = weight @ seen.astype(float)
        return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)

    def normalised(self, weights: Floats, direction: int) -> tuple[Floats, Floats]:
        """Return shares of the pulses and of the range of the mean ramps.

        A ramp down is taken from its end to its beginning (`nonlinearity.expected_ramp`).
        """
        mean_S = self.mean_S(weights)[:, ::direction]
        low_S, high_S = mean_S[:, :1], mean_S[:, -1:]
        pulses = np.linspace(0, 1, mean_S.shape[1])
        return pulses, (mean_S - low_S) / (high_S - low_S)
