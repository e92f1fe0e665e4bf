"""Networks read pass by pass: the sums of their neurons after growing numbers of reads."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from network.kinds import Kind
from network.reads.neuron_sums import neuron_sums
from network.reads.random_streams import stream
from network.trained_model import ExportedNetwork, TrainedModel


def growing_sums(
    model: TrainedModel,
    network: ExportedNetwork,
    f: NDArray[np.float64],
    pixels: NDArray[np.uint8],
    reads: Sequence[int],
    purpose: str = "plan",
) -> NDArray[np.float64]:
    """Sample the neuron sums S_i of a network after each of some numbers of reads, exactly.

    Parameters
    ----------
    model, network
        The network and its model, whose seed determines the reads.
    f
        Passing probabilities of its synapses, shape (n_out, n_in).
    pixels
        Binary images, shape (n_images, n_in).
    reads
        Numbers of reads per synapse, in rising order, shape (n_looks,).
    purpose
        Another purpose has other random numbers.

    Returns
    -------
    ndarray
        Passes, shape (n_looks, n_images, n_out): each row continues the one before.
    """
    kind = Kind(network.rule, network.reads_train)
    sums = np.empty((len(reads), len(pixels), len(f)))
    for look, (before, now) in enumerate(zip([0, *reads], reads, strict=False)):
        streams = np.array([stream(model.seed, model.model, kind, purpose, now)])
        sums[look] = neuron_sums(f[None], pixels, [now - before], streams)[0]
    return np.cumsum(sums, axis=0)
