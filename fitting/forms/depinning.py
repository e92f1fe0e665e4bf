"""Thermally activated depinning over a barrier that the field lowers."""

import math
from abc import abstractmethod
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar, Self

import numpy as np
from array_api_compat import array_namespace

from dwsynapse.io.limits import MAX_FIELD_MT
from fitting.forms.neel_brown import NeelBrown
from fitting.forms.passing_curve import PassingCurve

# Outside these a barrier falls linearly over all fields of magnets, or the curve is a step.
MAX_CRITICAL_MT, MAX_BARRIER_KT = 100 * MAX_FIELD_MT, 1e15
# Halve a range down to the rounding of its numbers.
BISECTIONS = 55


@dataclass(frozen=True)
class Depinning(PassingCurve):
    """Depinning at the rate of `fitting.forms.neel_brown.NeelBrown`.

    Subclasses give the time for which the field acts (`Dwell` or `Sweep`) and the exponent n: 3/2
    for a barrier that vanishes as in a generic potential, 2 after Sharrock.

    Parameters
    ----------
    floor, lapse
        See `PassingCurve`.
    barrier_kT
        Barrier at zero field, E0 / kB T.
    hc_mT
        Field Hc at which the barrier vanishes.
    attempt_frequency_Hz
        f0; a constant, since counts cannot separate it from the barrier.
    """

    barrier_kT: Any
    hc_mT: Any
    _: KW_ONLY
    attempt_frequency_Hz: float = 1e9

    exponent: ClassVar[float]
    shape: ClassVar[dict[str, str]] = {"barrier_kT": "kB T", "hc_mT": "mT"}

    def rise(self, field_mT: Any) -> Any:
        """Return s(h) = 1 - exp(-Lambda(h)), where Lambda is the expected number of depinnings."""
        return -array_namespace(field_mT).expm1(-self.expected_depinnings(field_mT))

    @abstractmethod
    def expected_depinnings(self, field_mT: Any) -> Any:
        """Return the integral of the rate over the time that the field acts."""

    @property
    def law(self) -> NeelBrown:
        """The depinning rate against the field."""
        return NeelBrown(self.attempt_frequency_Hz, self.barrier_kT, self.hc_mT, self.exponent)

    def placed(self, centre_mT: Any, steepness_per_mT: Any) -> Self:
        """Return the curve whose median and slope there are those of a logistic curve.

        At the median Lambda = ln 2; its slope gives Hc - h = 2 ln 2 n L / steepness, where L is the
        barrier in kB T at the median. Exact for a dwell; for a sweep to first order in 1/L.
        """
        powers = self._powers_at_median(steepness_per_mT)
        # 1 - h/Hc from this distance: for a step it would be lost in the rounding of h/Hc.
        beyond_mT = 2 * math.log(2) * self.exponent * powers / steepness_per_mT
        hc_mT = centre_mT + beyond_mT
        barrier_kT = powers * (hc_mT / beyond_mT) ** self.exponent
        return self.with_values({"barrier_kT": barrier_kT, "hc_mT": hc_mT})

    @classmethod
    def bounds(cls, flattest_per_mT: float, steepest_per_mT: float) -> dict[str, Any]:
        """Return the ranges of barrier and Hc that counts can determine."""
        return {"barrier_kT": (1e-3, MAX_BARRIER_KT), "hc_mT": (1e-3, MAX_CRITICAL_MT)}

    @abstractmethod
    def _powers_at_median(self, steepness_per_mT: Any) -> Any:
        """Return the barrier in kB T at the median."""


@dataclass(frozen=True)
class Dwell(Depinning):
    """Depinning while the field stays for a time t: Lambda = t rate(h).

    Parameters
    ----------
    dwell_s
        Time t; for the others see `Depinning`.
    """

    _: KW_ONLY
    dwell_s: float = 1.0

    def expected_depinnings(self, field_mT: Any) -> Any:
        """Return t rate(h)."""
        return self.law.expected_in_dwell(field_mT, self.dwell_s)

    def rise_slope_per_mT(self, field_mT: Any) -> Any:
        """Return ds/dh = exp(-Lambda) Lambda d ln(rate)/dh."""
        expected = self.expected_depinnings(field_mT)
        survived = array_namespace(field_mT).exp(-expected)
        return survived * expected * self.law.log_rate_slope_per_mT(field_mT)

    def rise_field_mT(self, rise: Any) -> Any:
        """Return Hc (1 - (ln(t f0 / -ln(1 - s)) kB T / E0)^(1/n)).

        At Hc, where the barrier vanishes, the curve reaches 1 - exp(-t f0): fields for more
        do not exist.
        """
        powers = np.log(self.dwell_s * self.attempt_frequency_Hz / -np.log1p(-rise))
        if np.any(powers < 0):
            raise ValueError(f"a dwell of {self.dwell_s:g} s is too short to reach {rise:g}")
        return self.hc_mT * (1 - (powers / self.barrier_kT) ** (1 / self.exponent))

    def _powers_at_median(self, steepness_per_mT: Any) -> Any:
        attempts = self.dwell_s * self.attempt_frequency_Hz
        return max(math.log(attempts / math.log(2)), 1e-3)


@dataclass(frozen=True)
class Sweep(Depinning):
    """Depinning while the field rises from zero at a rate R: Lambda integrates rate(H) over H/R.

    Parameters
    ----------
    sweep_mT_per_s
        Rate R; for the others see `Depinning`.
    """

    _: KW_ONLY
    sweep_mT_per_s: float = 1.0

    def expected_depinnings(self, field_mT: Any) -> Any:
        """Return the integral of the rate from zero field to h, over R."""
        return self.law.expected_in_sweep(field_mT, self.sweep_mT_per_s)

    def rise_slope_per_mT(self, field_mT: Any) -> Any:
        """Return ds/dh = exp(-Lambda) rate(h) / R."""
        survived = array_namespace(field_mT).exp(-self.expected_depinnings(field_mT))
        return survived * self.law.rate_Hz(field_mT) / self.sweep_mT_per_s

    def rise_field_mT(self, rise: Any) -> Any:
        """Return the field at which s(h) has a value, by bisection of parameters of any shape."""
        low = np.zeros(np.broadcast_shapes(np.shape(self.hc_mT), np.shape(self.barrier_kT)))
        high = low + 1.0
        while (short := self.rise(high) < rise).any():
            high = np.where(short, 2 * high, high)
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            short = self.rise(middle) < rise
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        return (low + high) / 2

    def _powers_at_median(self, steepness_per_mT: Any) -> Any:
        attempts = 2 * self.attempt_frequency_Hz / (steepness_per_mT * self.sweep_mT_per_s)
        return np.maximum(np.log(attempts), 1e-3)


@dataclass(frozen=True)
class Dwell32(Dwell):
    """Fixed dwell, barrier exponent 3/2."""

    form: ClassVar[str] = "neel-brown-3/2"
    title: ClassVar[str] = "Néel-Brown, exponent 3/2, fixed dwell"
    exponent: ClassVar[float] = 1.5


@dataclass(frozen=True)
class Dwell2(Dwell):
    """Fixed dwell, barrier exponent 2."""

    form: ClassVar[str] = "neel-brown-2"
    title: ClassVar[str] = "Néel-Brown, exponent 2, fixed dwell"
    exponent: ClassVar[float] = 2.0


@dataclass(frozen=True)
class Sweep32(Sweep):
    """Linear sweep, barrier exponent 3/2."""

    form: ClassVar[str] = "neel-brown-3/2-sweep"
    title: ClassVar[str] = "Néel-Brown, exponent 3/2, linear sweep"
    exponent: ClassVar[float] = 1.5


@dataclass(frozen=True)
class Sweep2(Sweep):
    """Linear sweep, barrier exponent 2."""

    form: ClassVar[str] = "neel-brown-2-sweep"
    title: ClassVar[str] = "Néel-Brown, exponent 2, linear sweep"
    exponent: ClassVar[float] = 2.0
