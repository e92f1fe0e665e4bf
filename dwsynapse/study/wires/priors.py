"""What is known of a parameter before the measurement: a range, or a value with its uncertainty."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from dwsynapse.io.errors import InputError

Floats = NDArray[np.float64]

CUT_SD = 3.0
"""A normal prior ends this many standard deviations from its mean: simulations need a range."""
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
UNIFORM = re.compile(rf"({NUMBER}):({NUMBER})")
NORMAL = re.compile(rf"({NUMBER})(?:\+-|±)({NUMBER})")
STEPS = 1000
"""Wires are simulated at multiples of this share of the range, so that configs have few digits."""


@dataclass(frozen=True)
class Prior:
    """A prior of one parameter, uniform in its range or normal and cut at its ends.

    Parameters
    ----------
    name
        Key of the device, as in ``wire.notch.covered_fraction``.
    low, high
        The range.
    sd
        Standard deviation of a normal prior about the middle of the range; None: uniform.
    """

    name: str
    low: float
    high: float
    sd: float | None = None

    @property
    def middle(self) -> float:
        """Middle of the range."""
        return (self.low + self.high) / 2

    def scaled(self, z: Floats) -> Floats:
        """Return parameters, scaled to -1...1, whose priors are standard normal in z."""
        share = ndtr(z)
        if self.sd is None:
            return np.asarray(2 * share - 1)
        ends = ndtr(CUT_SD) - ndtr(-CUT_SD)
        return np.asarray(ndtri(ndtr(-CUT_SD) + ends * share) / CUT_SD)

    def value(self, scaled: Floats) -> Floats:
        """Return parameters in their unit."""
        return np.asarray(self.middle + (self.high - self.low) / 2 * scaled)

    def rounded(self, scaled: Floats) -> Floats:
        """Return scaled parameters that are a multiple of a `STEPS`-th of the range."""
        return np.asarray(np.clip(np.round((scaled + 1) / 2 * STEPS), 0, STEPS) / STEPS * 2 - 1)

    def document(self) -> dict[str, object]:
        """Return what files say of the prior."""
        if self.sd is None:
            return {"kind": "uniform", "low": self.low, "high": self.high}
        return {"kind": "normal", "mean": self.middle, "sd": self.sd, "cut_at_sd": CUT_SD}


def prior_of(name: str, text: str, option: str) -> Prior:
    """Return the prior that a text such as ``0.5:0.7`` or ``0.6+-0.03`` describes.

    Raises
    ------
    InputError
        If it is neither, or an empty or reversed range.
    """
    plain = text.replace(" ", "")
    example = f"give {name}=LOW:HIGH, or {name}=MEAN+-SD for a normal prior"
    if found := UNIFORM.fullmatch(plain):
        low, high = map(float, found.groups())
        if not low < high:
            what = "an empty range" if low == high else "a range from its higher end to its lower"
            raise InputError(f"{name}={text}: {what}", where=option, remedy=example)
        return Prior(name, low, high)
    if found := NORMAL.fullmatch(plain):
        mean, sd = map(float, found.groups())
        if not sd > 0:
            raise InputError(f"{name}={text}: no uncertainty", where=option, remedy=example)
        return Prior(name, mean - CUT_SD * sd, mean + CUT_SD * sd, sd)
    raise InputError(f"{name}={text}: neither a range nor a value", where=option, remedy=example)
