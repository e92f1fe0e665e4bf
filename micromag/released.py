"""The walls that trials release, relaxed in every variant, and the file they are kept in.

The file is an OVF 2.0 field with three values in each cell for every variant, in the order of
`config.Wall.variants`; with one variant it is an ordinary magnetisation.
"""

from pathlib import Path

import discretisedfield as df
import numpy as np
from numpy.typing import NDArray

from config import SimulatedDevice
from micromag.problem import Problem
from micromag.relax import relax
from micromag.trials import Locator
from micromag.wire import declare
from workflow.errors import InputError
from workflow.files import read_json, sha256


def relaxed_walls(device: SimulatedDevice) -> tuple[NDArray[np.float64], list[float]]:
    """Return the relaxed walls, shape (variants, 3, cells), and their positions in nm.

    Raises
    ------
    InputError
        If relaxing moved a wall towards the notch or out of the wire.
    """
    systems = [declare(device, variant) for variant in range(len(device.wall.variants))]
    problem = Problem.of(systems[0])
    walls = relax(problem, np.stack([problem.unit_vectors(system.m) for system in systems]))
    positions_nm = Locator(problem).position_nm(walls.transpose(1, 2, 0)).tolist()
    for position_nm in positions_nm:
        _require_in_place(device, position_nm)
    return walls, positions_nm


def _require_in_place(device: SimulatedDevice, position_nm: float) -> None:
    distance_nm = device.protocol.release_distance_nm
    moved_nm = abs(position_nm - device.wire.notch.centre_nm + distance_nm)
    if moved_nm > 0.2 * distance_nm:
        raise InputError(
            f"the wall moved {moved_nm:.0f} nm while it relaxed, to x = {position_nm:.0f} nm",
            where="protocol.release_distance_nm",
            remedy="release the wall farther from the notch and from the end of the wire, "
            "or set wire.ends to continued",
        )


def walls_field(device: SimulatedDevice, walls: NDArray[np.floating]) -> df.Field:
    """Return walls of shape (variants, 3, cells) as the field that the file holds, in A/m."""
    system = declare(device)
    values = walls.reshape(-1, *system.m.mesh.n) * system.m.norm.array[..., 0]
    return df.Field(system.m.mesh, nvdim=len(values), value=np.moveaxis(values, 0, -1))


def check_walls(walls: Path, config: Path) -> None:
    """Raise `InputError` if the JSON beside the walls says that they are not of this config.

    Walls without it, brought from elsewhere, are taken as they are.
    """
    told = walls.with_suffix(".json")
    if told.is_file():
        origin = read_json(told, "wall", 1)
        if (origin["provenance"]["config_sha256"], origin["wall_sha256"]) != (
            sha256(config),
            sha256(walls),
        ):
            raise InputError(
                "relaxed with another config, or changed since",
                path=walls,
                remedy="relax the wall again with this config",
            )


def read_walls(path: Path, device: SimulatedDevice, problem: Problem) -> NDArray[np.float64]:
    """Read relaxed walls as unit vectors of shape (variants, 3, cells).

    Raises
    ------
    InputError
        If the file is missing or holds another wire or other variants.
    """
    if not path.is_file():
        raise InputError(
            "no such file", path=path, remedy="make it with `python -m micromag relax`"
        )
    field = df.Field.from_file(path)
    found = (tuple(int(n) for n in field.mesh.n), field.nvdim // 3)
    expected = (problem.cells, len(device.wall.variants))
    if found != expected:
        raise InputError(
            f"{found[0]} cells and {found[1]} walls where the config has {expected[0]} and "
            f"{expected[1]}",
            path=path,
            remedy="relax the wall again with this config",
        )
    values = np.moveaxis(field.array, -1, 0).reshape(found[1], 3, -1)
    length = np.linalg.norm(values, axis=1, keepdims=True)
    return np.divide(values, length, out=np.zeros_like(values), where=length > 0)
