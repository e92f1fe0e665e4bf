"""The protocol of a simulated trial, and how its outcome is decided."""

from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import BeforeValidator, Field, model_validator

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


LONGEST_RELEASE_NM = 1e6


def _one_or_range(given: Any) -> Any:
    """Refuse what is neither a distance nor a range of them, in words that name no types."""
    ends = given if isinstance(given, list | tuple) else [given]
    try:
        numbers = [float(end) for end in ends]
    except (TypeError, ValueError):
        numbers = []
    if len(numbers) not in (1, 2) or (isinstance(given, list | tuple) and len(numbers) != 2):
        raise ValueError("must be a distance or a range; give such as 160 or [120, 200]")
    if not all(1 <= number <= LONGEST_RELEASE_NM for number in numbers):
        raise ValueError(f"must be within 1 and {LONGEST_RELEASE_NM:g}; give distances in nm")
    if len(numbers) == 2 and numbers[0] == numbers[1]:
        near, far = _example(numbers[0])
        raise ValueError(
            f"the range has one distance; give {numbers[0]:g} alone, or a range such as "
            f"[{near:g}, {far:g}]"
        )
    if len(numbers) == 2 and numbers[0] > numbers[1]:
        raise ValueError(
            "the range must go from the nearer distance to the farther one; "
            f"give [{numbers[1]:g}, {numbers[0]:g}], or one number"
        )
    return given


def _example(distance_nm: float) -> tuple[float, float]:
    """Return a range with that end which is a whole number of most cells."""
    far_nm = distance_nm + 40
    return (
        (distance_nm, far_nm) if far_nm <= LONGEST_RELEASE_NM else (distance_nm - 40, distance_nm)
    )


Distance = Annotated[float, Field(ge=1, le=LONGEST_RELEASE_NM)]
ReleaseDistance = Annotated[Distance | tuple[Distance, Distance], BeforeValidator(_one_or_range)]


class Protocol(Block):
    """The protocol of a trial and how its outcome is decided."""

    temperature_K: float = Field(default=300.0, ge=0, le=2000)
    """Temperature."""
    field: AppliedField = ConstantField()
    """The field after release. Where it changes, a pinned wall is followed to the end
    of the window, and the field at which it depins is recorded."""
    release_distance_nm: ReleaseDistance = 160.0
    """Distance left of the notch at which the wall is relaxed and released; or a range [from, to],
    a whole number of cells long, from whose cells every trial's is drawn with equal probabilities.
    Walls from one distance arrive at one phase of their precession, those from a range as long as
    its period (`micromag period`) at all phases."""
    window_ns: float = Field(default=3.0, gt=0, le=MAX_WINDOW_NS)
    """Time after release at which a trial ends."""
    passed_beyond_nm: float = Field(default=80.0, ge=1, le=1e6)
    """A wall this far behind the centre of the notch has passed."""
    notch_zone_nm: float = Field(default=60.0, ge=1, le=1e6)
    """A wall this near to the centre of the notch, and not yet past it, is at the notch."""
    pinned_after_ns: float = Field(default=1.0, gt=0, le=MAX_WINDOW_NS)
    """A wall at the notch for this long without a break is pinned."""

    @property
    def nearest_release_nm(self) -> float:
        """The distance of release, or the least of those that are drawn."""
        given = self.release_distance_nm
        return given[0] if isinstance(given, tuple) else given

    @property
    def farthest_release_nm(self) -> float:
        """The distance of release, or the greatest of those that are drawn."""
        given = self.release_distance_nm
        return given[1] if isinstance(given, tuple) else given

    @model_validator(mode="after")
    def _zones_are_apart(self) -> Self:
        if self.notch_zone_nm >= self.nearest_release_nm:
            raise ValueError(
                "notch_zone_nm must be less than release_distance_nm, or a trial starts at the "
                "notch"
            )
        if self.pinned_after_ns > self.window_ns:
            raise ValueError("pinned_after_ns must not exceed window_ns, or no wall is ever pinned")
        return self
