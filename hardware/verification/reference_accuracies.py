"""Accuracies of the rules without sampling, for comparison."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dwsynapse.learning_rules import rules_without_sampling
from fitting.device import DeviceModel
from network.trained_model import ExportedNetwork, TrainedModel


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
        for rule in rules_without_sampling()
    }


def _accuracy(
    network: ExportedNetwork,
    device: DeviceModel,
    pixels: NDArray[np.uint8],
    labels: NDArray[np.int64],
) -> float:
    weights = network.weights if network.plain else device.curve.probability(network.fields_mT)
    return float(np.mean(network.predictions(pixels @ weights.T) == labels))
