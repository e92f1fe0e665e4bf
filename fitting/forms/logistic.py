"""The logistic curve."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from array_api_compat import array_namespace

from fitting.forms.passing_curve import PassingCurve


@dataclass(frozen=True)
class Logistic(PassingCurve):
    """Logistic curve, s(h) = 1 / (1 + exp(-Delta (h - h0))).

    With the floor Eq. 9 of Ellis et al. 2023.

    Parameters
    ----------
    floor, lapse
        See `PassingCurve`.
    h0_mT
        Centre h0.
    delta_per_mT
        Steepness Delta.
    """

    h0_mT: Any
    delta_per_mT: Any

    form: ClassVar[str] = "logistic"
    title: ClassVar[str] = "logistic"
    shape: ClassVar[dict[str, str]] = {"h0_mT": "mT", "delta_per_mT": "1/mT"}

    def rise(self, field_mT: Any) -> Any:
        """Return s(h)."""
        # The hyperbolic tangent cannot overflow, where exp(-Delta (h - h0)) can.
        xp = array_namespace(field_mT)
        return 0.5 * (1 + xp.tanh(0.5 * self.delta_per_mT * (field_mT - self.h0_mT)))

    def rise_slope_per_mT(self, field_mT: Any) -> Any:
        """Return ds/dh = Delta s (1 - s)."""
        s = self.rise(field_mT)
        return self.delta_per_mT * s * (1 - s)

    def rise_field_mT(self, rise: Any) -> Any:
        """Return h0 + ln(s / (1 - s)) / Delta."""
        return self.h0_mT + np.log(rise / (1 - rise)) / self.delta_per_mT

    def placed(self, centre_mT: Any, steepness_per_mT: Any) -> Self:
        """Return the curve with h0 at the centre and Delta the steepness."""
        return self.with_values({"h0_mT": centre_mT, "delta_per_mT": steepness_per_mT})

    @classmethod
    def bounds(cls, flattest_per_mT: float, steepest_per_mT: float) -> dict[str, Any]:
        """Return the range of Delta."""
        return {"delta_per_mT": (flattest_per_mT, steepest_per_mT)}
