"""Test accuracy of trained crossbars, with its intervals, and what they confuse."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from dwsynapse.io.errors import InputError
from dwsynapse.io.number_format import counted, interval, percent
from network.crossbar.kernels.gradients import classes
from network.crossbar.model.trained_crossbar import TrainedCrossbar
from network.images.grey_images import GreyImages
from network.model_spread import CONFIDENCE, spread

KIND, VERSION = "crossbar-accuracy", 1
STUDENT, WILSON = "Student, over models", "Wilson, over test images"
SAID = ("hidden", "update", "levels", "register_bits", "dataset")
"""Settings that the summary names."""


def require_images(crossbars: Sequence[TrainedCrossbar], images: GreyImages) -> None:
    """Refuse images of another size or number of classes than those that the networks learned.

    Raises
    ------
    InputError
        Naming both.
    """
    n_in, n_out = crossbars[0].widths[0], crossbars[0].widths[-1]
    found = images.test_pixels.shape[1], images.n_classes
    if found != (n_in, n_out):
        raise InputError(
            f"images of {found[0]} pixels in {found[1]} classes for networks of {n_in} inputs and "
            f"{n_out} classes",
            where="--images",
            remedy="give the images that they were trained on",
        )


def found_classes(crossbar: TrainedCrossbar, images: GreyImages) -> NDArray[np.int64]:
    """Return the class of each test image."""
    return classes(crossbar.weights, images.test_pixels, crossbar.config.activation)


def accuracy_content(
    crossbars: Sequence[TrainedCrossbar], found: Sequence[NDArray[np.int64]], images: GreyImages
) -> dict[str, Any]:
    """Return what ``crossbar-accuracy.json`` says.

    Parameters
    ----------
    crossbars
        Networks that differ by chance alone.
    found
        Class of each test image by each of them.
    images
        The images.

    Returns
    -------
    dict
        Keys device, source, settings, test_images, accuracy (mean, sd, low, high, interval,
        n_models, per_model), models (for each: accuracy with its Wilson interval, best_epoch,
        accuracies by epoch, lost_updates, pulses_per_image) and confusion (shares of the images of
        each class, by the class found, over all networks).
    """
    labels = images.test_labels
    right = [int((of_it == labels).sum()) for of_it in found]
    config = crossbars[0].config
    return {
        "device": crossbars[0].response.name,
        "source": crossbars[0].response.source,
        "settings": {key: getattr(config, key) for key in SAID},
        "test_images": len(labels),
        "accuracy": _over_models(right, len(labels)),
        "models": [
            _of_model(each, n, len(labels)) for each, n in zip(crossbars, right, strict=True)
        ],
        "confusion": confusion(labels, found, images.n_classes).tolist(),
    }


def _over_models(right: Sequence[int], n: int) -> dict[str, Any]:
    """Return mean and interval over the networks; of a single one that over the test images."""
    content = spread([k / n for k in right], shares=True)
    if len(right) > 1:
        return {**content, "interval": STUDENT}
    low, high = _wilson(right[0], n)
    return {**content, "low": low, "high": high, "interval": WILSON}


def _of_model(crossbar: TrainedCrossbar, right: int, n: int) -> dict[str, Any]:
    low, high = _wilson(right, n)
    record = crossbar.record
    return {
        "model": crossbar.model,
        "accuracy": right / n,
        "low": low,
        "high": high,
        "best_epoch": record.best_epoch,
        "test_accuracy": list(record.test_accuracy),
        "validation_accuracy": record.validation_accuracy and list(record.validation_accuracy),
        "lost_updates": record.lost_updates,
        "pulses_per_image": record.pulses_per_image and list(record.pulses_per_image),
    }


def _wilson(k: int, n: int) -> tuple[float, float]:
    found = binomtest(k, n).proportion_ci(CONFIDENCE, method="wilson")
    return float(found.low), float(found.high)


def confusion(
    labels: NDArray[np.int64], found: Sequence[NDArray[np.int64]], n_classes: int
) -> NDArray[np.float64]:
    """Return the share of the images of each class (row) that were taken for each (column)."""
    counts = np.zeros((n_classes, n_classes))
    for of_it in found:
        np.add.at(counts, (labels, of_it), 1)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def as_lines(content: dict[str, Any]) -> str:
    """Return the accuracy in words, and a line for each network."""
    over = content["accuracy"]
    models = counted(over["n_models"], "network")
    first = (
        f"{content['device']} ({content['source'] or 'source not known'}): "
        f"{percent(over['mean'], 2)} {_percents(over)} of {content['test_images']} test images, "
        f"{models} ({over['interval']})"
    )
    lines = [first]
    for row in content["models"]:
        lost = "" if row["lost_updates"] is None else f", {percent(row['lost_updates'], 1)} lost"
        lines.append(
            f"  model {row['model']}: {percent(row['accuracy'], 2)} {_percents(row)}, "
            f"epoch {row['best_epoch']} of {len(row['test_accuracy'])}{lost}"
        )
    return "\n".join(lines)


def _percents(row: dict[str, Any]) -> str:
    return interval(100 * row["low"], 100 * row["high"], 4)
