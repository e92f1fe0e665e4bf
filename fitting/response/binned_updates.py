"""Updates by the conductance before them: the bins of a response table."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fitting.response.response_table import ResponseTable
from fitting.response.updates import Updates

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

PULSES_PER_LEVEL = 20
"""A bin of fewer takes those of its neighbours, too: quantiles of fewer say little."""
MAX_BINS, MIN_BINS = 100, 5
PROBABILITIES = np.linspace(0, 1, 201)


@dataclass(frozen=True)
class BinnedUpdates:
    """Which pulses tell the response at each conductance.

    Parameters
    ----------
    updates
        The pulses.
    centres_S
        Centres of the bins: the levels, or evenly spaced; shape (n_bins,).
    members
        For each direction, +1 and -1, the pulses that tell each bin.
    own
        For each direction, the number of pulses that are nearest to each bin, shape (n_bins,).
    """

    updates: Updates
    centres_S: Floats
    members: dict[int, list[Integers]]
    own: dict[int, Integers]

    @classmethod
    def of(cls, updates: Updates, n_bins: int | None = None) -> "BinnedUpdates":
        """Put updates into bins.

        Parameters
        ----------
        updates
            The pulses.
        n_bins
            Number of bins, evenly spaced over the range; None: the levels, or else as many as have
            about `PULSES_PER_LEVEL` pulses a direction each.
        """
        centres_S = _centres(updates, n_bins)
        edges_S = (centres_S[1:] + centres_S[:-1]) / 2
        members, own = {}, {}
        for way in (1, -1):
            pulses = np.flatnonzero(updates.direction == way)
            pulses = pulses[np.argsort(updates.before_S[pulses], kind="stable")]
            inner = np.searchsorted(updates.before_S[pulses], edges_S)
            bounds = np.concatenate([[0], inner, [len(pulses)]])
            own[way] = np.diff(bounds)
            members[way] = [
                np.sort(pulses[bounds[bins.start] : bounds[bins.stop]])
                for bins in (widened(own[way], column) for column in range(len(centres_S)))
            ]
        return cls(updates, centres_S, members, own)

    @property
    def edges_S(self) -> Floats:
        """Conductances between the bins, shape (n_bins - 1,)."""
        return (self.centres_S[1:] + self.centres_S[:-1]) / 2

    def bin_of_each(self) -> Integers:
        """Return the nearest bin of each pulse, shape (n,)."""
        return np.searchsorted(self.edges_S, self.updates.before_S)

    def all_share(self, direction: int) -> bool:
        """Return whether all bins are told by the same pulses, for want of more."""
        first, *others = self.members[direction]
        return bool(others) and all(np.array_equal(first, members) for members in others)

    def table(self) -> ResponseTable:
        """Return the quantiles of each bin."""
        steps_S = self.updates.steps_S
        up_S, down_S = (
            np.stack([np.quantile(steps_S[m], PROBABILITIES) for m in self.members[way]], axis=1)
            for way in (1, -1)
        )
        return ResponseTable(self.centres_S, PROBABILITIES, up_S, down_S, self.updates.levels_S)


def _centres(updates: Updates, n_bins: int | None) -> Floats:
    if n_bins is None and len(updates.levels_S) > 1:
        return updates.levels_S
    if n_bins is None:
        fewer = min(int((updates.direction == way).sum()) for way in (1, -1))
        n_bins = int(np.clip(fewer // PULSES_PER_LEVEL, MIN_BINS, MAX_BINS))
    return np.linspace(*updates.range_S(), n_bins)


def widened(own: Integers, column: int) -> slice:
    """Return the bins whose pulses tell a bin: itself and so many neighbours that there are enough.

    Parameters
    ----------
    own
        Number of pulses nearest to each bin, shape (n_bins,).
    column
        The bin.
    """
    for around in range(len(own)):
        first, end = max(column - around, 0), min(column + around + 1, len(own))
        if own[first:end].sum() >= PULSES_PER_LEVEL:
            return slice(first, end)
    return slice(0, len(own))
