"""Test of the log: neuron sums against their Poisson-binomial distributions."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import kstest

from dwsynapse.verdicts import Result
from hardware.verification.poisson_binomial import PoissonBinomials


def neuron_sums(
    log: pd.DataFrame, probabilities: NDArray[np.float64], rng: np.random.Generator
) -> Result:
    """Compare the sum of all reads of each (image, neuron) with its exact distribution.

    The randomised probability integral transform of each sum is uniform if the model is correct
    (Kolmogorov-Smirnov test).

    Parameters
    ----------
    log
        The log, in any order.
    probabilities
        f(field measured) of each read, shape (n_reads,).
    rng
        Source of the transform's random part.
    """
    image, out = log["image"].to_numpy(np.int64), log["out"].to_numpy(np.int64)
    neuron = image * (out.max() + 1) + out
    order = np.argsort(neuron, kind="stable")
    _, starts, sizes = np.unique(neuron[order], return_index=True, return_counts=True)
    sums = np.add.reduceat(log["outcome"].to_numpy(np.int64)[order], starts)
    distributions = PoissonBinomials.of(probabilities[order], sizes)
    test = kstest(distributions.randomised_transform(sums, rng), "uniform")
    return Result(
        test="neuron sums",
        statistic=float(test.statistic),
        statistic_meaning="Kolmogorov-Smirnov distance of the transformed sums from uniform",
        p_value=float(test.pvalue),
        p_value_method="Kolmogorov-Smirnov",
        effect_size=float(test.statistic),
        effect_meaning="largest difference of cumulative probability",
        n=len(sums),
    )
