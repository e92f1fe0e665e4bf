"""Test whether the passing curve that a log shows is the device's."""

from typing import Any

from scipy.special import chdtri, chndtr

from fitting.comparison.new_counts.new_curve import NewCurve
from hardware.verification.curve_scores import CENTRE, CurveScores
from hardware.verification.log_tests.result import LogResult


def same_curve(scores: CurveScores, tolerance_mT: float, level: float) -> LogResult:
    """Test whether the curve fitted to a log is the device's.

    Within what was known of both (`hardware.verification.nuisances`).

    Parameters
    ----------
    scores
        The reads, at their fitted curve.
    tolerance_mT
        Shift for which the power is given.
    level
        Level at which it is given.
    """
    fitted = scores.fitted
    sd_mT = scores.departure(scores.gradient[CENTRE]).sd
    freedom = fitted.degrees_of_freedom
    away = float((tolerance_mT / sd_mT) ** 2)
    return LogResult(
        test="same curve",
        question="a",
        statistic=fitted.statistic,
        statistic_meaning="likelihood ratio of the curve in the log against the device's, within "
        "the uncertainty of both and of the fields",
        p_value=fitted.p_value,
        p_value_method=f"chi-square, {freedom} degrees of freedom",
        effect_size=fitted.shifts["centre_mT"][0],
        effect_meaning="shift of the curve's centre (mT), the likeliest given what was known",
        n=len(scores.reads),
        power=float(1 - chndtr(chdtri(freedom, level), freedom, away)),
        power_of=f"a curve shifted by {tolerance_mT:g} mT",
        details=_shifts(fitted),
    )


def _shifts(fitted: NewCurve) -> dict[str, Any]:
    return {
        f"shift_of_{name}": {"value": value, "sd": sd}
        for name, (value, sd) in fitted.shifts.items()
    }
