"""Test of the laboratory's accuracies against the distribution that the curve predicts."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dwsynapse.verdicts import monte_carlo_p
from hardware.verification.class_tests.drawn_classes import SIMULATIONS, simulated_images
from hardware.verification.class_tests.joint_results import Simulated
from hardware.verification.log_tests.result import LogResult, normal_power

Booleans = NDArray[np.bool_]


def accuracy_test(
    correct: Booleans,
    drawn: Booleans,
    complete: NDArray[np.int64],
    reads_test: NDArray[np.int64],
    seed: int,
    tolerance: float,
    level: float,
) -> tuple[Simulated, list[dict[str, Any]]]:
    """Compare a laboratory's accuracies with their predicted distribution.

    The statistic is the largest standardised deviation over the numbers of reads, so that they are
    one test and not one each. Its distribution is simulated: images are independent, so that each
    takes one of its draws by itself.

    Parameters
    ----------
    correct
        Whether each image is classified correctly after 1, 2, ... reads, shape (n_images, reads).
    drawn
        The same, drawn from the curve, shape (draws, n_images, reads).
    complete
        Number of columns that each image has, shape (n_images,); it counts up to that one.
    reads_test
        Number of reads of each column, shape (reads,).
    seed
        Seed of the simulations.
    tolerance
        Difference of accuracies for which the power is given.
    level
        Level at which it is given.

    Returns
    -------
    test : Simulated
        The test.
    table : list of dict
        For each number of reads the number of images, the accuracy found, the mean predicted, the
        bounds of the central 95 % predicted, and a separate two-sided p-value.
    """
    counted = np.arange(correct.shape[1]) < complete[:, None]
    n = counted.sum(axis=0)
    usable = np.flatnonzero(n)
    found = (correct & counted).sum(axis=0)[usable] / n[usable]
    predicted = _simulated((drawn & counted)[..., usable], seed) / n[usable]
    mean = drawn.mean(axis=0)[:, usable]
    mean = np.where(counted[:, usable], mean, 0.0).sum(axis=0) / n[usable]
    # Half an image is the resolution of accuracies.
    sd = np.maximum(predicted.std(axis=0, ddof=1), 0.5 / n[usable])
    deviations = np.abs(found - mean) / sd
    simulated = np.abs(predicted - mean) / sd
    worst = int(np.argmax(deviations))
    largest = simulated.max(axis=1)
    result = LogResult(
        test="accuracy",
        question="c",
        statistic=float(deviations.max()),
        statistic_meaning="largest standardised deviation over the numbers of reads",
        p_value=monte_carlo_p(deviations.max(), largest),
        p_value_method=f"Monte Carlo, {SIMULATIONS} simulations",
        simulations=SIMULATIONS,
        effect_size=float(found[worst] - mean[worst]),
        effect_meaning="accuracy found minus accuracy predicted, "
        f"{reads_test[usable][worst]} reads each",
        n=int(n.max()),
        power=normal_power(tolerance, float(sd.min()), level),
        power_of=f"an accuracy that differs by {tolerance:g}",
    )
    low, high = np.quantile(predicted, [0.025, 0.975], axis=0)
    table = [
        {
            "reads_test": int(reads_test[k]),
            "n_images": int(n[k]),
            "accuracy": float(found[i]),
            "predicted": float(mean[i]),
            "predicted_low": float(low[i]),
            "predicted_high": float(high[i]),
            "p_value": monte_carlo_p(deviations[i], simulated[:, i]),
        }
        for i, k in enumerate(usable)
    ]
    return Simulated(result, float(deviations.max()), largest), table


def _simulated(drawn: Booleans, seed: int) -> NDArray[np.float64]:
    """Return simulated numbers of correct images, shape (SIMULATIONS, reads)."""
    by_image = np.ascontiguousarray(drawn.transpose(1, 0, 2))
    sums = np.zeros((SIMULATIONS, drawn.shape[2]))
    for images, chosen in simulated_images(drawn.shape[1], len(drawn), seed):
        sums += by_image[images, chosen].sum(axis=1)
    return sums
