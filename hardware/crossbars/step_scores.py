"""Where each step of a log lies in the distribution that the response says, as normal scores.

Given the readings before it, a step that is as the response says has a probability integral
transform that is uniform, whatever decides which pulses are applied and when they end: the
transforms of a whole log are independent (M. Rosenblatt, Ann. Math. Stat. 23, 470, 1952), and
tests of them hold for any control loop.
"""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import read_json
from dwsynapse.io.progress_bars import progress_bar
from fitting.response.response_table import ResponseTable
from hardware.crossbars.crossbar_program import CrossbarProgram
from hardware.crossbars.walls import Walls

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ROWS = 2**11
"""Steps that are looked at together, with all quantiles of each."""
LEAST_P = 1e-15
QUICK_S = 2.0
"""What takes no longer needs no bar."""
ROUNDING = 1e-9
REACH_SD = 5.0
"""With noise, steps that may reach an end of the range so closely are left out: a reading does not
say how far a wall was from it."""
WIDENED = 20
"""Bins of fewer pulses take those of their neighbours, too (`fitting.response.binned_updates`)."""


@dataclass(frozen=True)
class ResponsePulses:
    """How many pulses a response was made of, which say how well it is known.

    Parameters
    ----------
    of_bins
        For down (0) and up (1), those of each bin, shape (2, n_bins); None where not known: the
        response is then taken for exact.
    pooled
        Whether all bins have the same pulses.
    """

    of_bins: Floats | None = None
    pooled: bool = False

    @classmethod
    def read(cls, path: str | Path, table: ResponseTable) -> "ResponsePulses":
        """Read ``response.json`` next to a response, where there is one.

        Raises
        ------
        InputError
            If it is of another response.
        """
        from fitting.response.response_content import KIND, VERSION

        path = Path(path).with_name("response.json")
        if not path.exists():
            return cls()
        content = read_json(path, KIND, VERSION)
        try:
            bins: Any = content.get("bins")
            if bins is None:
                return cls()
            numbers = np.array([bins[way]["n_pulses"] for way in ("down", "up")], dtype=float)
            if not np.allclose(bins["conductance_S"], table.conductances_S, rtol=1e-6):
                raise ValueError
            pooled = bool((content.get("pulses") or {}).get("pooled_levels"))
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(
                "is not of the response next to it", path=path, remedy="make both again"
            ) from error
        return cls(np.maximum(numbers, WIDENED), pooled)

    def of_steps(self, way: Integers, column: Integers) -> Floats:
        """Return the number of pulses behind each step's distribution, infinite where not known."""
        if self.of_bins is None:
            return np.full(len(way), np.inf)
        return self.of_bins[way, column]

    def largest_variance(self) -> float:
        """Return the variance of the mean of the pulses of one bin, the largest of all."""
        return 0.0 if self.of_bins is None else float(1 / self.of_bins.min())

    def variance(self, way: Integers, column: Integers) -> float:
        """Return the variance of a mean over steps that the response's own scatter adds.

        In units of that of one step, which is also that of one pulse of the response.
        """
        if self.of_bins is None:
            return 0.0
        counts = np.zeros_like(self.of_bins)
        np.add.at(counts, (way, column), 1.0)
        share = counts / max(len(way), 1)
        if self.pooled:
            return float((share.sum(axis=1) ** 2 / self.of_bins.max(axis=1)).sum())
        return float((share**2 / self.of_bins).sum())


@dataclass(frozen=True)
class StepScores:
    """The steps of a log beside what the response says of each.

    Parameters
    ----------
    device, pulse
        Sorted by them, shape (n,).
    way
        0 for pulses down, 1 for pulses up, shape (n,).
    before, after
        Readings as shares of the range of the device, shape (n,).
    noise_sd
        Of these readings, shape (n,).
    column
        Bin of the response, shape (n,).
    mean, sd
        Of the step that the response says, shape (n,).
    uniform
        Probability integral transform of the step, from 0 to 1; where a step is one of few that
        are possible, drawn within what it covers. NaN for steps left out.
    pulses
        How many pulses the response was made of.
    """

    device: Integers
    pulse: Integers
    way: Integers
    before: Floats
    after: Floats
    noise_sd: Floats
    column: Integers
    mean: Floats
    sd: Floats
    uniform: Floats
    pulses: ResponsePulses = field(default_factory=ResponsePulses)

    @classmethod
    def of(
        cls,
        log: pd.DataFrame,
        program: CrossbarProgram,
        table: ResponseTable,
        read_noise_sd_S: float,
        pulses: ResponsePulses,
        seed: int,
    ) -> "StepScores":
        """Compare the steps of a log (`programming_log.read_log`) with a response.

        Parameters
        ----------
        log, program, table
            The log, the program that ran, and the response.
        read_noise_sd_S
            Standard deviation of a reading, beyond what the response has of it.
        pulses
            How many pulses the response was made of.
        seed
            Of the draws within steps that are one of few.
        """
        walls = Walls(table, program.levels)
        device = log["device"].to_numpy(np.int64)
        way = (log["direction"].to_numpy() > 0).astype(np.int64)
        before, after = (
            program.positions(log[f"conductance_{when}_S"].to_numpy(float), device)
            for when in ("before", "after")
        )
        noise_sd = read_noise_sd_S / program.span_S[device]
        # A noisy reading still tells the level that a wall was on.
        known = walls.settled(before) if program.levels else before
        column = walls.bin(known)
        m = pulses.of_steps(way, column)
        draws = np.random.default_rng([seed, 5]).random((2, len(log)))
        mean, sd, uniform = np.empty((3, len(log)))
        firsts = range(0, len(log), ROWS)
        for first in progress_bar(firsts, desc="steps compared", delay=QUICK_S):
            rows = slice(first, first + ROWS)
            mean[rows], sd[rows], uniform[rows] = _compared(
                walls,
                known[rows],
                after[rows],
                way[rows],
                column[rows],
                noise_sd[rows],
                m[rows],
                draws[:, rows],
            )
        pulse = log["pulse"].to_numpy(np.int64)
        return cls(device, pulse, way, before, after, noise_sd, column, mean, sd, uniform, pulses)

    @cached_property
    def used(self) -> NDArray[np.bool_]:
        """Which steps are compared, shape (n,)."""
        return np.isfinite(self.uniform)

    @cached_property
    def z(self) -> Floats:
        """Normal scores of the steps, shape (n,): above 0 for changes more upwards than expected.

        NaN for steps left out.
        """
        return ndtri(np.clip(self.uniform, LEAST_P, 1 - LEAST_P))

    @cached_property
    def centred(self) -> Floats:
        """Normal scores less their mean at the conductance and direction, 0 for steps left out.

        What is tested with them does not depend on how well the response is known.
        """
        cell = self.way * (self.column.max(initial=0) + 1) + self.column
        z = np.where(self.used, self.z, 0.0)
        n = np.maximum(np.bincount(cell, self.used), 1)
        return np.where(self.used, z - (np.bincount(cell, z) / n)[cell], 0.0)

    @property
    def steps(self) -> Floats:
        """Steps found, as shares of the range, shape (n,)."""
        return self.after - self.before

    def response_variance(self, chosen: NDArray[np.bool_]) -> float:
        """Return the variance of the mean score of steps that the response's scatter adds."""
        return self.pulses.variance(self.way[chosen], self.column[chosen])


def _compared(
    walls: Walls,
    before: Floats,
    after: Floats,
    way: Integers,
    column: Integers,
    noise_sd: Floats,
    m: Floats,
    draws: Floats,
) -> tuple[Floats, Floats, Floats]:
    """Return mean and standard deviation of steps, and their transforms."""
    table = walls.table
    p = table.probabilities
    both = np.stack([table.dG_down_S.T, table.dG_up_S.T]) / table.range_S
    nodes = before[:, None] + both[way, column]
    # Below the first probability and above the last one the outermost quantile counts.
    nodes = np.concatenate([nodes[:, :1], nodes, nodes[:, -1:]], axis=1)
    weights = np.diff(np.concatenate([[0.0], p, [1.0]]))
    ends = walls.settled((nodes[:, 1:] + nodes[:, :-1]) / 2)
    mean = ends @ weights
    spread = np.sqrt(((ends - mean[:, None]) ** 2) @ weights)
    # The reading before the step has no part in it where it only told the level.
    error_sd = np.sqrt(1.0 if walls.levels else 2.0) * noise_sd
    if (noise_sd > 0).any():
        margin = REACH_SD * noise_sd
        off = (nodes.min(axis=1) < margin) | (nodes.max(axis=1) > 1 - margin)
        ranked = _ranked_with_noise(ends, weights, after, error_sd, m, draws)
        uniform = np.where(off & (walls.levels is None), np.nan, ranked)
    else:
        low, high = (_below(nodes, weights, edge, upper) for edge, upper in _cell(walls, after))
        low = np.where(low > ROUNDING, _ranked(low, m), 0.0)
        high = np.where(high < 1 - ROUNDING, _ranked(high, m), 1.0)
        uniform = low + draws[0] * (high - low)
    return mean - before, np.hypot(spread, error_sd), uniform


def _ranked_with_noise(
    ends: Floats, weights: Floats, after: Floats, error_sd: Floats, m: Floats, draws: Floats
) -> Floats:
    """Return the probability below a reading among m pulses that had been read with noise.

    How many of these would have been below it is drawn, from a normal distribution.
    """
    each = ndtr((after[:, None] - ends) / error_sd[:, None])
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
    low = np.where(after <= ROUNDING, -np.inf, centre - half)
    high = np.where(after >= 1 - ROUNDING, np.inf, centre + half)
    # Reaching an end covers all that is beyond it.
    low = np.where((after >= 1 - ROUNDING) & (half == 0), 1.0, low)
    high = np.where((after <= ROUNDING) & (half == 0), 0.0, high)
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
