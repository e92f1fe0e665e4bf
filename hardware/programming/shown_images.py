"""The test images that a program shows to a device."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.io.number_format import counted
from dwsynapse.study import Hardware
from hardware.instruments.virtual_laboratory import require_rows
from hardware.program import Program
from network.images.prepared_images import Images


def shown_images(
    path: Path, program: Program, settings: Hardware
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Read the test images that are shown, as many as the settings say: pixels and classes.

    Raises
    ------
    InputError
        If there are fewer, or their reads are none or more than a log can hold.
    """
    prepared = Images.read(path, program.n_in, program.n_classes)
    if settings.images > len(prepared.test_labels):
        raise InputError(
            f"{counted(settings.images, 'image')} requested, of {len(prepared.test_labels)}",
            path=path,
            where="hardware.images",
            remedy="request fewer",
        )
    pixels = prepared.test_pixels[: settings.images]
    require_rows(program, pixels, path)
    return pixels, prepared.test_labels[: settings.images]
