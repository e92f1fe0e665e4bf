"""The applied fields of a system, each with its time dependence."""

import math
import numbers
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import micromagneticmodel as mm
import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from micromag.engine.declared_values import per_cell
from micromag.engine.terms.zeeman import depends_on_time

SAMPLES_PER_PERIOD = 100
WEAKEST_FIELD_A_PER_M = 10.0
"""A quarter of the Earth's field: weaker ones are teslas, taken for A/m."""


@dataclass(frozen=True)
class AppliedField:
    """One Zeeman term.

    Parameters
    ----------
    name
        The term's name.
    H_A_per_m
        The term's `H`, shape (3, cells).
    factor
        Its factor at a time in s: a number or a 3 x 3 matrix.
    sample_s
        The longest time over which the factor is nearly constant.
    uniform
        Whether `H` is the same everywhere.
    """

    name: str
    H_A_per_m: NDArray[np.float64]
    factor: Callable[[float], Any] = lambda time_s: 1.0
    sample_s: float = np.inf
    uniform: bool = True

    def at(self, time_s: float) -> NDArray[np.float64]:
        """Return the field at a time, A/m, shape (3, cells)."""
        factor = self._factor(time_s)
        return factor @ self.H_A_per_m if factor.ndim else factor * self.H_A_per_m

    def strongest_A_per_m(self, times_s: Iterable[float]) -> float:
        """Return an upper bound of the field over some times and all cells."""
        factor = max(float(np.linalg.norm(self._factor(time_s))) for time_s in times_s)
        return factor * float(np.linalg.norm(self.H_A_per_m, axis=0).max())

    def _factor(self, time_s: float) -> NDArray[np.float64]:
        """Return a number, shape (), or a matrix, shape (3, 3)."""
        given = self.factor(time_s)
        try:
            factor = np.asarray(given, dtype=float)
        except (TypeError, ValueError):
            factor = np.empty(0)
        if factor.shape not in ((), (9,)) or not np.isfinite(factor).all():
            raise InputError(
                f"func gives {given!r} at {time_s:g} s",
                where=f"Zeeman {self.name}",
                remedy="return a finite number or nine of them",
            )
        return factor.reshape((3, 3) if factor.size == 9 else ())


def applied_fields(system: mm.System) -> list[AppliedField]:
    """Return the Zeeman terms of a system.

    Raises
    ------
    InputError
        If the time dependence of a field is given as a Tcl script.
    """
    return [_applied(term, system) for term in system.energy if isinstance(term, mm.Zeeman)]


def warn_if_weak(what: str, strongest_A_per_m: float) -> None:
    """Warn of a field that is none to a magnet, as one given in T is."""
    if 0 < strongest_A_per_m < WEAKEST_FIELD_A_PER_M:
        warnings.warn(
            f"{what} is {strongest_A_per_m:.3g} A/m at most, weaker than the Earth's field: "
            "give A/m, which are T / (4e-7 pi)",
            stacklevel=3,
        )


def _applied(term: mm.Zeeman, system: mm.System) -> AppliedField:
    H = per_cell(term.H, system.m.mesh, 3, "Zeeman.H")
    uniform = not hasattr(term.H, "mesh") and not isinstance(term.H, dict)
    if not depends_on_time(term):
        return AppliedField(term.name, H, uniform=uniform)
    if callable(term.func):
        return AppliedField(term.name, H, term.func, _number(term, "dt"), uniform)
    shape = term.func if isinstance(term.func, str) else term.wave
    if shape not in _WAVES:
        raise InputError(
            f"the field {term.name!r} is a Tcl script", remedy="give func as a Python function"
        )

    f, t0 = _number(term, "f"), _number(term, "t0")

    def factor(time_s: float) -> float:
        return float(_WAVES[shape](2 * np.pi * f * (time_s - t0)))

    return AppliedField(term.name, H, factor, 1 / (f * SAMPLES_PER_PERIOD), uniform)


def _number(term: mm.Zeeman, name: str) -> float:
    value = getattr(term, name)
    if not isinstance(value, numbers.Real) or not math.isfinite(value):
        raise InputError(
            "expected a finite number", where=f"Zeeman {term.name}.{name}", remedy="give one"
        )
    return float(value)


# numpy's sinc includes a factor pi.
_WAVES: dict[str, Callable[[float], Any]] = {
    "sin": np.sin,
    "sinc": lambda phase: np.sinc(phase / np.pi),
}
