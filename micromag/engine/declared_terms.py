"""From the terms that `micromagneticmodel` declares to the numbers of a `Problem`."""

from collections.abc import Iterable
from typing import Any

import discretisedfield as df
import micromagneticmodel as mm
import numpy as np

from dwsynapse.io.errors import InputError
from micromag.engine.declared_values import check_axes, check_finite, check_unit
from micromag.engine.terms import TERMS


def numbers_of(system: mm.System, energy: Iterable[Any], dynamics: Iterable[Any]) -> dict[str, Any]:
    """Return what `Problem` is built from, by the names of its parameters.

    Raises
    ------
    InputError
        If a term is not computed, is there twice, or is not defined on the mesh.
    """
    mesh = _mesh_of(system)
    periodic = mesh.bc if mesh.bc != "neumann" else ""
    values: dict[str, Any] = {
        "cells": tuple(int(n) for n in mesh.n),
        "cell_m": tuple(float(edge) for edge in mesh.cell),
        "Ms": system.m.norm.array.reshape(-1).astype(float),
        "temperature_K": float(system.T),
        "periodic": tuple(axis in periodic for axis in mesh.region.dims),
    }
    for term in TERMS:
        values |= term.absent
    computed, seen = {term.declared: term for term in TERMS}, set()
    for declared in (*energy, *dynamics):
        name = type(declared).__name__
        if name not in computed:
            raise InputError(
                f"the embedded engine does not compute {name}",
                remedy=f"leave it out ({', '.join(computed)} are computed), or use OOMMF",
            )
        read = computed[name].read(declared, mesh)
        values |= computed[name].add(values, read) if name in seen else read
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
    if system.m.nvdim != 3:
        raise InputError(
            f"the magnetisation has {system.m.nvdim} component{'s' * (system.m.nvdim != 1)}",
            where="m",
            remedy="give df.Field(mesh, nvdim=3, ...)",
        )
    if np.iscomplexobj(system.m.array):
        raise InputError("the magnetisation is complex", where="m", remedy="give system.m.real")
    check_finite(system.m.array, "m")
    check_axes(system.m, "m")
    check_unit(system.m, "m")
    if mesh.bc == "dirichlet":
        raise InputError(
            "Dirichlet boundaries are not computed: surfaces are free",
            where="mesh.bc",
            remedy="leave it out, or hold cells by fixed_subregions",
        )
    if not system.m.norm.array.any():
        raise InputError("no cell has a magnetisation", where="m", remedy="give system.m a norm")
    return mesh
