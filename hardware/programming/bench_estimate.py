"""What a program takes on a bench: operations, time and energy."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.io.number_format import counted
from fitting.device import DeviceModel
from hardware.early_reading import early_reading
from hardware.program import Program
from hardware.programming.simulated_correct import drawn_sums
from network.cost.inference_cost import NOT_INCLUDED, Cost


def estimate(
    program: Program, device: DeviceModel, pixels: NDArray[np.uint8], cost: Cost, seed: int
) -> dict[str, Any]:
    """Return the operations of a program, and the hours and the energy they take.

    With hidden layers or early exit the operations depend on outcomes; they are those of one
    simulation.

    Parameters
    ----------
    program
        The program.
    device
        The device it is to run on.
    pixels
        Inputs of the images that are to be shown, shape (n_images, n_in).
    cost
        What a read costs.
    seed
        Seed of the simulation.

    Raises
    ------
    InputError
        If the rate of the reads is so low that the hours are no finite number.
    """
    first, *later = program.layers
    reads = int(pixels.sum(dtype=np.int64)) * first.n_out * program.reads
    if later:
        fired = _fired(program, device, pixels, seed)
        widths = [layer.n_out for layer in later]
        reads += int(np.dot(fired, widths)) * program.reads
    elif program.early_exit:
        reads = _until_exit(program, device, pixels, seed)
    hours = cost.time_s(reads) / 3600
    if not math.isfinite(hours):
        raise InputError(
            f"{counted(reads, 'read')} at {cost.reads_per_s:g} reads per second never end",
            where="hardware.reads_per_s",
            remedy="give the rate of the bench",
        )
    return {
        "images": len(pixels),
        "operations": reads,
        "operations_per_image": reads / len(pixels),
        "reads_per_s": cost.reads_per_s,
        "hours": hours,
        "energy_per_read_J": cost.energy_per_read_J,
        "energy_J": cost.energy_J(reads),
        "energy_does_not_include": NOT_INCLUDED,
    }


def _fired(
    program: Program, device: DeviceModel, pixels: NDArray[np.uint8], seed: int
) -> NDArray[np.int64]:
    """Return how many neurons of each hidden layer fire for all images together."""
    total = np.zeros(len(program.hidden_biases), dtype=np.int64)
    for _, fired in _inferences(program, device, pixels, seed):
        total += [int(each.sum()) for each in fired]
    return total


def _until_exit(program: Program, device: DeviceModel, pixels: NDArray[np.uint8], seed: int) -> int:
    """Return how many reads early exit makes of all images together."""
    drawn = zip(pixels, _inferences(program, device, pixels, seed), strict=True)
    return sum(
        int(
            inputs.sum(dtype=np.int64)
            * early_reading(program, device, inputs[None], sums).made.sum()
        )
        for inputs, (sums, _) in drawn
    )


def _inferences(
    program: Program, device: DeviceModel, pixels: NDArray[np.uint8], seed: int
) -> Iterator[tuple[NDArray[np.int64], list[NDArray[np.uint8]]]]:
    """Yield the sums and the hidden neurons that fire of one inference of each image."""
    p = np.asarray(device.curve.probability(program.fields_mT), dtype=np.float32)[None]
    for image, inputs in enumerate(pixels):
        rng = np.random.default_rng([seed, 2, image])
        yield drawn_sums(program, p, np.flatnonzero(inputs), rng)
