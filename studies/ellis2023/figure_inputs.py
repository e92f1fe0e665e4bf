"""Inputs of the figures: a device, models trained on it with the paper's reads, images."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from fitting.device import DeviceModel
from network.images.prepared_images import Images
from network.kinds import Kind
from network.reads.neuron_sums import neuron_sums
from network.reads.random_streams import stream
from network.trained_model import ExportedNetwork, TrainedModel, best_network

FEW, MANY = 1, 128  # the K_train that the paper compares
NEEDED: tuple[tuple[str, int | None], ...] = (
    *((rule, k) for rule in ("stochastic", "mean-field") for k in (FEW, 2, MANY)),
    ("mean-field-limit", None),
    ("perceptron", None),
)
IMAGES = 600  # number of test images, from the first (Fig. 4)
REMEDY = (
    "train with reads_train that include 1, 2 and 128 and with both rules, as block `paper` does"
)


@dataclass(frozen=True)
class Material:
    """A device, independently trained models of one kind, and images.

    Parameters
    ----------
    device
        The device.
    models
        Models trained on it, each with the networks that the figures need.
    images
        The images they were trained on and are tested on.
    """

    device: DeviceModel
    models: tuple[TrainedModel, ...]
    images: Images

    @property
    def reads(self) -> list[int]:
        """Reads K_train for which there is a network of the stochastic rule, sorted."""
        networks = self.models[0].networks
        return sorted(n.reads_train for n in networks if n.rule == "stochastic" and n.reads_train)

    def best(self, reads_train: int) -> tuple[TrainedModel, ExportedNetwork]:
        """Return the network of the stochastic rule with the lowest validation loss."""
        return best_network(self.models, reads_train)

    def passing(self, network: ExportedNetwork) -> NDArray[np.float64]:
        """Return the passing probabilities f(h_ij) of a network, shape (n_out, n_in)."""
        return np.asarray(self.device.curve.probability(network.fields_mT))

    @property
    def label(self) -> str:
        """Name of the device and where its curve comes from, for titles."""
        return f"{self.device.name} ({self.device.source})"


def require_networks(paths: Sequence[Path], models: Sequence[TrainedModel]) -> None:
    """Refuse models without the networks that the figures need.

    Raises
    ------
    InputError
        Naming the first file and its first missing network.
    """
    for path, model in zip(paths, models, strict=True):
        found = {(network.rule, network.reads_train) for network in model.networks}
        for rule, reads in NEEDED:
            if (rule, reads) not in found:
                which = rule if reads is None else f"{rule} with {reads} reads"
                raise InputError(
                    f"no network of rule {which}", path=path, where="networks", remedy=REMEDY
                )


def sampled_outputs(
    f: NDArray[np.float64],
    inputs: NDArray[np.uint8],
    reads: int,
    model: TrainedModel,
    purpose: str,
    number: int = 0,
) -> NDArray[np.float64]:
    """Draw the outputs y (Eq. 3) of one network exactly, before the bias.

    Parameters
    ----------
    f
        Passing probabilities, shape (n_out, n_in).
    inputs
        Binary inputs, shape (n_images, n_in).
    reads
        Reads K_test per synapse.
    model
        The model, whose seed and number determine the draws.
    purpose, number
        What the draws are for, and which of its repetitions this is.

    Returns
    -------
    ndarray
        Shape (n_images, n_out).
    """
    streams = np.array(
        [stream(model.seed, model.model, Kind("stochastic", reads), purpose, number)]
    )
    return np.asarray(neuron_sums(f[None], inputs, [reads], streams)[0] / reads)
