"""Trains of a synapse whose response is that of the bins, and which remembers nothing else."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.progress_bars import QUICK_S, progress_bar
from fitting.response.binned_updates import BinnedUpdates
from fitting.response.checks.simulated_result import simulations

Floats = NDArray[np.float64]

VALUES_OF_A_PART = 2**21
"""Trains are simulated in parts of about so many conductances."""


def simulated_trains(
    binned: BinnedUpdates, rng: np.random.Generator, *, linear: bool = False
) -> Iterator[tuple[Floats, Floats]]:
    """Yield conductances before the pulses, and steps (S), of as many trains as `simulations` says.

    The same pulses are applied from the same beginnings, and each step is drawn from the pulses of
    the bin that the conductance has come to.

    Parameters
    ----------
    binned
        The updates.
    rng
        Source of randomness.
    linear
        Whether the mean step of each direction is made the same in all bins.
    """
    updates = binned.updates
    pools = [
        _pool(binned, way, pulses, linear) for way in (-1, 1) for pulses in binned.members[way]
    ]
    pooled_S, sizes = np.concatenate(pools), np.array([len(pool) for pool in pools])
    firsts, n_bins, n = np.cumsum(sizes) - sizes, len(binned.centres_S), len(updates.direction)
    edges_S, n_trains = binned.edges_S, simulations(n)
    parts = np.array_split(np.arange(n_trains), max(1, n_trains * n // VALUES_OF_A_PART))
    for part in progress_bar(parts, desc="simulated trains", delay=QUICK_S):
        before_S, drawn_S = np.empty((2, n, len(part)))
        for pulse, uniform in enumerate(rng.random((n, len(part)))):
            if updates.continues[pulse]:
                before_S[pulse] = before_S[pulse - 1] + drawn_S[pulse - 1]
            else:
                before_S[pulse] = updates.before_S[pulse]
            pool = np.searchsorted(edges_S, before_S[pulse])
            pool += n_bins * (updates.direction[pulse] > 0)
            drawn_S[pulse] = pooled_S[firsts[pool] + (uniform * sizes[pool]).astype(np.int64)]
        yield from zip(before_S.T.copy(), drawn_S.T.copy(), strict=True)


def _pool(binned: BinnedUpdates, way: int, pulses: NDArray[np.int64], linear: bool) -> Floats:
    steps_S = binned.updates.steps_S
    if not linear:
        return steps_S[pulses]
    # Deviations from an estimated mean are smaller than those from the true one.
    widened = np.sqrt(len(pulses) / max(len(pulses) - 1, 1))
    deviations_S = steps_S[pulses] - steps_S[pulses].mean()
    return steps_S[binned.updates.direction == way].mean() + widened * deviations_S
