"""A toy term, as a newcomer would write it: energy density -K6 m_z^6."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from micromag.engine.declared_values import per_cell
from micromag.engine.lanes import inlined
from micromag.engine.terms.parameters import described
from micromag.engine.terms.term import LocalTerm, per_magnetisation

if TYPE_CHECKING:
    from micromag.engine.problem import Problem


@dataclass(frozen=True, eq=False, kw_only=True)
class SixthOrderParameters:
    """The constant K6 in J/m3, shape (cells,)."""

    K6: Any = field(default=0.0, metadata=described((), (-1e10, 1e10, "J/m3")))


class SixthOrderCoefficients(NamedTuple):
    """6 K6 / (mu0 Ms) in A/m, shape (cells,)."""

    anisotropy_6: NDArray[np.floating]


@inlined
def add_sixth_order_field(m, terms, cell, mx, my, mz, hx, hy, hz):
    """Add the field of one cell."""
    strength = terms.sixth_order.anisotropy_6
    if len(strength):
        square = mz * mz
        hz = hz + square * square * mz * strength[cell]
    return hx, hy, hz


class SixthOrder(LocalTerm):
    """A uniaxial anisotropy of sixth order along z."""

    declared = "SixthOrder"
    name = "sixth_order"
    parameters = SixthOrderParameters
    orders: ClassVar = {"anisotropy_6": 6}
    add_field = staticmethod(add_sixth_order_field)

    def read(self, term: Any, mesh: Any) -> dict[str, Any]:
        """Return the constant of each cell."""
        return {"K6": per_cell(term.K, mesh, 1, "SixthOrder.K")}

    def coefficients(self, problem: Problem) -> SixthOrderCoefficients:
        """Return the field at m_z = 1."""
        return SixthOrderCoefficients(6 * problem.K6 * per_magnetisation(problem))

    def bounds_A_per_m(self, problem: Problem, cells_per_wave: float) -> list[float]:
        """Return the largest change of the field when m_z changes."""
        return [5 * np.abs(self.coefficients(problem).anisotropy_6).max()]
