"""Uniaxial anisotropies: energy density -K (m.u)^2 - K2 (m.u)^4, with an axis u each."""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Mapping, Sequence
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


@dataclass(frozen=True, eq=False, kw_only=True)
class UniaxialParameters:
    """Constants and axes.

    Parameters
    ----------
    K, K2, axis
        Uniaxial anisotropy constants of second and fourth order in J/m3, shape (cells,), and the
        axis, unit vectors of shape (3, cells).
    further_uniaxial
        Anisotropies that add to it: mappings with keys K, K2 and axis.
    """

    K: Any = field(default=0.0, metadata=described((), (-1e10, 1e10, "J/m3")))
    K2: Any = field(default=0.0, metadata=described((), (-1e10, 1e10, "J/m3")))
    axis: Any = field(default=(0.0, 0.0, 1.0), metadata=described((3,)))
    further_uniaxial: Sequence[Mapping[str, Any]] = ()


class UniaxialCoefficients(NamedTuple):
    """Constants and axes of all anisotropies.

    Parameters
    ----------
    anisotropy, anisotropy_4
        2 K / (mu0 Ms) and 4 K2 / (mu0 Ms) in A/m, shape (anisotropies, cells).
    axis
        Shape (anisotropies, 3, cells).
    """

    anisotropy: NDArray[np.floating]
    anisotropy_4: NDArray[np.floating]
    axis: NDArray[np.floating]


@inlined
def add_uniaxial_field(m, terms, cell, mx, my, mz, hx, hy, hz):  # type: ignore[no-untyped-def]
    """Add the fields of the uniaxial anisotropies of one cell."""
    anisotropy, anisotropy_4, axis = terms.uniaxial
    if len(anisotropy) or len(anisotropy_4):
        for i in range(axis.shape[0]):
            ux, uy, uz = axis[i, 0, cell], axis[i, 1, cell], axis[i, 2, cell]
            along = mx * ux + my * uy + mz * uz
            if len(anisotropy):
                h = along * anisotropy[i, cell]
                hx, hy, hz = hx + h * ux, hy + h * uy, hz + h * uz
            if len(anisotropy_4):
                h = along * along * along * anisotropy_4[i, cell]
                hx, hy, hz = hx + h * ux, hy + h * uy, hz + h * uz
    return hx, hy, hz


class UniaxialAnisotropy(LocalTerm):
    """Any number of uniaxial anisotropies."""

    declared = "UniaxialAnisotropy"
    name = "uniaxial"
    parameters = UniaxialParameters
    orders: ClassVar = {"anisotropy": 2, "anisotropy_4": 4}
    add_field = staticmethod(add_uniaxial_field)

    def read(self, term: Any, mesh: df.Mesh) -> dict[str, Any]:
        """Return constants and axis of one of them."""
        values = {"axis": unit_vectors(per_cell(term.u, mesh, 3, "UniaxialAnisotropy.u"))}
        given = [name for name in ("K", "K1", "K2") if _is_given(getattr(term, name))]
        if {"K", "K1"} <= set(given):
            raise InputError(
                "K and K1 are the same constant",
                where="UniaxialAnisotropy",
                remedy="give one of them",
            )
        for name in given:
            value = per_cell(getattr(term, name), mesh, 1, f"UniaxialAnisotropy.{name}")
            values["K2" if name == "K2" else "K"] = value
        return values

    def add(self, values: Mapping[str, Any], further: dict[str, Any]) -> dict[str, Any]:
        """Return those further to the first with one more."""
        more = {"K": 0.0, "K2": 0.0} | further
        return {"further_uniaxial": (*values.get("further_uniaxial", ()), more)}

    def check(self, problem: Problem) -> None:
        """Raise `InputError` if an axis is zero where there is an anisotropy."""
        used = ((problem.K != 0) | (problem.K2 != 0)) & (problem.Ms > 0)
        check_axes("axis", problem.axis, used)
        for further in problem.further_uniaxial:
            # An anisotropy by itself is checked as the first one is.
            type(problem)(problem.cells, problem.cell_m, problem.Ms, **further)

    def coefficients(self, problem: Problem) -> UniaxialCoefficients:
        """Return constants and axes of all."""
        per_Ms = per_magnetisation(problem)
        all_of_them = [problem, *(problem.changed(**more) for more in problem.further_uniaxial)]
        return UniaxialCoefficients(
            2 * np.stack([one.K for one in all_of_them]) * per_Ms,
            4 * np.stack([one.K2 for one in all_of_them]) * per_Ms,
            np.stack([one.axis for one in all_of_them]),
        )

    def bounds_A_per_m(self, problem: Problem, cells_per_wave: float) -> Iterable[float]:
        """Return the anisotropy fields."""
        second, fourth, _ = self.coefficients(problem)
        return [np.abs(second).sum(axis=0).max(), (3 * np.abs(fourth).sum(axis=0)).max()]

    def zero_J_per_m3(self, problem: Problem) -> NDArray[np.float64]:
        """Return K + K2 where the axis is easy: OOMMF counts from the axis on."""
        easy = (problem.K > 0) & (problem.Ms > 0)
        return np.where(easy, problem.K + problem.K2, 0.0)


def _is_given(value: Any) -> bool:
    return isinstance(value, numbers.Real | dict | df.Field)
