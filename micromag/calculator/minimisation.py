"""Driving a system to a minimum of its energy."""

from contextlib import closing
from typing import Any

import micromagneticmodel as mm
import oommfc

from micromag.calculator.driver import EmbeddedDriver
from micromag.calculator.output import Output
from micromag.minimise import descend
from micromag.problem import Problem
from workflow.errors import InputError

STOPPING_A_PER_M = 1e-4
ITERATION_LIMIT = 20_000


class MinDriver(EmbeddedDriver, oommfc.MinDriver):
    """Drives a system to a minimum of its energy by `micromag.minimise.descend`.

    Attributes are `evolver` (oommfc's CGEvolver or none), `stopping_mxHxm`: the largest torque
    |m x H| in A/m that is left, 1e-4 by default, and `total_iteration_limit`.

    Raises
    ------
    InputError
        If the torque is still larger after `total_iteration_limit` steps (20 000 by default).
    """

    _allowed_attributes = ["evolver", "stopping_mxHxm", "total_iteration_limit"]  # noqa: RUF012
    _kind = "MinDriver"

    def _write_input_files(self, system: mm.System, **kwargs: Any) -> None:
        # oommfc would choose a thousand times as much.
        self.stopping_mxHxm = getattr(self, "stopping_mxHxm", STOPPING_A_PER_M)
        Problem.of(system, dynamics=())
        super()._write_input_files(system, **kwargs)

    def _call(
        self,
        system: mm.System,
        runner: Any,
        output_step: bool = False,
        verbose: int = 1,
        **kwargs: Any,
    ) -> None:
        self._announce(verbose)
        output, problem = Output(system, self._ovf_format), Problem.of(system, dynamics=())
        limit = getattr(self, "total_iteration_limit", ITERATION_LIMIT)
        with closing(output):
            for number, step in enumerate(descend(problem, problem.unit_vectors(system.m))):
                done = step.torque_A_per_m < self.stopping_mxHxm
                if done or output_step:
                    output.save(step.m, iteration=number, stage=0)
                if done:
                    break
                if number == limit:
                    raise InputError(
                        f"a torque of {step.torque_A_per_m:.3g} A/m is left after {limit} steps",
                        where="MinDriver",
                        remedy="raise stopping_mxHxm or total_iteration_limit",
                    )
