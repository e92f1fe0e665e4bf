"""What a network makes of images, and the changes of its weights that a mini-batch asks for."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def classes(
    weights: Sequence[Floats], pixels: NDArray[np.uint8], activation: str
) -> NDArray[np.int64]:
    """Return the class of each image.

    Parameters
    ----------
    weights
        Weights of each layer, the last row that of the bias, shape (n_in + 1, n_out).
    pixels
        Images, 0 to 255, shape (n_images, n_in).
    activation
        Of the hidden neurons.
    """
    return outputs_of(weights, pixels, activation)[-1].argmax(axis=1)


def outputs_of(
    weights: Sequence[Floats], pixels: NDArray[np.uint8], activation: str
) -> list[Floats]:
    """Return the outputs of all layers, the first being the pixels, 0 to 1, the last sums.

    Parameters are those of `classes`; shapes are (n_images, n).
    """
    outputs = [pixels.astype(np.float32) / np.float32(255)]
    for n, w in enumerate(weights):
        sums = outputs[-1] @ w[:-1] + w[-1]
        outputs.append(_activated(sums, activation) if n < len(weights) - 1 else sums)
    return outputs


def slopes_of(
    weights: Sequence[Floats], outputs: Sequence[Floats], labels: NDArray[np.int64], activation: str
) -> list[Floats]:
    """Return the derivatives of the cross-entropy of each image by the sums of all neurons.

    Parameters
    ----------
    weights, activation
        As of `classes`.
    outputs
        From `outputs_of`.
    labels
        Class of each image.

    Returns
    -------
    list of ndarray
        For each layer of weights, shape (n_images, n_out).
    """
    shares = np.exp(outputs[-1] - outputs[-1].max(axis=1, keepdims=True))
    slopes = [shares / shares.sum(axis=1, keepdims=True)]
    slopes[0][np.arange(len(labels)), labels] -= 1
    for n in range(len(weights) - 1, 0, -1):
        behind = slopes[0] @ weights[n][:-1].T
        slopes.insert(0, behind * _derivative(outputs[n], activation))
    return slopes


def wanted_changes(
    weights: Sequence[Floats],
    pixels: NDArray[np.uint8],
    labels: NDArray[np.int64],
    activation: str,
    rate: float,
) -> list[Floats]:
    """Return the changes of the weights of each layer that a mini-batch asks for.

    They are minus the rate times the summed derivatives of the cross-entropy.
    """
    outputs = outputs_of(weights, pixels, activation)
    slopes = slopes_of(weights, outputs, labels, activation)
    ones = np.ones((len(labels), 1), np.float32)
    return [
        -np.float32(rate) * (np.concatenate([y, ones], axis=1).T @ slope)
        for y, slope in zip(outputs, slopes, strict=False)
    ]


def _activated(sums: Floats, activation: str) -> Floats:
    if activation == "sigmoid":
        return np.float32(1) / (np.float32(1) + np.exp(-sums))
    return np.tanh(sums) if activation == "tanh" else np.maximum(sums, 0)


def _derivative(outputs: Floats, activation: str) -> Floats:
    if activation == "sigmoid":
        return outputs * (1 - outputs)
    return 1 - outputs**2 if activation == "tanh" else (outputs > 0).astype(np.float32)
