"""Driving a system through time."""

import numbers
import secrets
from contextlib import closing
from datetime import datetime
from typing import Any

import micromagneticmodel as mm
import numpy as np
import oommfc
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from micromag.calculator.applied_fields import applied_fields
from micromag.calculator.drive_output import Output
from micromag.calculator.driven_motion import Motion
from micromag.calculator.driver import EmbeddedDriver, needs_script
from micromag.engine.problem import Problem
from micromag.engine.thermal_noise import trial_key


class NoThermalEvolverError(InputError, RuntimeError):
    """What is missing at a finite temperature; a RuntimeError as well, as ubermag expects it."""


class TimeDriver(EmbeddedDriver, oommfc.TimeDriver):
    """Drives a system through time, in double precision.

    ``TimeDriver().drive(system, t=1e-9, n=100)`` integrates the Landau-Lifshitz-Gilbert equation
    over `t` seconds and saves `n` steps. At a temperature it needs an evolver that is thermal, as
    in oommfc: `Xf_ThermHeunEvolver` or `UHH_ThetaEvolver`. The scheme is that of
    `micromag.engine.equation_of_motion`.

    Attributes are `evolver` and `stopping_dm_dt`: the drive ends early once no moment rotates
    faster, in degrees per ns. Used of an evolver are `fixed_timestep` or `max_timestep`, the time
    step in s, and `uniform_seed`; without a seed, or with 0 as in OOMMF, one is drawn: info.json
    has it. By default the step conserves the energy of all waves of four cells, see
    `micromag.engine.timestep`.
    """

    _allowed_attributes = ["evolver", "stopping_dm_dt"]  # noqa: RUF012 - the interface of ubermag
    _kind = "TimeDriver"
    _drive_arguments: tuple[str, ...] = ("t", "n")

    def _checkargs(self, kwargs: dict[str, Any]) -> None:
        for name, remedy in (("t", "give seconds"), ("n", "give a number of steps")):
            if not isinstance(given := kwargs.get(name), numbers.Real):
                raise InputError(f"{given!r} is not a number", where=name, remedy=remedy)
        super()._checkargs(kwargs)
        if not np.isfinite(kwargs["t"]):
            raise InputError(f"{kwargs['t']} is not a time", where="t", remedy="give seconds")

    def _check_system(self, system: mm.System) -> None:
        super()._check_system(system)
        if system.T > 0 and self._evolver() is None and needs_script(system):
            raise NoThermalEvolverError(
                f"at {system.T:g} K it needs a thermal evolver",
                where="TimeDriver",
                remedy="give TimeDriver(evolver=Xf_ThermHeunEvolver()), from this calculator",
            )
        seed = getattr(self._evolver(), "uniform_seed", None)
        if seed is not None and not (isinstance(seed, int | np.integer) and seed >= 0):
            raise InputError(
                f"{seed} is not a seed",
                where="uniform_seed",
                remedy="give a whole number from 0 on",
            )
        Problem.of(system, energy=())
        for field in applied_fields(system):
            # What is no number would end oommfc, which writes the values of func for OOMMF.
            field.at(0.0)
        parameters = [v for term in system.dynamics for _, v in term]
        uniform = all(isinstance(value, numbers.Real) for value in parameters)
        if isinstance(self._evolver(), oommfc.UHH_ThetaEvolver) and not uniform:
            raise InputError(
                "UHH_ThetaEvolver takes one damping and one gamma0 for all cells",
                where="evolver",
                remedy="give Xf_ThermHeunEvolver",
            )

    def _write_info_json(self, system: mm.System, start_time: datetime, **kwargs: Any) -> None:
        self._seed = getattr(self._evolver(), "uniform_seed", None) or secrets.randbits(31)
        seed = {"uniform_seed": self._seed} if system.T > 0 else {}
        super()._write_info_json(system, start_time, **kwargs, **seed)

    def _call(
        self, system: mm.System, runner: Any, t: float, n: int, verbose: int = 1, **kwargs: Any
    ) -> None:
        self._announce(verbose)
        output = Output(system, self._ovf_format, self._fixed_subregions)
        motion = Motion(system, t, n, np.float64, self._time_step_s(), kwargs["fixed_subregions"])
        state = motion.start(
            motion.problem.unit_vectors(system.m), trial_key(self._seed, 0)[:, None]
        )
        with closing(output):
            for number in range(n):
                motion.advance(state, number)
                m = self._checked(state.m[..., 0], (number + 1) * t / n)
                iteration = int(state.step[0, 0])
                torque = output.save(m, iteration=iteration, stage=number, t=(number + 1) * t / n)
                turning = np.degrees(_turning_per_s(motion.problem, torque).max()) * 1e-9
                if turning < getattr(self, "stopping_dm_dt", 0):
                    break

    def _time_step_s(self) -> float | None:
        evolver = self._evolver()
        return getattr(evolver, "fixed_timestep", getattr(evolver, "max_timestep", None))

    def _evolver(self) -> Any:
        # oommfc chooses one as it writes OOMMF's problem, which it cannot where the demagnetising
        # field is periodic along several axes.
        return getattr(self, "evolver", None)

    @staticmethod
    def _checked(m: NDArray[np.floating], time_s: float) -> NDArray[np.floating]:
        if not np.isfinite(m).all():
            raise InputError(
                f"the magnetisation became NaN by {time_s * 1e9:.3g} ns",
                where="evolver",
                remedy="shorten max_timestep or fixed_timestep",
            )
        return m


def _turning_per_s(problem: Problem, torque_A_per_m: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return |dm/dt| in 1/s for |m x H|, shape (cells,)."""
    rate = problem.gamma0 / (1 + problem.alpha**2) * torque_A_per_m
    return np.asarray(rate * np.sqrt(problem.precession + problem.alpha**2))
