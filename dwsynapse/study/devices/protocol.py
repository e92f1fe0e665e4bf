"""The protocol of a simulated trial, and how its outcome is decided."""

from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from dwsynapse.io.limits import MAX_FIELD_MT, MAX_WINDOW_NS
from dwsynapse.study.block import Block


class ConstantField(Block):
    """The field stays constant after the release."""

    shape: Literal["constant"] = "constant"
    """constant: the field at release stays. ramp (rate_mT_per_ns): it keeps rising. sinusoid
    (amplitude_mT, frequency_MHz): the wall is released as the rising field passes through it."""

    def at_mT(self, field_mT: Any, time_ns: Any) -> Any:
        """Return the field at a time after release at `field_mT`, numbers or arrays."""
        return field_mT


class RampedField(Block):
    """The field keeps rising linearly after release."""

    shape: Literal["ramp"]
    """The field keeps rising linearly after release."""
    rate_mT_per_ns: float = Field(gt=0, le=1e4)
    """By how much it rises."""

    def at_mT(self, field_mT: Any, time_ns: Any) -> Any:
        """Return the field at a time after release at `field_mT`, numbers or arrays."""
        return field_mT + self.rate_mT_per_ns * time_ns


class SinusoidalField(Block):
    """The field is a sinusoid; a trial's field, at which the wall is released, is its phase.

    Section 4.2 of Ellis et al. 2023: the pulse that injects the wall is triggered at a certain
    time during a sinusoidal sequence, and the field at that moment is the propagation field.
    """

    shape: Literal["sinusoid"]
    """The wall is released while a sinusoidal field rises."""
    amplitude_mT: float = Field(gt=0, le=MAX_FIELD_MT)
    """Amplitude."""
    frequency_MHz: float = Field(gt=0, le=1e5)
    """Frequency."""

    def at_mT(self, field_mT: Any, time_ns: Any) -> Any:
        """Return the field at a time after release at `field_mT`, at most the amplitude."""
        phase = np.arcsin(field_mT / self.amplitude_mT)
        return self.amplitude_mT * np.sin(phase + 2 * np.pi * self.frequency_MHz * 1e-3 * time_ns)


AppliedField = Annotated[
    ConstantField | RampedField | SinusoidalField, Field(discriminator="shape")
]


class Protocol(Block):
    """The protocol of a trial and how its outcome is decided."""

    temperature_K: float = Field(default=300.0, ge=0, le=2000)
    """Temperature."""
    field: AppliedField = ConstantField()
    """The field after release. Where it changes, a pinned wall is followed to the end
    of the window, and the field at which it depins is recorded."""
    release_distance_nm: float = Field(default=160.0, ge=1, le=1e6)
    """Distance left of the notch at which the wall is relaxed and released."""
    window_ns: float = Field(default=3.0, gt=0, le=MAX_WINDOW_NS)
    """Time after release at which a trial ends."""
    passed_beyond_nm: float = Field(default=80.0, ge=1, le=1e6)
    """A wall this far behind the centre of the notch has passed."""
    notch_zone_nm: float = Field(default=60.0, ge=1, le=1e6)
    """A wall this near to the centre of the notch, and not yet past it, is at the notch."""
    pinned_after_ns: float = Field(default=1.0, gt=0, le=MAX_WINDOW_NS)
    """A wall at the notch for this long without a break is pinned."""

    @model_validator(mode="after")
    def _zones_are_apart(self) -> Self:
        if self.notch_zone_nm >= self.release_distance_nm:
            raise ValueError(
                "notch_zone_nm must be less than release_distance_nm, or a trial starts at the "
                "notch"
            )
        if self.pinned_after_ns > self.window_ns:
            raise ValueError("pinned_after_ns must not exceed window_ns, or no wall is ever pinned")
        return self
