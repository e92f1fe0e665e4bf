"""Does the last pulse matter, given the conductance? If so, a table is not the whole response."""

import numpy as np
from numpy.typing import NDArray

from dwsynapse.verdicts import Result
from fitting.response.binned_updates import BinnedUpdates
from fitting.response.checks.simulated_result import simulated_result
from fitting.response.checks.simulated_trains import simulated_trains

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MIN_PAIRS = 40
MIN_CAME = 20
"""Least pulses that came from either side to bins that were reached from both."""


def markov(binned: BinnedUpdates, rng: np.random.Generator) -> list[Result]:
    """Test whether the size or the direction of the last step tells something about the next.

    Each statistic is a correlation of a step with what came before it, among pulses of one
    direction from one bin, after the trend with the conductance within bins is taken out. Simulated
    trains (`simulated_trains`) have the response of the table and no other memory.

    Parameters
    ----------
    binned
        The updates.
    rng
        Source of randomness.

    Returns
    -------
    list of Result
        ``Markov: last step``, for pulses that follow one of the same direction, and ``Markov: last
        direction``, each if there are pulses enough.
    """
    updates = binned.updates
    now = np.flatnonzero(updates.continues)
    same = now[updates.direction[now] == updates.direction[now - 1]]
    came_up = (updates.direction[now - 1] > 0).astype(float)
    by_step, by_way = len(same) >= MIN_PAIRS, _is_reached_from_both_sides(binned, now, came_up)
    if not (by_step or by_way):
        return []

    edges_S = binned.edges_S

    def statistics(before_S: Floats, steps_S: Floats) -> tuple[float, float]:
        cells = 2 * np.searchsorted(edges_S, before_S) + (updates.direction > 0)
        return (
            _partial(steps_S[same], steps_S[same - 1], before_S[same], cells[same])
            if by_step
            else 0.0,
            _partial(steps_S[now], came_up, before_S[now], cells[now]) if by_way else 0.0,
        )

    found = statistics(updates.before_S, updates.steps_S)
    simulated = np.array([statistics(*train) for train in simulated_trains(binned, rng)])
    results = []
    for column, (asked, name, n) in enumerate(
        ((by_step, "last step", len(same)), (by_way, "last direction", len(now)))
    ):
        # Correlations with estimated means are not centred at 0: their distance from what the
        # simulated trains have counts.
        centre = float(np.median(simulated[:, column]))
        results += [
            simulated_result(
                f"Markov: {name}",
                abs(found[column] - centre),
                "size of the correlation of a step with what came before, at one conductance",
                [*np.abs(simulated[:, column] - centre)],
                found[column] - centre,
                "correlation",
                n,
            )
        ] * asked
    return results


def _is_reached_from_both_sides(binned: BinnedUpdates, now: Integers, came_up: Floats) -> bool:
    cells = 2 * binned.bin_of_each()[now] + (binned.updates.direction[now] > 0)
    if not len(cells):
        return False
    share = np.bincount(cells, came_up) / np.maximum(np.bincount(cells), 1)
    mixed = ((share > 0) & (share < 1))[cells]
    return bool(min(came_up[mixed].sum(), (1 - came_up[mixed]).sum()) >= MIN_CAME)


def _partial(steps: Floats, earlier: Floats, before: Floats, cells: Integers) -> float:
    """Return the correlation of two values within cells, without what goes with a third."""
    counts = np.maximum(np.bincount(cells), 1)
    steps, earlier, before = (
        values - (np.bincount(cells, values) / counts)[cells] for values in (steps, earlier, before)
    )
    if (square := before @ before) > 0:
        steps, earlier = (
            values - before * (before @ values / square) for values in (steps, earlier)
        )
    size = np.sqrt((steps @ steps) * (earlier @ earlier))
    return float(steps @ earlier / size) if size > 0 else 0.0
