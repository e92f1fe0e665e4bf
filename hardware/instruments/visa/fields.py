"""How a bench brings a wire to the field of a synapse: by a voltage, or by a phase."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from hardware.instruments.visa.coil import Coil
from hardware.instruments.visa.connection import Connection
from hardware.instruments.visa.visa_settings import VisaSettings
from hardware.program import Program
from hardware.schedule import rising_phase_deg

Floats = NDArray[np.float64]


@dataclass
class Instruments:
    """The connected instruments of a bench, and its way to wait."""

    pulse_generator: Connection
    magnet: Connection
    digitiser: Connection
    sleep: Callable[[float], None]

    def say(self, doing: str) -> None:
        """Tell errors what the bench is doing."""
        self.pulse_generator.doing = self.magnet.doing = self.digitiser.doing = doing


class Fields(Protocol):
    """The fields of a program on a bench."""

    def start(self, instruments: Instruments) -> None:
        """Do what is done once, before the first read."""

    def bring(self, instruments: Instruments, out: int, in_: int) -> None:
        """Prepare the read of a synapse, so that the pulse comes at its field."""


class FieldsByVoltage:
    """Each field is set by the voltage of the magnet's supply, on one branch of its hysteresis.

    Parameters
    ----------
    program, settings
        The program and the commands of the instruments.
    coil
        Calibration of the coil.
    path
        The file of the bench, for errors.

    Raises
    ------
    InputError
        If a setting is missing, or the coil does not reach a field.
    """

    def __init__(self, program: Program, settings: VisaSettings, coil: Coil | None, path: Path):
        self.magnet = settings.magnet
        if not self.magnet.set_voltage or coil is None:
            raise _missing(
                path,
                "magnet.set_voltage, magnet.coil",
                "the program has no sinusoidal field, so that the magnet sets each field",
            )
        approach, reset_V = self.magnet.approach, self.magnet.reset_voltage_V
        self.voltages_V = coil.voltage_V(program.fields_mT, approach)
        if reset_V is None:
            if coil.has_hysteresis:
                raise _missing(
                    path,
                    "magnet.reset_voltage_V",
                    "the coil has hysteresis, so that the field depends on the voltage before",
                )
            return
        low_V, high_V = self.voltages_V.min(), self.voltages_V.max()
        if reset_V > low_V if approach == "rising" else reset_V < high_V:
            raise InputError(
                f"from {reset_V:g} V the {approach} branch does not lead to the voltages needed, "
                f"{low_V:.4g} to {high_V:.4g} V",
                path=path,
                where="magnet.reset_voltage_V",
                remedy=f"give one {'below' if approach == 'rising' else 'above'} them",
            )

    def start(self, instruments: Instruments) -> None:
        """Do nothing."""

    def bring(self, instruments: Instruments, out: int, in_: int) -> None:
        """Reset the coil and set the voltage of the synapse."""
        for volts in (self.magnet.reset_voltage_V, float(self.voltages_V[out, in_])):
            if volts is not None:
                instruments.magnet.send("set_voltage", self.magnet.set_voltage, voltage_V=volts)
                instruments.sleep(self.magnet.settle_s)


class FieldsByPhase:
    """The field repeats as a sinusoid, and the delay of the trigger sets the field of a read.

    With a calibrated coil the sinusoid is one of the voltage, between the tips of the rising
    branch, and delays follow from that branch; without, the field itself is taken for a sinusoid.
    The time by which the field lags the trigger, measured every so many reads, is added to all
    delays.

    Parameters
    ----------
    program, settings, coil, path
        As for `FieldsByVoltage`.

    Raises
    ------
    InputError
        If a setting is missing, or the coil does not reach a field.
    """

    def __init__(self, program: Program, settings: VisaSettings, coil: Coil | None, path: Path):
        wave = program.schedule.sinusoid
        assert wave is not None
        self.settings, self.path = settings, path
        self.reads, self.lag_us = 0, 0.0
        self.period_us = 1e6 / wave.frequency_Hz
        self.sinusoid = {"frequency_Hz": wave.frequency_Hz}
        if not settings.pulse_generator.set_delay:
            raise _missing(
                path,
                "pulse_generator.set_delay",
                "the program has a sinusoidal field, at whose phases pulses come",
            )
        if not settings.magnet.start_sinusoid and not settings.magnet.free_running:
            raise _missing(
                path,
                "magnet.start_sinusoid",
                "the program has a sinusoidal field",
                "give it, or magnet.free_running: true where the field runs by itself",
            )
        if coil is None:
            if any("_V" in command for command in settings.magnet.start_sinusoid):
                raise _missing(path, "magnet.coil", "magnet.start_sinusoid needs voltages")
            _, self.delays_us = program.schedule.trigger(program.fields_mT)
            return
        tips_mT = np.array([-1.0, 1.0]) * wave.amplitude_mT + wave.offset_mT
        low_V, high_V = coil.voltage_V(tips_mT, "rising")
        self.sinusoid |= {"amplitude_V": (high_V - low_V) / 2, "offset_V": (high_V + low_V) / 2}
        volts = coil.voltage_V(program.fields_mT, "rising")
        shares = (volts - self.sinusoid["offset_V"]) / self.sinusoid["amplitude_V"]
        program.schedule.trigger(program.fields_mT)  # refuses fields beyond the amplitude
        self.delays_us = rising_phase_deg(np.clip(shares, -1, 1)) / 360 * self.period_us

    def start(self, instruments: Instruments) -> None:
        """Start the sinusoidal field."""
        commands = self.settings.magnet.start_sinusoid
        instruments.magnet.send("start_sinusoid", commands, **self.sinusoid)
        instruments.sleep(self.settings.magnet.settle_s)

    def bring(self, instruments: Instruments, out: int, in_: int) -> None:
        """Set the delay of the synapse, after a new calibration where it is time for one."""
        digitiser = self.settings.digitiser
        if digitiser.read_lag_us and self.reads % digitiser.calibrate_every == 0:
            self.lag_us = instruments.digitiser.ask_number("read_lag_us", digitiser.read_lag_us)
        self.reads += 1
        delay_us = (float(self.delays_us[out, in_]) + self.lag_us) % self.period_us
        commands = self.settings.pulse_generator.set_delay
        instruments.pulse_generator.send(
            "set_delay", commands, delay_us=delay_us, delay_s=delay_us * 1e-6
        )


def _missing(path: Path, where: str, why: str, remedy: str = "give it") -> InputError:
    return InputError(f"not given, but {why}", path=path, where=where, remedy=remedy)
