"""The files of a program: the table of its synapses, and the header with its biases."""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from dwsynapse.io.errors import InputError
from dwsynapse.io.json_shapes import Shape
from dwsynapse.io.limits import MAX_READS, MAX_SEED
from dwsynapse.io.tables.declared_table import Column, Table
from dwsynapse.learning_rules import ON_DEVICE
from hardware.wiring import Layer, wiring

KIND, VERSION = "program-biases", 1
MAX_LAYERS = 9
PROGRAM = Table(
    kind="program",
    version=1,
    columns=(
        Column("out", "integer", low=0),
        Column("in", "integer", low=0),
        Column("field_mT", "float", low=0),
        Column("reads", "integer", low=1, high=MAX_READS),
        Column("phase_deg", "float", low=0, high=360, required=False),
        Column("delay_us", "float", low=0, required=False),
        Column("layer", "integer", low=0, high=MAX_LAYERS - 1, required=False),
    ),
    checks=((lambda p: ~p.duplicated(["out", "in"]), "the synapse (out, in) occurs twice"),),
)


class ScheduleShape(Shape):
    """Contents of ``bench`` in ``program.json``: `hardware.schedule.Schedule`."""

    field_step_mT: float | None
    field_sinusoid: dict[str, float] | None
    order: str
    order_seed: Annotated[int, Field(ge=0, le=MAX_SEED)]


class ProgramShape(Shape):
    """Contents of the ``program.json`` of a ``program.csv``."""

    program_sha256: str
    device_sha256: str
    device_content_sha256: str | None = None
    rule: str = ON_DEVICE
    reads_train: Annotated[int, Field(ge=1)]
    model: Annotated[int, Field(ge=0)]
    biases: list[float]
    hidden_biases: list[list[float]] | None = None
    mixing: list[list[float]] | None = None
    bench: ScheduleShape | None = None
    estimate: dict[str, Any] | None = None
    quantisation: dict[str, Any] | None = None
    early_exit: dict[str, Any] | None = None
    provenance: dict[str, Any]


def synapses(
    frame: pd.DataFrame, path: str | Path
) -> tuple[NDArray[np.float64], tuple[Layer, ...]]:
    """Return the fields of a program's table as a matrix, and its layers.

    Parameters
    ----------
    frame
        The table `PROGRAM`.
    path
        Its file.

    Returns
    -------
    fields_mT : ndarray
        Shape (neurons, inputs) as `hardware.wiring` numbers them, NaN where no synapse is.
    layers : tuple of Layer
        From the pixels on.

    Raises
    ------
    InputError
        If not every synapse of every layer is there once, with the same reads.
    """
    out, in_ = (frame[name].to_numpy() for name in ("out", "in"))
    layer = frame["layer"].to_numpy() if "layer" in frame else np.zeros(len(frame), int)
    ends = [int(out[layer == n].max(initial=-1)) + 1 for n in range(int(layer.max()) + 1)]
    layers = wiring(int(in_[layer == 0].max(initial=0)) + 1, np.diff([0, *ends]).tolist())
    shape = layers[-1].out.stop, layers[-1].in_.stop
    whole = len(frame) == sum(max(each.n_out, 0) * each.n_in for each in layers)
    whole = whole and out.max() < shape[0] and in_.max() < shape[1]
    if whole:
        fields_mT = np.full(shape, np.nan)
        fields_mT[out, in_] = frame["field_mT"].to_numpy(float)
        whole = not any(np.isnan(fields_mT[each]).any() for each in layers)
    if not whole or frame["reads"].nunique() > 1:
        sizes = " and ".join(f"{max(each.n_out, 0)} x {max(each.n_in, 0)}" for each in layers)
        raise InputError(
            f"{len(frame)} rows do not give each of {sizes} synapses once with the same reads",
            path=path,
            remedy="make the program again",
        )
    return fields_mT, layers
