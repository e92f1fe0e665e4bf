"""What is done to a simulated wall, and how the outcome of a trial is told."""

from typing import Self

from pydantic import Field, PositiveFloat, model_validator

from config.block import Block


class Protocol(Block):
    """What is done to the wall and how the outcome of a trial is told."""

    temperature_K: float = Field(default=300.0, ge=0)
    """Temperature."""
    release_distance_nm: PositiveFloat = 160.0
    """Distance left of the notch at which the wall is relaxed and released."""
    window_ns: PositiveFloat = 3.0
    """Time with the field on after which a trial ends."""
    passed_beyond_nm: PositiveFloat = 80.0
    """A wall this far behind the centre of the notch has passed."""
    notch_zone_nm: PositiveFloat = 60.0
    """A wall this near to the centre of the notch is at the notch."""
    pinned_after_ns: PositiveFloat = 1.0
    """A wall at the notch for this long without a break is pinned."""

    @model_validator(mode="after")
    def _zones_are_apart(self) -> Self:
        if self.notch_zone_nm >= min(self.passed_beyond_nm, self.release_distance_nm):
            raise ValueError(
                "notch_zone_nm must be less than passed_beyond_nm and release_distance_nm, "
                "or a trial starts or ends at the notch"
            )
        if self.pinned_after_ns > self.window_ns:
            raise ValueError("pinned_after_ns must not exceed window_ns, or no wall is ever pinned")
        return self
