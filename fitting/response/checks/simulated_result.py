"""The result of a test whose p-value comes from simulations."""

from collections.abc import Sequence

import numpy as np

from dwsynapse.verdicts import Result, monte_carlo_p

SIMULATIONS, OF_LONG_TRAINS = 999, 199
LONG_TRAIN = 20_000
"""Pulses beyond which fewer simulations are made: even of five tests, Holm's correction takes the
least p-value of these, 1/200, no higher than 0.025."""


def simulations(n_pulses: int) -> int:
    """Return the number of simulations for a train."""
    return SIMULATIONS if n_pulses <= LONG_TRAIN else min(SIMULATIONS, OF_LONG_TRAINS)


def simulated_result(
    test: str,
    statistic: float,
    statistic_meaning: str,
    simulated: Sequence[float] | np.ndarray,
    effect_size: float,
    effect_meaning: str,
    n: int,
) -> Result:
    """Return a result (`dwsynapse.verdicts.Result`) with the statistics that were simulated."""
    return Result(
        test=test,
        statistic=statistic,
        statistic_meaning=statistic_meaning,
        p_value=monte_carlo_p(statistic, simulated),
        p_value_method=f"{len(simulated)} simulations",
        effect_size=effect_size,
        effect_meaning=effect_meaning,
        n=n,
        simulations=len(simulated),
    )
