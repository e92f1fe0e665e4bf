"""The file in which a laboratory writes the commands of its instruments."""

from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from dwsynapse.io.detection_errors import StatedRate
from dwsynapse.io.limits import MAX_FIELD_MT
from dwsynapse.study.block import Block
from hardware.instruments.visa.coil import MAX_VOLTAGE_V, Branch
from hardware.kerr_loops.loops import Branch as LoopBranch
from hardware.kerr_loops.outcomes import Detector

Command = Annotated[str, Field(min_length=1, max_length=1000)]
Commands = Annotated[
    tuple[Command, ...], BeforeValidator(lambda given: [given] if isinstance(given, str) else given)
]
"""Messages, sent one after the other; one alone may be given as text. Of those that end in ? the
answer is awaited and ignored, as of *OPC?."""
Values = Literal["ascii", "int16", "float32"]


def _not_zero(given: float) -> float:
    if given == 0:
        raise ValueError("must not be 0: every answer would be the same field")
    return given


Scale = Annotated[float, Field(ge=-1e6, le=1e6), AfterValidator(_not_zero)]
FieldSpread = Annotated[float, Field(ge=0, le=MAX_FIELD_MT)]


class Instrument(Block):
    """What every instrument has."""

    resource: str = Field(min_length=1)
    """VISA address, as in GPIB0::8::INSTR."""
    identify: Command | None = "*IDN?"
    """Query for the name of the instrument, which the manifest keeps; null asks for none."""
    setup: Commands = ()
    """Sent once, before the first image."""
    check: Command | None = None
    """Query for an error, as SYST:ERR?; asked after setup and after each image, which is stored
    only if there is none."""
    no_error: tuple[str, ...] = ("0", "+0")
    """How its answer starts, up to a comma, where there is no error."""
    close: Commands = ()
    """Sent at the end, also after an error: leave the instrument safe."""
    timeout_s: float = Field(default=5.0, gt=0, le=3600)
    """How long an answer may take."""
    write_termination: str = "\n"
    """End of each message sent."""
    read_termination: str = "\n"
    """End of each answer."""


class PulseGenerator(Instrument):
    """Injects a wall: the pulse through the current line."""

    set_delay: Commands = ()
    """Sets the delay of the trigger in the sinusoidal field: {delay_us} or {delay_s}."""
    fire: Commands
    """Starts the pulse, or arms it for the next trigger."""


class Magnet(Instrument):
    """The supply of the electromagnet."""

    coil: Path | None = None
    """Calibration of the coil (CSV: branch, voltage_V, field_mT), next to this file."""
    approach: Branch = "rising"
    """Branch on which fields are set."""
    reset_voltage_V: float | None = Field(default=None, ge=-MAX_VOLTAGE_V, le=MAX_VOLTAGE_V)
    """Voltage before each field: it brings the coil to its branch, and resets the wire."""
    set_voltage: Commands = ()
    """Sets a voltage: {voltage_V}. Without a sinusoidal field."""
    start_sinusoid: Commands = ()
    """Starts the sinusoidal field: {amplitude_V}, {offset_V}, {frequency_Hz}; once."""
    free_running: bool = False
    """Whether the sinusoidal field runs without being started."""
    settle_s: float = Field(default=0.0, ge=0, le=3600)
    """Wait after each voltage."""
    read_field: Command | None = None
    """Query for the field of a read, after the pulse; null: no field is measured."""
    mT_per_unit: Scale = 1.0
    """Field in mT for each unit of the answer."""
    mT_offset: float = Field(default=0.0, ge=-MAX_FIELD_MT, le=MAX_FIELD_MT)
    """Field in mT for an answer of 0."""


class Digitiser(Instrument):
    """Reads the outcome, or the Kerr loop from which it is decided."""

    arm: Commands = ()
    """Sent before each pulse."""
    read_outcome: Command | None = None
    """Query for the outcome of a read."""
    passed: str = "1"
    """Its answer for a wall that passed."""
    pinned: str = "0"
    """Its answer for a wall that was pinned."""
    undecided: tuple[str, ...] = ()
    """Its answers for reads without an outcome; any other answer ends the session."""
    read_signal: Command | None = None
    """Query for the Kerr signal of a loop, in any unit."""
    read_field: Command | None = None
    """Query for the field at the same points."""
    mT_per_unit: Scale = 1.0
    """Field in mT for each unit of these values."""
    values: Values = "ascii"
    """How loops are sent: numbers with commas, or a binary block."""
    big_endian: bool = False
    """Whether binary values have their high byte first."""
    detector: Detector = "change-point"
    """What decides loops (`hardware loops --detector`)."""
    branch: LoopBranch = "rising"
    """Part of the loop in which walls are injected."""
    min_confidence: float = Field(default=0.95, ge=0.5, lt=1)
    """Confidence below which a loop is undecided."""
    resolution_mT: float = Field(default=0.2, gt=0, le=MAX_FIELD_MT)
    """Steps closer than this are one."""
    tolerance_mT: float = Field(default=0.5, gt=0, le=MAX_FIELD_MT)
    """Greatest distance of the first switch from the set field."""
    read_lag_us: Command | None = None
    """Query for the time by which the field lags the trigger: calibration on the fly."""
    calibrate_every: int = Field(default=100, ge=1, le=1_000_000_000)
    """Reads between two of these calibrations."""

    @model_validator(mode="after")
    def _reads_one_thing(self) -> Self:
        loops = (self.read_signal is not None, self.read_field is not None)
        if any(loops) != all(loops) or (self.read_outcome is None) != all(loops):
            raise ValueError("give either read_outcome, or read_signal and read_field")
        answers = [self.passed, self.pinned, *self.undecided]
        if len(set(answers)) < len(answers):
            raise ValueError("passed, pinned and undecided must be different answers")
        return self


PLACEHOLDERS = {
    "set_delay": ("delay_us", "delay_s"),
    "set_voltage": ("voltage_V",),
    "start_sinusoid": ("amplitude_V", "offset_V", "frequency_Hz"),
}
"""What commands may have in braces, by their key; others have none."""


NEED_THEIR_VALUE = (("pulse_generator", "set_delay"), ("magnet", "set_voltage"))
"""Commands that would do the same for all synapses without a placeholder."""


class VisaSettings(Block):
    """The instruments of a bench."""

    laboratory: str = Field(min_length=1, max_length=200)
    """Name of the laboratory."""
    library: str = ""
    """VISA library of PyVISA: empty for that of a vendor, @py for PyVISA-py, FILE@sim for
    instruments that PyVISA-sim simulates; what these log is synthetic."""
    field_step_mT: FieldSpread | None = None
    """Precision to which the instruments set a field; the manifest says so."""
    field_noise_sd_mT: FieldSpread | None = None
    """Spread of the field from read to read; needed where no field is measured."""
    field_offset_sd_mT: FieldSpread | None = None
    """Uncertainty of the calibration of the field: its offset."""
    field_scale_sd: float | None = Field(default=None, ge=0, le=1)
    """The same for its scale, as a share."""
    false_pass: StatedRate | None = None
    """How often pinned walls are taken for passed: a rate, {rate, sd}, or {k, n}, k wrong ones of
    n known walls."""
    false_pin: StatedRate | None = None
    """How often passed walls are taken for pinned."""
    pulse_generator: PulseGenerator
    """Injects walls."""
    magnet: Magnet
    """Sets the field."""
    digitiser: Digitiser
    """Reads outcomes."""

    @model_validator(mode="after")
    def _commands_are_complete(self) -> Self:
        for place, key, command in self._commands():
            names = PLACEHOLDERS.get(key, ())
            try:
                known = _placeholders(command) <= {*names}
                command.format(**dict.fromkeys(names, 1.0))
            except (KeyError, IndexError, ValueError):
                known = False
            if not known:
                wanted = ", ".join(f"{{{name}}}" for name in names) or "none"
                raise ValueError(
                    f"{place}: {command!r} has a placeholder or format that is not known; there "
                    f"are: {wanted}, with formats as in {{name:.3f}}. A brace itself is written "
                    "twice"
                )
        for instrument, key in NEED_THEIR_VALUE:
            commands: tuple[str, ...] = getattr(getattr(self, instrument), key)
            if commands and not any(_placeholders(command) for command in commands):
                wanted = " or ".join(f"{{{name}}}" for name in PLACEHOLDERS[key])
                raise ValueError(f"{instrument}.{key}: no command has {wanted}")
        return self

    def _commands(self) -> Iterator[tuple[str, str, str]]:
        """Yield the place, the key and the text of each command."""
        for name in ("pulse_generator", "magnet", "digitiser"):
            for key, value in getattr(self, name):
                if isinstance(value, tuple) and key not in ("undecided", "no_error"):
                    yield from ((f"{name}.{key}", key, text) for text in value)


def _placeholders(command: str) -> set[str]:
    """Return what stands in braces, with all that is looked up in it."""
    return {name for _, name, _, _ in Formatter().parse(command) if name is not None}
