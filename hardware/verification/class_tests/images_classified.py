"""Tests of the log: which images are classified correctly, and what the others are taken for."""

import numpy as np
from numpy.typing import NDArray

from dwsynapse.verdicts import monte_carlo_p
from hardware.verification.class_tests.drawn_classes import SIMULATIONS, simulated_images
from hardware.verification.class_tests.joint_results import Simulated
from hardware.verification.log_tests.result import LogResult

Integers = NDArray[np.int64]
Classes = NDArray[np.int16]
Booleans = NDArray[np.bool_]


def images_classified(
    found: Classes, drawn: Classes, labels: Integers, whole: Booleans, seed: int
) -> Simulated:
    """Compare image by image what is classified correctly with what the curve predicts.

    The statistic is the log-likelihood of the correct and the wrong images. It is low if images are
    wrong that should be right with almost every draw, and right ones in exchange.

    Parameters
    ----------
    found
        Classes of the images in the log, shape (n_images,).
    drawn
        Classes drawn from the curve, shape (draws, n_images).
    labels
        True classes, shape (n_images,).
    whole
        Which images have all reads: the others do not count.
    seed
        Seed of the simulations.
    """
    # Half a draw for either: nothing is impossible because it was not drawn.
    p = ((drawn == labels).sum(axis=0) + 0.5) / (len(drawn) + 1)
    odds, correct = np.log(p / (1 - p)), found == labels
    simulated = np.zeros(SIMULATIONS)
    for images, chosen in simulated_images(len(labels), len(drawn), seed):
        simulated += (drawn[chosen, images] == labels[images]) @ (odds * whole)[images]
    mean, sd = float(simulated.mean()), float(max(simulated.std(ddof=1), 1e-6))
    observed = float(correct[whole] @ odds[whole])
    unexpected = (np.where(correct, 1 - p, p) - 2 * p * (1 - p))[whole]
    away = np.abs(simulated - mean)
    result = LogResult(
        test="images classified",
        question="c",
        statistic=(observed - mean) / sd,
        statistic_meaning="log-likelihood of the images classified correctly, standardised",
        p_value=monte_carlo_p(abs(observed - mean), away),
        p_value_method=f"Monte Carlo, {SIMULATIONS} simulations",
        simulations=SIMULATIONS,
        effect_size=float(unexpected.mean()),
        effect_meaning="share of images whose result is not the predicted one, minus that expected",
        n=int(whole.sum()),
    )
    return Simulated(result, abs(observed - mean), away)


def confusion(
    found: Classes,
    drawn: Classes,
    labels: Integers,
    whole: Booleans,
    n_classes: int,
    seed: int,
) -> Simulated:
    """Compare the confusion matrix with the one predicted.

    The statistic is the sum of (found - expected)^2 / (expected + 1/2) over all pairs of a true
    class and a class found.

    Parameters
    ----------
    found, drawn, labels, whole, seed
        As for `images_classified`.
    n_classes
        Number of classes.
    """
    cells, cell = n_classes**2, labels * n_classes
    observed = np.bincount((cell + found)[whole], minlength=cells)
    expected = np.bincount((cell + drawn)[:, whole].ravel(), minlength=cells) / len(drawn)
    counts = np.zeros((SIMULATIONS, cells), dtype=np.int64)
    first_cell = cells * np.arange(SIMULATIONS)[:, None]
    for images, chosen in simulated_images(len(labels), len(drawn), seed):
        used = whole[images]
        images, chosen = images[used], chosen[:, used]
        of_each = first_cell + cell[images] + drawn[chosen, images]
        counts += np.bincount(of_each.ravel(), minlength=counts.size).reshape(-1, cells)

    def statistic(counts: NDArray) -> NDArray[np.float64]:
        return np.asarray(((counts - expected) ** 2 / (expected + 0.5)).sum(axis=-1))

    value, simulated = float(statistic(observed)), statistic(counts)
    square = n_classes, n_classes
    n = int(whole.sum())
    result = LogResult(
        test="confusion",
        question="c",
        statistic=value,
        statistic_meaning="sum over the confusion matrix of squared differences over (expected + "
        "1/2)",
        p_value=monte_carlo_p(value, simulated),
        p_value_method=f"Monte Carlo, {SIMULATIONS} simulations",
        simulations=SIMULATIONS,
        effect_size=float(np.abs(observed - expected).sum() / 2 / n),
        effect_meaning="share of images in another place of the confusion matrix than expected",
        n=n,
        details={
            "found": observed.reshape(square).tolist(),
            "expected": expected.reshape(square).tolist(),
        },
    )
    return Simulated(result, value, simulated)
