"""A declared ubermag system as the plain numbers that an engine computes with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import discretisedfield as df
import micromagneticmodel as mm
import numpy as np
from numpy.typing import NDArray

from micromag.engine.declared_terms import numbers_of
from micromag.engine.declared_values import fixed_cells
from micromag.engine.terms import TERMS
from micromag.engine.terms.parameters import check_bounds, described

_Parameters: Any = type("_Parameters", tuple(term.parameters for term in TERMS), {})


@dataclass(frozen=True, eq=False)
class Problem(_Parameters):
    """Material, energy terms and dynamics on a grid; SI units throughout.

    Cells are counted with z fastest, then y, then x. What may differ from cell to cell becomes an
    array whose last axis is the cells; a number or vector given for it holds in all of them.
    Besides the parameters here there are, by keyword only, those of all `micromag.engine.terms`.

    Parameters
    ----------
    cells
        Number of cells along x, y and z.
    cell_m
        Edges of a cell.
    Ms
        Saturation magnetisation, shape (cells,); 0 where there is no material.
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
    cell_m: tuple[float, float, float] = field(metadata=described(bounds=(1e-13, 1e-3, "m")))
    Ms: NDArray[np.float64] = field(metadata=described(bounds=(0.0, 1e8, "A/m")))
    temperature_K: float = field(default=0.0, metadata=described(bounds=(0.0, 1e5, "K")))
    periodic: tuple[bool, bool, bool] = (False, False, False)
    fixed: Any = field(default=False, metadata=described(()))

    def __post_init__(self) -> None:
        for parameter in fields(self):
            if bounds := parameter.metadata.get("bounds"):
                check_bounds(parameter.name, getattr(self, parameter.name), bounds)
        for parameter in fields(self):
            if (shape := parameter.metadata.get("shape")) is not None:
                value = np.asarray(getattr(self, parameter.name))
                if value.ndim == len(shape):
                    value = value[..., None]
                value = np.broadcast_to(value, (*shape, self.Ms.size))
                object.__setattr__(self, parameter.name, value)
        for term in TERMS:
            term.check(self)

    def changed(self, **parameters: Any) -> "Problem":
        """Return the problem with other values of some parameters."""
        return replace(self, **parameters)

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
        return problem.changed(fixed=fixed_cells(system.m.mesh, fixed_subregions))

    def unit_vectors(self, field: df.Field) -> NDArray[np.float64]:
        """Return a field's directions, shape (3, cells); zero where there is no material."""
        m = np.moveaxis(field.array.astype(float), -1, 0).reshape(3, -1)
        length = np.linalg.norm(m, axis=0)
        return np.divide(m, length, out=np.zeros_like(m), where=(length > 0) & (self.Ms > 0))


def field_of(system: mm.System, m: NDArray[np.floating]) -> df.Field:
    """Return the unit vectors `m`, shape (3, cells), as a field on the mesh of a system."""
    array = np.moveaxis(m.reshape(3, *system.m.mesh.n), 0, -1).astype(float)
    norm = system.m.norm.array
    return df.Field(system.m.mesh, nvdim=3, value=array, norm=norm, valid=norm[..., 0] > 0)
