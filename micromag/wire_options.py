"""Arguments that several commands about wires have, and what they read from them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dwsynapse.io.command_options import assignments, block, numbers, several
from dwsynapse.io.errors import InputError
from dwsynapse.io.limits import MAX_FIELD_MT, MAX_TRIALS

if TYPE_CHECKING:
    from dwsynapse.study import SimulatedDevice

Config = Annotated[Path, block("devices.NAME", ", of a simulated device")]
WALL = typer.Option(help="The relaxed wall (OVF), from `relax`")
Wall = Annotated[Path, WALL]
FIELDS = several("--field-mT", "--fields", metavar="MT", help="Field")
Fields = Annotated[list[str], FIELDS]
Replicas = Annotated[int, typer.Option(help="Walls at each field", min=1, max=MAX_TRIALS)]
PlanOnly = Annotated[
    bool,
    typer.Option(
        "--plan-only", help="Stop where wires have to be simulated, and print a command for each"
    ),
]


def vary(**settings: Any) -> Any:
    """Return the option for keys of the device that may have other values than it declares."""
    return assignments(
        "--vary",
        help="A key of the device and what it may be: NAME=LOW:HIGH or NAME=MEAN+-SD where it is "
        "sought, NAME=A,B where values are compared, as in notch.covered_fraction=0.55,0.65",
        metavar="NAME=VALUES",
        **settings,
    )


def read_wire(config: Path) -> "SimulatedDevice":
    """Return the simulated wire that a config declares."""
    from dwsynapse.study import SimulatedDevice, read_block
    from dwsynapse.study.reading import read_keys

    if "track" in read_keys(config):
        raise InputError(
            "a track, whose wall a current drives",
            path=config,
            remedy="use `track` and `pulse`, or give a device with a `wire`",
        )
    device: SimulatedDevice = read_block(config, SimulatedDevice)
    return device


def read_fields_mT(words: list[str]) -> list[float]:
    """Return the fields of `FIELDS`."""
    return numbers(words, "--field-mT", float, 0, MAX_FIELD_MT)
