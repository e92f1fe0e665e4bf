"""The currents of a system whose torques change with time."""

import importlib.util
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import micromagneticmodel as mm

from dwsynapse.io.errors import InputError
from micromag.engine.terms import CURRENT_TERMS
from micromag.engine.terms.term import CurrentTerm

TCL_SAMPLE_S = 1e-12
"""How often a Tcl script is evaluated, which says nothing of its own changes."""


@dataclass(frozen=True)
class AppliedCurrent:
    """A current that is multiplied by a factor.

    Parameters
    ----------
    term
        The term of its torque.
    factor
        The factor at a time in s.
    sample_s
        The longest time over which it is nearly constant.
    """

    term: CurrentTerm
    factor: Callable[[float], Any]
    sample_s: float

    def at(self, time_s: float) -> float:
        """Return the factor at a time.

        Raises
        ------
        InputError
            If it is no finite number.
        """
        value = self.factor(time_s)
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number):
            raise InputError(
                f"the factor of the current is {value} at {time_s:g} s",
                where=self.term.declared,
                remedy="return one finite number",
            )
        return number

    def strongest(self, times_s: Iterable[float]) -> float:
        """Return the largest absolute factor over some times."""
        return max(abs(self.at(time_s)) for time_s in times_s)


def changing_currents(system: mm.System) -> list[AppliedCurrent]:
    """Return the currents of a system that change with time.

    Raises
    ------
    InputError
        If a Tcl script cannot be evaluated, or a function has no time step.
    """
    kinds = {term.declared: term for term in CURRENT_TERMS}
    currents = ((kinds.get(type(term).__name__), term) for term in system.dynamics)
    return [_changing(kind, term) for kind, term in currents if kind and _depends_on_time(term)]


def _depends_on_time(term: Any) -> bool:
    return callable(term.func) or isinstance(term.tcl_strings, dict)


def _changing(kind: CurrentTerm, term: Any) -> AppliedCurrent:
    if not callable(term.func):
        return AppliedCurrent(kind, _tcl_factor(term.tcl_strings, kind.declared), TCL_SAMPLE_S)
    if not isinstance(term.dt, float | int):
        raise InputError(
            "func has no time step", where=f"{kind.declared}.dt", remedy="give dt in s"
        )
    return AppliedCurrent(kind, term.func, float(term.dt))


def _tcl_factor(strings: dict[str, str], where: str) -> Callable[[float], Any]:
    """Return a Tcl procedure as a function of time, in an interpreter that reaches no files."""
    if importlib.util.find_spec("_tkinter") is None:
        raise InputError(
            "a Tcl script, and this Python has no Tcl",
            where=f"{where}.tcl_strings",
            remedy="give func as a Python function, or install Python's tkinter (python3-tk)",
        )
    import tkinter

    if (arguments := strings["script_args"].split()) != ["total_time"]:
        raise InputError(
            f"the script's arguments are {arguments}",
            where=f"{where}.tcl_strings",
            remedy="let it take total_time alone",
        )
    tcl = tkinter.Tcl()
    tcl.call("interp", "create", "-safe", "current")

    def run(script: str) -> Any:
        try:
            return tcl.call("interp", "eval", "current", script)
        except tkinter.TclError as error:
            raise InputError(
                f"the Tcl script fails: {error}",
                where=f"{where}.tcl_strings",
                remedy="correct it, or give func as a Python function",
            ) from None

    run(strings["script"])
    return lambda time_s: run(f"{strings['script_name']} {float(time_s)!r}")
