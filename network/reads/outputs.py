"""What the neurons of one network put out for many images: what validation and tests run."""

import numpy as np
from numpy.typing import NDArray

from network.images.active_inputs import ActiveInputs
from network.reads.neuron_sums import draw_sums
from network.training.learning_rules import add_weights


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
