"""What each layer of a program got, as a log tells: pixels, and what hidden neurons decided."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hardware.program import Program

Integers = NDArray[np.integer[Any]]


class LayerInputs(NamedTuple):
    """Inputs of all layers.

    Parameters
    ----------
    inputs
        Inputs of the images, 0 or 1, shape (n_images, inputs) as `hardware.wiring` numbers them:
        pixels, then what was read of the hidden neurons. Those of images without reads are 0.
    decided
        Whether the log says what a hidden neuron decides, shape (n_images, n_hidden).
    contrary
        Whether the next layer was read as if the neuron had decided otherwise, of that shape.
    """

    inputs: NDArray[np.uint8]
    decided: NDArray[np.bool_]
    contrary: NDArray[np.bool_]


def layer_inputs(
    program: Program,
    pixels: NDArray[np.uint8],
    image: Integers,
    out: Integers,
    in_: Integers,
    passed: Integers,
) -> LayerInputs:
    """Return what the layers of a program got at the images of a log.

    A neuron whose reads are not all there may have decided either way; what was read of it tells.
    Where an image has no read of the next layer at all, it was not shown to the end, and what was
    decided is what counts.

    Parameters
    ----------
    program
        The program that ran.
    pixels
        Inputs of all images, 0 or 1, shape (n_images, n_in).
    image, out, in_, passed
        The decided reads of the log, each of shape (n_reads,).
    """
    if not program.hidden_biases:
        none = np.zeros((len(pixels), 0), dtype=bool)
        return LayerInputs(pixels, none, none)
    n_images, (n_neurons, n_inputs) = len(pixels), program.fields_mT.shape
    neuron = image.astype(np.int64) * n_neurons + out
    passes, made = (
        np.bincount(neuron, counted, n_images * n_neurons).reshape(n_images, n_neurons)
        for counted in (passed, None)
    )
    read = np.zeros((n_images, n_inputs), dtype=bool)
    read[image, in_] = True
    inputs = np.zeros((n_images, n_inputs), dtype=np.uint8)
    inputs[:, : program.n_in] = pixels
    decided, contrary = (np.zeros((n_images, n_inputs - program.n_in), bool) for _ in range(2))
    for number, (layer, later) in enumerate(zip(program.layers, program.layers[1:], strict=False)):
        n_active = inputs[:, layer.in_].sum(axis=1, dtype=np.int64)[:, None]
        lacking = n_active * program.reads - made[:, layer.out]
        least, most = (program.fires(number, passes[:, layer.out] + more) for more in (0, lacking))
        was_read = read[:, later.in_]
        shown = was_read.any(axis=1, keepdims=True)
        known = least == most
        decided[:, layer.out] = known & shown
        contrary[:, layer.out] = known & shown & (was_read != least)
        inputs[:, later.in_] = np.where(shown, was_read, known & (least == 1))
    inputs[np.bincount(image, minlength=n_images) == 0, program.n_in :] = 0
    return LayerInputs(inputs, decided, contrary)
