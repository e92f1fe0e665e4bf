"""Cubic anisotropy: energy density K (a1^2 a2^2 + a2^2 a3^2 + a3^2 a1^2), a_i = m.u_i.

As in OOMMF, a positive K makes the axes easy. The field is -2 K / (mu0 Ms) times the sum of
a_i (1 - a_i^2) u_i.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import discretisedfield as df
import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from micromag.engine.declared_values import per_cell, unit_vectors
from micromag.engine.lanes import inlined
from micromag.engine.terms.parameters import check_axes, described
from micromag.engine.terms.term import LocalTerm, per_magnetisation

if TYPE_CHECKING:
    from micromag.engine.problem import Problem

LARGEST_COSINE = 1e-9
"""Of two axes that count as perpendicular."""
ALONG_MESH = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


@dataclass(frozen=True, eq=False, kw_only=True)
class CubicParameters:
    """Constant and axes.

    Parameters
    ----------
    cubic_K, cubic_axes
        Cubic anisotropy constant in J/m3, shape (cells,), and its three axes, unit vectors of shape
        (3, 3, cells), the axes first.
    """

    cubic_K: Any = field(default=0.0, metadata=described((), (-1e10, 1e10, "J/m3")))
    cubic_axes: Any = field(default=ALONG_MESH, metadata=described((3, 3)))


class CubicCoefficients(NamedTuple):
    """-2 K / (mu0 Ms) in A/m, shape (cells,), and the axes, shape (3, 3, cells)."""

    cubic: NDArray[np.floating]
    axes: NDArray[np.floating]


@inlined
def add_cubic_field(m, terms, cell, mx, my, mz, hx, hy, hz):  # type: ignore[no-untyped-def]
    """Add the cubic anisotropy field of one cell."""
    cubic, axes = terms.cubic
    if len(cubic):
        for i in range(3):
            ux, uy, uz = axes[i, 0, cell], axes[i, 1, cell], axes[i, 2, cell]
            a = mx * ux + my * uy + mz * uz
            h = (a - a * a * a) * cubic[cell]
            hx, hy, hz = hx + h * ux, hy + h * uy, hz + h * uz
    return hx, hy, hz


class CubicAnisotropy(LocalTerm):
    """A cubic anisotropy."""

    declared = "CubicAnisotropy"
    name = "cubic"
    parameters = CubicParameters
    orders: ClassVar = {"cubic": 4}
    add_field = staticmethod(add_cubic_field)

    def read(self, term: Any, mesh: df.Mesh) -> dict[str, Any]:
        """Return the constant and three axes that are perpendicular."""
        first, second = (
            unit_vectors(per_cell(u, mesh, 3, "CubicAnisotropy.u")) for u in (term.u1, term.u2)
        )
        if (cosine := np.abs(np.sum(first * second, axis=0)).max()) > LARGEST_COSINE:
            raise InputError(
                f"u1 and u2 are not perpendicular, their cosine is {cosine:.3g}",
                where="CubicAnisotropy",
                remedy="give axes that are",
            )
        second = unit_vectors(second - np.sum(first * second, axis=0) * first)
        axes = np.stack([first, second, np.cross(first, second, axis=0)])
        return {"cubic_K": per_cell(term.K, mesh, 1, "CubicAnisotropy.K"), "cubic_axes": axes}

    def check(self, problem: Problem) -> None:
        """Raise `InputError` if an axis is zero where there is an anisotropy."""
        check_axes("cubic_axes", problem.cubic_axes, (problem.cubic_K != 0) & (problem.Ms > 0))

    def coefficients(self, problem: Problem) -> CubicCoefficients:
        """Return constant and axes."""
        return CubicCoefficients(
            -2 * problem.cubic_K * per_magnetisation(problem), problem.cubic_axes
        )

    def bounds_A_per_m(self, problem: Problem, cells_per_wave: float) -> Iterable[float]:
        """Return the anisotropy field."""
        return [(2 * np.abs(self.coefficients(problem).cubic)).max()]
