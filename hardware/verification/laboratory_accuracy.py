"""Test of the laboratory's accuracies against the distribution that the device model predicts."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.verdicts import SIMULATIONS, Result, monte_carlo_p
from hardware.instruments.virtual_laboratory import correct_share
from hardware.program import Program
from hardware.verification.poisson_binomial import PoissonBinomials


def predicted_accuracies(
    program: Program,
    log: pd.DataFrame,
    probabilities: NDArray[np.float64],
    labels: NDArray[np.int64],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Simulate the accuracies for 1, 2, ... reads at the fields that were measured.

    Parameters
    ----------
    program
        The program that ran.
    log
        Its log in the order of image, read, out, in.
    probabilities
        f(field measured) of each read, shape (n_reads,).
    labels
        Classes of the images by their number, shape (n_images,).
    rng
        Source of the simulations.

    Returns
    -------
    ndarray
        Accuracies, shape (n_simulations, reads).
    """
    sizes = log.groupby(["image", "read", "out"]).size()
    images, place = np.unique(sizes.index.get_level_values("image"), return_inverse=True)
    read, out = (sizes.index.get_level_values(name).to_numpy() for name in ("read", "out"))
    sums = PoissonBinomials.of(probabilities, np.asarray(sizes, dtype=np.int64))
    shape = (len(images), int(read.max()) + 1, len(program.biases))

    def drawn() -> NDArray[np.int64]:
        one = np.zeros(shape, dtype=np.int64)  # reads may be missing
        one[place, read, out] = sums.draw(rng)
        return one

    return np.array([correct_share(program, drawn(), labels[images]) for _ in range(SIMULATIONS)])


def accuracy_test(
    found: NDArray[np.float64], predicted: NDArray[np.float64], n_images: int
) -> tuple[Result, list[dict[str, Any]]]:
    """Compare a laboratory's accuracies with their predicted distribution.

    The statistic is the largest standardised deviation over the numbers of reads, so that they are
    one test and not one each.

    Parameters
    ----------
    found
        The laboratory's accuracies for 1, 2, ... reads, shape (reads,).
    predicted
        Simulated accuracies, shape (n_simulations, reads).
    n_images
        Number of images.

    Returns
    -------
    result : Result
        The test.
    table : list of dict
        For each number of reads the accuracy found, the mean predicted, the bounds of the central
        95 % predicted, and a separate two-sided p-value.
    """
    mean = predicted.mean(axis=0)
    # Half an image is the resolution of accuracies.
    sd = np.maximum(predicted.std(axis=0, ddof=1), 0.5 / n_images)
    deviations = np.abs(found - mean) / sd
    simulated = np.abs(predicted - mean) / sd
    worst = int(np.argmax(deviations))
    result = Result(
        test="accuracy",
        statistic=float(deviations.max()),
        statistic_meaning="largest standardised deviation over the numbers of reads",
        p_value=monte_carlo_p(deviations.max(), simulated.max(axis=1)),
        p_value_method=f"Monte Carlo, {len(predicted)} simulations",
        simulations=len(predicted),
        effect_size=float(found[worst] - mean[worst]),
        effect_meaning=f"accuracy found minus accuracy predicted, with {worst + 1} reads",
        n=n_images,
    )
    low, high = np.quantile(predicted, [0.025, 0.975], axis=0)
    table = [
        {
            "reads_test": k + 1,
            "accuracy": float(found[k]),
            "predicted": float(mean[k]),
            "predicted_low": float(low[k]),
            "predicted_high": float(high[k]),
            "p_value": monte_carlo_p(deviations[k], simulated[:, k]),
        }
        for k in range(len(found))
    ]
    return result, table
