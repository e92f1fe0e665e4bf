"""The parameters of single-layer networks in one row: synapses, then biases."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def synapses_and_biases(parameters: Floats, n_in: int) -> tuple[Floats, Floats]:
    """Return views of the two parts of rows of parameters.

    Parameters
    ----------
    parameters
        Shape (n_networks, n_in n_out + n_out).
    n_in
        Inputs of each network.

    Returns
    -------
    ndarray
        Synapses, shape (n_networks, n_in, n_out).
    ndarray
        Biases, shape (n_networks, n_out).
    """
    n_out = parameters.shape[1] // (n_in + 1)
    synapses, biases = np.split(parameters, [n_in * n_out], axis=1)
    return synapses.reshape(-1, n_in, n_out), biases
