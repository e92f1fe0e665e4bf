"""The program of a crossbar: the conductance that each device shall have, and how it gets there."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import atomic_path, read_json, require_file, sha256, write_json
from dwsynapse.io.json_shapes import Shape
from dwsynapse.io.tables.declared_table import Column, Table
from dwsynapse.study.crossbar import MAX_LEVELS
from fitting.response.response_table import MAX_S, ResponseTable
from hardware.same_file import require_same

Floats = NDArray[np.float64]
Method = Literal["closed", "open"]

KIND, VERSION = "crossbar-program-settings", 1
PLACES = ("layer", "row", "column", "digit", "side")
MAX_PULSES = 10_000
OUTSIDE = 1e-6
"""Conductances may be outside a range by such a share of it: they are rounded when written."""
REMEDY = "make the program again"
_conductances = tuple(
    Column(name, "float", low=0, high=MAX_S)
    for name in ("low_S", "high_S", "start_S", "conductance_S")
)
PROGRAM = Table(
    kind="crossbar-program",
    version=1,
    columns=(
        Column("device", "integer", low=0),
        *(Column(name, "integer", low=0) for name in PLACES[:-1]),
        Column("side", "text", choices=("plus", "minus")),
        *_conductances,
        Column("pulses", "integer", low=-MAX_PULSES, high=MAX_PULSES),
    ),
    checks=(
        (lambda p: p["device"] == np.arange(len(p)), "devices must be numbered from 0 in order"),
        (lambda p: ~p.duplicated([*PLACES]), "the device of this place occurs twice"),
        (lambda p: p["high_S"] > p["low_S"], "high_S must be above low_S"),
        (lambda p: _within(p, "start_S"), "start_S is outside low_S to high_S"),
        (lambda p: _within(p, "conductance_S"), "conductance_S is outside low_S to high_S"),
    ),
)


def _within(frame: pd.DataFrame, name: str) -> Any:
    slack_S = OUTSIDE * (frame["high_S"] - frame["low_S"])
    return frame[name].between(frame["low_S"] - slack_S, frame["high_S"] + slack_S)


class SettingsShape(Shape):
    """Contents of the ``crossbar_program.json`` of a ``crossbar_program.csv``."""

    program_sha256: str
    response_content_sha256: str
    method: Method
    tolerance: Annotated[float, Field(gt=0, le=1)]
    max_pulses: Annotated[int, Field(ge=1, le=MAX_PULSES)]
    levels: Annotated[int, Field(ge=2, le=MAX_LEVELS)] | None
    device: str | None = None
    provenance: dict[str, Any]


SETTINGS = set(SettingsShape.model_fields) - {"program_sha256"}


@dataclass(frozen=True)
class CrossbarProgram:
    """What the devices of a crossbar are programmed to.

    Parameters
    ----------
    devices
        A row for each device (`PROGRAM`): its place, the ends of its range, the conductance that it
        starts from and shall have, and with how many pulses it gets there in the mean (up above 0).
    method
        ``closed``: read, and pulse until the conductance is within the tolerance. ``open``: as many
        pulses as `devices` says, without reading in between.
    tolerance
        As a share of the range of a device.
    max_pulses
        Of one device in closed loop.
    levels
        Levels that the walls rest at; None: anywhere.
    response_content_sha256
        SHA-256 of the arrays of the response that the pulses were computed with.
    device
        Name of the device whose response it is; None where it is not known.
    provenance
        What the program was made from.
    """

    devices: pd.DataFrame
    method: Method
    tolerance: float
    max_pulses: int
    levels: int | None
    response_content_sha256: str
    device: str | None = None
    provenance: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return the number of devices."""
        return len(self.devices)

    @property
    def span_S(self) -> Floats:
        """Range of each device, shape (n_devices,)."""
        return (self.devices["high_S"] - self.devices["low_S"]).to_numpy(float)

    @property
    def target(self) -> Floats:
        """Positions that the walls shall have, 0 to 1, shape (n_devices,)."""
        return self.positions(self.devices["conductance_S"].to_numpy(float))

    @property
    def start(self) -> Floats:
        """Positions that the walls start from, shape (n_devices,)."""
        return self.positions(self.devices["start_S"].to_numpy(float))

    @property
    def pulses(self) -> NDArray[np.int64]:
        """Pulses in open loop, up above 0, shape (n_devices,)."""
        return self.devices["pulses"].to_numpy(np.int64)

    def positions(self, conductance_S: Floats, device: Any = slice(None)) -> Floats:
        """Return conductances as shares of the range of their devices."""
        return (conductance_S - self.devices["low_S"].to_numpy(float)[device]) / self.span_S[device]

    def conductances_S(self, x: Floats) -> Floats:
        """Return the conductances of all devices with their walls at x."""
        return self.devices["low_S"].to_numpy(float) + self.span_S * x

    def write(self, path: str | Path) -> None:
        """Write ``crossbar_program.csv``, and ``crossbar_program.json`` next to it."""
        with atomic_path(path) as temporary:
            PROGRAM.write(temporary, self.devices, self.provenance)
            content = {
                "program_sha256": sha256(temporary),
                "response_content_sha256": self.response_content_sha256,
                "method": self.method,
                "tolerance": self.tolerance,
                "max_pulses": self.max_pulses,
                "levels": self.levels,
                "device": self.device,
                "provenance": self.provenance,
            }
            write_json(Path(path).with_suffix(".json"), KIND, VERSION, content)

    @classmethod
    def read(cls, path: str | Path, response: str | Path) -> "CrossbarProgram":
        """Read a program that is to be used with a response (``response.npz``).

        Raises
        ------
        InputError
            If a file is missing or damaged, if the two do not belong together, or if the response
            is another one.
        """
        frame = PROGRAM.read(path)
        header = Path(path).with_suffix(".json")
        require_file(header, remedy=f"keep it next to {path}, or {REMEDY}")
        content = read_json(header, KIND, VERSION, SettingsShape, REMEDY)
        problem = f"{path} is not the program that {header.name} was written with, or changed since"
        require_same(
            path,
            content["program_sha256"],
            problem,
            path=header,
            where="program_sha256",
            remedy=f"keep both files of one program together, or {REMEDY}",
        )
        if ResponseTable.read(response).content_sha256 != content["response_content_sha256"]:
            raise InputError(
                f"the program was made with another response than {response}",
                path=path,
                remedy=f"give the response.npz that was used, or {REMEDY}",
            )
        settings = {key: value for key, value in content.items() if key in SETTINGS}
        return cls(frame, **settings)
