"""Tests whether a response is linear, symmetric, and a function of the conductance alone.

Each test simulates what it tests from the pulses themselves, so that neither the shape of the
spread nor how it changes with the conductance is assumed.
"""

import numpy as np
from numpy.typing import NDArray

from dwsynapse.verdicts import Result
from fitting.response.binned_updates import BinnedUpdates
from fitting.response.checks.memory_test import markov
from fitting.response.checks.simulated_result import simulated_result, simulations
from fitting.response.checks.simulated_trains import simulated_trains

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]

MAX_GROUPS, SYMMETRY_GROUPS, MIN_PULSES = 8, 4, 20
"""Groups of conductance among which steps are compared, and the least pulses of one."""


def tests(binned: BinnedUpdates, seed: int) -> list[Result]:
    """Return the results of all tests for which there are pulses enough.

    Parameters
    ----------
    binned
        The updates.
    seed
        Seed of the simulations, of which each test has its own stream.
    """
    streams = [np.random.default_rng([seed, number]) for number in (1, 2, 3)]
    found = [
        *linearity(binned, streams[0]),
        symmetry(binned, streams[1]),
        *markov(binned, streams[2]),
    ]
    return [result for result in found if result is not None]


def linearity(binned: BinnedUpdates, rng: np.random.Generator) -> list[Result]:
    """Test whether the mean step of each direction is the same at every conductance.

    The statistic is the share of the variance of the steps that groups of equal size by conductance
    explain. Simulated trains (`simulated_trains`) have the mean step of all pulses in every bin,
    and the deviations from the mean that the pulses of the bin have.
    """
    updates, asked = binned.updates, []
    for way in (1, -1):
        pulses = np.flatnonzero(updates.direction == way)
        n_bins = int((binned.own[way] > 0).sum())
        n_groups = min(MAX_GROUPS, len(pulses) // MIN_PULSES, n_bins)
        if n_groups > 1:
            asked.append((way, pulses, n_groups))
    if not asked:
        return []
    simulated = [
        [explained(steps_S[pulses], groups_of(before_S[pulses], n)) for _, pulses, n in asked]
        for before_S, steps_S in simulated_trains(binned, rng, linear=True)
    ]
    results = []
    for (way, pulses, n_groups), others in zip(asked, np.transpose(simulated), strict=True):
        steps_S, groups = updates.steps_S[pulses], groups_of(updates.before_S[pulses], n_groups)
        steps_S_of, sizes = np.bincount(groups, steps_S), np.bincount(groups)
        mean_S, means_S = steps_S.mean(), steps_S_of[sizes > 0] / sizes[sizes > 0]
        furthest_S = means_S[np.argmax(np.abs(means_S - mean_S))]
        results.append(
            simulated_result(
                f"linearity {'up' if way > 0 else 'down'}",
                explained(steps_S, groups),
                "share of the variance of steps that the conductance explains",
                others,
                float(furthest_S / mean_S - 1),
                "largest departure of the mean step at a conductance, as a share of the mean step",
                len(pulses),
            )
        )
    return results


def symmetry(binned: BinnedUpdates, rng: np.random.Generator) -> Result | None:
    """Test whether steps down are as large as steps up at the same conductance.

    The statistic is the sum over a few groups by conductance of the squared difference of the mean
    sizes, each size less the mean of its bin, over its variance. In simulations the directions of
    the pulses in a bin are exchanged at random.
    """
    updates, bins = binned.updates, binned.bin_of_each()
    kept = ((binned.own[1] > 1) & (binned.own[-1] > 1))[bins]
    n_groups = min(SYMMETRY_GROUPS, int(kept.sum()) // (2 * MIN_PULSES))
    if n_groups == 0:
        return None
    sizes_S = (updates.direction * updates.steps_S)[kept]
    bins, up = np.unique(bins[kept], return_inverse=True)[1], updates.direction[kept] > 0
    away_S = sizes_S - (np.bincount(bins, sizes_S) / np.bincount(bins))[bins]
    groups = groups_of(bins.astype(float), n_groups)
    rounding = (1e-12 * np.abs(sizes_S).max()) ** 2

    def statistic(is_up: Bools) -> float:
        (n_up, mean_up, var_up), (n_down, mean_down, var_down) = (
            _moments(away_S[which], groups[which], n_groups) for which in (is_up, ~is_up)
        )
        variance = var_up / n_up + var_down / n_down
        # Steps without any spread, as at 0 K, differ beyond any doubt if they differ.
        return float(((mean_up - mean_down) ** 2 / (variance + rounding)).sum())

    order = np.argsort(bins, kind="stable")

    def simulated() -> float:
        shuffled = np.empty_like(up)
        shuffled[order] = up[_shuffled_within(bins, rng)]
        return statistic(shuffled)

    of_up, of_down = sizes_S[up].mean(), sizes_S[~up].mean()
    return simulated_result(
        "symmetry",
        statistic(up),
        "squared differences of the mean sizes up and down, over their variances",
        [simulated() for _ in range(simulations(len(sizes_S)))],
        float(2 * (of_up - of_down) / (of_up + of_down)),
        "step up less step down, as a share of their mean",
        len(sizes_S),
    )


def groups_of(values: Floats, n_groups: int) -> Integers:
    """Return groups of about equal size by value, numbered from 0; equal values are of one."""
    lasts = np.arange(1, n_groups) * len(values) // n_groups
    return np.searchsorted(np.partition(values, lasts)[lasts], values, side="right")


def explained(values: Floats, groups: Integers) -> float:
    """Return the share of the variance of values that lies between groups."""
    deviations = values - values.mean()
    total = (deviations**2).sum()
    if total <= len(values) * (1e-12 * values.mean()) ** 2:
        return 0.0
    sums, counts = np.bincount(groups, deviations), np.bincount(groups)
    return float((sums**2 / np.maximum(counts, 1)).sum() / total)


def _moments(values: Floats, groups: Integers, n_groups: int) -> tuple[Integers, Floats, Floats]:
    n = np.maximum(np.bincount(groups, minlength=n_groups), 1)
    mean = np.bincount(groups, values, n_groups) / n
    variance = np.bincount(groups, (values - mean[groups]) ** 2, n_groups) / np.maximum(n - 1, 1)
    return n, mean, variance


def _shuffled_within(cells: Integers, rng: np.random.Generator) -> Integers:
    """Return indices ordered by cell, at random within each."""
    return np.argsort(cells + rng.random(len(cells)))
