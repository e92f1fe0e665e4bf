"""A simulated track whose wall is pushed from notch to notch by current pulses."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from dwsynapse.drives import DRIVES, Drive
from dwsynapse.study.block import Block, GivenFolder
from dwsynapse.study.devices.current import HeavyMetal
from dwsynapse.study.devices.measured_log import MeasuredLog
from dwsynapse.study.devices.perpendicular_material import PerpendicularMaterial
from dwsynapse.study.devices.pulses import Pulses
from dwsynapse.study.devices.read_pulse import ReadPulse
from dwsynapse.study.devices.track import Track

ELSEWHERE_OF_TRACK = {
    "shipped",
    "threads",
    "resistance_ohm",
    "junction",
    "crossbar",
    "passing_curve",
    "networks",
    "programming_log",
}
"""Keys of a track that do not affect a single pulse."""
MIN_POINTS = 3
"""Least number of currents, or durations, that a passing curve with a floor is fitted to."""


class TrackJunction(Block):
    """The tunnel junction over the track: what its level is read by."""

    rp_ohm: float = Field(default=6000.0, gt=0, le=1e12)
    """Resistance where all of the track is parallel to the fixed layer."""
    tmr: float = Field(default=1.5, gt=0, le=15)
    """Tunnel magnetoresistance, 1.5 for 150 %."""
    read_voltage_mV: float = Field(default=100.0, gt=0, le=1e5)
    """Voltage of an input of 1 in a crossbar, for the energy G V^2 t of a read."""
    read_duration_ns: float = Field(default=10.0, gt=0, le=1e9)
    """Duration of a read."""


class TrackNumerics(Block):
    """How pulses are computed."""

    time_step_fs: float | None = Field(default=None, ge=1, le=1e6)
    """Step (fourth-order Runge-Kutta); null: as long as the temperature of waves allows."""
    demag_evaluations: Literal[1, 4] = 1
    """How often the demagnetising field is computed in a step, as for wires."""


class TrackDevice(Block):
    """A track whose response to current pulses is simulated."""

    source: Literal["simulation"]
    """The response is that of simulated pulses."""
    track: Track
    """Geometry."""
    material: PerpendicularMaterial = PerpendicularMaterial()
    """Material."""
    mechanism: Literal["stt", "sot"] = "stt"
    """stt: all of the current flows in the track and drives the wall by spin-transfer torque; sot:
    part of it flows in a heavy metal below, whose spin Hall effect drives the wall too."""
    heavy_metal: HeavyMetal | None = None
    """The layer below; null where mechanism is stt."""
    resistance_ohm: float = Field(default=1000.0, gt=0, le=1e9)
    """Resistance from end to end, for the energy I^2 R t of a pulse."""
    junction: TrackJunction = TrackJunction()
    """What the level is read by."""
    pulses: Pulses = Pulses()
    """The pulses."""
    numerics: TrackNumerics = TrackNumerics()
    """Time step."""
    crossbar: bool = True
    """Whether networks are also trained on a crossbar of it, if its pulses make a response."""
    passing_curve: bool = True
    """Whether its pulses are also counted and a passing curve is fitted, if they have three
    currents or more at one duration, or three durations or more at one current, above 0 K."""
    networks: bool = False
    """Whether networks of binary synapses are also trained on this curve."""
    programming_log: MeasuredLog | None = None
    """Log measured while the program of its first crossbar ran, in place of the virtual bench's:
    {log: my.csv, manifest: manifest.json}."""
    threads: int = Field(default=2, ge=1, le=1000)
    """Processor threads of the job that simulates the pulses, each with up to 16 walls."""
    shipped: GivenFolder | None = None
    """Folder with pulses of exactly this device, simulated before with their own seed; null:
    simulate them, with the study's seed."""

    @property
    def logs(self) -> dict[str, Any]:
        """There are no logs of networks of binary synapses on a track."""
        return {}

    @property
    def drive(self) -> Drive | None:
        """What its passing curve is against, current or duration; None where there is no curve."""
        if not self.passing_curve or self.pulses.temperature_K == 0:
            return None
        numbers = len(self.pulses.current_uA), len(self.pulses.duration_ns)
        if min(numbers) > 1 or max(numbers) < MIN_POINTS:
            return None
        return DRIVES["current" if numbers[0] > 1 else "duration"]

    @property
    def read_pulse(self) -> ReadPulse | None:
        """What a pulse that reads it has besides what its passing curve is against."""
        if self.drive is None:
            return None
        fixed = "duration_ns" if self.drive is DRIVES["current"] else "current_uA"
        size = getattr(self.pulses, fixed)[0]
        return ReadPulse(resistance_ohm=self.resistance_ohm, **{fixed: size})

    @property
    def makes_response(self) -> bool:
        """Whether its pulses are those of a response: of one current, up and down."""
        sequence = self.pulses.sequence
        both = sequence.down > 0 if sequence.kind == "ramps" else sequence.directions == "both"
        return both and len(self.pulses.current_uA) == 1

    @property
    def has_crossbar(self) -> bool:
        """Whether networks are trained on a crossbar of it."""
        return self.crossbar and self.makes_response

    @model_validator(mode="after")
    def _has_its_layer(self) -> Self:
        if (self.mechanism == "sot") != (self.heavy_metal is not None):
            raise ValueError(
                "mechanism is stt, which has no heavy_metal; remove it or set mechanism to sot"
                if self.heavy_metal
                else "mechanism is sot, and there is no heavy_metal; give one, {} for that of Liu "
                "et al. 2021"
            )
        return self

    @model_validator(mode="after")
    def _networks_have_a_curve(self) -> Self:
        if self.networks and self.drive is None:
            raise ValueError(
                "networks is true, and its pulses make no passing curve: give three currents or "
                "more at one duration, or three durations at one current, above 0 K, with "
                "passing_curve true; or set networks to false"
            )
        return self

    @model_validator(mode="after")
    def _levels_exist(self) -> Self:
        sequence = self.pulses.sequence
        key = "levels" if sequence.kind == "single" else "level"
        levels = (sequence.levels or ()) if sequence.kind == "single" else (sequence.level,)
        number = self.track.notches.number
        if unknown := [level for level in levels if level >= number]:
            raise ValueError(
                f"pulses.sequence.{key} names {unknown[0]}, and the highest level is "
                f"{number - 1}; leave it out"
            )
        return self
