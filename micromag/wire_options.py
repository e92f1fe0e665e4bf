"""Arguments that several commands about wires have, and what they read from them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dwsynapse.io.command_options import block, numbers, several
from dwsynapse.io.errors import InputError
from dwsynapse.io.limits import MAX_FIELD_MT

if TYPE_CHECKING:
    from dwsynapse.study import SimulatedDevice

Config = Annotated[Path, block("devices.NAME", ", of a simulated device")]
WALL = typer.Option(help="The relaxed wall (OVF), from `relax`")
Wall = Annotated[Path, WALL]
FIELDS = several("--field-mT", "--fields", metavar="MT", help="Field")
Fields = Annotated[list[str], FIELDS]


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
