"""Accuracies without sampling, for comparison: the mean-field limit and the perceptron."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fitting.device import DeviceModel
from network.trained_model import ExportedNetwork, Rule, TrainedModel

RULES: tuple[Rule, ...] = ("mean-field-limit", "perceptron")


def reference_accuracies(
    models: Sequence[TrainedModel],
    device: DeviceModel,
    pixels: NDArray[np.uint8],
    labels: NDArray[np.int64],
) -> dict[str, float]:
    """Return the mean accuracy over the models, for each rule without sampling.

    Parameters
    ----------
    models
        Trained models with networks of both rules.
    device
        The device the fields are meant for.
    pixels
        Inputs, 0 or 1, shape (n_images, n_in).
    labels
        Classes, shape (n_images,).
    """
    return {
        rule: float(
            np.mean([_accuracy(model.network(rule), device, pixels, labels) for model in models])
        )
        for rule in RULES
    }


def _accuracy(
    network: ExportedNetwork,
    device: DeviceModel,
    pixels: NDArray[np.uint8],
    labels: NDArray[np.int64],
) -> float:
    if network.rule == "perceptron":
        weights = network.weights
    else:
        weights = device.curve.probability(network.fields_mT)
    return float(np.mean(network.predictions(pixels @ weights.T) == labels))
