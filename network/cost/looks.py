"""Networks looked at after growing numbers of reads: their sums, and which synapses were read."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from network.cost.growing_sums import growing_sums
from network.images.active_inputs import active_inputs
from network.kinds import Kind
from network.reads.layer_reads import read_layers
from network.reads.random_streams import stream
from network.trained_model import ExportedNetwork, TrainedModel

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Looks:
    """What a network shows after each of some numbers of reads.

    Parameters
    ----------
    sums
        Passes of the neurons of the last layer, shape (n_looks, n_images, n_out).
    fired
        For each look, which neurons of each hidden layer injected walls, 0 or 1, each of shape
        (n_images, n_hidden).
    """

    sums: Floats
    fired: list[list[NDArray[np.uint8]]]

    def later_reads(self, network: ExportedNetwork) -> Floats:
        """Return the mean reads of an image in one pass over all layers but the first, (n_looks,).

        Those of the first follow from the images.
        """
        widths = [len(layer.biases) for layer in network.layers[1:]]
        return np.array(
            [
                sum(n * float(x.sum(axis=1).mean()) for n, x in zip(widths, inputs, strict=True))
                for inputs in self.fired
            ],
            dtype=float,
        )

    def mean_over_reads(self, pixels: NDArray[np.uint8], values: Sequence[Floats]) -> Floats:
        """Return the mean over images of the sum of a value of all synapses read once, (n_looks,).

        Parameters
        ----------
        pixels
            Binary images, shape (n_images, n_in).
        values
            A value of each synapse, such as the energy of a read, for each layer (n_out, n_in).
        """
        first = float((pixels @ values[0].T).sum(axis=1).mean())
        return np.array(
            [
                first
                + sum(
                    float((x @ of_layer.T).sum(axis=1).mean())
                    for x, of_layer in zip(inputs, values[1:], strict=True)
                )
                for inputs in self.fired
            ]
        )


def looks(
    model: TrainedModel,
    network: ExportedNetwork,
    f: Sequence[Floats],
    pixels: NDArray[np.uint8],
    reads: Sequence[int],
    purpose: str = "plan",
) -> Looks:
    """Read a network, with sums that grow from look to look where it has a single layer.

    With hidden layers every look is an inference of its own: what its neurons decide from more
    reads of their inputs changes which synapses the next layer reads.

    Parameters
    ----------
    model, network, pixels, reads, purpose
        As for `network.cost.growing_sums.growing_sums`.
    f
        Passing probabilities of the synapses of each layer, shape (n_out, n_in).
    """
    if not network.hidden:
        sums = growing_sums(model, network, f[0], pixels, reads, purpose)
        return Looks(sums, [[] for _ in reads])
    kind, images = Kind(network.rule, network.reads_train), active_inputs(pixels)
    found = [
        read_layers(network, f, k, images, stream(model.seed, model.model, kind, purpose, k))
        for k in reads
    ]
    sums = np.array([k * one.outputs for k, one in zip(reads, found, strict=True)])
    return Looks(sums, [one.fired for one in found])
