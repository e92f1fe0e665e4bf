"""From the terms that `micromagneticmodel` declares to the numbers of a `Problem`.

A parameter means what it means in the script that oommfc writes for OOMMF: in a dict, the first
subregion of the mesh wins where subregions overlap, and cells that no name reaches have the value
of "default", or 0.
"""

import numbers
from collections.abc import Iterable, Sequence
from typing import Any

import discretisedfield as df
import micromagneticmodel as mm
import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError

LARGEST_COSINE = 1e-9
"""Of two axes that count as perpendicular."""


def numbers_of(system: mm.System, energy: Iterable[Any], dynamics: Iterable[Any]) -> dict[str, Any]:
    """Return what `Problem` is built from, by the names of its parameters.

    Raises
    ------
    InputError
        If a term is not computed, is there twice, or is not defined on the mesh.
    """
    mesh = _mesh_of(system)
    periodic = mesh.bc if mesh.bc not in ("neumann", "dirichlet") else ""
    values: dict[str, Any] = {
        "cells": tuple(int(n) for n in mesh.n),
        "cell_m": tuple(float(edge) for edge in mesh.cell),
        "Ms": system.m.norm.array.reshape(-1).astype(float),
        "temperature_K": float(system.T),
        "periodic": tuple(axis in periodic for axis in mesh.region.dims),
        "demag": False,
        "precession": False,
    }
    seen: set[str] = set()
    for term in (*energy, *dynamics):
        name = type(term).__name__
        if name not in _READERS:
            raise InputError(
                f"the embedded engine does not compute {name}",
                remedy=f"leave it out ({', '.join(_READERS)} are computed), or use OOMMF",
            )
        read = _READERS[name](term, mesh)
        if name in seen and name == "UniaxialAnisotropy":
            further = {"K": 0.0, "K2": 0.0} | read
            values["further_uniaxial"] = (*values.get("further_uniaxial", ()), further)
            continue
        if name in seen and name != "Zeeman":
            raise InputError(f"two terms {name}", remedy="declare one, with values per cell")
        for key, value in read.items():
            values[key] = values["H"] + value if key == "H" and name in seen else value
        seen.add(name)
    return values


def _mesh_of(system: mm.System) -> df.Mesh:
    """Return the mesh of a system whose magnetisation can be computed with."""
    if not isinstance(system.m, df.Field):
        raise InputError("the system has no magnetisation", where="m", remedy="set system.m")
    mesh = system.m.mesh
    if mesh.region.ndim != 3:
        raise InputError(
            f"the mesh has {mesh.region.ndim} dimensions", where="m", remedy="give it three"
        )
    _check_finite(system.m.array, "m")
    if not system.m.norm.array.any():
        raise InputError("no cell has a magnetisation", where="m", remedy="give system.m a norm")
    return mesh


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
    _check_finite(array, where)
    return np.ascontiguousarray(array[:, 0] if components == 1 else array.T, dtype=float)


def _check_field(field: df.Field, mesh: df.Mesh, components: int, where: str) -> None:
    if field.nvdim != components:
        raise InputError(
            f"a field with {field.nvdim} components", where=where, remedy=f"give {components}"
        )
    region, tolerance_m = field.mesh.region, 1e-3 * min(mesh.cell)
    if region.ndim != 3 or not region.allclose(mesh.region, rtol=0, atol=tolerance_m):
        # OOMMF would stretch it to the mesh, where all of ubermag goes by position.
        raise InputError(
            "the field lies on another region than the system's mesh",
            where=where,
            remedy=f"cut it out first, with df.Field(system.m.mesh, nvdim={components}, value=...)",
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
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        raise InputError("expected a list of names", where=where, remedy="give ['name', ...]")
    number = numbers_of_regions(names, mesh, where)
    if "default" in names:
        raise InputError("'default' is no subregion", where=where, remedy="name subregions")
    fixed = np.isin(region_of_cells(mesh), [number[name] for name in names])
    if fixed.all():
        raise InputError("no cell is left to move", where=where, remedy="leave some out")
    return fixed


def _check_finite(array: NDArray[np.floating], where: str) -> None:
    if count := int(np.sum(~np.isfinite(array).all(axis=-1))):
        raise InputError(
            f"not finite in {count} cells", where=where, remedy="replace NaN and infinite values"
        )


def depends_on_time(term: Any) -> bool:
    """Return whether a Zeeman term changes with time."""
    return any(
        isinstance(value, str | dict) or callable(value)
        for value in (term.func, term.wave, term.tcl_strings)
    )


def _exchange(term: Any, mesh: df.Mesh) -> dict[str, Any]:
    if not isinstance(term.A, dict):
        return {"A": per_cell(term.A, mesh, 1, "Exchange.A")}
    where, default = "Exchange.A", float(term.A.get("default", 0))
    number = numbers_of_regions({n for key in term.A for n in key.split(":")}, mesh, where)
    between = {(i, j): default for i in range(len(number) + 1) for j in range(i + 1)}
    for key, value in term.A.items():
        if key == "default":
            continue
        pair = [number.get(name, 0) for name in key.split(":")]
        if len(pair) > 2 or 0 in pair:
            raise InputError(f"{key!r} is no pair of subregions", where=where, remedy="give 'a:b'")
        between[max(pair), min(pair)] = float(value)
    _check_finite(np.array([list(between.values())]).T, where)
    region = region_of_cells(mesh)
    own = np.array([between[i, i] for i in range(len(number) + 1)])
    return {"A": own[region], "region": region, "A_between": between}


def _uniaxial(term: Any, mesh: df.Mesh) -> dict[str, Any]:
    values = {"axis": _unit(per_cell(term.u, mesh, 3, "UniaxialAnisotropy.u"))}
    given = [name for name in ("K", "K1", "K2") if _is_given(getattr(term, name))]
    if {"K", "K1"} <= set(given):
        raise InputError(
            "K and K1 are the same constant", where="UniaxialAnisotropy", remedy="give one of them"
        )
    for name in given:
        value = per_cell(getattr(term, name), mesh, 1, f"UniaxialAnisotropy.{name}")
        values["K2" if name == "K2" else "K"] = value
    return values


def _cubic(term: Any, mesh: df.Mesh) -> dict[str, Any]:
    first, second = (_unit(per_cell(u, mesh, 3, "CubicAnisotropy.u")) for u in (term.u1, term.u2))
    if (cosine := np.abs(np.sum(first * second, axis=0)).max()) > LARGEST_COSINE:
        raise InputError(
            f"u1 and u2 are not perpendicular, their cosine is {cosine:.3g}",
            where="CubicAnisotropy",
            remedy="give axes that are",
        )
    second = _unit(second - np.sum(first * second, axis=0) * first)
    axes = np.stack([first, second, np.cross(first, second, axis=0)])
    return {"cubic_K": per_cell(term.K, mesh, 1, "CubicAnisotropy.K"), "cubic_axes": axes}


def _zeeman(term: Any, mesh: df.Mesh) -> dict[str, Any]:
    if depends_on_time(term):
        raise InputError(
            f"the field {term.name!r} depends on time",
            remedy="drive the system with micromag.calculator.TimeDriver, without tcl_strings",
        )
    return {"H": per_cell(term.H, mesh, 3, "Zeeman.H")}


def _is_given(value: Any) -> bool:
    return isinstance(value, numbers.Real | dict | df.Field)


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    length = np.linalg.norm(vectors, axis=0)
    return np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0)


_READERS = {
    "Exchange": _exchange,
    "UniaxialAnisotropy": _uniaxial,
    "CubicAnisotropy": _cubic,
    "Zeeman": _zeeman,
    "Demag": lambda term, mesh: {"demag": True},
    "Precession": lambda term, mesh: {
        "precession": True,
        "gamma0": per_cell(term.gamma0, mesh, 1, "Precession.gamma0"),
    },
    "Damping": lambda term, mesh: {"alpha": per_cell(term.alpha, mesh, 1, "Damping.alpha")},
}
