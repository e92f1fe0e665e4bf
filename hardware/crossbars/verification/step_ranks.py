"""Where single steps lie in the distribution that a response says, with and without noise."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from hardware.crossbars.programming.walls import Walls

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ROUNDING = 1e-9
END = 1e-5
"""Readings so near to an end, as a share of the range, are at it: logs have five digits."""
REACH_SD = 5.0
"""With noise, steps that may reach an end of the range so closely are left out: a reading does not
say how far a wall was from it."""


def compared(
    walls: Walls,
    before: Floats,
    places: Floats,
    shares: Floats,
    after: Floats,
    way: Integers,
    noise_sd: Floats,
    error_sd: Floats,
    m: Floats,
    draws: Floats,
) -> tuple[Floats, Floats, Floats]:
    """Return mean and standard deviation of steps, and their transforms.

    `places` are where walls may have been before the pulse, with these shares; `error_sd` is the
    noise of the reading after it and what is left of that before.
    """
    table = walls.table
    p = table.probabilities
    both = np.stack([table.dG_down_S.T, table.dG_up_S.T]) / table.range_S
    nodes = places[..., None] + both[way[:, None], walls.bin(places)]
    # Below the first probability and above the last one the outermost quantile counts.
    nodes = np.concatenate([nodes[..., :1], nodes, nodes[..., -1:]], axis=-1)
    weights = np.diff(np.concatenate([[0.0], p, [1.0]]))
    ends = walls.settled((nodes[..., 1:] + nodes[..., :-1]) / 2)
    mean = ends @ weights @ shares
    spread = np.sqrt((ends - mean[:, None, None]) ** 2 @ weights @ shares)
    middle = nodes[:, nodes.shape[1] // 2]
    if (noise_sd > 0).any():
        margin = REACH_SD * noise_sd
        off = (middle.min(axis=1) < margin) | (middle.max(axis=1) > 1 - margin)
        ranked = _ranked_with_noise(ends, shares, weights, after, error_sd, m, draws)
        uniform = np.where(off & (walls.levels is None), np.nan, ranked)
    else:
        low, high = (_below(middle, weights, edge, upper) for edge, upper in _cell(walls, after))
        low = np.where(low > ROUNDING, _ranked(low, m), 0.0)
        high = np.where(high < 1 - ROUNDING, _ranked(high, m), 1.0)
        uniform = low + draws[0] * (high - low)
    return mean - before, np.hypot(spread, error_sd), uniform


def _ranked_with_noise(
    ends: Floats,
    shares: Floats,
    weights: Floats,
    after: Floats,
    error_sd: Floats,
    m: Floats,
    draws: Floats,
) -> Floats:
    """Return the probability below a reading among m pulses that had been read with noise.

    How many of these would have been below it is drawn, from a normal distribution.
    """
    each = shares @ ndtr((after[:, None, None] - ends) / error_sd[:, None, None])
    exact = np.isinf(m)
    known = np.where(exact, 1.0, m)

    def over_pulses(values: Floats) -> Floats:
        # The table is straight lines between the m pulses: the sum over them by the trapezoid rule.
        return (known - 1) * (values @ weights) + (values[:, 0] + values[:, -1]) / 2

    scatter_sd = np.sqrt(over_pulses(each * (1 - each)))
    rank = np.clip(over_pulses(each) + scatter_sd * ndtri(draws[1]), 0.0, known)
    return np.where(exact, each @ weights, (rank + draws[0]) / (known + 1))


def _ranked(share: Floats, m: Floats) -> Floats:
    """Return the probability below a place among m pulses, given the share of the table below.

    A new step is the smallest of all with probability 1 / (m + 1), and beyond the table then.
    """
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(m), (share * (m - 1) + 1) / (m + 1), share)


def _cell(walls: Walls, after: Floats) -> tuple[tuple[Floats, bool], tuple[Floats, bool]]:
    """Return the lower and upper edge of what comes to rest at each place, without limits."""
    half = 0.5 / (walls.levels - 1) if walls.levels else 0.0
    centre = walls.settled(after) if walls.levels else after
    low = np.where(after <= END, -np.inf, centre - half)
    high = np.where(after >= 1 - END, np.inf, centre + half)
    # Reaching an end covers all that is beyond it.
    low = np.where((after >= 1 - END) & (half == 0), 1.0, low)
    high = np.where((after <= END) & (half == 0), 0.0, high)
    return (low, False), (high, True)


def _below(nodes: Floats, weights: Floats, edge: Floats, including: bool) -> Floats:
    """Return the probability of less than an edge, or of no more, between quantiles on lines."""
    a, b = np.minimum(nodes[:, 1:], nodes[:, :-1]), np.maximum(nodes[:, 1:], nodes[:, :-1])
    e = edge[:, None]
    width = b - a
    with np.errstate(invalid="ignore", divide="ignore"):
        inside = np.clip((e - a) / width, 0.0, 1.0)
    point = (e >= a - 1e-12) if including else (e > a + 1e-12)
    share = np.where(width > 1e-12, inside, point)
    return np.clip(share @ weights, 0.0, 1.0)
