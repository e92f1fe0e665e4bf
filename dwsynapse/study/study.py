"""The whole study: its devices and one block per concern."""

import re
from pathlib import Path
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from dwsynapse.curve_forms import CURVE_FORMS
from dwsynapse.io.errors import InputError
from dwsynapse.io.limits import DEFAULT_SEED
from dwsynapse.learning_rules import ON_DEVICE
from dwsynapse.study.block import Block, WorkflowPath
from dwsynapse.study.crossbar import Crossbar
from dwsynapse.study.devices.sources import Device, MeasuredDevice, SimulatedDevice
from dwsynapse.study.devices.track_device import TrackDevice
from dwsynapse.study.fitting import MIN_ATTEMPTS, Fitting
from dwsynapse.study.hardware import Hardware
from dwsynapse.study.network import Network
from dwsynapse.study.paper import Paper
from dwsynapse.study.plan import Plan
from dwsynapse.study.presets.ellis import ELLIS2023, ELLIS_WIRE
from dwsynapse.study.presets.quick_track import QUICK_CROSSBAR, QUICK_TRACK

RULES = {
    "calibrate",
    "dwell",
    "depinning",
    "distances",
    "period",
    "fabricate",
    "train_fabricated",
    "plan_fabricated",
    "train_paper_models",
    "count_loops_and_errors",
    "verify_paper_log",
    "run_paper_program",
    "paper_program",
    "survival",
    "barrier",
    "all",
    "compare",
    "config_block",
    "count",
    "count_pulses",
    "count_loops",
    "count_round",
    "draw_wire",
    "draw_track",
    "evaluate",
    "evaluate_crossbar",
    "program_crossbar",
    "run_crossbar",
    "verify_crossbar",
    "first_plan",
    "fit",
    "fit_curve",
    "grey_images",
    "images",
    "levels",
    "next_round",
    "paper",
    "paper_figures",
    "plan",
    "plan_crossbar",
    "program",
    "publish",
    "pulses",
    "relax",
    "response",
    "run_program",
    "sensitivity",
    "shipped_pulses",
    "shipped_trials",
    "simulate",
    "summary",
    "train",
    "train_crossbar",
    "train_models",
    "trials",
    "verify",
    "verify_log",
}
"""Names that targets of the workflow have; a device is a target by its name."""
IN_RESULTS = {
    "grey-images.npz",
    "images.npz",
    "made",
    "report.html",
    "speed.json",
    "summary.html",
    "summary.json",
}
"""What the folder of results has besides its devices and the folders config and logs."""


class Study(Block):
    """A study: devices from three sources, and how they are fitted, trained on and verified."""

    seed: int = Field(default=DEFAULT_SEED, ge=0, lt=2**32)
    """One seed; every random number of the study follows from it."""
    results: WorkflowPath = Field(default="results", min_length=1, pattern=r"^[^{}\n]*$")
    """Folder for all results of the workflow."""
    devices: dict[str, Device] = Field(
        default={
            "quick-wire": SimulatedDevice(),
            "ellis-wire": ELLIS_WIRE,
            "ellis2023": ELLIS2023,
            "quick-track": QUICK_TRACK,
        },
        min_length=1,
    )
    """Devices by name (letters, digits, dots, dashes, underscores); one set to null is left out."""
    fitting: Fitting = Fitting()
    """How passing curves are fitted to counts."""
    network: Network = Network()
    """Training of the perceptron on stochastic synapses."""
    crossbar: Crossbar = QUICK_CROSSBAR
    """Training on crossbars of tracks, through their responses."""
    plan: Plan = Plan()
    """Trade-offs of accuracy against reads, time and energy per inference."""
    hardware: Hardware = Hardware()
    """Inference on the device, or on the virtual laboratory in its place."""
    paper: Paper = Paper()
    """The network results of Ellis et al. 2023, made only on request: target paper-<device>."""

    @property
    def networks_on_device(self) -> tuple[str, ...]:
        """Folders of the networks that run on a device.

        k8 is trained with 8 reads by the paper's rule, hidden-k8 with hidden layers; the others are
        named by their rule.
        """
        of_reads = [f"k{reads}" for reads in self.hardware.reads_train]
        hidden = [f"hidden-{name}" for name in of_reads] if self.network.hidden else []
        return (*of_reads, *hidden, *self.network.one_read)

    def fitting_of(self, name: str) -> Fitting:
        """Return how the counts of a device are fitted: with the dwell of its protocol, if any.

        A simulated wall counts as pinned after a time at the notch; in that time it must depin.
        """
        device = self.devices[name]
        if not isinstance(device, SimulatedDevice):
            return self.fitting
        dwell_s = device.protocol.pinned_after_ns * 1e-9
        return self.fitting.model_copy(update={"dwell_s": dwell_s})

    @field_validator("devices", mode="before")
    @classmethod
    def _leave_out(cls, devices: Any) -> Any:
        if isinstance(devices, dict):
            return {name: device for name, device in devices.items() if device is not None}
        return devices

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        for name in self.devices:
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name):
                raise ValueError(
                    f"device name {name[:100]!r} is longer than 100 characters, or has others than "
                    "letters, digits, . _ -; choose another"
                )
            if name in RULES or name.lower() in IN_RESULTS:
                raise ValueError(
                    f"device name {name!r} is that of a target of the workflow or of one of its "
                    "results; choose another"
                )
        by_folder: dict[str, str] = {}
        for name in self.devices:
            other = by_folder.setdefault(name.lower(), name)
            if other != name:
                raise ValueError(
                    f"device names {other!r} and {name!r} differ only in capitals, and would share "
                    "a folder on macOS and Windows; choose another"
                )
        reference = self.devices.get(self.hardware.compare_with or "")
        if isinstance(reference, TrackDevice) and reference.drive is None:
            raise ValueError(
                f"hardware.compare_with names {self.hardware.compare_with!r}, a track whose pulses "
                "make no passing curve, against three currents or durations; choose another or null"
            )
        if self.hardware.compare_with not in {None, *self.devices}:
            raise ValueError(
                f"hardware.compare_with names an unknown device {self.hardware.compare_with!r}; "
                f"choose one of {', '.join(self.devices)} or null"
            )
        if ON_DEVICE not in self.network.rules:
            raise ValueError(
                f"network.rules has no {ON_DEVICE!r}, whose networks run on the device"
            )
        unknown = set(self.hardware.reads_train) - set(self.network.reads_train)
        if unknown:
            raise ValueError(
                f"hardware.reads_train names networks trained with {sorted(unknown)} reads; "
                f"choose of those trained, {list(self.network.reads_train)}, or add them to "
                "network.reads_train"
            )
        return self

    @model_validator(mode="after")
    def _logs_are_of_networks(self) -> Self:
        networks = [*self.networks_on_device]
        for name, device in self.devices.items():
            networks_here = networks if getattr(device, "networks", True) else []
            unknown = [network for network in device.logs if network not in networks_here]
            if unknown:
                raise ValueError(
                    f"logs of {name} names {unknown[0][:100]!r}, which does not run on it; "
                    f"choose one of {', '.join(networks_here) or 'those of another device'}"
                )
        return self

    @model_validator(mode="after")
    def _calibrated_wires_are_possible(self) -> Self:
        for name, device in self.devices.items():
            if not isinstance(device, SimulatedDevice) or not device.calibrate:
                continue
            # Imported here: most studies calibrate nothing, and SciPy takes its time.
            from dwsynapse.study.wires.spread import read_spread
            from dwsynapse.study.wires.varied_wires import VariedWires

            key = f"calibrate of {name}"
            if (wire := device.calibrate.wire) not in {None, *self.devices}:
                raise ValueError(
                    f"{key} has an unknown device {wire!r} as its wire; choose one of "
                    f"{', '.join(self.devices)} or null"
                )
            for role in ("target", "wire"):
                named = getattr(device.calibrate, role)
                if other := self._driven_by_pulses(named):
                    raise ValueError(
                        f"{key} has the {role} {named!r}, {other}; choose a device that a field "
                        "drives" + (", or give a table of counts" if role == "target" else "")
                    )
            try:
                wires = VariedWires.of(device, device.calibrate.vary, Path(name))
                read_spread(device.calibrate.spread, wires.priors)
            except InputError as error:
                raise ValueError(f"{key}: {error.problem}; {error.remedy}") from error
        return self

    def _driven_by_pulses(self, name: str | None) -> str | None:
        """Return what a device is whose curve is not against a field, or None."""
        device = self.devices.get(name or "")
        if isinstance(device, TrackDevice):
            return "a track"
        if isinstance(device, MeasuredDevice) and device.read_pulse is not None:
            against = "current" if device.read_pulse.current_uA is None else "duration"
            return f"whose curve is against a {against}"
        return None

    @model_validator(mode="after")
    def _variations_are_possible(self) -> Self:
        for name, device in self.devices.items():
            if not isinstance(device, SimulatedDevice) or not device.sensitivity.vary:
                continue
            from dwsynapse.study.wires.variation import given_variations

            try:
                given_variations(device, device.sensitivity.vary, Path(name))
            except InputError as error:
                problem = f"sensitivity of {name}: {error.problem}; {error.remedy}"
                raise ValueError(problem) from error
        return self

    @model_validator(mode="after")
    def _simulated_walls_attempt(self) -> Self:
        for name in self.devices:
            fitting = self.fitting_of(name)
            attempts = fitting.dwell_s * fitting.attempt_frequency_Hz
            if CURVE_FORMS[fitting.form].has_dwell and attempts < MIN_ATTEMPTS:
                raise ValueError(
                    f"fitting.form {fitting.form}: in protocol.pinned_after_ns a wall of {name} "
                    f"makes {attempts:.2g} attempts at fitting.attempt_frequency_Hz; raise that "
                    f"frequency, choose another form or leave {name} out"
                )
        return self

    @model_validator(mode="after")
    def _simulated_walls_differ(self) -> Self:
        for name, device in self.devices.items():
            if not isinstance(device, SimulatedDevice) or device.shipped:
                continue
            if device.protocol.temperature_K == 0:
                raise ValueError(
                    f"protocol.temperature_K of {name} is 0: without noise all walls released at "
                    "one field behave the same, and there is no passing curve to fit; raise it, or "
                    "find the field with `python -m micromag depinning`"
                )
        return self
