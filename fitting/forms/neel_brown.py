"""The Neel-Brown law: thermally activated depinning over a barrier that the field lowers."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from array_api_compat import array_namespace, is_torch_array

from fitting.forms.special_functions import upper_gamma

# exp(-700) is nothing; larger powers would underflow, and their gradients with them.
LARGEST_POWER = 700.0


@dataclass(frozen=True)
class NeelBrown:
    """Rate of depinning rate(H) = f0 exp(-E (1 - H/Hc)^n), E = E0/kT, and f0 above Hc.

    Brown, Phys. Rev. 130, 1677 (1963); n = 3/2: Kurkijarvi, Phys. Rev. B 6, 832 (1972), Garg,
    Phys. Rev. B 51, 15592 (1995); n = 2: Sharrock, J. Appl. Phys. 76, 6413 (1994).

    The law applies to walls at rest at the notch. A wall that arrives there still moves and may
    pass where one at rest would stay: a curve of passing counts includes both, those that pass on
    arrival (the share `floor` below) and those that depin during the dwell.

    Parameters
    ----------
    attempt_Hz
        Attempt frequency f0.
    barrier_kT
        Barrier without field, E = E0/kT.
    critical_mT
        Field Hc at which the barrier vanishes.
    exponent
        Exponent n, 3/2 or 2.
    """

    attempt_Hz: Any
    barrier_kT: Any
    critical_mT: Any
    exponent: float = 1.5

    units: ClassVar[dict[str, str]] = {"attempt_Hz": "Hz", "barrier_kT": "1", "critical_mT": "mT"}

    def barrier_at_kT(self, field_mT: Any) -> Any:
        """Return the barrier at fields in mT, in units of kT; parameters broadcast with fields."""
        return self.barrier_kT * self._left(field_mT) ** self.exponent

    def rate_Hz(self, field_mT: Any) -> Any:
        """Return the rate of depinning at fields in mT."""
        barrier_kT = self.barrier_at_kT(field_mT)
        xp = array_namespace(barrier_kT)
        return self.attempt_Hz * xp.exp(-barrier_kT.clip(None, LARGEST_POWER))

    def log_rate_slope_per_mT(self, field_mT: Any) -> Any:
        """Return d ln(rate)/dH = n E (1 - H/Hc)^(n-1) / Hc."""
        steepness = self.exponent * self.barrier_kT / self.critical_mT
        return steepness * self._left(field_mT) ** (self.exponent - 1)

    def expected_in_dwell(self, field_mT: Any, dwell_s: float) -> Any:
        """Return the integral of the rate over a dwell in s at constant field."""
        return dwell_s * self.rate_Hz(field_mT)

    def expected_in_sweep(self, field_mT: Any, sweep_mT_per_s: float) -> Any:
        """Return the integral of the rate while the field rises linearly from 0 to `field_mT`.

        With u = 1 - H/Hc, the integral of exp(-E v^n) over v from u to 1 is
        Gamma(1/n) [Q(1/n, E u^n) - Q(1/n, E)] / (n E^(1/n)), Q the regularised upper incomplete
        gamma function (Kurkijarvi 1972; Garg 1995); above Hc the rate stays f0.
        """
        field_mT = _array(field_mT)
        left_kT = self.barrier_at_kT(field_mT)
        order = 1 / self.exponent
        # The same for all fields of a law: these functions take longer than everything else.
        whole_kT = (left_kT[..., :1] if left_kT.ndim else left_kT) * 0 + self.barrier_kT
        below, above = (upper_gamma(order, kT) for kT in (left_kT, whole_kT))
        inside = (below - above) * math.gamma(order + 1)
        inside = inside * self.critical_mT / whole_kT**order
        above_mT = (field_mT - self.critical_mT).clip(0.0, None)
        return (self.attempt_Hz * (inside + above_mT) / sweep_mT_per_s).clip(0.0, None)

    def _left(self, field_mT: Any) -> Any:
        """Return 1 - H/Hc, or 0 where that is negative."""
        left = 1 - _array(field_mT) / self.critical_mT
        return left.clip(0.0, None)

    @classmethod
    def of_points(cls, points: Any, exponent: float) -> Self:
        """Return laws with the parameters in the last axis of `points`, in the order of `units`."""
        attempt_Hz, barrier_kT, critical_mT = np.moveaxis(points, -1, 0)
        return cls(attempt_Hz, barrier_kT, critical_mT, exponent)

    def values(self) -> dict[str, float]:
        """Return the parameters by name."""
        return {name: float(getattr(self, name)) for name in self.units}


def _array(x: Any) -> Any:
    return x if is_torch_array(x) else np.asarray(x)


def passing_probability(expected: Any, floor: float) -> Any:
    """Return f = d + (1 - d) (1 - exp(-expected)).

    Parameters
    ----------
    expected
        Integral of the depinning rate over the time a wall is at the notch.
    floor
        Share d of walls that pass on arrival, without ever being pinned.
    """
    return floor + (1 - floor) * -np.expm1(-expected)
