"""The relaxed walls that trials start from, and their file."""

import struct
from pathlib import Path
from typing import Any
from warnings import catch_warnings

import discretisedfield as df
import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.io.file_kinds import OVF_FILE, kind_of, unreadable, wrong_kind
from dwsynapse.io.files import atomic_path, read_json, require_file, sha256
from dwsynapse.io.number_format import counted
from dwsynapse.io.result_shapes import WallShape
from dwsynapse.study import SimulatedDevice
from micromag.engine.problem import Problem, field_of
from micromag.engine.resources import announce, engine_bytes, require_memory
from micromag.sample.wall import vortices
from micromag.sample.wire import declare
from micromag.trials.locator import Locator
from micromag.trials.release import released_devices
from micromag.trials.wall_exists import require_wall
from micromag.trials.wall_relaxation import relax

OVF = (".omf", ".ovf")
WANTED = "a relaxed wall (OVF)"
AGAIN = "relax the wall again with this config"
# What discretisedfield raises for files that are damaged, or of another kind.
UNREADABLE = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    OSError,
    EOFError,
    StopIteration,
    struct.error,
)
LENGTHS_AGREE = 1e-3
NM = {"m": 1e9, "um": 1e3, "µm": 1e3, "μm": 1e3, "nm": 1.0}
"""Units of length of a mesh, in nm."""
# A column of cells belongs to a domain if its mean |m_x| is above this; walls are between domains.
DOMAIN = 0.5


def relaxed_walls(device: SimulatedDevice) -> tuple[NDArray[np.float64], list[float]]:
    """Return the relaxed wall in all its variants at every distance of release, and where they are.

    Returns
    -------
    tuple
        Unit vectors of shape (walls, 3, cells): at each of `device.release_distances_nm` in the
        order of `device.wall.variants`; and the position of each in nm.

    Raises
    ------
    InputError
        If relaxation moved a wall to the notch or out of the wire, or made it another kind of wall.
    """
    require_wall(device)
    n_bytes = engine_bytes(device)
    require_memory(n_bytes, device)
    starts = [
        (at_distance, variant)
        for at_distance in released_devices(device)
        for variant in range(len(device.wall.variants))
    ]
    problem = Problem.of(declare(*starts[0]))
    walls = relax(
        problem,
        np.stack([problem.unit_vectors(declare(*start).m) for start in starts]),
        on_longest_s=lambda longest_s: announce("relaxing the wall", longest_s, n_bytes),
    )
    positions_nm = [float(x) for x in Locator(problem).position_nm(np.moveaxis(walls, 0, -1))]
    for (at_distance, variant), wall, position_nm in zip(starts, walls, positions_nm, strict=True):
        _check_place(at_distance, position_nm)
        m = wall.reshape(3, *problem.cells)
        _check_kind(device, variant, position_nm, m[..., problem.cells[2] // 2])
    return walls, positions_nm


def _check_place(device: SimulatedDevice, position_nm: float) -> None:
    distance_nm = device.protocol.farthest_release_nm
    moved_nm = abs(position_nm - device.wire.notch.centre_nm + distance_nm)
    if moved_nm > 0.2 * distance_nm:
        raise InputError(
            f"the wall moved {moved_nm:.0f} nm while it relaxed, to x = {position_nm:.0f} nm",
            where="protocol.release_distance_nm",
            remedy="release the wall farther from the notch and from the end of the wire, "
            "or set wire.ends to continued",
        )
    if position_nm >= device.wire.notch.centre_nm - device.protocol.notch_zone_nm:
        raise InputError(
            f"released {distance_nm:g} nm before the notch, the wall relaxed to x = "
            f"{position_nm:.0f} nm, which is at the notch (protocol.notch_zone_nm)",
            where="protocol.release_distance_nm",
            remedy="release the wall farther from the notch, or lower protocol.notch_zone_nm",
        )


def _check_kind(
    device: SimulatedDevice, variant: int, position_nm: float, m: NDArray[np.floating]
) -> None:
    wall, wire = device.wall, device.wire
    # The free ends of wide wires have separate vortices.
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
    """Write relaxed walls, shape (walls, 3, cells), as one OVF file.

    A single wall is an ordinary field of magnetisation; several have 3 components each.
    """
    system = declare(device)
    arrays = [field_of(system, wall).array for wall in walls]
    field = df.Field(
        system.m.mesh, nvdim=3 * len(walls), value=np.concatenate(arrays, axis=-1), unit="A/m"
    )
    with atomic_path(path) as temporary:
        field.to_file(temporary)


def read_walls(path: Path, device: SimulatedDevice, problem: Problem) -> NDArray[np.float64]:
    """Read relaxed walls as unit vectors of shape (walls, 3, cells).

    Raises
    ------
    InputError
        If the file is missing or damaged, has another wire or other walls, or its content is
        not the magnetisation of one head-to-head wall before the notch.
    """
    field = _field_of(path)
    region = field.mesh.region
    nm = NM.get(region.units[0], NM["m"]) * np.array([region.pmin, region.edges])
    found: dict[str, Any] = {
        "cells": tuple(int(n) for n in field.mesh.n),
        "components": field.nvdim,
        "edges in nm": tuple(float(edge) for edge in nm[1].round(3)),
        "lowest corner in nm": tuple(float(x) for x in nm[0].round(3) + 0.0),
    }
    wire = device.wire
    n_walls = len(device.wall.variants) * len(device.release_distances_nm)
    expected: dict[str, Any] = {
        "cells": problem.cells,
        "components": 3 * n_walls,
        "edges in nm": (wire.length_nm, wire.width_nm, wire.thickness_nm),
        "lowest corner in nm": (0.0, 0.0, 0.0),
    }
    for what, value in expected.items():
        if not np.allclose(found[what], value, rtol=1e-6, atol=1e-3):
            raise InputError(
                f"{found[what]} {what} where the config has {value}", path=path, remedy=AGAIN
            )
    walls = []
    for part in np.split(field.array, n_walls, axis=-1):
        _require_magnetisation(part, problem, path)
        wall = problem.unit_vectors(df.Field(field.mesh, nvdim=3, value=part))
        _require_wall_before_notch(wall, device, problem, path)
        walls.append(wall)
    return np.stack(walls)


def _require_file(path: Path) -> None:
    require_file(path, remedy="make it with `python -m micromag relax`")


def _field_of(path: Path) -> df.Field:
    _require_file(path)
    try:
        with catch_warnings(action="ignore", category=UserWarning):
            # It warns of odd units; those of the vectors are judged by their lengths.
            return df.Field.from_file(path)
    except UNREADABLE as error:
        raise unreadable(path, WANTED, "not a whole OVF file", AGAIN, OVF_FILE) from error


def _require_magnetisation(part: NDArray[np.floating], problem: Problem, path: Path) -> None:
    """Refuse vectors, shape (nx, ny, nz, 3), that are neither unit vectors nor Ms long.

    Cells at smooth edges may have Ms, too, and not only their share of it.
    """
    Ms = problem.Ms.reshape(problem.cells)
    inside = Ms > 0
    # The square of a value from a damaged file may overflow: no magnetisation is that large.
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.linalg.norm(part, axis=-1)[inside]
    if not np.isfinite(part).all():
        raise InputError("values that are not finite", path=path, remedy=AGAIN)
    if not lengths.all():
        raise InputError(
            f"no magnetisation in {counted(int((lengths == 0).sum()), 'cell')} of "
            f"{inside.sum()} that the wire of the config has: the notch or the edges are others",
            path=path,
            remedy="give a wall of that wire",
        )
    possible = (Ms[inside], Ms.max(), 1.0)
    if not any(np.allclose(lengths, length, rtol=LENGTHS_AGREE) for length in possible):
        raise InputError(
            f"vectors between {lengths.min():.4g} and {lengths.max():.4g} long, where the material "
            f"has {Ms.max():.4g} A/m",
            path=path,
            remedy="give the magnetisation of this material in A/m, or unit vectors",
        )


def _require_wall_before_notch(
    wall: NDArray[np.floating], device: SimulatedDevice, problem: Problem, path: Path
) -> None:
    """Refuse a state, shape (3, cells), that is not one head-to-head wall left of the notch."""
    material = (problem.Ms > 0).reshape(problem.cells[0], -1)
    along = wall[0].reshape(problem.cells[0], -1).sum(axis=1) / material.sum(axis=1)
    domains = np.sign(along[np.abs(along) > DOMAIN])
    changes = np.diff(domains)[np.diff(domains) != 0]
    if not np.array_equal(changes, [-2]):
        found = f"{len(changes)} walls" if len(changes) != 1 else "a tail-to-tail wall"
        raise InputError(
            f"{found} where one head-to-head wall is expected",
            path=path,
            remedy="give a wire magnetised along +x left of its wall and along -x right of it",
        )
    position_nm = float(Locator(problem).position_nm(wall[..., None])[0])
    zone_nm = device.wire.notch.centre_nm - device.protocol.notch_zone_nm
    if position_nm >= zone_nm:
        raise InputError(
            f"the wall is at x = {position_nm:.0f} nm, and the notch begins at {zone_nm:g} nm "
            "(notch.centre_nm minus protocol.notch_zone_nm)",
            path=path,
            remedy="give a wall that has not reached the notch",
        )


def check_walls(path: Path, config: Path) -> None:
    """Raise `InputError` if the JSON next to a file of walls says that it is not of this config.

    A file without it, from elsewhere, is accepted.
    """
    _require_file(path)
    if (kind := kind_of(path)) not in (None, OVF_FILE):
        raise wrong_kind(path, kind, WANTED)
    described = path.with_suffix(".json")
    if described.is_file():
        origin = read_json(described, "wall", 1, WallShape, AGAIN)
        if (origin["provenance"]["config_sha256"], origin["wall_sha256"]) != (
            sha256(config),
            sha256(path),
        ):
            raise InputError(
                "relaxed with another config, or changed since",
                path=path,
                remedy=AGAIN,
            )
