"""Test of the log: whether images that are missing were left out because they are hard."""

import numpy as np
from numpy.typing import NDArray

from dwsynapse.verdicts import monte_carlo_p
from fitting.device import DeviceModel
from hardware.program import Program
from hardware.verification.class_tests.drawn_classes import SIMULATIONS
from hardware.verification.log_tests.result import LogResult
from network.trained_model import scores


def images_delivered(
    program: Program,
    device: DeviceModel,
    pixels: NDArray[np.uint8],
    labels: NDArray[np.int64],
    delivered: NDArray[np.int64],
    n_promised: int,
    rng: np.random.Generator,
) -> LogResult:
    """Compare the images in the log with those promised, the first `n_promised`.

    A log in which misread images were dropped lacks images that the network finds hard. The
    statistic is the mean margin of those that are missing: how far the score of their class is
    above the highest other, for mean reads. Its null distribution is that of as many images drawn
    at random from those promised and those in the log, which may show others instead. Nothing is
    missing from a log that has all.

    Parameters
    ----------
    program, device
        The program, and the device model under test.
    pixels
        Inputs of all test images, 0 or 1, shape (n_images, n_in).
    labels
        Their classes, shape (n_images,).
    delivered
        Numbers of the images in the log.
    n_promised
        Number of images promised.
    rng
        Source of the images drawn.
    """
    promised = np.arange(len(labels))[:n_promised]
    missing = np.setdiff1d(promised, delivered)
    harder, p_value, method = 0.0, 1.0, "no image is missing"
    if len(missing):
        either = np.union1d(promised, delivered)
        margins = _margins(program, device, pixels[either], labels[either])
        is_missing = np.isin(either, missing)
        mean = margins[is_missing].mean()
        harder = float(margins[~is_missing].mean() - mean)
        drawn = [
            rng.choice(margins, len(missing), replace=False).mean() for _ in range(SIMULATIONS)
        ]
        p_value = monte_carlo_p(-mean, -np.array(drawn))
        method = f"Monte Carlo, {SIMULATIONS} random choices of images"
    return LogResult(
        test="images delivered",
        question="d",
        weight=1.0 if len(missing) else 0.05,
        statistic=harder,
        statistic_meaning="mean margin of the images in the log minus that of the missing ones",
        p_value=p_value,
        p_value_method=method,
        simulations=SIMULATIONS if len(missing) else None,
        effect_size=len(missing) / len(promised),
        effect_meaning="share of the images promised that are missing",
        n=len(promised),
        details={
            "missing": len(missing),
            "first_missing": int(missing[0]) if len(missing) else None,
        },
    )


def _margins(
    program: Program, device: DeviceModel, pixels: NDArray[np.uint8], labels: NDArray[np.int64]
) -> NDArray[np.float64]:
    outputs = pixels @ device.curve.probability(program.fields_mT).T
    found = scores(outputs, program.biases, program.mixing)
    own = np.take_along_axis(found, labels[:, None], axis=1)[:, 0]
    np.put_along_axis(found, labels[:, None], -np.inf, axis=1)
    return np.asarray(own - found.max(axis=1))
