"""The outputs of one network's neurons for many images, for validation and tests."""

import numpy as np
from numpy.typing import NDArray

from dwsynapse.kernels import compiled
from network.images.active_inputs import ActiveInputs
from network.reads.neuron_sums import draw_sums


def outputs(
    weights: NDArray[np.float64],
    reads: int | None,
    images: ActiveInputs,
    stream: np.uint64,
    first_image: int = 0,
) -> NDArray[np.float64]:
    """Return the outputs y_i before the bias: of the reads, or of the mean weights.

    Parameters
    ----------
    weights
        Passing probabilities, or any weights where their mean is the output, shape (n_in, n_out).
    reads
        Reads K per synapse; None for the mean.
    images
        The images.
    stream, first_image
        Stream of random numbers, and the number of the first image in it.

    Returns
    -------
    ndarray
        Shape (n_images, n_out).
    """
    y = np.zeros((len(images.bounds), weights.shape[1]))
    if reads is None:
        add_weights(weights, *images, y)
    else:
        draw_sums(weights, images, reads, stream, first_image, y)
        y /= reads
    return y


@compiled(nogil=True)
def add_weights(weights, indices, bounds, sums):  # type: ignore[no-untyped-def]
    """Add to each image's sums, shape (n_images, n_out), the weights of its active inputs."""
    width = weights.shape[1]
    for b in range(len(bounds)):
        row = sums[b]
        for a in range(bounds[b, 0], bounds[b, 1]):
            j = indices[a]
            for i in range(width):
                row[i] += weights[j, i]
