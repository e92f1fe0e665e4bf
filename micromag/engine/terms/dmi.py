"""Dzyaloshinskii-Moriya interaction: (D / (mu0 Ms d)) (m_j x v), summed over neighbours j.

v = V u, with u the direction to the neighbour and V a matrix of the crystal class, as in
OOMMF's extensions: energy densities of `micromagneticmodel.DMI`. For class Cnv_z (an interface
below the film) w = D [(m.grad) mz - mz div m] and the field is
-(2 D / (mu0 Ms)) (dmz/dx, dmz/dy, -dmx/dx - dmy/dy): D has the opposite sign in MuMax3 and in
Thiaville et al., EPL 100, 57002 (2012).

Each pair of neighbours shares one energy, so that at edges and notches, where neighbours are
missing, m bends as the boundary condition dm/dn = (D / 2A) (z x n) x m asks for (Rohart and
Thiaville, Phys. Rev. B 88, 184422 (2013)) without a rule of its own, and Boltzmann's distribution
holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import discretisedfield as df
import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from micromag.engine.lanes import inlined, load
from micromag.engine.terms.coupling import Pairs, coupling_of, read_coupling
from micromag.engine.terms.neighbours import DIRECTIONS, neighbours_of, turn_of_gradient
from micromag.engine.terms.parameters import check_bounds, described
from micromag.engine.terms.term import LocalTerm, per_magnetisation

if TYPE_CHECKING:
    from micromag.engine.problem import Problem

BOUNDS = (-1.0, 1.0, "J/m2")
CLASSES: dict[str, NDArray[np.float64]] = {
    "T": np.eye(3),
    "Cnv_x": np.array([[0.0, 0, 0], [0, 0, -1], [0, 1, 0]]),
    "Cnv_y": np.array([[0.0, 0, 1], [0, 0, 0], [-1, 0, 0]]),
    "Cnv_z": np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 0]]),
    "D2d_x": np.diag([0.0, -1, 1]),
    "D2d_y": np.diag([1.0, 0, -1]),
    "D2d_z": np.diag([-1.0, 1, 0]),
}
"""V by crystal class: the cross product with the axis for Cnv."""
CLASSES |= {"O": CLASSES["T"], "Cnv": CLASSES["Cnv_z"], "D2d": CLASSES["D2d_z"]}


@dataclass(frozen=True, eq=False, kw_only=True)
class DMIParameters:
    """Constants and crystal class.

    Parameters
    ----------
    D
        Constant in J/m2, shape (cells,). Between two cells it is the harmonic mean, and 0 where
        their signs differ, unless `D_between` has the pair of their regions.
    D_between
        Constants between neighbours of two regions, by the pair of their numbers.
    crystal_class
        One of `CLASSES`.
    """

    D: Any = field(default=0.0, metadata=described((), BOUNDS))
    D_between: Pairs = field(default_factory=dict)
    crystal_class: str = "Cnv_z"


class DMICoefficients(NamedTuple):
    """D v / (mu0 Ms d) towards each neighbour in A/m, shape (cells, 6, 3), and the neighbours."""

    dmi: NDArray[np.floating]
    neighbours: NDArray[np.intp]


@inlined
def add_dmi_field(m, terms, cell, mx, my, mz, hx, hy, hz):  # type: ignore[no-untyped-def]
    """Add the field of one cell; components of v that vanish, most of them, cost no load."""
    dmi, neighbours = terms.dmi
    cells = m.shape[1]
    if len(dmi):
        for i in range(6):
            j = neighbours[cell, i]
            vx, vy, vz = dmi[cell, i, 0], dmi[cell, i, 1], dmi[cell, i, 2]
            if vx != 0:
                hy = hy + load(m, j + 2 * cells) * vx
                hz = hz - load(m, j + cells) * vx
            if vy != 0:
                hx = hx - load(m, j + 2 * cells) * vy
                hz = hz + load(m, j) * vy
            if vz != 0:
                hx = hx + load(m, j + cells) * vz
                hy = hy - load(m, j) * vz
    return hx, hy, hz


def add_dmi_field_on_tensors(m, terms, cell, mx, my, mz, hx, hy, hz):  # type: ignore[no-untyped-def]
    """Add the field of all cells of all replicas, one direction at a time."""
    for neighbour, vx, vy, vz in terms.dmi:
        nx, ny, nz = mx[:, neighbour], my[:, neighbour], mz[:, neighbour]
        hx = hx + (ny * vz - nz * vy)
        hy = hy + (nz * vx - nx * vz)
        hz = hz + (nx * vy - ny * vx)
    return hx, hy, hz


class DMI(LocalTerm):
    """A Dzyaloshinskii-Moriya interaction."""

    declared = "DMI"
    name = "dmi"
    parameters = DMIParameters
    orders: ClassVar = {"dmi": 2}
    add_field = staticmethod(add_dmi_field)
    add_field_on_tensors = staticmethod(add_dmi_field_on_tensors)

    def read(self, term: Any, mesh: df.Mesh) -> dict[str, Any]:
        """Return the constant of each cell, between regions where a dict names pairs, and class."""
        values = read_coupling(term.D, mesh, "D", "DMI.D")
        return values | {"crystal_class": term.crystalclass}

    def check(self, problem: Problem) -> None:
        """Raise `InputError` if a constant between regions is absurd, or the class unknown."""
        check_bounds("D_between", list(problem.D_between.values()), BOUNDS)
        if problem.crystal_class not in CLASSES:
            raise InputError(
                f"no crystal class {problem.crystal_class!r}",
                where="DMI.crystalclass",
                remedy=f"give one of {', '.join(CLASSES)}",
            )

    def coefficients(self, problem: Problem) -> DMICoefficients:
        """Return the vectors towards the neighbours of each cell."""
        neighbours = neighbours_of(problem)
        D = coupling_of(problem, problem.D, problem.D_between, neighbours)
        strength = D * per_magnetisation(problem)[:, None] / np.repeat(problem.cell_m, 2)
        vectors = DIRECTIONS @ CLASSES[problem.crystal_class].T
        return DMICoefficients(strength[:, :, None] * vectors, neighbours)

    def tensors(self, coefficients: Any, as_tensor: Callable[[Any], Any]) -> Any:
        """Return, for each direction with a coupling, the neighbours and the components of v."""
        dmi, neighbours = coefficients
        directions = [i for i in range(6) if len(dmi) and dmi[:, i].any()]
        return tuple(
            tuple(
                as_tensor(np.ascontiguousarray(part))
                for part in (neighbours[:, i], *np.moveaxis(dmi[:, i], -1, 0))
            )
            for i in directions
        )

    def bounds_A_per_m(self, problem: Problem, cells_per_wave: float) -> Iterable[float]:
        """Return the field of a wave on a spiral, whose own field is as strong as it gets."""
        strength = np.linalg.norm(self.coefficients(problem).dmi, axis=-1)
        return [(1 + turn_of_gradient(cells_per_wave)) * strength.sum(axis=1).max()]
