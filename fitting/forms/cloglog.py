"""The complementary log-log curve."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from array_api_compat import array_namespace

from fitting.forms.passing_curve import PassingCurve

# exp(40) is beyond where s differs from 1; larger powers would overflow.
LARGEST_POWER = 40.0


@dataclass(frozen=True)
class ComplementaryLogLog(PassingCurve):
    """Complementary log-log curve, s(h) = 1 - exp(-exp(Delta (h - h0))).

    Depinning within a fixed time at a rate that grows exponentially with the field (a Gumbel
    distribution of thresholds): steeper above than below.

    Parameters
    ----------
    floor, lapse
        See `PassingCurve`.
    h0_mT
        Field at which s = 1 - 1/e.
    delta_per_mT
        Relative growth of the rate with the field.
    """

    h0_mT: Any
    delta_per_mT: Any

    form: ClassVar[str] = "cloglog"
    title: ClassVar[str] = "complementary log-log"
    shape: ClassVar[dict[str, str]] = {"h0_mT": "mT", "delta_per_mT": "1/mT"}

    def rise(self, field_mT: Any) -> Any:
        """Return s(h)."""
        xp = array_namespace(field_mT)
        return -xp.expm1(-xp.exp(self._power(field_mT)))

    def rise_slope_per_mT(self, field_mT: Any) -> Any:
        """Return ds/dh = Delta exp(x - exp(x)), where x = Delta (h - h0)."""
        xp = array_namespace(field_mT)
        power = self._power(field_mT)
        return self.delta_per_mT * xp.exp(power - xp.exp(power))

    def rise_field_mT(self, rise: Any) -> Any:
        """Return h0 + ln(-ln(1 - s)) / Delta."""
        return self.h0_mT + np.log(-np.log1p(-rise)) / self.delta_per_mT

    def placed(self, centre_mT: Any, steepness_per_mT: Any) -> Self:
        """Return the curve with its median at the centre and the slope there of a logistic one."""
        delta = steepness_per_mT / (2 * math.log(2))
        h0_mT = centre_mT - math.log(math.log(2)) / delta
        return self.with_values({"h0_mT": h0_mT, "delta_per_mT": delta})

    @classmethod
    def bounds(cls, flattest_per_mT: float, steepest_per_mT: float) -> dict[str, Any]:
        """Return the range of Delta."""
        scale = 2 * math.log(2)
        return {"delta_per_mT": (flattest_per_mT / scale, steepest_per_mT / scale)}

    def _power(self, field_mT: Any) -> Any:
        power = self.delta_per_mT * (field_mT - self.h0_mT)
        return power.clip(-700.0, LARGEST_POWER)
