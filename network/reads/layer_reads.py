"""Networks read layer by layer: the neurons of a hidden layer decide what the next one gets."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from network.images.active_inputs import ActiveInputs, active_inputs
from network.reads.outputs import outputs
from network.reads.random_streams import layer_stream
from network.trained_network import ExportedNetwork

Floats = NDArray[np.float64]


class LayerReads(NamedTuple):
    """What a network is read as.

    Parameters
    ----------
    outputs
        Outputs of the last layer before the bias, shape (n_images, n_out).
    fired
        Which neurons of each hidden layer inject walls, 0 or 1, each of shape (n_images, n_hidden).
    """

    outputs: Floats
    fired: list[NDArray[np.uint8]]


def read_layers(
    network: ExportedNetwork,
    weights: Sequence[Floats],
    reads: int | None,
    images: ActiveInputs,
    stream: np.uint64,
) -> LayerReads:
    """Read a network for some images.

    Parameters
    ----------
    network
        The network; its biases decide which hidden neurons fire.
    weights
        Passing probabilities of each of its layers (or any weights where their mean is the output),
        shape (n_out, n_in).
    reads
        Reads K per synapse; None for the mean.
    images
        The images.
    stream
        Stream of random numbers, of the first layer; those of the others follow from it.
    """
    fired: list[NDArray[np.uint8]] = []
    for number, (layer, of_layer) in enumerate(zip(network.layers, weights, strict=True)):
        own = layer_stream(stream, number)
        y = outputs(np.ascontiguousarray(of_layer.T), reads, images, own)
        if number < len(network.hidden):
            fired.append(layer.fires(y))
            images = active_inputs(fired[-1])
    return LayerReads(y, fired)
