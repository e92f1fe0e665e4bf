"""The devices of a trained crossbar, and the state that they start from."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dwsynapse.io.errors import InputError
from dwsynapse.io.tables.declared_table import Column, Table
from fitting.response.response_table import MAX_S
from hardware.crossbars.programming.crossbar_program import PLACES
from hardware.crossbars.programming.readings import require_near_range
from network.crossbar.model.trained_crossbar import TrainedCrossbar

ENDS = ("low", "high")
SIDES = np.array(["plus", "minus"])
STATE = Table(
    kind="crossbar-state",
    version=1,
    columns=(
        Column("device", "integer", low=0),
        Column("conductance_S", "float", low=-MAX_S, high=MAX_S),
    ),
    checks=((lambda s: s["device"] == np.arange(len(s)), "devices must be numbered from 0"),),
)
"""Conductances of all devices of a program: where it ends, or where the next one starts."""


def devices_of(crossbar: TrainedCrossbar) -> pd.DataFrame:
    """Return the devices of a trained crossbar: place, range, and conductance that it shall have.

    Returns
    -------
    DataFrame
        Columns layer, row (the input, the last of a layer being the bias), column (the neuron),
        digit (0 the highest), side (plus or minus), low_S, high_S, conductance_S.

    Raises
    ------
    InputError
        If it was trained by ideal updates, on no devices.
    """
    layers = []
    for number, layer in enumerate(crossbar.layers):
        target_S = crossbar.conductances_S(number)
        digit, side, row, column = (index.ravel() for index in np.indices(target_S.shape))
        assert layer.device is not None  # or it has no conductances
        kind = layer.device.ravel()
        places = zip(PLACES, (number, row, column, digit, SIDES[side]), strict=True)
        ranges: dict[str, Any] = {"low_S": crossbar.low_S[kind], "high_S": crossbar.high_S[kind]}
        layers.append(pd.DataFrame({**dict(places), **ranges, "conductance_S": target_S.ravel()}))
    return pd.concat(layers, ignore_index=True)


def started(devices: pd.DataFrame, start: str) -> pd.DataFrame:
    """Return devices with the conductance that they start from.

    Parameters
    ----------
    devices
        Of `devices_of`.
    start
        ``low`` or ``high``: all walls at one end. Otherwise a table of conductances (`STATE`),
        which are limited to the range of their device.

    Raises
    ------
    InputError
        If the table is wrong, of another number of devices, or has conductances far outside the
        ranges of its devices.
    """
    low_S, high_S = devices["low_S"], devices["high_S"]
    if start in ENDS:
        return devices.assign(start_S=low_S if start == "low" else high_S)
    state = STATE.read_lines(Path(start))
    if len(state) != len(devices):
        raise InputError(
            f"{len(state)} conductances for {len(devices)} devices",
            path=start,
            remedy="give low, high, or the final_conductances.csv of this crossbar",
        )
    conductance_S = state["conductance_S"]
    x = ((conductance_S.to_numpy() - low_S) / (high_S - low_S)).to_numpy(float)
    require_near_range(conductance_S, x, state["device"].to_numpy(), start)
    return devices.assign(start_S=np.clip(conductance_S.to_numpy(), low_S, high_S))
