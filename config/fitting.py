"""How passing curves are fitted."""

from typing import Literal, Self

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from config.block import Block

DWELLS = ("neel-brown-3/2", "neel-brown-2")
"""Forms that read dwell_s."""
LEAST_ATTEMPTS = 3
"""A wall that attempts less often hardly passes at any field, whatever its barrier."""


class Fitting(Block):
    """How passing curves are fitted to counts."""

    form: Literal[
        "logistic",
        "probit",
        "cloglog",
        "neel-brown-3/2",
        "neel-brown-2",
        "neel-brown-3/2-sweep",
        "neel-brown-2-sweep",
    ] = "logistic"
    """Form of the curve, with a floor: logistic (Eq. 9), probit, cloglog (complementary log-log),
    or Neel-Brown depinning with the barrier exponent 3/2 or 2, in a fixed dwell or a sweep."""
    dwell_s: PositiveFloat = 1.0
    """Time for which the field acts; only the Neel-Brown forms with a dwell read it. Simulated
    devices take protocol.pinned_after_ns in its place: a wall that waits longer counts as pinned.
    """
    sweep_mT_per_s: PositiveFloat = 1.0
    """Rate at which the field rises from zero; only the Neel-Brown forms with a sweep read it."""
    attempt_frequency_Hz: PositiveFloat = 1e9
    """Attempt frequency of the Neel-Brown forms; counts cannot tell it from the barrier."""
    lapse: bool = False
    """Whether a share of walls that stay at any field is fitted; Eq. 9 has none."""
    counts_vary: Literal["binomial", "beta-binomial"] = "binomial"
    """How counts vary: binomial, or beta-binomial where trials of a field are alike."""
    field_offset_sd_mT: NonNegativeFloat = 0.0
    """Uncertainty of the field's calibration: a common offset, normal with this spread. (The jitter
    from trial to trial is the column field_sd_mT of the counts.)"""
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    """Confidence of every interval."""
    draws: PositiveInt = 400
    """Draws from the parameters' uncertainty kept in device.json."""
    simulations: PositiveInt = 999
    """Tables simulated from the fit and fitted again, behind every bootstrap p-value."""

    @model_validator(mode="after")
    def _walls_attempt(self) -> Self:
        attempts = self.dwell_s * self.attempt_frequency_Hz
        if self.form in DWELLS and attempts < LEAST_ATTEMPTS:
            raise ValueError(
                "dwell_s is too short: a wall makes fewer than three attempts at "
                "attempt_frequency_Hz; raise one of the two"
            )
        return self
