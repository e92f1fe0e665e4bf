"""What a bench does besides the program: the field it drives wires with, and the faults it has."""

from typing import Annotated, Literal

from pydantic import Field

from dwsynapse.io.limits import MAX_FIELD_MT
from dwsynapse.study.block import Block

Order = Literal["interleaved", "sequential", "randomised"]
FieldSpread = Annotated[float, Field(ge=0, le=MAX_FIELD_MT)]
Share = Annotated[float, Field(ge=0, lt=0.5)]


class FieldSinusoid(Block):
    """A field that repeats offset + amplitude sin(2 pi frequency t), as in Ellis et al. 2023."""

    amplitude_mT: float = Field(gt=0, le=MAX_FIELD_MT)
    """Amplitude."""
    frequency_Hz: float = Field(gt=0, le=1e9)
    """Frequency."""
    offset_mT: float = Field(default=0.0, ge=-MAX_FIELD_MT, le=MAX_FIELD_MT)
    """Mean field."""


class EarlyExit(Block):
    """Reading an image pass by pass, and no more a class that almost certainly cannot win."""

    risk: float = Field(default=0.01, ge=1e-9, le=0.5)
    """Largest probability of dropping the class that unlimited reads would give, if reads do not
    depend on each other."""
    knows: Literal["curve", "nothing"] = "curve"
    """What the test knows of the device: its passing curve, or nothing."""


class Laboratory(Block):
    """What goes wrong in the virtual laboratory besides the noise of its field; nothing by default.

    All of it is simulated: no source gives these numbers for a bench.
    """

    trigger_jitter_sd_us: float = Field(default=0.0, ge=0, le=1e9)
    """Jitter of the trigger in the sinusoidal field (hardware.field_sinusoid)."""
    drift_mT: float = Field(default=0.0, ge=-MAX_FIELD_MT, le=MAX_FIELD_MT)
    """Drift of the field at the trigger that heating builds up in the end, each day anew."""
    drift_time_s: float = Field(default=1800.0, gt=0, le=1e9)
    """Time in which heating builds up all but 1/e of it."""
    calibrate_every_s: float | None = Field(default=None, gt=0, le=1e9)
    """Time after which the drift is measured and corrected, as on the fly in Ellis et al. 2023,
    section 4.2; null: never."""
    calibration_sd_mT: FieldSpread = 0.0
    """Error of each of these calibrations; the paper states 0.1 mT or less."""
    false_pass: Share = 0.0
    """Share of pinned walls that are logged as passed."""
    false_pin: Share = 0.0
    """Share of passed walls that are logged as pinned."""
    undecided: Share = 0.0
    """Share of reads that are logged without an outcome."""
    dropped: Share = 0.0
    """Share of reads that are missing in the log."""
    wire_place_sd_mT: FieldSpread = 0.0
    """Spread of the curve's centre from synapse to synapse, each a wire of its own."""
    wire_steepness_sd: float = Field(default=0.0, ge=0, le=10)
    """Spread of ln(steepness) from synapse to synapse."""
    day_offset_sd_mT: FieldSpread = 0.0
    """Spread of the curve's centre from day to day."""
    hours_per_day: float = Field(default=24.0, gt=0, le=24)
    """Hours of a day in which the bench runs; at night it cools down."""
    measures_field: bool = True
    """Whether the field of each read is measured and logged; in the paper it is the phase alone."""
    loops_signal_to_noise: float | None = Field(default=None, gt=0, le=1e6)
    """Total change over the noise of a point of synthetic Kerr loops from which outcomes are then
    decided, by the change-point detector; null: outcomes are logged as they are."""
