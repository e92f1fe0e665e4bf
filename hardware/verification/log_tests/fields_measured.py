"""Test of the log: the fields measured against the fields that the program sets."""

import numpy as np
import pandas as pd
from scipy.special import chdtrc, chdtri, chndtr

from dwsynapse.study import Hardware
from hardware.verification.log_tests.result import LogResult

# Variance of what is known exactly (mT^2): the rounding of 32-bit fields.
EXACT = 1e-12


def fields_measured(log: pd.DataFrame, settings: Hardware, level: float) -> LogResult:
    """Compare the fields measured with those set, within the calibration.

    A line through measured minus set against set has an offset, at the mean field, and a slope. If
    the bench set the program's fields both are zero, but for the scatter of the reads and for the
    calibration, whose uncertainty is normal. A bench that is stuck at one field has a slope of -1.

    Parameters
    ----------
    log
        The log, in any order.
    settings
        The uncertainty of the calibration, `field_offset_sd_mT` and `field_scale_sd`, and the
        tolerance for which the power is given.
    level
        Level at which it is given.

    Returns
    -------
    LogResult
        The chi-square of offset and slope; its effect size is the offset in mT.
    """
    set_mT = log["field_set_mT"].to_numpy(float)
    away_mT = log["field_measured_mT"].to_numpy(float) - set_mT
    n, mean_mT = len(log), float(set_mT.mean())
    centred_mT = set_mT - mean_mT
    # Of a single field there is no slope.
    freedom = 2 if np.ptp(set_mT) else 1
    squares = float(centred_mT @ centred_mT) if freedom == 2 else 1.0
    offset_mT = float(away_mT.mean())
    scale = float(centred_mT @ away_mT) / squares if freedom == 2 else 0.0
    scatter_mT = float((away_mT - offset_mT - scale * centred_mT).std())
    # An error of the scale, which is about zero field, also shifts the fields at their mean.
    by_scale = settings.field_scale_sd * np.array([mean_mT, 1.0])
    of_each = [settings.field_offset_sd_mT**2 + scatter_mT**2 / n, scatter_mT**2 / squares]
    covariance = np.outer(by_scale, by_scale) + np.diag(of_each) + EXACT * np.eye(2)
    found = np.array([offset_mT, scale])[:freedom]
    statistic = float(found @ np.linalg.solve(covariance[:freedom, :freedom], found))
    shift = np.array([settings.tolerance_mT, 0.0])[:freedom]
    away = float(shift @ np.linalg.solve(covariance[:freedom, :freedom], shift))
    return LogResult(
        test="fields measured",
        question="d",
        weight=0.5,
        statistic=statistic,
        statistic_meaning="offset and slope of the fields measured about those set, squared and in "
        "units of their covariance",
        p_value=float(chdtrc(freedom, statistic)),
        p_value_method=f"chi-square, {freedom} degrees of freedom",
        effect_size=offset_mT,
        effect_meaning="mean of field measured minus field set (mT)",
        n=n,
        power=float(1 - chndtr(chdtri(freedom, level), freedom, away)),
        power_of=f"fields that are {settings.tolerance_mT:g} mT off",
        details={"scale_minus_1": scale, "scatter_mT": scatter_mT},
    )
