"""How many pulses lead the devices of a crossbar to the conductances that they shall have."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from fitting.response.response_table import ResponseTable
from hardware.crossbars.programming.crossbar_program import (
    PROGRAM,
    CrossbarProgram,
    Floats,
    Method,
)
from hardware.crossbars.programming.walls import Walls


def programmed(
    devices: pd.DataFrame,
    table: ResponseTable,
    *,
    method: Method = "closed",
    levels: int | None = None,
    tolerance: float | None = None,
    max_pulses: int = 100,
    device: str | None = None,
    provenance: dict[str, Any] | None = None,
) -> CrossbarProgram:
    """Return the program of devices: how many pulses lead from their start to their conductance.

    Parameters
    ----------
    devices
        Columns of `PROGRAM` but for ``device`` and ``pulses``.
    table
        The response of the nominal device.
    method, levels, max_pulses, device, provenance
        As of `CrossbarProgram`.
    tolerance
        None: half a level, or half the mean step (`Walls.tolerance`).

    Raises
    ------
    InputError
        If a conductance is outside the range of its device, or more pulses than `max_pulses` lead
        there in the mean.
    """
    walls = Walls(table, levels)
    frame = devices.reset_index(drop=True)
    frame.insert(0, "device", np.arange(len(frame)))
    PROGRAM.check(frame.assign(pulses=0), "devices to be programmed")
    if tolerance is None:
        tolerance = walls.tolerance()
    made = CrossbarProgram(
        frame.assign(pulses=0),
        method,
        tolerance,
        max_pulses,
        levels,
        table.content_sha256,
        device,
        provenance or {},
    )
    pulses = mean_pulses(walls, made.start, made.target, max_pulses)
    return replace(made, devices=frame.assign(pulses=pulses))


def mean_pulses(walls: Walls, start: Floats, target: Floats, limit: int) -> NDArray[np.int64]:
    """Return the pulses, up above 0, after which walls of mean steps are nearest to their target.

    Raises
    ------
    InputError
        If it takes more than the limit.
    """
    direction = np.where(target >= start, 1, -1)
    x, pulses = start.astype(float), np.zeros(len(start), np.int64)
    left = np.arange(len(start))
    for _ in range(limit + 1):
        after = walls.mean_moved(x[left], direction[left])
        nearer = np.abs(after - target[left]) < np.abs(x[left] - target[left])
        left = left[nearer]
        if not len(left):
            return direction * pulses
        x[left] = after[nearer]
        pulses[left] += 1
    raise InputError(
        f"more than {limit} pulses lead to the conductance of {len(left)} devices",
        where="--max-pulses",
        remedy="give more, or start from another state",
    )
