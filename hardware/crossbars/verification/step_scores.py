"""Where each step of a log lies in the distribution that the response says, as normal scores.

Given the readings before it, a step that is as the response says has a probability integral
transform that is uniform, whatever decides which pulses are applied and when they end: the
transforms of a whole log are independent (M. Rosenblatt, Ann. Math. Stat. 23, 470, 1952), and
tests of them hold for any control loop.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from dwsynapse.io.progress_bars import QUICK_S, progress_bar
from fitting.response.response_table import ResponseTable
from hardware.crossbars.programming.crossbar_program import CrossbarProgram
from hardware.crossbars.programming.walls import Walls
from hardware.crossbars.verification.places import SHARES, places_of
from hardware.crossbars.verification.response_pulses import ResponsePulses
from hardware.crossbars.verification.step_ranks import compared

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ROWS = 2**11
"""Steps that are looked at together, with all quantiles of each."""
LEAST_P = 1e-15


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
        places, place_sd, shares = known[:, None], np.zeros(len(log)), np.ones(1)
        if read_noise_sd_S > 0 and not program.levels:
            (places, place_sd), shares = places_of(before, way, noise_sd), SHARES
        error_sd = np.hypot(noise_sd, place_sd)
        column = walls.bin(known)
        m = pulses.of_steps(way, column)
        draws = np.random.default_rng([seed, 5]).random((2, len(log)))
        mean, sd, uniform = np.empty((3, len(log)))
        firsts = range(0, len(log), ROWS)
        for first in progress_bar(firsts, desc="steps compared", delay=QUICK_S):
            rows = slice(first, first + ROWS)
            mean[rows], sd[rows], uniform[rows] = compared(
                walls,
                known[rows],
                places[rows],
                shares,
                after[rows],
                way[rows],
                noise_sd[rows],
                error_sd[rows],
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
