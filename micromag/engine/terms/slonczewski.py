"""Slonczewski torque: H = h [epsilon (m x p) + epsilon' p], h = hbar J / (mu0 e t Ms).

epsilon = P Lambda^2 / [(Lambda^2 + 1) + (Lambda^2 - 1) m.p], as in OOMMF (Xiao, Zangwill and
Stiles, Phys. Rev. B 70, 172405 (2004)); t is the height of a cell. The torque of the spin Hall
effect has this form with Lambda = 1 and P the spin Hall angle: H = a (m x p) + b p with
a = hbar theta J / (2 e mu0 Ms t), p in the plane across the current.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import discretisedfield as df
import numpy as np
import ubermagutil.typesystem as ts
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from micromag.engine.constants import ELEMENTARY_CHARGE_C, HBAR_J_S
from micromag.engine.declared_values import per_cell, unit_vectors
from micromag.engine.lanes import inlined
from micromag.engine.terms.parameters import check_axes, described
from micromag.engine.terms.term import CurrentTerm, per_magnetisation

if TYPE_CHECKING:
    from micromag.engine.problem import Problem


@dataclass(frozen=True, eq=False, kw_only=True)
class SlonczewskiParameters:
    """The current and its spins.

    Parameters
    ----------
    J
        Current density in A/m2, shape (cells,).
    polarisation, asymmetry, field_like
        P, Lambda and epsilon' of `micromagneticmodel`, shape (cells,).
    spin
        Direction p of the spins, unit vectors of shape (3, cells).
    """

    J: Any = field(default=0.0, metadata=described((), (-1e18, 1e18, "A/m2")))
    polarisation: Any = field(default=0.0, metadata=described((), (-1e3, 1e3, "")))
    asymmetry: Any = field(default=1.0, metadata=described((), (0.0, 1e3, "")))
    field_like: Any = field(default=0.0, metadata=described((), (-1e3, 1e3, "")))
    spin: Any = field(default=(0.0, 0.0, 1.0), metadata=described((3,)))


class SlonczewskiCoefficients(NamedTuple):
    """Strengths and directions.

    Parameters
    ----------
    damping_like, field_like
        h P Lambda^2 and h epsilon' in A/m, shape (cells,).
    mean, difference
        Lambda^2 + 1 and Lambda^2 - 1, shape (cells,).
    spin
        Shape (3, cells).
    """

    damping_like: NDArray[np.floating]
    field_like: NDArray[np.floating]
    mean: NDArray[np.floating]
    difference: NDArray[np.floating]
    spin: NDArray[np.floating]


@inlined
def add_slonczewski_field(m, terms, cell, mx, my, mz, hx, hy, hz):  # type: ignore[no-untyped-def]
    """Add the field of one cell."""
    damping_like, field_like, mean, difference, spin = terms.slonczewski
    if len(damping_like) or len(field_like):
        px, py, pz = spin[0, cell], spin[1, cell], spin[2, cell]
        if len(damping_like):
            along = mx * px + my * py + mz * pz
            a = damping_like[cell] / (along * difference[cell] + mean[cell])
            hx = hx + (my * pz - mz * py) * a
            hy = hy + (mz * px - mx * pz) * a
            hz = hz + (mx * py - my * px) * a
        if len(field_like):
            b = field_like[cell]
            hx, hy, hz = hx + b * px, hy + b * py, hz + b * pz
    return hx, hy, hz


class Slonczewski(CurrentTerm):
    """Spins that flow into the film."""

    declared = "Slonczewski"
    name = "slonczewski"
    parameters = SlonczewskiParameters
    absent: ClassVar = {"J": 0.0}
    parts = ("damping_like", "field_like")
    current = "J"
    add_field = staticmethod(add_slonczewski_field)

    def read(self, term: Any, mesh: df.Mesh) -> dict[str, Any]:
        """Return current density, polarisation, asymmetry, field-like part and direction."""
        asymmetry = term.Lambda
        if isinstance(asymmetry, dict):
            asymmetry = {"default": 1.0, **asymmetry}
        values = {"J": term.J, "polarisation": term.P, "asymmetry": asymmetry}
        if not isinstance(term.eps_prime, ts.Descriptor):
            values["field_like"] = term.eps_prime
        read = {
            name: per_cell(value, mesh, 1, f"Slonczewski {name}") for name, value in values.items()
        }
        return read | {"spin": unit_vectors(per_cell(term.mp, mesh, 3, "Slonczewski.mp"))}

    def check(self, problem: Problem) -> None:
        """Raise `InputError` if an asymmetry is below 1, where OOMMF stops too, or no spins point.

        Spins without a direction would be no torque.
        """
        used = (problem.J != 0) & (problem.Ms > 0)
        if np.any(problem.asymmetry[used] < 1):
            raise InputError(
                f"{problem.asymmetry[used].min():g} is below 1",
                where="Slonczewski.Lambda",
                remedy="give 1 or more",
            )
        acts = (problem.polarisation != 0) | (problem.field_like != 0)
        check_axes("Slonczewski.mp", problem.spin, used & acts)

    def coefficients(self, problem: Problem) -> SlonczewskiCoefficients:
        """Return strengths and directions."""
        per_J = HBAR_J_S / (ELEMENTARY_CHARGE_C * problem.cell_m[2]) * per_magnetisation(problem)
        h, square = problem.J * per_J, problem.asymmetry**2
        return SlonczewskiCoefficients(
            h * problem.polarisation * square,
            h * problem.field_like,
            square + 1,
            square - 1,
            problem.spin,
        )

    def bounds_A_per_m(self, problem: Problem, cells_per_wave: float) -> Iterable[float]:
        """Return the strength of both parts; epsilon is at most P Lambda^2 / 2."""
        coefficients = self.coefficients(problem)
        return [np.abs(part).max() for part in (coefficients[0] / 2, coefficients[1])]
