"""Table I: nonlinearity and spread from cycle to cycle, ours beside the published ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from fitting.response.make_response import Response

PAPER = {
    "stt": {"nonlinearity_up": 0.07, "nonlinearity_down": -0.15, "spread": 0.0077},
    "sot": {"nonlinearity_up": 0.80, "nonlinearity_down": -0.81, "spread": 0.0323},
}
"""Of the paper's Table I, at 300 K."""


@dataclass(frozen=True)
class Found:
    """A number with its interval; both ends are None where it has none."""

    value: float
    low: float | None
    high: float | None

    @classmethod
    def of(cls, found: Mapping[str, float]) -> Self:
        """Return a number of ``response.json``."""
        return cls(found["value"], found["low"], found["high"])

    @property
    def interval(self) -> dict[str, float | None]:
        """Both ends by name."""
        return {"low": self.low, "high": self.high}

    def times(self, factor: float) -> "Found":
        """Return a multiple."""
        if self.low is None or self.high is None:
            return Found(self.value * factor, None, None)
        low, high = sorted((self.low * factor, self.high * factor))
        return Found(self.value * factor, low, high)

    def plus(self, other: "Found") -> "Found":
        """Return the sum of two independent numbers, whose half widths add as squares."""
        value = self.value + other.value
        if self.low is None or self.high is None or other.low is None or other.high is None:
            return Found(value, None, None)
        below = np.hypot(self.value - self.low, other.value - other.low)
        above = np.hypot(self.high - self.value, other.high - other.value)
        return Found(value, float(value - below), float(value + above))

    def minus(self, other: "Found") -> "Found":
        """Return the difference of two independent numbers."""
        return self.plus(other.times(-1))


def row_of(response: Response) -> dict[str, Any]:
    """Return the numbers of a response that the table shows, up and down, with intervals."""
    names = "mean_step", "spread", "nonlinearity"
    return {way: {name: response.statistics[way][name] for name in names} for way in ("up", "down")}
