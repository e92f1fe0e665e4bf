"""The static applied field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import discretisedfield as df
import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from micromag.engine.declared_values import per_cell
from micromag.engine.lanes import inlined
from micromag.engine.terms.parameters import described
from micromag.engine.terms.term import LocalTerm

if TYPE_CHECKING:
    from micromag.engine.problem import Problem


@dataclass(frozen=True, eq=False, kw_only=True)
class ZeemanParameters:
    """The field.

    Parameters
    ----------
    H
        Static applied field in A/m, shape (3, cells).
    """

    H: Any = field(default=(0.0, 0.0, 0.0), metadata=described((3,), (-1e13, 1e13, "A/m")))


class ZeemanCoefficients(NamedTuple):
    """The field in A/m, shape (3, cells)."""

    zeeman: NDArray[np.floating]


@inlined
def add_zeeman_field(m, terms, cell, mx, my, mz, hx, hy, hz):  # type: ignore[no-untyped-def]
    """Add the static field of one cell."""
    H = terms.zeeman.zeeman
    if len(H):
        hx, hy, hz = hx + H[0, cell], hy + H[1, cell], hz + H[2, cell]
    return hx, hy, hz


class Zeeman(LocalTerm):
    """The sum of all static fields; those that change with time are the drivers' concern."""

    declared = "Zeeman"
    name = "zeeman"
    parameters = ZeemanParameters
    orders: ClassVar = {"zeeman": 1}
    add_field = staticmethod(add_zeeman_field)

    def read(self, term: Any, mesh: df.Mesh) -> dict[str, Any]:
        """Return the field in each cell."""
        if depends_on_time(term):
            raise InputError(
                f"the field {term.name!r} depends on time",
                remedy="drive the system with micromag.calculator.TimeDriver, without tcl_strings",
            )
        return {"H": per_cell(term.H, mesh, 3, "Zeeman.H")}

    def add(self, values: Mapping[str, Any], further: dict[str, Any]) -> dict[str, Any]:
        """Return the sum of the fields."""
        return {"H": values["H"] + further["H"]}

    def coefficients(self, problem: Problem) -> ZeemanCoefficients:
        """Return the field."""
        return ZeemanCoefficients(problem.H)

    def bounds_A_per_m(self, problem: Problem, cells_per_wave: float) -> Iterable[float]:
        """Return the field's strength."""
        return [np.linalg.norm(problem.H, axis=0).max()]


def depends_on_time(term: Any) -> bool:
    """Return whether a Zeeman term changes with time."""
    return any(
        isinstance(value, str | dict) or callable(value)
        for value in (term.func, term.wave, term.tcl_strings)
    )
