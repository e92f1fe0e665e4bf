"""Binary images as lists of the inputs that are 1: a fifth of the pixels of MNIST."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dwsynapse.kernels import compiled


class ActiveInputs(NamedTuple):
    """The inputs of each image that are 1.

    Parameters
    ----------
    indices
        Their indices, image after image, shape (n_active,).
    bounds
        Start and end of each image in `indices`, shape (n_images, 2).
    """

    indices: NDArray[np.int32]
    bounds: NDArray[np.int64]

    def take(self, images: NDArray[np.int64] | slice) -> "ActiveInputs":
        """Return the chosen images, in the order given."""
        return ActiveInputs(self.indices, self.bounds[images])


class LabelledInputs(NamedTuple):
    """Images and their classes.

    Parameters
    ----------
    inputs
        The images.
    labels
        Shape (n_images,).
    """

    inputs: ActiveInputs
    labels: NDArray[np.int64]

    def take(self, images: NDArray[np.int64] | slice) -> "LabelledInputs":
        """Return the chosen images with their classes, in the order given."""
        return LabelledInputs(self.inputs.take(images), self.labels[images])


def active_inputs(inputs: NDArray[np.uint8]) -> ActiveInputs:
    """Return the active inputs of binary images, shape (n_images, n_in)."""
    ends = np.cumsum(np.count_nonzero(inputs, axis=1))
    bounds = np.stack([np.concatenate([[0], ends[:-1]]), ends], axis=1)
    indices = np.empty(ends[-1] if len(ends) else 0, np.int32)
    _list_active(inputs, indices)
    return ActiveInputs(indices, bounds)


@compiled(nogil=True)
def _list_active(inputs, indices):  # type: ignore[no-untyped-def]
    found = 0
    for b in range(inputs.shape[0]):
        for j in range(inputs.shape[1]):
            if inputs[b, j] != 0:
                indices[found] = j
                found += 1
