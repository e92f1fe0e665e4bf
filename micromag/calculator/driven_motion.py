"""The equation of motion of a declared system, with fields and currents that change with time."""

import math
import warnings
from collections.abc import Callable, Sequence

import micromagneticmodel as mm
import numpy as np
from numpy.typing import DTypeLike, NDArray

from dwsynapse.io.errors import InputError
from micromag.calculator.applied_currents import changing_currents
from micromag.calculator.applied_fields import applied_fields
from micromag.engine.equation_of_motion import Equation, State, advance, equation_of, state_of
from micromag.engine.problem import Problem
from micromag.engine.terms.zeeman import depends_on_time
from micromag.engine.timestep import (
    CELLS_PER_WAVE,
    ENERGY_LOST_PER_NS,
    energy_keeping_step_s,
    fastest_mode_per_s,
    longest_step_s,
    thermal_step_s,
)

STABLE = {False: 0.7, True: 0.2}
"""Share of the longest stable step that is used, without and with noise: without noise waves are
smooth, with noise the shortest ones are excited too."""
RADIANS_PER_STEP = 0.25
"""Rotation of a moment in fields that do not couple neighbours; a step's relative error is below
1e-4."""
WITHOUT_NEIGHBOURS = {"A": 0.0, "A_between": {}, "D": 0.0, "D_between": {}, "u": np.zeros(3)}
MAX_STEPS = 1e10
"""This takes days for a single moment."""

MAX_BLOCKS = 1e8
"""This takes an hour for a single moment."""

STEP_S, CELL_STEP_S = 5e-6, 1e-7
"""Processor time of a step, and of one for each cell, without demagnetising field."""
BLOCK_S = 3e-5
"""Of a block of constant fields and currents, for any number of cells."""
CALL_S = 0.1
"""Time of one call of the compiled kernel, by these: Python acts on Ctrl-C only between calls."""
OUTPUT_S = 2e-3
"""Of an output, whose magnetisation is a file."""
LONG_S = 60.0
"""Drives that take longer are announced."""


class Motion:
    """How all replicas of a system move through the intervals of a drive; read only.

    Fields and currents that depend on time are constant, at their middle value, in short blocks.

    Parameters
    ----------
    system
        The system.
    duration_s, intervals
        How long the drive takes, and the number of its outputs.
    dtype
        Precision of the engine.
    time_step_s
        Longest time step; by default what is stable and accurate.
    fixed_subregions
        Subregions whose cells keep their magnetisation.

    Raises
    ------
    InputError
        If the system has a term that the engine does not compute, or the step is unstable.
    """

    def __init__(
        self,
        system: mm.System,
        duration_s: float,
        intervals: int,
        dtype: DTypeLike,
        time_step_s: float | None = None,
        fixed_subregions: Sequence[str] | None = None,
    ):
        static = [t for t in system.energy if not (isinstance(t, mm.Zeeman) and depends_on_time(t))]
        self.problem = Problem.of(system, energy=static, fixed_subregions=fixed_subregions)
        self._without_noise_if_undamped()
        self._changing = [field for field in applied_fields(system) if field.sample_s < math.inf]
        self._currents = changing_currents(system)
        if time_step_s is not None and not 0 < time_step_s < math.inf:
            raise InputError(
                f"{time_step_s} s is not a time step",
                where="evolver",
                remedy="give a number above 0, or none",
            )
        interval_s = duration_s / intervals
        self._refuse_endless(duration_s, time_step_s or math.inf)
        block_s = min([interval_s, *self._samples_s()])
        self._blocks = math.ceil(interval_s / block_s - 1e-9)
        self._block_s = interval_s / self._blocks
        self._warn_of_blocks(self._blocks * intervals)
        blocks = self._blocks * intervals if self._samples_s() else 0
        middles = (np.arange(blocks) + 0.5) * self._block_s
        longest_s = time_step_s or self._time_step_s(middles)
        if time_step_s:
            self._warn_of_lost_energy(time_step_s)
        self.steps = math.ceil(self._block_s / min(longest_s, self._block_s) - 1e-9)
        self._warn_of_long_drives(intervals)
        self._dtype = dtype
        self._equation = equation_of(
            self.problem, self._block_s / self.steps, dtype, where="evolver"
        )
        self._static_H = np.array(self.problem.H)

    def start(self, m: NDArray[np.floating], keys: NDArray[np.uint32]) -> State:
        """Return lanes that all start from `m`, shape (3, cells), with keys of shape (2, lanes)."""
        state = state_of(self.problem, self._dtype)
        state.m[:] = m[..., None]
        state.key[:] = keys
        return state

    def advance(
        self, state: State, number: int, stopped: Callable[[], bool] = lambda: False
    ) -> None:
        """Move all lanes through an interval, counted from 0, or until `stopped` says so."""
        lanes = state.m.shape[-1]
        call = max(1, int(CALL_S / (STEP_S + self.problem.Ms.size * lanes * CELL_STEP_S)))
        for block in range(self._blocks):
            equation = self._equation
            if self._changing or self._currents:
                middle_s = (number * self._blocks + block + 0.5) * self._block_s
                equation = self._equation_at(middle_s)
            for first in range(0, self.steps, call):
                if stopped():
                    return
                advance(state, equation, min(call, self.steps - first))

    def _equation_at(self, time_s: float) -> Equation:
        terms, equation = self._equation.terms, self._equation
        if self._changing:
            H = self._static_H + sum(field.at(time_s) for field in self._changing)
            terms = terms._replace(zeeman=terms.zeeman._replace(zeeman=H.astype(self._dtype)))
        for current in self._currents:
            name = current.term.name
            scaled = current.term.scaled(getattr(terms, name), current.at(time_s))
            terms = terms._replace(**{name: scaled})
        return equation._replace(terms=terms)

    def _samples_s(self) -> list[float]:
        fields = [field.sample_s for field in self._changing]
        return fields + [current.sample_s for current in self._currents]

    def _without_noise_if_undamped(self) -> None:
        """Take the temperature away where only currents turn moments, as OOMMF does."""
        problem = self.problem
        driven = np.any(problem.u) or np.any(problem.J)
        if problem.temperature_K > 0 and driven and not np.any(problem.alpha):
            warnings.warn(
                f"{problem.temperature_K:g} K without damping: there is no thermal field, and "
                "the system moves as at 0 K; add Damping",
                stacklevel=2,
            )
            self.problem = problem.changed(temperature_K=0.0)

    def _time_step_s(self, times_s: NDArray[np.floating]) -> float:
        H = np.linalg.norm(self.problem.H, axis=0)
        H = H + sum(field.strongest_A_per_m(times_s) for field in self._changing)
        # As if all fields were parallel and always at their maximum.
        problem = self.problem.changed(H=H * np.array([[0.0], [0.0], [1.0]]))
        for current in self._currents:
            problem = current.term.stronger(problem, current.strongest(times_s))
        noisy = problem.temperature_K > 0
        stable_s = STABLE[noisy] * longest_step_s(problem)
        accurate_s = thermal_step_s(problem) if noisy else energy_keeping_step_s(problem)
        without_neighbours_s = longest_step_s(problem.changed(**WITHOUT_NEIGHBOURS))
        return min(stable_s, accurate_s, RADIANS_PER_STEP / (2 * np.sqrt(2)) * without_neighbours_s)

    def _refuse_endless(self, duration_s: float, time_step_s: float) -> None:
        shortest_s = min(
            longest_step_s(self.problem),
            time_step_s,
            *self._samples_s(),
        )
        if not duration_s <= MAX_STEPS * shortest_s:
            raise InputError(
                f"{duration_s:g} s would take more than {MAX_STEPS:g} steps",
                where="t",
                remedy=f"the longest step is {shortest_s:.3g} s: check t and the material",
            )

    def _warn_of_blocks(self, blocks: int) -> None:
        """Warn how long blocks take, before all are looked through for the time step."""
        if not self._samples_s():
            return
        words = f"{blocks:.2g} blocks of {self._block_s:.3g} s, in which fields and currents are"
        if blocks > MAX_BLOCKS:
            raise InputError(
                f"{words} constant, are more than {MAX_BLOCKS:g}",
                where="t",
                remedy="check t and how fast fields and currents change",
            )
        if blocks * BLOCK_S > LONG_S:
            warnings.warn(
                f"{words} constant: this takes {_said(blocks * BLOCK_S)} or more; check t "
                "and how fast fields and currents change",
                stacklevel=2,
            )

    def _warn_of_long_drives(self, intervals: int) -> None:
        """Warn how long the drive takes at least, where that is long."""
        steps, cells = self.steps * self._blocks * intervals, self.problem.Ms.size
        least_s = steps * (STEP_S + cells * CELL_STEP_S)
        if intervals * OUTPUT_S > max(least_s, LONG_S):
            warnings.warn(
                f"{intervals:.2g} outputs: this takes {_said(intervals * OUTPUT_S)} or more; "
                "lower n",
                stacklevel=2,
            )
        elif least_s > LONG_S:
            dt_s = self._block_s / self.steps
            warnings.warn(
                f"{steps:.2g} steps of {dt_s * 1e15:.3g} fs for {cells} cells: this takes "
                f"{_said(least_s)} or more; larger cells allow longer steps",
                stacklevel=2,
            )

    def _warn_of_lost_energy(self, dt_s: float) -> None:
        """Warn which waves lose energy with the user's step, where there is no noise."""
        keeping_s = energy_keeping_step_s(self.problem)
        if self.problem.temperature_K > 0 or dt_s <= keeping_s:
            return
        omega = fastest_mode_per_s(self.problem, CELLS_PER_WAVE)
        lost = -math.expm1(-(omega**6) * dt_s**5 / 72 * 1e-9)
        warnings.warn(
            f"steps of {dt_s * 1e15:.4g} fs take {lost:.2g} of the energy of waves of "
            f"{CELLS_PER_WAVE} cells in 1 ns; below {keeping_s * 1e15:.4g} fs it is "
            f"{ENERGY_LOST_PER_NS:g} at most",
            stacklevel=2,
        )


def _said(seconds: float) -> str:
    """Return a time to wait in words."""
    return f"{seconds / 3600:.2g} hours" if seconds >= 3600 else f"{seconds / 60:.2g} minutes"
