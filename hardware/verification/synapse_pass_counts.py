"""Test of the log: every synapse's passes against the passing probabilities of its reads."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.verdicts import SIMULATIONS, Result, monte_carlo_p
from hardware.program import Program
from hardware.verification.poisson_binomial import PoissonBinomials

# Variance of rounding to whole passes. Added to each synapse's variance, it keeps synapses that
# hardly ever switch from dominating the statistic.
ROUNDING_VARIANCE = 1 / 12


def synapse_counts(
    program: Program,
    log: pd.DataFrame,
    probabilities: NDArray[np.float64],
    rng: np.random.Generator,
) -> Result:
    """Compare every synapse's passes with the sum of f(field measured) over its reads.

    The statistic is the sum over synapses of squared deviations from the expected passes, in units
    of their variance. Its null distribution is simulated from the exact Poisson-binomial
    distribution of each synapse.

    Parameters
    ----------
    program, log
        The program, and its log.
    probabilities
        f(field measured) of each read, shape (n_reads,).
    rng
        Source of the simulations.
    """
    n_in = program.fields_mT.shape[1]
    synapse = log["out"].to_numpy(np.int64) * n_in + log["in"].to_numpy(np.int64)
    order = np.argsort(synapse, kind="stable")
    numbers, starts, sizes = np.unique(synapse[order], return_index=True, return_counts=True)

    def per_synapse(values: NDArray) -> NDArray[np.float64]:
        return np.add.reduceat(values[order].astype(float), starts)

    passes = per_synapse(log["outcome"].to_numpy())
    expected = per_synapse(probabilities)
    variance = per_synapse(probabilities * (1 - probabilities))
    spread = np.sqrt(variance + ROUNDING_VARIANCE)

    def statistic(counts: NDArray) -> float:
        return float((((counts - expected) / spread) ** 2).sum())

    sums = PoissonBinomials.of(probabilities[order], sizes)
    simulated = [statistic(sums.draw(rng)) for _ in range(SIMULATIONS)]
    observed = statistic(passes)
    worst = int(np.argmax(np.abs(passes - expected) / spread))
    place = {"out": int(numbers[worst] // n_in), "in": int(numbers[worst] % n_in)}
    found = {"passes": int(passes[worst]), "expected": float(expected[worst])}
    return Result(
        test="synapse counts",
        statistic=observed,
        statistic_meaning="sum of squared standardised deviations of passes per synapse",
        p_value=monte_carlo_p(observed, simulated),
        p_value_method=f"Monte Carlo, {SIMULATIONS} simulations",
        simulations=SIMULATIONS,
        effect_size=float(np.sqrt(observed / np.mean(simulated))),
        effect_meaning="spread of passes per synapse over the spread expected",
        n=len(log),
        details={
            "n_synapses": len(sizes),
            "worst_synapse": {**place, **found, "reads": int(sizes[worst])},
        },
    )
