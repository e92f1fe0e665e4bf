"""Driving a system to a minimum of its energy."""

import warnings
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import micromagneticmodel as mm
import numpy as np
import oommfc
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from micromag.calculator.drive_output import Output
from micromag.calculator.driver import EmbeddedDriver
from micromag.engine.fields_and_energies import Fields
from micromag.engine.problem import Problem
from micromag.engine.steepest_descent import Step, descend

STOPPING_A_PER_M = 1e-4
ITERATION_LIMIT = 20_000


class Minimising(EmbeddedDriver):
    """What the drivers that minimise the energy share.

    They ignore a temperature, as OOMMF's do: the result is a minimum. At a temperature above
    0, which oommfc silently ignores, they say so in a `UserWarning`.
    """

    _limit_name = "total_iteration_limit"

    def _check_system(self, system: mm.System) -> None:
        super()._check_system(system)
        Problem.of(system, dynamics=())
        for name in ("stopping_mxHxm", self._limit_name):
            if not getattr(self, name, 1) > 0:
                raise InputError("not above 0", where=name, remedy="give a positive number")
        if system.T > 0:
            warnings.warn(
                f"{type(self).__name__} ignores the temperature of {system.T:g} K, as OOMMF does, "
                "and ends in a minimum; TimeDriver and EnsembleDriver have thermal noise",
                stacklevel=4,
            )

    def _write_input_files(self, system: mm.System, **kwargs: Any) -> None:
        # oommfc's default is a thousand times larger.
        self.stopping_mxHxm = getattr(self, "stopping_mxHxm", STOPPING_A_PER_M)
        super()._write_input_files(system, **kwargs)

    def _downhill(self, fields: Fields, m: NDArray[np.floating]) -> Iterator[Step]:
        """Yield the states during the descent from unit vectors, shape (3, cells)."""
        return descend(fields, m)

    def _to_rest(self, fields: Fields, m: NDArray[np.floating]) -> Iterator[Step]:
        """Yield them up to the first whose torque is small enough.

        Raises
        ------
        InputError
            If none is within the limit of iterations.
        """
        limit = getattr(self, self._limit_name, ITERATION_LIMIT)
        for number, step in enumerate(self._downhill(fields, m)):
            yield step
            if step.torque_A_per_m < self.stopping_mxHxm:
                return
            if number >= limit:
                raise InputError(
                    f"a torque of {step.torque_A_per_m:.3g} A/m remains after {limit} steps",
                    where=type(self).__name__,
                    remedy=f"raise stopping_mxHxm or {self._limit_name}",
                )


class MinDriver(Minimising, oommfc.MinDriver):
    """Drives a system to a minimum of its energy by `micromag.engine.steepest_descent.descend`.

    Attributes are `evolver` (oommfc's CGEvolver or none), `stopping_mxHxm`: the largest torque
    |m x H| in A/m that may remain, 1e-4 by default, and `total_iteration_limit`.

    Raises
    ------
    InputError
        If the torque is still larger after `total_iteration_limit` steps (20 000 by default).
    """

    _allowed_attributes = ["evolver", "stopping_mxHxm", "total_iteration_limit"]  # noqa: RUF012
    _kind = "MinDriver"

    def _call(
        self,
        system: mm.System,
        runner: Any,
        output_step: bool = False,
        verbose: int = 1,
        **kwargs: Any,
    ) -> None:
        self._announce(verbose)
        output = Output(system, self._ovf_format, self._fixed_subregions)
        fields = Fields(Problem.of(system, dynamics=(), fixed_subregions=self._fixed_subregions))
        with closing(output):
            for number, step in enumerate(
                self._to_rest(fields, fields.problem.unit_vectors(system.m))
            ):
                done = step.torque_A_per_m < self.stopping_mxHxm
                if done or output_step:
                    output.save(step.m, iteration=number, stage=0)
