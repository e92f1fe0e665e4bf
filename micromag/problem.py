"""A declared ubermag system as the plain numbers that an engine computes with."""

from dataclasses import dataclass
from typing import Any

import discretisedfield as df
import micromagneticmodel as mm
import numpy as np
from numpy.typing import NDArray

from workflow.errors import InputError

MU0 = 4e-7 * np.pi
BOLTZMANN_J_PER_K = 1.380649e-23


@dataclass(frozen=True)
class Problem:
    """Material, energy terms and dynamics on a grid; SI units throughout.

    Cells are counted with z fastest, then y, then x.

    Parameters
    ----------
    cells
        Number of cells along x, y and z.
    cell_m
        Edges of a cell.
    Ms
        Saturation magnetisation of each cell, shape (cells,); 0 where there is no material.
    A
        Exchange stiffness.
    K, axis
        Uniaxial anisotropy constant and its axis, a unit vector of shape (3,).
    H
        Applied field, shape (3,).
    demag
        Whether the demagnetising field is included.
    alpha, gamma0
        Gilbert damping and gyromagnetic ratio in m/(A s).
    temperature_K
        Temperature.
    """

    cells: tuple[int, int, int]
    cell_m: tuple[float, float, float]
    Ms: NDArray[np.float64]
    A: float = 0.0
    K: float = 0.0
    axis: tuple[float, float, float] = (0.0, 0.0, 1.0)
    H: tuple[float, float, float] = (0.0, 0.0, 0.0)
    demag: bool = True
    alpha: float = 0.0
    gamma0: float = mm.consts.gamma0
    temperature_K: float = 0.0

    @property
    def cell_volume_m3(self) -> float:
        """Volume of a cell."""
        return float(np.prod(self.cell_m))

    @classmethod
    def of(cls, system: mm.System) -> "Problem":
        """Read a system that `micromagneticmodel` declares.

        Raises
        ------
        InputError
            If the system has a term that the embedded engine does not compute.
        """
        field = system.m
        numbers: dict[str, Any] = {"demag": False}
        for term in system.energy:
            numbers.update(_energy_term(term))
        for term in system.dynamics:
            numbers.update(_dynamics_term(term))
        nx, ny, nz = (int(n) for n in field.mesh.n)
        dx, dy, dz = (float(edge) for edge in field.mesh.cell)
        return cls(
            cells=(nx, ny, nz),
            cell_m=(dx, dy, dz),
            Ms=field.norm.array.reshape(-1).astype(float),
            temperature_K=float(system.T),
            **numbers,
        )

    def unit_vectors(self, field: df.Field) -> NDArray[np.float64]:
        """Return a field's directions, shape (3, cells); zero where there is no material."""
        m = np.moveaxis(field.array, -1, 0).reshape(3, -1)
        length = np.linalg.norm(m, axis=0)
        return np.divide(m, length, out=np.zeros_like(m), where=(length > 0) & (self.Ms > 0))


def field_of(system: mm.System, m: NDArray[np.floating]) -> df.Field:
    """Return the unit vectors `m`, shape (3, cells), as a field on the mesh of a system."""
    array = np.moveaxis(m.reshape(3, *system.m.mesh.n), 0, -1).astype(float)
    norm = system.m.norm.array
    return df.Field(system.m.mesh, nvdim=3, value=array, norm=norm, valid=norm[..., 0] > 0)


def _energy_term(term: Any) -> dict[str, Any]:
    name = type(term).__name__
    if name == "Exchange" and _is_number(term.A):
        return {"A": float(term.A)}
    if name == "UniaxialAnisotropy" and _is_number(term.K):
        axis = np.array(term.u, dtype=float)
        return {"K": float(term.K), "axis": tuple(axis / np.linalg.norm(axis))}
    if name == "Zeeman" and np.shape(term.H) == (3,) and not isinstance(term.func, str):
        return {"H": tuple(float(h) for h in term.H)}
    if name == "Demag":
        return {"demag": True}
    raise InputError(
        f"the embedded engine does not compute {term!r}",
        remedy="use a uniform Exchange, UniaxialAnisotropy, constant Zeeman or Demag, or OOMMF",
    )


def _dynamics_term(term: Any) -> dict[str, Any]:
    name = type(term).__name__
    if name == "Precession" and _is_number(term.gamma0):
        return {"gamma0": float(term.gamma0)}
    if name == "Damping" and _is_number(term.alpha):
        return {"alpha": float(term.alpha)}
    raise InputError(
        f"the embedded engine does not compute {term!r}",
        remedy="use uniform Precession and Damping, or OOMMF",
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number)
