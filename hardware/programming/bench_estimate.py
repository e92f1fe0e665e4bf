"""What a program takes on a bench: operations, time and energy."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.io.number_format import counted
from hardware.program import Program
from network.cost.inference_cost import NOT_INCLUDED, Cost


def estimate(program: Program, pixels: NDArray[np.uint8], cost: Cost) -> dict[str, Any]:
    """Return the operations of a program, and the hours and the energy they take.

    Parameters
    ----------
    program
        The program.
    pixels
        Inputs of the images that are to be shown, shape (n_images, n_in).
    cost
        What a read costs.

    Raises
    ------
    InputError
        If the rate of the reads is so low that the hours are no finite number.
    """
    reads = int(pixels.sum(dtype=np.int64)) * len(program.biases) * program.reads
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
