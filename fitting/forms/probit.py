"""The probit curve."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from array_api_compat import array_namespace
from scipy.special import ndtri

from fitting.forms.passing_curve import PassingCurve
from fitting.forms.special_functions import special

# ds/dh at the centre is 1 / (sd sqrt(2 pi)), and a quarter of the steepness.
STEEPNESS_TIMES_SD = 4 / math.sqrt(2 * math.pi)


@dataclass(frozen=True)
class Probit(PassingCurve):
    """Cumulative normal curve, s(h) = Phi((h - h0) / sd).

    The result of a sharp threshold with a normal distribution, or of a jitter of the field.

    Parameters
    ----------
    floor, lapse
        See `PassingCurve`.
    h0_mT
        Centre h0.
    sd_mT
        Standard deviation of the threshold.
    """

    h0_mT: Any
    sd_mT: Any

    form: ClassVar[str] = "probit"
    title: ClassVar[str] = "probit (cumulative normal)"
    shape: ClassVar[dict[str, str]] = {"h0_mT": "mT", "sd_mT": "mT"}

    def rise(self, field_mT: Any) -> Any:
        """Return s(h)."""
        return special(field_mT).ndtr((field_mT - self.h0_mT) / self.sd_mT)

    def rise_slope_per_mT(self, field_mT: Any) -> Any:
        """Return the normal density at h."""
        z = (field_mT - self.h0_mT) / self.sd_mT
        return array_namespace(field_mT).exp(-(z**2) / 2) / (self.sd_mT * math.sqrt(2 * math.pi))

    def rise_field_mT(self, rise: Any) -> Any:
        """Return h0 + sd Phi^-1(s)."""
        return self.h0_mT + self.sd_mT * ndtri(rise)

    def placed(self, centre_mT: Any, steepness_per_mT: Any) -> Self:
        """Return the curve with h0 at the centre and the slope there of a logistic curve."""
        sd_mT = STEEPNESS_TIMES_SD / steepness_per_mT
        return self.with_values({"h0_mT": centre_mT, "sd_mT": sd_mT})

    @classmethod
    def bounds(cls, flattest_per_mT: float, steepest_per_mT: float) -> dict[str, Any]:
        """Return the range of the standard deviation."""
        return {
            "sd_mT": (STEEPNESS_TIMES_SD / steepest_per_mT, STEEPNESS_TIMES_SD / flattest_per_mT)
        }
