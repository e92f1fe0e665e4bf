"""The relaxed walls that trials start from, and the file that holds them."""

from pathlib import Path

import discretisedfield as df
import numpy as np
from numpy.typing import NDArray

from config import SimulatedDevice
from micromag.problem import Problem, field_of
from micromag.relax import relax
from micromag.trials import Locator
from micromag.wall import vortices
from micromag.wire import declare
from workflow.errors import InputError
from workflow.files import atomic_path, missing, read_json, sha256


def relaxed_walls(device: SimulatedDevice) -> tuple[NDArray[np.float64], list[float]]:
    """Return the relaxed wall in all its variants, and their positions in nm.

    Returns
    -------
    tuple
        Unit vectors of shape (variants, 3, cells), in the order of `device.wall.variants`, and a
        position for each.

    Raises
    ------
    InputError
        If relaxing moved a wall to the notch or out of the wire, or made it another kind of wall.
    """
    variants = range(len(device.wall.variants))
    systems = [declare(device, variant) for variant in variants]
    problem = Problem.of(systems[0])
    walls = relax(problem, np.stack([problem.unit_vectors(system.m) for system in systems]))
    positions_nm = [float(x) for x in Locator(problem).position_nm(np.moveaxis(walls, 0, -1))]
    for variant in variants:
        _check_place(device, positions_nm[variant])
        m = walls[variant].reshape(3, *problem.cells)
        _check_kind(device, variant, positions_nm[variant], m[..., problem.cells[2] // 2])
    return walls, positions_nm


def _check_place(device: SimulatedDevice, position_nm: float) -> None:
    ahead_nm = position_nm - device.wire.notch.centre_nm
    moved_nm = abs(ahead_nm + device.protocol.release_distance_nm)
    if moved_nm > 0.2 * device.protocol.release_distance_nm:
        raise InputError(
            f"the wall moved {moved_nm:.0f} nm while it relaxed, to x = {position_nm:.0f} nm",
            where="protocol.release_distance_nm",
            remedy="release the wall farther from the notch and from the end of the wire, "
            "or set wire.ends to continued",
        )


def _check_kind(
    device: SimulatedDevice, variant: int, position_nm: float, m: NDArray[np.floating]
) -> None:
    wall, wire = device.wall, device.wire
    # The free ends of wide wires have vortices of their own.
    half_nm = wire.width_nm / 2
    near = [v for v in vortices(m, wire.cell_nm) if abs(v.x_nm - position_nm) < half_nm]
    found = [vortex[2:] for vortex in near]
    expected = [wall.variants[variant]] if wall.kind == "vortex" else []
    if found != expected:
        became = " and ".join(f"a {turn} vortex, core {core}" for turn, core in found)
        raise InputError(
            f"a {wall.kind} wall ({', '.join(wall.variants[variant])}) is not stable in this wire: "
            f"it relaxed to a wall with {became or 'no vortex'}",
            where="wall.kind",
            remedy="choose the other kind, or another width, thickness or cell",
        )


def write_walls(path: Path, device: SimulatedDevice, walls: NDArray[np.floating]) -> None:
    """Write relaxed walls, shape (variants, 3, cells), as one OVF file.

    A single variant is an ordinary field of magnetisation; several have 3 components each.
    """
    system = declare(device)
    arrays = [field_of(system, wall).array for wall in walls]
    field = df.Field(
        system.m.mesh, nvdim=3 * len(walls), value=np.concatenate(arrays, axis=-1), unit="A/m"
    )
    with atomic_path(path) as temporary:
        field.to_file(temporary)


def read_walls(path: Path, device: SimulatedDevice, problem: Problem) -> NDArray[np.float64]:
    """Read relaxed walls as unit vectors of shape (variants, 3, cells).

    Raises
    ------
    InputError
        If the file is missing or holds another wire or other variants.
    """
    if not path.is_file():
        raise InputError(missing(path), path=path, remedy="make it with `python -m micromag relax`")
    field = df.Field.from_file(path)
    found = tuple(int(n) for n in field.mesh.n), field.nvdim
    expected = problem.cells, 3 * len(device.wall.variants)
    for what, a, b in zip(("cells", "components"), found, expected, strict=True):
        if a != b:
            raise InputError(
                f"{a} {what} where the config has {b}",
                path=path,
                remedy="relax the wall again with this config",
            )
    parts = np.split(field.array, len(device.wall.variants), axis=-1)
    return np.stack(
        [problem.unit_vectors(df.Field(field.mesh, nvdim=3, value=part)) for part in parts]
    )


def check_walls(path: Path, config: Path) -> None:
    """Raise `InputError` if the JSON beside a file of walls says that it is not of this config.

    A file without it, brought from elsewhere, is taken as it is.
    """
    told = path.with_suffix(".json")
    if told.is_file():
        origin = read_json(told, "wall", 1)
        if (origin["provenance"]["config_sha256"], origin["wall_sha256"]) != (
            sha256(config),
            sha256(path),
        ):
            raise InputError(
                "relaxed with another config, or changed since",
                path=path,
                remedy="relax the wall again with this config",
            )
