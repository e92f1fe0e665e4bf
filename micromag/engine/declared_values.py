"""Parameters of terms that `micromagneticmodel` declares, cell by cell.

A parameter means what it means in the script that oommfc writes for OOMMF: in a dict, the first
subregion of the mesh wins where subregions overlap, and cells that no name reaches have the value
of "default", or 0.
"""

from collections.abc import Iterable, Sequence, Set
from typing import Any

import discretisedfield as df
import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError

OTHER_UNITS = (
    *("T", "mT", "uT", "µT", "μT", "G", "kG", "Oe", "kOe", "emu/cm3", "emu/cc"),
    *("mA/m", "kA/m", "MA/m", "kAm-1", "MAm-1", "pJ/m", "pJm-1", "mJ/m2", "mJm-2"),
    *("kJ/m3", "kJm-3", "MJ/m3", "MJm-3", "erg/cm", "erg/cm2", "erg/cm3", "erg/cc"),
)
"""In which fields, magnetisations and energies are often given, and in which none is read."""


def per_cell(value: Any, mesh: df.Mesh, components: int, where: str) -> NDArray[np.float64]:
    """Return a parameter of a term cell by cell.

    Parameters
    ----------
    value
        A number or vector, a dict by subregion, or a field.
    mesh
        The mesh.
    components
        1 or 3.
    where
        The parameter's name, for errors.

    Returns
    -------
    numpy.ndarray
        Shape (cells,) for one component, else (components, cells).

    Raises
    ------
    InputError
        If a name is no subregion, a field has another number of components or lies on another
        region than the mesh, or a value is not finite.
    """
    if isinstance(value, dict):
        numbers_of_regions(value, mesh, where)
        default = value.get("default", np.zeros(components).squeeze())
        table = [default, *(value.get(name, default) for name in mesh.subregions)]
        array = np.asarray(table, dtype=float)[region_of_cells(mesh)]
    else:
        if isinstance(value, df.Field):
            _check_field(value, mesh, components, where)
        array = df.Field(mesh, nvdim=components, value=value).array
    array = array.reshape(-1, components)
    check_finite(array, where)
    return np.ascontiguousarray(array[:, 0] if components == 1 else array.T, dtype=float)


def _check_field(field: df.Field, mesh: df.Mesh, components: int, where: str) -> None:
    if field.nvdim != components:
        raise InputError(
            f"a field with {field.nvdim} components", where=where, remedy=f"give {components}"
        )
    if np.iscomplexobj(field.array):
        raise InputError("the field is complex", where=where, remedy="give its real part, .real")
    region, tolerance_m = field.mesh.region, 1e-3 * min(mesh.cell)
    if region.ndim != 3 or not region.allclose(mesh.region, rtol=0, atol=tolerance_m):
        # OOMMF would stretch it to the mesh, where all of ubermag goes by position.
        raise InputError(
            "the field lies on another region than the system's mesh",
            where=where,
            remedy=f"cut it out first, with df.Field(system.m.mesh, nvdim={components}, value=...)",
        )
    check_axes(field, where)
    check_unit(field, where)
    if (axes := field.mesh.region.dims) != mesh.region.dims:
        names = ", ".join(mesh.region.dims)
        raise InputError(
            f"the axes are {', '.join(axes)}", where=where, remedy=f"call them {names}"
        )


def check_axes(field: df.Field, where: str) -> None:
    """Raise `InputError` if axes or components are x, y and z in another order.

    All arrays are read in the order of their axes, whatever these are called.
    """
    for names, what in ((field.mesh.region.dims, "axes"), (field.vdims or (), "components")):
        if sorted(names) == ["x", "y", "z"] != list(names):
            raise InputError(
                f"the {what} are {', '.join(names)}", where=where, remedy="put them as x, y, z"
            )


def check_unit(field: df.Field, where: str) -> None:
    """Raise `InputError` if a field says that it has another unit than those of SI without prefix.

    Its numbers are taken as they are, as in the script for OOMMF.
    """
    unit = str(field.unit or "").replace(" ", "").replace("^", "").replace("**", "")
    if unit in OTHER_UNITS:
        raise InputError(
            f"the field is in {field.unit}",
            where=where,
            remedy="give it in A/m (1 mT is 795.775 A/m, 1 Oe is 79.5775 A/m), J/m or J/m3, and "
            "set its unit",
        )


def region_of_cells(mesh: df.Mesh) -> NDArray[np.intp]:
    """Return the number of the subregion of each cell, from 1 on, and 0 in none; shape (cells,)."""
    region = np.zeros(tuple(mesh.n), dtype=np.intp)
    for number, subregion in reversed(list(enumerate(mesh.subregions.values(), 1))):
        region[mesh.region2slices(subregion)] = number
    return region.reshape(-1)


def numbers_of_regions(names: Iterable[str], mesh: df.Mesh, where: str) -> dict[str, int]:
    """Return the numbers of subregions, after a check that `names` has no others but "default"."""
    if unknown := sorted(set(names) - set(mesh.subregions) - {"default"}):
        raise InputError(
            f"no subregion {unknown[0]!r} in the mesh",
            where=where,
            remedy=f"use {', '.join(mesh.subregions) or 'a mesh with subregions'}",
        )
    return {name: number for number, name in enumerate(mesh.subregions, 1)}


def fixed_cells(mesh: df.Mesh, names: Sequence[str]) -> NDArray[np.bool_]:
    """Return which cells lie in one of some subregions, shape (cells,).

    Raises
    ------
    InputError
        If a name is no subregion of the mesh, or no cell is left to move.
    """
    where = "fixed_subregions"
    listed = isinstance(names, Iterable) and not isinstance(names, str | Set)
    if not listed or not all(isinstance(name, str) for name in names):
        raise InputError("expected a list of names", where=where, remedy="give ['name', ...]")
    number = numbers_of_regions(names, mesh, where)
    if "default" in names:
        raise InputError("'default' is no subregion", where=where, remedy="name subregions")
    fixed = np.isin(region_of_cells(mesh), [number[name] for name in names])
    if fixed.all():
        raise InputError("no cell is left to move", where=where, remedy="leave some out")
    return fixed


def check_finite(array: NDArray[np.floating], where: str) -> None:
    """Raise `InputError` if values, components last, are not all finite."""
    if count := int(np.sum(~np.isfinite(array).all(axis=-1))):
        raise InputError(
            f"not finite in {count} cells", where=where, remedy="replace NaN and infinite values"
        )


def unit_vectors(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return vectors of length 1 along others of shape (3, cells), and 0 where these are 0."""
    length = np.linalg.norm(vectors, axis=0)
    return np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0)
