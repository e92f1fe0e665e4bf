"""In which order the reads of a log were made, against that of the program."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.program import Program
from hardware.schedule import operations
from hardware.verification.reads import Reads

MAX_IMAGES = 200
"""Images that are looked at, evenly spread over the log."""


def order_of_reads(
    reads: Reads, program: Program, inputs: NDArray[np.uint8], timed: bool
) -> dict[str, Any]:
    """Return how many images were read in the order of the program.

    No verdict hangs on it: another order is as good as long as nothing drifts, and the test of
    drift uses the order that there was.

    Parameters
    ----------
    reads
        The reads, in their order.
    program
        The program, whose schedule says the order of each image's reads.
    inputs
        Inputs of all images and layers, 0 or 1, shape (n_images, inputs)
        (`hardware.layer_inputs`).
    timed
        Whether the log says when its reads were made.

    Returns
    -------
    dict
        ``programmed``, the name of the order; ``images``, how many were looked at;
        ``as_programmed``, the share of them that was read in it, reads that are missing left out;
        None without times.
    """
    found = {"programmed": program.schedule.order, "images": 0, "as_programmed": None}
    if not timed:
        return found
    images = np.unique(reads.image)
    some = images[np.unique(np.linspace(0, len(images) - 1, MAX_IMAGES).astype(int))]
    in_order = 0
    for image, asked in zip(some, operations(program, inputs, map(int, some)), strict=True):
        shape = *program.fields_mT.shape, program.reads
        place = np.empty(shape, dtype=np.int64)
        place[asked.out, asked.in_, asked.read] = np.arange(len(asked))
        chosen = np.flatnonzero(reads.image == image)
        made = place[reads.out[chosen], reads.in_[chosen], reads.read[chosen]]
        in_order += bool((np.diff(made) > 0).all())
    return found | {"images": len(some), "as_programmed": in_order / len(some)}
