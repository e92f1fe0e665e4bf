"""Early exit on a bench: which reads of an image are made, and the class that they give.

After each pass over the synapses the test of `network.cost.early_exit` drops the classes that
almost certainly cannot win; their synapses are not read any more.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fitting.device import DeviceModel
from hardware.program import Program
from network.cost.early_exit import EarlyExit

Integers = NDArray[np.int64]


class EarlyReading(NamedTuple):
    """Classes of images, (n_images,), and the passes made of each neuron, (n_images, n_out)."""

    classes: Integers
    made: Integers


def early_reading(
    program: Program, device: DeviceModel, pixels: NDArray[np.uint8], sums: Integers
) -> EarlyReading:
    """Return what early exit makes of the passes of images.

    Parameters
    ----------
    program
        The program, with its `early_exit`.
    device
        The device model, whose curve the test knows.
    pixels
        Inputs of the images, 0 or 1, shape (n_images, n_in).
    sums
        Passes of each neuron in each pass over its synapses, shape (n_images, reads, n_out); those
        after a class was dropped do not count.
    """
    rule = program.early_exit
    if rule is None:
        raise ValueError("the program has no early exit")
    f = device.curve.probability(program.fields_mT)
    test = EarlyExit(f, program.biases, pixels, rule.knows)
    looks = range(1, program.reads + 1)
    growing = np.cumsum(sums, axis=1).transpose(1, 0, 2).astype(float)
    found = test.decide(np.ascontiguousarray(growing), looks, rule.risk)
    return EarlyReading(found.classes[-1], found.made)


def classes_read(
    program: Program, device: DeviceModel, pixels: NDArray[np.uint8], sums: Integers
) -> Integers:
    """Return the classes of images, shape (n_images,), with early exit where the program has it.

    Parameters are those of `early_reading`.
    """
    if program.early_exit:
        return early_reading(program, device, pixels, sums).classes
    return program.predictions(sums.sum(axis=1), program.reads)
