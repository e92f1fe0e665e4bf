"""A declared ubermag system as the plain numbers that an engine computes with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import discretisedfield as df
import micromagneticmodel as mm
import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from micromag.engine.declared_terms import fixed_cells, numbers_of

MU0 = 4e-7 * np.pi
BOLTZMANN_J_PER_K = 1.380649e-23

_SHAPES = {
    **dict.fromkeys(("A", "region", "K", "K2", "cubic_K", "alpha", "gamma0", "fixed"), ()),
    **dict.fromkeys(("axis", "H"), (3,)),
    "cubic_axes": (3, 3),
}

_BOUNDS = {
    "Ms": (0.0, 1e8, "A/m"),
    "A": (0.0, 1e-8, "J/m"),
    "K": (-1e10, 1e10, "J/m3"),
    "K2": (-1e10, 1e10, "J/m3"),
    "cubic_K": (-1e10, 1e10, "J/m3"),
    "H": (-1e10, 1e10, "A/m"),
    "alpha": (0.0, 1e3, ""),
    "gamma0": (0.0, 1e8, "m/(A s)"),
    "temperature_K": (0.0, 1e5, "K"),
    "cell_m": (1e-13, 1e-3, "m"),
}
"""Least and largest value and unit: far beyond any material or magnet, so that what lies outside
was meant in another unit."""


@dataclass(frozen=True, eq=False)
class Problem:
    """Material, energy terms and dynamics on a grid; SI units throughout.

    Cells are counted with z fastest, then y, then x. What may differ from cell to cell becomes an
    array whose last axis is the cells; a number or vector given for it holds in all of them.

    Parameters
    ----------
    cells
        Number of cells along x, y and z.
    cell_m
        Edges of a cell.
    Ms
        Saturation magnetisation, shape (cells,); 0 where there is no material.
    A
        Exchange stiffness, shape (cells,). Between cells i and j it is the harmonic mean
        2 A_i A_j / (A_i + A_j), unless `A_between` has the pair of their regions.
    region, A_between
        Number of the region of each cell, shape (cells,), and stiffnesses between neighbours of
        two regions, by the pair of their numbers in either order.
    K, K2, axis
        Uniaxial anisotropy constants of second and fourth order, shape (cells,), and the axis,
        unit vectors of shape (3, cells); energy density -K (m.u)^2 - K2 (m.u)^4.
    further_uniaxial
        Anisotropies that add to it: mappings with keys K, K2 and axis.
    cubic_K, cubic_axes
        Cubic anisotropy constant, shape (cells,), and its three axes, unit vectors of shape
        (3, 3, cells), the axes first; energy density K (a1^2 a2^2 + a2^2 a3^2 + a3^2 a1^2) with
        a = m.u, as in OOMMF: a positive K makes the axes easy.
    H
        Static applied field, shape (3, cells).
    demag
        Whether the demagnetising field is included.
    precession
        Whether moments precess; without it they only relax.
    alpha, gamma0
        Gilbert damping and gyromagnetic ratio in m/(A s), shape (cells,).
    temperature_K
        Temperature.
    periodic
        Along which axes the mesh repeats without end: its first and last cells are neighbours in
        exchange, and the images of all cells add to the demagnetising field.
    fixed
        Which cells keep their magnetisation, shape (cells,): they act on the others as ever, but
        feel neither torque nor noise.

    Raises
    ------
    InputError
        If a number is not finite or absurd, or an axis is zero where its anisotropy is not.
    """

    cells: tuple[int, int, int]
    cell_m: tuple[float, float, float]
    Ms: NDArray[np.float64]
    A: Any = 0.0
    region: Any = 0
    A_between: Mapping[tuple[int, int], float] = field(default_factory=dict)
    K: Any = 0.0
    K2: Any = 0.0
    axis: Any = (0.0, 0.0, 1.0)
    further_uniaxial: Sequence[Mapping[str, Any]] = ()
    cubic_K: Any = 0.0
    cubic_axes: Any = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    H: Any = (0.0, 0.0, 0.0)
    demag: bool = True
    precession: bool = True
    alpha: Any = 0.0
    gamma0: Any = mm.consts.gamma0
    temperature_K: float = 0.0
    periodic: tuple[bool, bool, bool] = (False, False, False)
    fixed: Any = False

    def __post_init__(self) -> None:
        for name, bounds in _BOUNDS.items():
            _check_bounds(name, getattr(self, name), *bounds)
        stiffness = list(self.A_between.values())
        _check_bounds("A_between", stiffness, -_BOUNDS["A"][1], *_BOUNDS["A"][1:])
        for name, shape in _SHAPES.items():
            value = np.asarray(getattr(self, name))
            if value.ndim == len(shape):
                value = value[..., None]
            object.__setattr__(self, name, np.broadcast_to(value, (*shape, self.Ms.size)))
        self._check_axes()
        for further in self.further_uniaxial:
            # An anisotropy by itself is checked as the first one is.
            Problem(self.cells, self.cell_m, self.Ms, **further)

    def _check_axes(self) -> None:
        for name, axes, constants in (
            ("axis", self.axis, (self.K, self.K2)),
            ("cubic_axes", self.cubic_axes, (self.cubic_K,)),
        ):
            used = np.any(constants, axis=0) & (self.Ms > 0)
            length = np.atleast_2d(np.linalg.norm(axes, axis=-2))
            if not np.isfinite(length).all() or np.any(used & ~length.all(axis=0)):
                raise InputError(
                    "no direction where there is an anisotropy",
                    where=name,
                    remedy="give every region and cell one",
                )

    @property
    def cell_volume_m3(self) -> float:
        """Volume of a cell."""
        return float(np.prod(self.cell_m))

    @classmethod
    def of(
        cls,
        system: mm.System,
        *,
        energy: Iterable[Any] | None = None,
        dynamics: Iterable[Any] | None = None,
        fixed_subregions: Sequence[str] | None = None,
    ) -> "Problem":
        """Read a system that `micromagneticmodel` declares.

        Parameters
        ----------
        system
            The system.
        energy, dynamics
            Terms to read instead of those that the system has.
        fixed_subregions
            Names of the mesh's subregions whose cells keep their magnetisation.

        Raises
        ------
        InputError
            If the system has a term that the embedded engine does not compute, or a subregion is
            unknown.
        """
        energy = system.energy if energy is None else energy
        dynamics = system.dynamics if dynamics is None else dynamics
        problem = cls(**numbers_of(system, energy, dynamics))
        if fixed_subregions is None:
            return problem
        return replace(problem, fixed=fixed_cells(system.m.mesh, fixed_subregions))

    def unit_vectors(self, field: df.Field) -> NDArray[np.float64]:
        """Return a field's directions, shape (3, cells); zero where there is no material."""
        m = np.moveaxis(field.array, -1, 0).reshape(3, -1)
        length = np.linalg.norm(m, axis=0)
        return np.divide(m, length, out=np.zeros_like(m), where=(length > 0) & (self.Ms > 0))


def _check_bounds(name: str, value: Any, least: float, largest: float, unit: str) -> None:
    """Raise `InputError` if not all values lie within bounds; NaN does not."""
    values = np.asarray(value, dtype=float)
    wrong = values[~((values >= least) & (values <= largest))]
    if wrong.size:
        raise InputError(
            f"{wrong[0]:g} {unit}".strip() + " is beyond any material or magnet",
            where=name,
            remedy=f"give {least:g} to {largest:g} {unit}".strip(),
        )


def field_of(system: mm.System, m: NDArray[np.floating]) -> df.Field:
    """Return the unit vectors `m`, shape (3, cells), as a field on the mesh of a system."""
    array = np.moveaxis(m.reshape(3, *system.m.mesh.n), 0, -1).astype(float)
    norm = system.m.norm.array
    return df.Field(system.m.mesh, nvdim=3, value=array, norm=norm, valid=norm[..., 0] > 0)
