"""The whole study: its devices and one block per concern."""

import re
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from config.block import Block
from config.devices import ELLIS2023, ELLIS_WIRE, Device, SimulatedDevice
from config.fitting import Fitting
from config.hardware import Hardware
from config.network import Network
from config.plan import Plan


class Study(Block):
    """A study: devices from three sources, and how they are fitted, trained on and verified."""

    seed: int = Field(default=2023, ge=0, lt=2**32)
    """One seed; every random number of the study follows from it."""
    results: str = Field(default="results", min_length=1)
    """Folder for everything the workflow makes."""
    devices: dict[str, Device] = Field(
        default={
            "quick-wire": SimulatedDevice(),
            "ellis-wire": ELLIS_WIRE,
            "ellis2023": ELLIS2023,
        },
        min_length=1,
    )
    """Devices by name (letters, digits, dots, dashes, underscores); one set to null is left out."""
    fitting: Fitting = Fitting()
    """How passing curves are fitted to counts."""
    network: Network = Network()
    """Training of the perceptron on stochastic synapses."""
    plan: Plan = Plan()
    """Trade-offs of accuracy against reads, time and energy per inference."""
    hardware: Hardware = Hardware()
    """Inference on the device, or on the virtual laboratory that stands in for it."""

    @field_validator("devices", mode="before")
    @classmethod
    def _leave_out(cls, devices: Any) -> Any:
        if isinstance(devices, dict):
            return {name: device for name, device in devices.items() if device is not None}
        return devices

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        for name in self.devices:
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
                raise ValueError(
                    f"device name {name!r} has other signs than letters, digits, . _ -"
                )
        if self.hardware.compare_with not in {None, *self.devices}:
            raise ValueError(
                f"hardware.compare_with names an unknown device {self.hardware.compare_with!r}; "
                f"choose one of {', '.join(self.devices)} or null"
            )
        if "stochastic" not in self.network.rules:
            raise ValueError("network.rules lacks 'stochastic', whose networks run on the device")
        unknown = set(self.hardware.reads_train) - set(self.network.reads_train)
        if unknown:
            raise ValueError(
                f"hardware.reads_train asks for networks trained with {sorted(unknown)} reads; "
                "add them to network.reads_train"
            )
        return self
