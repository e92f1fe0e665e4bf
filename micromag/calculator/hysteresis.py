"""Driving a system through a hysteresis loop."""

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import micromagneticmodel as mm
import numpy as np
import oommfc
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from micromag.calculator.applied_fields import AppliedField, warn_if_weak
from micromag.calculator.drive_output import Output
from micromag.calculator.minimisation import Minimising
from micromag.engine.constants import MU0
from micromag.engine.fields_and_energies import Fields
from micromag.engine.problem import Problem

TERM = "zeeman_hysteresis"
"""The name of the energy in the field of the loop in OOMMF's table."""
REMEDY = "give Hmin, Hmax and n, or Hsteps=[[H_start, H_end, n], ...]"


class HysteresisDriver(Minimising, oommfc.HysteresisDriver):
    """Drives a system through a series of fields, to a minimum of its energy in each.

    ``HysteresisDriver().drive(system, Hmin=(0, 0, -1e5), Hmax=(0, 0, 1e5), n=21)`` goes from Hmin
    to Hmax and back, with `n` fields in A/m each way; the turning point counts once. ``Hsteps=[
    [(0, 0, 0), (0, 0, 1e5), 11], ...]`` gives the parts of the loop instead. The fields add to
    those of the system. Each minimisation starts from the minimum before, as in `MinDriver`: a
    state that is symmetric up to rounding does not leave a maximum, so tilt the field by about a
    degree.

    The table has a row for each field, with B_hysteresis (without a sign), Bx_hysteresis,
    By_hysteresis and Bz_hysteresis in mT, and E_zeeman_hysteresis.

    Attributes are those of `MinDriver` with `stage_iteration_limit` in each field instead of
    `total_iteration_limit`.

    Raises
    ------
    InputError
        If the fields are not valid, or a minimum is not reached within
        `stage_iteration_limit` steps (20 000 by default).
    """

    _allowed_attributes = ["evolver", "stopping_mxHxm", "stage_iteration_limit"]  # noqa: RUF012
    _kind = "HysteresisDriver"
    _drive_arguments = ("Hmin", "Hmax", "n", "Hsteps")
    _limit_name = "stage_iteration_limit"

    def _checkargs(self, kwargs: dict[str, Any]) -> None:
        ends = [kwargs.pop(name, None) for name in ("Hmin", "Hmax", "n")]
        given = [value is not None for value in ends]
        if any(given) == ("Hsteps" in kwargs) or any(given) != all(given):
            raise InputError("the fields are not given once", where="drive", remedy=REMEDY)
        if all(given):
            Hmin, Hmax, n = ends
            kwargs["Hsteps"] = [[Hmin, Hmax, n], [Hmax, Hmin, n]]
        self._fields_A_per_m = fields_of_loop(kwargs["Hsteps"])
        strongest_A_per_m = float(np.linalg.norm(self._fields_A_per_m, axis=1).max())
        warn_if_weak("the field of the loop", strongest_A_per_m)

    def _check_system(self, system: mm.System) -> None:
        super()._check_system(system)
        if {"hysteresis", TERM} & {term.name for term in system.energy}:
            raise InputError(
                "the driver has a field of this name", where="hysteresis", remedy="rename the term"
            )

    def _call(self, system: mm.System, runner: Any, verbose: int = 1, **kwargs: Any) -> None:
        self._announce(verbose)
        output = Output(system, self._ovf_format, self._fixed_subregions)
        fields = Fields(Problem.of(system, dynamics=(), fixed_subregions=self._fixed_subregions))
        m: NDArray[np.floating] = fields.problem.unit_vectors(system.m)
        iteration, applied = 0, output.quantities.applied
        with closing(output):
            for stage, H in enumerate(self._fields_A_per_m):
                under = fields.in_static_field(fields.problem.H + H[:, None])
                for count, step in enumerate(self._to_rest(under, m), iteration):
                    m, iteration = step.m, count
                everywhere = np.tile(H[:, None], m.shape[1])
                output.quantities.applied = [
                    *applied,
                    AppliedField(TERM, everywhere, uniform=False),
                ]
                output.save(m, **_in_mT(H), iteration=iteration, stage=stage)


def fields_of_loop(Hsteps: Sequence[Sequence[Any]]) -> NDArray[np.float64]:
    """Return the fields of the parts of a loop in A/m, shape (fields, 3).

    Parameters
    ----------
    Hsteps
        Parts, each with its first field, its last field and the number of fields; where a part
        begins with the last field of the one before, that counts once.

    Raises
    ------
    InputError
        If a part is not of this form, or does not change the field.
    """
    points: list[NDArray[np.float64]] = []
    if not isinstance(Hsteps, Sequence) or not Hsteps:
        raise InputError("not a list of parts", where="Hsteps", remedy=REMEDY)
    for part in Hsteps:
        if not isinstance(part, Sequence | np.ndarray) or len(part) != 3:
            raise InputError(f"{part} is not a part of a loop", where="Hsteps", remedy=REMEDY)
        first, last, n = _vector(part[0]), _vector(part[1]), part[2]
        if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 2:
            raise InputError(f"{n} is not a number of fields", where="n", remedy="give 2 or more")
        if np.array_equal(first, last):
            raise InputError(
                f"a loop from {tuple(first.tolist())} to the same field",
                where="Hmin, Hmax",
                remedy="give two fields",
            )
        share = np.linspace(0, 1, n)[:, None]
        way = (1 - share) * first + share * last
        follows = points and np.allclose(points[-1], first, rtol=1e-15, atol=0)
        points += list(way[1:] if follows else way)
    return np.array(points)


def _vector(value: Any) -> NDArray[np.float64]:
    try:
        vector = np.array(value, dtype=float)
    except (TypeError, ValueError):
        vector = np.empty(0)
    if vector.shape != (3,) or not np.isfinite(vector).all():
        raise InputError(
            f"{value} is not a field", where="Hmin, Hmax", remedy="give three finite numbers in A/m"
        )
    return vector


def _in_mT(H_A_per_m: NDArray[np.float64]) -> dict[str, float]:
    B = 1e3 * MU0 * H_A_per_m
    components = {f"B{axis}_hysteresis": float(b) for axis, b in zip("xyz", B, strict=True)}
    return {"B_hysteresis": float(np.linalg.norm(B)), **components}
