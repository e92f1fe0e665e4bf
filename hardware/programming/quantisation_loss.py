"""How much accuracy the grid of the instrument's fields costs, before anything is measured."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from fitting.device import DeviceModel
from hardware.program import Program
from hardware.programming.simulated_correct import simulated_correct
from network.trained_model import ExportedNetwork

CONFIDENCE = 0.95


def quantisation_loss(
    program: Program,
    network: ExportedNetwork,
    device: DeviceModel,
    pixels: NDArray[np.uint8],
    labels: NDArray[np.int64],
    seed: int,
) -> dict[str, Any]:
    """Simulate the accuracy with the network's own fields and with those of the program.

    Both see the same random numbers, so that the difference is known better than either. The
    fields vary about neither.

    Parameters
    ----------
    program
        The program, with its fields on the grid.
    network
        The network it was made of.
    device
        The device it is to run on.
    pixels, labels
        Inputs (n_images, n_in) and classes (n_images,) of the images.
    seed
        Seed of the simulation; an image's numbers do not depend on other images.

    Returns
    -------
    dict
        Both accuracies, their difference with its interval (Agresti and Min's for paired
        proportions, over images), and on how many images and repetitions it rests.
    """
    exact_mT = program.fields_mT.copy()
    for place, of_layer in zip(program.layers, network.layer_fields_mT, strict=True):
        exact_mT[place] = of_layer
    both = np.stack([exact_mT, program.fields_mT])
    p = np.asarray(device.curve.probability(both), dtype=np.float32)
    correct, repetitions = simulated_correct(program, device, p, pixels, labels, seed)
    n = correct.shape[1]
    lost = correct[0] - correct[1]
    # Half an image is added to each cell of the table of right and wrong: an interval of images
    # that all agree has a width.
    centre = lost.sum() / (n + 2)
    sd = np.sqrt(((lost**2).sum() + 1) / (n + 2) - centre**2) / np.sqrt(n + 2)
    half = float(ndtri((1 + CONFIDENCE) / 2) * sd)
    return {
        "images": n,
        "reads": program.reads,
        "repetitions": repetitions,
        "field_step_mT": program.schedule.field_step_mT,
        "largest_change_mT": float(np.nanmax(np.abs(both[0] - both[1]))),
        "accuracy_exact_fields": float(correct[0].mean()),
        "accuracy_on_grid": float(correct[1].mean()),
        "loss": float(lost.mean()),
        "low": float(centre - half),
        "high": float(centre + half),
        "confidence": CONFIDENCE,
    }
