"""Where a device's passing curve comes from: a simulation, a measurement or a publication."""

from math import inf
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Discriminator, Field, Tag, model_validator

from dwsynapse.io.limits import MAX_FIELD_MT
from dwsynapse.study.block import Block, GivenFile, GivenFolder
from dwsynapse.study.devices.calibration import Calibration
from dwsynapse.study.devices.detection import Detection
from dwsynapse.study.devices.disorder import Disorder
from dwsynapse.study.devices.laboratory_dwell import LaboratoryDwell
from dwsynapse.study.devices.material import Material
from dwsynapse.study.devices.measured_log import Logs
from dwsynapse.study.devices.numerics import Numerics, Sampling
from dwsynapse.study.devices.protocol import Protocol
from dwsynapse.study.devices.read_pulse import ReadPulse
from dwsynapse.study.devices.sensitivity import Sensitivity
from dwsynapse.study.devices.track_device import TrackDevice
from dwsynapse.study.devices.wall import Wall
from dwsynapse.study.devices.wire import Wire

Field_mT = Annotated[float, Field(gt=0, le=MAX_FIELD_MT)]

ELSEWHERE = {
    "sampling",
    "shipped",
    "networks",
    "logs",
    "laboratory_dwell",
    "sensitivity",
    "calibrate",
}
"""Keys of a device that do not affect a single trial."""
MIN_OBSERVATIONS = 10
"""Minimum number of times a wall is located before it counts as pinned."""


class SimulatedDevice(Block):
    """A wire whose passing probability is simulated."""

    source: Literal["simulation"] = "simulation"
    """The curve is fitted to simulated trials."""
    wire: Wire = Wire()
    """Geometry."""
    wall: Wall = Wall()
    """The wall that is released."""
    disorder: Disorder = Disorder()
    """Rough edges and grains."""
    material: Material = Material()
    """Material."""
    protocol: Protocol = Protocol()
    """Temperature, field, and how outcomes are decided."""
    numerics: Numerics = Numerics()
    """Engine and time step."""
    sampling: Sampling = Sampling()
    """Fields and numbers of trials."""
    shipped: GivenFolder | None = None
    """Folder with trials of exactly this device, simulated before with their own seed and
    sampling; null: simulate them, with the study's seed and the sampling above."""
    laboratory_dwell: LaboratoryDwell | None = None
    """Predicts the passing curve for a time at the notch in the laboratory, far beyond the window:
    {dwell_s: 1e-3, barrier_fields_mT: [9, 11, 13]}; null: no prediction."""
    sensitivity: Sensitivity = Sensitivity()
    """What is simulated, on request, to find what the passing curve depends on."""
    calibrate: Calibration | None = None
    """Finds, on request (target calibrate-<device>), the wires like this one that explain measured
    counts: {target: lab, vary: ["notch.covered_fraction=0.5:0.7"]}; null: no calibration."""
    networks: bool = True
    """Whether networks are also trained on the device and verified."""
    logs: Logs = Field(default_factory=dict)
    """Logs measured on the device, which take the place of the virtual laboratory's, by network as
    in results/{device}/hardware: {k128: {log: my.csv, manifest: manifest.json}}."""

    @property
    def release_distances_nm(self) -> tuple[float, ...]:
        """Distances from the notch at which walls are released: one, or those that are drawn."""
        nearest, farthest = self.protocol.nearest_release_nm, self.protocol.farthest_release_nm
        cells = round((farthest - nearest) / self.wire.cell_nm[0])
        return tuple(np.linspace(nearest, farthest, cells + 1).tolist())

    @model_validator(mode="after")
    def _field_is_reached(self) -> Self:
        amplitude_mT = getattr(self.protocol.field, "amplitude_mT", inf)
        if max(self.sampling.first_fields_mT) > amplitude_mT:
            raise ValueError(
                f"sampling.first_fields_mT goes beyond the sinusoid's {amplitude_mT:g} mT; "
                "raise protocol.field.amplitude_mT or leave those fields out"
            )
        return self

    @model_validator(mode="after")
    def _walls_can_be_followed(self) -> Self:
        protocol = self.protocol
        if not self.laboratory_dwell:
            return self
        if protocol.temperature_K == 0:
            raise ValueError(
                "at 0 K a pinned wall never depins; raise protocol.temperature_K or remove "
                "laboratory_dwell"
            )
        if not self.laboratory_dwell.survival_fields_mT:
            return self
        if protocol.field.shape != "constant" or self.numerics.engine != "embedded":
            raise ValueError(
                "laboratory_dwell.survival_fields_mT needs protocol.field.shape constant and "
                "numerics.engine embedded; set both or give laboratory_dwell.barrier_fields_mT only"
            )
        settle_ns = self.laboratory_dwell.settle_ns
        settle_ns = protocol.pinned_after_ns if settle_ns is None else settle_ns
        if self.laboratory_dwell.window_ns <= settle_ns:
            raise ValueError(
                "laboratory_dwell.window_ns ends before a wall counts as pinned; give more than "
                f"the {settle_ns:g} ns of laboratory_dwell.settle_ns or protocol.pinned_after_ns"
            )
        return self

    @model_validator(mode="after")
    def _wall_is_seen(self) -> Self:
        every_ps, pinned_ns = self.numerics.observe_every_ps, self.protocol.pinned_after_ns
        if every_ps * 1e-3 > pinned_ns / MIN_OBSERVATIONS:
            raise ValueError(
                f"numerics.observe_every_ps of {every_ps:g} locates a wall fewer than "
                f"{MIN_OBSERVATIONS} times in the {pinned_ns:g} ns after which it is pinned, and "
                f"may miss both; set it to {1e3 * pinned_ns / MIN_OBSERVATIONS:g} or less"
            )
        return self

    @model_validator(mode="after")
    def _wall_fits(self) -> Self:
        centre, protocol = self.wire.notch.centre_nm, self.protocol
        if centre - protocol.farthest_release_nm < self.wire.width_nm:
            raise ValueError(
                "the wall would be released less than one wire width from the left end; "
                "lower protocol.release_distance_nm or lengthen the wire"
            )
        cell_nm = self.wire.cell_nm[0]
        range_nm = protocol.farthest_release_nm - protocol.nearest_release_nm
        whole_nm = max(1, round(range_nm / cell_nm)) * cell_nm
        if range_nm and abs(whole_nm - range_nm) > 1e-6 * cell_nm:
            raise ValueError(
                f"the range of protocol.release_distance_nm is {range_nm:g} nm, which is no whole "
                f"number of cells of {cell_nm:g} nm; let it end at "
                f"{protocol.nearest_release_nm + whole_nm:g}"
            )
        if centre + protocol.passed_beyond_nm > self.wire.length_nm - self.wire.width_nm:
            raise ValueError(
                "protocol.passed_beyond_nm is less than one wire width from the right end; "
                "lower it or lengthen the wire"
            )
        return self

    @model_validator(mode="after")
    def _one_anisotropy(self) -> Self:
        if self.material.anisotropy_J_per_m3 and self.disorder.grains.anisotropy_J_per_m3:
            raise ValueError(
                "the material and its grains both have an anisotropy; set "
                "material.anisotropy_J_per_m3 or disorder.grains.anisotropy_J_per_m3 to 0"
            )
        return self


class MeasuredDevice(Block):
    """A device whose passing counts, or Kerr loops, were measured."""

    source: Literal["measurement"]
    """The curve is fitted to a table of counts, or to the counts of loops."""
    counts: GivenFile | None = None
    """Path of the table (CSV or Excel): the field, in field_mT, field_T, field_Oe, field_A_per_m or
    field_kA_per_m (or current_uA, or duration_ns, with read_pulse), and n_trials, n_passed; or
    n_trials, probability; or, with one trial per row, outcome (passed, pinned, undecided, failed;
    or yes and no, 1 and 0). Where known also field_sd_mT."""
    columns: dict[str, str] = Field(default_factory=dict)
    """Names of columns that are not recognised, as in {field_mT: B_set, n_trials: N}."""
    loops: GivenFolder | None = None
    """Instead of counts: a folder of raw Kerr loops, or a file of them (CSV, NPZ, HDF5)."""
    detection: Detection = Detection()
    """How the outcomes of loops are decided."""
    calibration: GivenFolder | None = None
    """A folder of loops like the others whose outcome is known: how often the detection is wrong,
    which the fit takes into account."""
    detection_errors: GivenFile | None = None
    """Instead of calibration: a detection.json with these errors."""
    read_pulse: ReadPulse | None = None
    """Of counts against current or duration: {resistance_ohm: 1000, duration_ns: 1}, or
    {resistance_ohm: 1000, current_uA: 50}, for the energy I^2 R t of a read. Such a device is
    fitted and trained on; device programs are for fields."""
    nucleation_field_mT: Field_mT | None = None
    """Field at which a wall appears without injection, if known."""
    logs: Logs = Field(default_factory=dict)
    """Logs measured on the device, which take the place of the virtual laboratory's, by network as
    in results/{device}/hardware: {k128: {log: my.csv, manifest: manifest.json}}."""

    @model_validator(mode="after")
    def _pulse_belongs_to_counts(self) -> Self:
        given = [key for key in ("loops", "nucleation_field_mT", "logs") if getattr(self, key)]
        if self.read_pulse and given:
            raise ValueError(
                f"read_pulse is of counts against current or duration, which have no {given[0]}; "
                "remove one of the two"
            )
        return self

    @model_validator(mode="after")
    def _counts_or_loops(self) -> Self:
        if (self.counts is None) == (self.loops is None):
            raise ValueError("give either counts, a table, or loops, a folder of Kerr loops")
        return self

    @model_validator(mode="after")
    def _one_calibration(self) -> Self:
        if self.calibration is not None and self.loops is None:
            raise ValueError(
                "calibration belongs to loops; for counts give detection_errors, a detection.json"
            )
        if self.calibration is not None and self.detection_errors is not None:
            raise ValueError("give either calibration, a folder of loops, or detection_errors")
        return self


class PublishedParameters(Block):
    """Parameters of the logistic curve with a floor (Eq. 9 of Ellis et al. 2023)."""

    floor: float = Field(ge=0, lt=1)
    """Passing probability at low field, d."""
    h0_mT: Field_mT
    """Centre h0."""
    delta_per_mT: float = Field(gt=0, le=1e6)
    """Steepness Delta."""


class PublishedDevice(Block):
    """A device whose fitted curve was published."""

    source: Literal["published"]
    """The curve is taken as published."""
    citation: str
    """Where it was published."""
    parameters: PublishedParameters
    """The published parameters."""
    rounding: PublishedParameters
    """Half a unit of the last digit published of each parameter; the interval reported is this."""
    field_range_mT: tuple[Annotated[float, Field(ge=0)], Field_mT]
    """Fields at which the curve is valid."""
    nucleation_field_mT: Field_mT | None = None
    """Field at which a wall appears without injection, if known."""
    logs: Logs = Field(default_factory=dict)
    """Logs measured on the device, which take the place of the virtual laboratory's, by network as
    in results/{device}/hardware: {k128: {log: my.csv, manifest: manifest.json}}."""

    @model_validator(mode="after")
    def _range_is_ordered(self) -> Self:
        if self.field_range_mT[0] >= self.field_range_mT[1]:
            raise ValueError("field_range_mT must go from a lower to a higher field")
        return self


def _what_is_simulated(content: Any) -> str:
    """Return whether a simulated device is a track or a wire."""
    given = content if isinstance(content, dict) else type(content).model_fields
    return "track" if "track" in given else "wire"


Simulated = Annotated[
    Annotated[SimulatedDevice, Tag("wire")] | Annotated[TrackDevice, Tag("track")],
    Discriminator(_what_is_simulated),
]
Device = Annotated[Simulated | MeasuredDevice | PublishedDevice, Field(discriminator="source")]
