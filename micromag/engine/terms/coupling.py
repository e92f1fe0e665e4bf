"""Constants of pairs of neighbours: within a region, between regions, or as a mean of two cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import discretisedfield as df
import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from micromag.engine.declared_values import (
    check_finite,
    numbers_of_regions,
    per_cell,
    region_of_cells,
)

if TYPE_CHECKING:
    from micromag.engine.problem import Problem

Pairs = Mapping[tuple[int, int], float]
"""Constants by the numbers of two regions, in either order."""


def read_coupling(value: Any, mesh: df.Mesh, name: str, where: str) -> dict[str, Any]:
    """Return the parameters of a problem that hold a declared constant.

    Parameters
    ----------
    value
        A number, a field, or a dict with keys "a" for a subregion, "a:b" for neighbours of two,
        and "default".
    mesh
        The mesh.
    name
        The parameter's name in `Problem`.
    where
        The declared parameter's name, for errors.

    Returns
    -------
    dict
        The constant in each cell, shape (cells,), as `name`; where a dict names regions also the
        region of each cell and the constants between regions, as ``<name>_between``.

    Raises
    ------
    InputError
        If a name is no subregion, or a value is not finite.
    """
    if not isinstance(value, dict):
        return {name: per_cell(value, mesh, 1, where)}
    default = float(value.get("default", 0))
    number = numbers_of_regions({n for key in value for n in key.split(":")}, mesh, where)
    between = {(i, j): default for i in range(len(number) + 1) for j in range(i + 1)}
    for key, constant in value.items():
        if key == "default":
            continue
        pair = [number.get(part, 0) for part in key.split(":")]
        if len(pair) > 2 or 0 in pair:
            raise InputError(f"{key!r} is no pair of subregions", where=where, remedy="give 'a:b'")
        between[max(pair), min(pair)] = float(constant)
    check_finite(np.array([list(between.values())]).T, where)
    own = np.array([between[i, i] for i in range(len(number) + 1)])
    region = region_of_cells(mesh)
    return {name: own[region], "region": region, f"{name}_between": between}


def coupling_of(
    problem: Problem, own: NDArray[np.floating], between: Pairs, neighbours: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return the constant between each cell and its neighbours, shape (cells, 6), 0 without one.

    Where `between` does not have the pair of their regions it is the harmonic mean of the constants
    of both cells, and 0 where these have different signs.
    """
    here, there = own[:, None], own[neighbours]
    total = here + there
    mean = np.divide(2 * here * there, total, out=np.zeros(total.shape), where=here * there > 0)
    if between:
        pairs = np.array(list(between))
        count = 1 + max(pairs.max(), problem.region.max())
        table = np.full((count, count), np.nan)
        table[pairs[:, 0], pairs[:, 1]] = table[pairs[:, 1], pairs[:, 0]] = list(between.values())
        named = table[problem.region[:, None], problem.region[neighbours]]
        mean = np.where(np.isnan(named), mean, named)
    mean[neighbours == np.arange(problem.Ms.size)[:, None]] = 0
    return mean
