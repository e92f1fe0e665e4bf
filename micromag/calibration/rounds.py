"""The rounds of a calibration: simulate, emulate, draw the posterior, propose the next wires."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.study.wires.priors import Prior
from micromag.calibration.covariance import Covariance
from micromag.calibration.emulator import Emulator
from micromag.calibration.evidence import Measured, simulated_counts
from micromag.calibration.posterior import Posterior, draw_posterior, widening
from micromag.calibration.proposal import TRIALS_PER_WIRE, PlannedWire, first_round, next_round

Floats = NDArray[np.float64]

STABLE_MEAN, STABLE_SD, STABLE_ROUNDS, STABLE_WIDENING = 0.25, 0.2, 2, 1.5
"""A posterior is stable that moves by less than this share of its standard deviation, and whose
standard deviations change by less than this share, in so many rounds in succession; and that the
emulator's uncertainty makes no more than so many times wider."""

Simulate = Callable[[int, list[PlannedWire]], list[pd.DataFrame]]
"""Takes the number of a round and its wires, and returns the counts of each."""
Plan = Callable[[int, Callable[[], list[PlannedWire]]], list[PlannedWire]]
"""Takes the number of a round and what plans it, and returns its wires, the kept ones if any."""


@dataclass(frozen=True)
class Round:
    """What is known after a round.

    Parameters
    ----------
    wires
        Scaled parameters of all wires simulated so far, shape (n_wires, n_parameters).
    tables
        Their counts.
    emulator
        Of these.
    posterior
        Of the parameters.
    number
        Number of the round.
    widening
        How many times wider the posterior is than without the emulator's uncertainty, shape
        (n_parameters,).
    stable
        In how many rounds in succession the posterior stayed.
    """

    wires: Floats
    tables: list[pd.DataFrame]
    emulator: Emulator
    posterior: Posterior
    number: int
    widening: Floats
    stable: int

    @property
    def is_enough(self) -> bool:
        """Whether further simulations would change little."""
        return self.stable >= STABLE_ROUNDS and bool((self.widening < STABLE_WIDENING).all())

    @property
    def n_trials(self) -> int:
        """Number of trials that were counted."""
        return int(sum(table["n_trials"].sum() for table in self.tables))


def calibrate(
    measured: Measured,
    priors: Sequence[Prior],
    simulate: Simulate,
    *,
    trials: int,
    trials_per_wire: int = TRIALS_PER_WIRE,
    discrepancy_scale: float = 0.0,
    seed: int = 0,
    plan: Plan = lambda number, make: make(),
    on_round: Callable[[Round], None] = lambda found: None,
) -> Round:
    """Return what is known when the posterior is stable or the trials are spent.

    Parameters
    ----------
    measured
        The measured counts.
    priors
        The parameters.
    simulate
        Simulates the wires of a round.
    trials
        Number of trials at most; the first round is simulated in any case.
    trials_per_wire
        Trials of each wire, at all its fields together.
    discrepancy_scale
        Scale of the discrepancy's standard deviation, in log-odds.
    seed
        Seed of everything random.
    plan
        Keeps the plans of rounds.
    on_round
        Called after each round.
    """
    planned = plan(1, lambda: first_round(measured, priors, seed, trials_per_wire))
    wires, tables = np.empty((0, len(priors))), list[pd.DataFrame]()
    last: Round | None = None
    number, spent = 1, 0
    while True:
        tables = tables + simulate(number, planned)
        wires = np.vstack([wires, *(one.wire for one in planned)])
        spent += trials_of(planned)
        start: Covariance | None = last.emulator.covariance if last else None
        emulator = Emulator.fitted(simulated_counts(wires, tables, measured), start)
        posterior = draw_posterior(emulator, measured, priors, discrepancy_scale, seed + number)
        stayed = last is not None and is_stable(last.posterior, posterior)
        stable = last.stable + 1 if stayed and last else 0
        wider = widening(emulator, measured, posterior)
        last = Round(wires, tables, emulator, posterior, number, wider, stable)
        on_round(last)
        if last.is_enough:
            return last
        number += 1
        planned = plan(
            number,
            lambda n=number, now=last: next_round(  # type: ignore[misc]
                now.emulator, measured, now.posterior, priors, [seed, n], trials_per_wire
            ),
        )
        if spent + trials_of(planned) > trials:
            return last


def trials_of(planned: Sequence[PlannedWire]) -> int:
    """Return the number of trials of a round."""
    return sum(sum(one.trials.values()) for one in planned)


def is_stable(before: Posterior, after: Posterior) -> bool:
    """Return whether a posterior has hardly moved or changed its width, in every parameter."""
    sds = [posterior.wires.std(axis=0, ddof=1) for posterior in (before, after)]
    moved = np.abs(after.wires.mean(axis=0) - before.wires.mean(axis=0)) / sds[1]
    widened = np.abs(np.log(sds[1] / sds[0]))
    return bool((moved < STABLE_MEAN).all() and (widened < STABLE_SD).all())
