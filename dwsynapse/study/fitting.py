"""How passing curves are fitted."""

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from dwsynapse.curve_forms import CURVE_FORMS
from dwsynapse.io.limits import MAX_FIELD_MT
from dwsynapse.study.block import Block

if TYPE_CHECKING:
    FormName = str
else:
    FormName = Literal[tuple(CURVE_FORMS)]

MIN_ATTEMPTS = 3
"""A wall with fewer attempts hardly passes at any field, for any barrier."""
MAX_SHARE = 0.9
"""Largest sum of floor and lapse where they are given."""


Share = Annotated[float, Field(gt=0, lt=1)]


class Fitting(Block):
    """How passing curves are fitted to counts."""

    form: FormName = "logistic"
    """Form of the curve, with a floor: logistic (Eq. 9), probit, cloglog (complementary log-log),
    or Neel-Brown depinning with the barrier exponent 3/2 or 2, in a fixed dwell or a sweep."""
    dwell_s: float = Field(default=1.0, gt=0, le=1e10)
    """Time for which the field acts; only the Neel-Brown forms with a dwell read it. Simulated
    devices use protocol.pinned_after_ns instead: a wall that waits longer counts as pinned.
    """
    sweep_mT_per_s: float = Field(default=1.0, ge=1e-9, le=1e13)
    """Rate at which the field rises from zero; only the Neel-Brown forms with a sweep read it."""
    attempt_frequency_Hz: float = Field(default=1e9, ge=1, le=1e15)
    """Attempt frequency of the Neel-Brown forms; counts cannot separate it from the barrier."""
    floor: float | tuple[float, float] | None = None
    """Floor of the curve: null to fit it, a number to fix it, [lowest, highest] to bound it."""
    lapse: bool | float | tuple[float, float] = False
    """Share of walls that stay at any field, absent from Eq. 9: true to fit it, a number to
    fix it, [lowest, highest] to bound it."""
    counts_vary: Literal["binomial", "beta-binomial"] = "binomial"
    """How counts vary: binomial, or beta-binomial where trials of a field are correlated."""
    field_offset_sd_mT: float = Field(default=0.0, ge=0, le=MAX_FIELD_MT)
    """Uncertainty of the field's calibration: a common offset, normal with this spread. (The jitter
    from trial to trial is the column field_sd_mT of the counts.)"""
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    """Confidence of every interval."""
    fields_at: tuple[Share, ...] = (0.1, 0.5, 0.9)
    """Passing probabilities whose fields are part of the result."""
    draws: int = Field(default=400, ge=1, le=100_000)
    """Draws from the parameters' uncertainty kept in device.json."""
    simulations: int = Field(default=999, ge=1, le=100_000)
    """Tables simulated from the fit and fitted again, for every bootstrap p-value."""

    def share_range(self, name: Literal["floor", "lapse"]) -> tuple[float, float] | None:
        """Return the lowest and highest floor or lapse that is asked for; None: any, or none."""
        asked = getattr(self, name)
        if asked is None or isinstance(asked, bool):
            return None
        return asked if isinstance(asked, tuple) else (asked, asked)

    @model_validator(mode="after")
    def _walls_pass(self) -> Self:
        ranges = {"floor": self.share_range("floor"), "lapse": self.share_range("lapse")}
        for name, asked in ranges.items():
            if asked and not 0 <= asked[0] <= asked[1] <= MAX_SHARE:
                raise ValueError(
                    f"{name} must be a share from 0 to {MAX_SHARE}, or a lower and a higher one"
                )
        if sum(asked[1] for asked in ranges.values() if asked) > MAX_SHARE:
            raise ValueError(
                f"floor and lapse together may reach {MAX_SHARE}, or no curve rises; lower one"
            )
        return self

    @model_validator(mode="after")
    def _walls_attempt(self) -> Self:
        attempts = self.dwell_s * self.attempt_frequency_Hz
        if CURVE_FORMS[self.form].has_dwell and attempts < MIN_ATTEMPTS:
            raise ValueError(
                "dwell_s is too short: a wall makes fewer than three attempts at "
                "attempt_frequency_Hz; raise one of the two"
            )
        return self
