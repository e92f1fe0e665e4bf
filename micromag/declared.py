"""From the terms that `micromagneticmodel` declares to the numbers of a `Problem`."""

from collections.abc import Iterable
from typing import Any

import discretisedfield as df
import micromagneticmodel as mm
import numpy as np
from numpy.typing import NDArray

from workflow.errors import InputError


def numbers_of(system: mm.System, energy: Iterable[Any], dynamics: Iterable[Any]) -> dict[str, Any]:
    """Return what `Problem` is built from, by the names of its parameters.

    Raises
    ------
    InputError
        If a term is not computed, is there twice, or is not defined on the mesh.
    """
    mesh = system.m.mesh
    periodic = mesh.bc if mesh.bc not in ("neumann", "dirichlet") else ""
    numbers: dict[str, Any] = {
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
        if name in seen and name != "Zeeman":
            raise InputError(f"two terms {name}", remedy="declare one, with values per cell")
        for key, value in _READERS[name](term, mesh).items():
            numbers[key] = numbers["H"] + value if key == "H" and name in seen else value
        seen.add(name)
    return numbers


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
        If a region is unknown, or some cells have no value.
    """
    if isinstance(value, dict):
        named = {region for key in value for region in key.split(":")} - {"default"}
        if unknown := sorted(named - set(mesh.subregions)):
            raise InputError(
                f"no subregion {unknown[0]!r} in the mesh",
                where=where,
                remedy=f"use {', '.join(mesh.subregions) or 'a mesh with subregions'}",
            )
    try:
        array = df.Field(mesh, nvdim=components, value=value).array
    except (KeyError, ValueError) as error:
        raise InputError(
            "some cells of the mesh have no value",
            where=where,
            remedy="name all subregions, or 'default'",
        ) from error
    shape = (-1,) if components == 1 else (components, -1)
    return np.moveaxis(array, -1, 0).reshape(shape).astype(float)


def depends_on_time(term: Any) -> bool:
    """Return whether a Zeeman term changes with time."""
    return any(
        isinstance(value, str | dict) or callable(value)
        for value in (term.func, term.wave, term.tcl_strings)
    )


def _exchange(term: Any, mesh: df.Mesh) -> dict[str, Any]:
    numbers: dict[str, Any] = {"A": per_cell(term.A, mesh, 1, "Exchange.A")}
    pairs = [key.split(":") for key in term.A if ":" in key] if isinstance(term.A, dict) else []
    if pairs:
        number = {region: i for i, region in enumerate(mesh.subregions, 1)}
        numbers["region"] = per_cell({**number, "default": 0}, mesh, 1, "mesh").astype(int)
        for one, other in pairs:
            A = float(term.A[f"{one}:{other}"])
            between = {(number[one], number[other]): A, (number[other], number[one]): A}
            numbers["A_between"] = numbers.get("A_between", {}) | between
    return numbers


def _uniaxial(term: Any, mesh: df.Mesh) -> dict[str, Any]:
    numbers = {"axis": _unit(per_cell(term.u, mesh, 3, "UniaxialAnisotropy.u"))}
    for name, key in (("K", "K"), ("K1", "K"), ("K2", "K2")):
        value = getattr(term, name)
        if isinstance(value, int | float | np.number | dict | df.Field):
            numbers[key] = per_cell(value, mesh, 1, f"UniaxialAnisotropy.{name}")
    return numbers


def _cubic(term: Any, mesh: df.Mesh) -> dict[str, Any]:
    first, second = (_unit(per_cell(u, mesh, 3, "CubicAnisotropy.u")) for u in (term.u1, term.u2))
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
