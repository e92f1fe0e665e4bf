"""The passing curve that a log shows, and the test whether it is the device's."""

from typing import Any

import pandas as pd
from scipy.special import chdtri, chndtr

from dwsynapse.study import Hardware
from fitting.comparison.new_curve import NewCurve, new_curve
from fitting.device import DeviceModel
from hardware.verification.curve_scores import CENTRE, CurveScores
from hardware.verification.log_tests.result import LogResult
from hardware.verification.reads import Reads


def curve_in_log(device: DeviceModel, reads: Reads, settings: Hardware) -> NewCurve:
    """Return the likeliest curve of the reads in a log, given the device.

    Within the uncertainty of the device's fit and of the fields measured
    (`fitting.comparison.new_curve`). All other tests of the log are made at that curve.

    Parameters
    ----------
    device
        The device model.
    reads
        The reads.
    settings
        The uncertainty of the fields measured, `field_offset_sd_mT` and `field_scale_sd`.
    """
    return new_curve(device, _counted(reads), settings.field_offset_sd_mT, settings.field_scale_sd)


def same_curve(scores: CurveScores, tolerance_mT: float, level: float) -> LogResult:
    """Test whether that curve is the device's.

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


def _counted(reads: Reads) -> pd.DataFrame:
    """Return the reads counted by their field."""
    n_trials = reads.by_field()
    n_passed = reads.by_field(reads.passed)
    return pd.DataFrame({"field_mT": reads.fields_mT, "n_trials": n_trials, "n_passed": n_passed})
