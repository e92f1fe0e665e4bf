"""How passing curves are fitted."""

from typing import Literal

from pydantic import Field, PositiveInt

from config.block import Block


class Fitting(Block):
    """How passing curves are fitted to counts."""

    form: Literal["logistic"] = "logistic"
    """Form of the curve: logistic with a floor (Eq. 9)."""
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    """Confidence of every interval."""
    draws: PositiveInt = 400
    """Draws from the parameters' uncertainty kept in device.json."""
