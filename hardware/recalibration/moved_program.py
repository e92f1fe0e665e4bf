"""A program whose fields follow a device that has drifted."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import sha256
from fitting.device import DeviceModel
from fitting.device.content_hash import content_sha256
from hardware.program import Program


def moved_program(
    program: Program, offset_mT: float, device: DeviceModel, step_mT: float
) -> Program:
    """Return the program with its fields shifted, on the grid and in the range of a device.

    Parameters
    ----------
    program
        The program of the device before.
    offset_mT
        How far the centre of its curve has moved.
    device
        The device as it is now.
    step_mT
        Grid of the instrument.

    Raises
    ------
    InputError
        If the sinusoidal field of the program does not reach a shifted field.
    """
    fields_mT = device.field_grid(step_mT).nearest_mT(program.fields_mT + offset_mT)
    schedule = replace(program.schedule, field_step_mT=step_mT)
    if schedule.sinusoid:
        schedule.trigger(fields_mT)
    return replace(
        program, fields_mT=fields_mT, schedule=schedule, estimate=None, quantisation=None
    )


def of_device(program: Program, device: str | Path, provenance: dict[str, Any]) -> Program:
    """Return the program as one of a device's file, with what it was made from."""
    return replace(
        program,
        device_sha256=sha256(device),
        device_content_sha256=content_sha256(device),
        provenance=provenance,
    )


def matched_probabilities(
    program: Program, before: DeviceModel, now: DeviceModel, step_mT: float
) -> NDArray[np.float64]:
    """Return the passing probabilities of the program's synapses, as far as a device reaches them.

    Fields at which the device as it is now passes walls as often as the one before did, but none
    below or above what its range of fields allows. A network that is trained again reaches about
    what these give, or more.
    """
    grid = now.field_grid(step_mT)
    ends = np.array([grid.lowest, grid.highest]) * step_mT
    low, high = now.curve.probability(ends)
    if not low < high:
        raise InputError(
            f"the refitted curve of {now.name!r} does not rise over its fields",
            remedy="measure more reads, at fields below and above the rise",
        )
    return np.clip(before.curve.probability(program.fields_mT), low, high)
