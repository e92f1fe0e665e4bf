"""What goes wrong in the virtual laboratory, read by read.

Random numbers depend on the key, the image, the synapse or the day, never on what ran before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.study.bench import Laboratory
from fitting.device import DeviceModel
from hardware.program import Program
from network.synapses.wire_variation import Population, Wires

if TYPE_CHECKING:
    from hardware.kerr_loops.loops import Loops

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
DAY_S = 86400.0
LOOPS_AT_ONCE = 1000
# Streams of random numbers besides those of the images, which are numbered from 0.
OF_WIRES, OF_DAYS, OF_CALIBRATIONS = (2**32 - number for number in (1, 2, 3))
OF_FAULTS = 1


@dataclass(frozen=True)
class Faults:
    """The faults of a virtual laboratory that runs a program.

    Parameters
    ----------
    program
        The program.
    device
        The device as its model has it.
    settings
        How large the faults are.
    key
        Seeds of the run.
    """

    program: Program
    device: DeviceModel
    settings: Laboratory
    key: tuple[int, ...]

    def __post_init__(self) -> None:
        if self.settings.trigger_jitter_sd_us and self.program.schedule.sinusoid is None:
            raise InputError(
                "a trigger's jitter acts in a sinusoidal field, and the program has none",
                where="hardware.laboratory.trigger_jitter_sd_us",
                remedy="give hardware.field_sinusoid and make the program again, or set it to 0",
            )

    @cached_property
    def any(self) -> bool:
        """Whether there are faults at all."""
        return self.settings != Laboratory()

    @cached_property
    def may_be_undecided(self) -> bool:
        """Whether reads without an outcome occur."""
        return bool(self.settings.undecided or self.settings.loops_signal_to_noise)

    def of_image(self, image: int, layer: int = 0) -> np.random.Generator:
        """Return the random numbers of the faults of an image in a layer."""
        return np.random.default_rng([*self.key, image, OF_FAULTS, *([layer] if layer else [])])

    def timestamps_s(self, running_s: Floats) -> Floats:
        """Return the times of reads after these times of running: nights come between days."""
        if self._running_day_s >= DAY_S:
            return running_s
        return running_s + self._days(running_s) * (DAY_S - self._running_day_s)

    def fields_mT(
        self, fields_mT: Floats, set_mT: Floats, running_s: Floats, rng: np.random.Generator
    ) -> Floats:
        """Return the fields that act in place of `fields_mT`, after jitter and drift.

        Parameters
        ----------
        fields_mT, set_mT
            Fields with their noise, and as the program sets them.
        running_s
            Times of running.
        rng
            From `of_image`.
        """
        wave = self.program.schedule.sinusoid
        if self.settings.trigger_jitter_sd_us and wave is not None:
            late_us = self.settings.trigger_jitter_sd_us * rng.standard_normal(set_mT.shape)
            _, delay_us = self.program.schedule.trigger(set_mT)
            angle = 2e-6 * np.pi * wave.frequency_Hz * (delay_us + late_us)
            at_trigger_mT = wave.offset_mT + wave.amplitude_mT * np.sin(angle)
            fields_mT = fields_mT + at_trigger_mT - set_mT
        if self.settings.drift_mT or self.settings.calibrate_every_s:
            fields_mT = fields_mT + self._drift_mT(running_s)
        return fields_mT

    def probabilities(
        self, fields_mT: Floats, out: Integers, in_: Integers, running_s: Floats
    ) -> Floats:
        """Return the passing probabilities of these synapses at these fields and times."""
        wires = self._wires
        here = Wires(wires.centre_mT, wires.place_mT[out, in_], wires.steepness[out, in_])
        felt_mT = here.felt_mT(fields_mT)
        if self.settings.day_offset_sd_mT:
            days = self._days(running_s)
            rng = np.random.default_rng([*self.key, OF_DAYS])
            felt_mT = (
                felt_mT
                - self.settings.day_offset_sd_mT
                * (rng.standard_normal(int(days.max(initial=0)) + 1)[days])
            )
        return np.asarray(self.device.curve.probability(felt_mT))

    def outcomes(
        self, passed: NDArray[np.bool_], fields_mT: Floats, rng: np.random.Generator
    ) -> NDArray[np.generic]:
        """Return what is logged of walls that passed or were pinned: 1, 0 or, undecided, NaN."""
        shares = np.where(passed, self.settings.false_pin, self.settings.false_pass)
        seen = passed ^ (rng.random(passed.shape) < shares)
        if not self.may_be_undecided:
            return seen.astype(np.uint8)
        found = seen.astype(np.float32)
        if self.settings.loops_signal_to_noise:
            from hardware.kerr_loops.loop_outcomes import loop_outcomes
            from hardware.kerr_loops.outcomes import Rules

            batches = self._loops(found, fields_mT, self.settings.loops_signal_to_noise, rng)
            found = loop_outcomes(batches, Rules())
        found[rng.random(found.shape) < self.settings.undecided] = np.nan
        return found

    def kept(self, n: int, rng: np.random.Generator) -> NDArray[np.bool_]:
        """Return which of n reads are in the log."""
        return rng.random(n) >= self.settings.dropped

    @cached_property
    def _running_day_s(self) -> float:
        return 3600 * self.settings.hours_per_day

    def _days(self, running_s: Floats) -> Integers:
        return (running_s // self._running_day_s).astype(np.int64)

    @cached_property
    def _wires(self) -> Wires:
        spread = self.settings.wire_place_sd_mT, self.settings.wire_steepness_sd
        rng = np.random.default_rng([*self.key, OF_WIRES])
        return Population(self.device.curve, *spread).draw(self.program.fields_mT.shape, rng)

    def _drift_mT(self, running_s: Floats) -> Floats:
        """Return the drift of the field less what the last calibration corrected."""
        days = self._days(running_s)
        today_s = running_s - days * self._running_day_s
        drift_mT = self._heating_mT(today_s)
        every_s = self.settings.calibrate_every_s
        if every_s is None:
            return drift_mT
        numbers = (today_s // every_s).astype(np.int64)
        for day in np.unique(days):
            today = days == day
            rng = np.random.default_rng([*self.key, OF_CALIBRATIONS, int(day) + 1])
            errors = rng.standard_normal(int(numbers[today].max()) + 1)[numbers[today]]
            corrected_mT = self._heating_mT(every_s * numbers[today])
            drift_mT[today] -= corrected_mT + self.settings.calibration_sd_mT * errors
        return drift_mT

    def _heating_mT(self, today_s: Floats) -> Floats:
        return self.settings.drift_mT * -np.expm1(-today_s / self.settings.drift_time_s)

    def _loops(
        self,
        passed: NDArray[np.float32],
        fields_mT: Floats,
        signal_to_noise: float,
        rng: np.random.Generator,
    ) -> "Iterator[Loops]":
        from hardware.kerr_loops.synthetic_loops import Setup, synthetic_loops

        for start in range(0, len(passed), LOOPS_AT_ONCE):
            part = slice(start, start + LOOPS_AT_ONCE)
            yield synthetic_loops(
                len(passed[part]),
                Setup(signal_to_noise=signal_to_noise),
                int(rng.integers(2**63)),
                fields_mT[part],
                passed[part].astype(float),
            )
