"""Test of the log: the fields measured against the fields that the program sets."""

import numpy as np
import pandas as pd
from scipy.stats import chi2

from dwsynapse.study import Hardware
from dwsynapse.verdicts import Result


def fields_measured(log: pd.DataFrame, settings: Hardware) -> Result:
    """Compare the fields measured with those set, within the calibration.

    A line through measured minus set against set has an offset, at the mean field, and a slope. If
    the bench set the program's fields both are zero, but for the scatter of the reads and for the
    calibration, whose uncertainty is normal. A bench that is stuck at one field has a slope of -1.

    Parameters
    ----------
    log
        The log, in any order.
    settings
        The uncertainty of the calibration, `field_offset_sd_mT` and `field_scale_sd`.

    Returns
    -------
    Result
        The chi-square of offset and slope; its effect size is the offset in mT.
    """
    set_mT = log["field_set_mT"].to_numpy(float)
    away_mT = log["field_measured_mT"].to_numpy(float) - set_mT
    centred_mT = set_mT - set_mT.mean()
    squares = float(centred_mT @ centred_mT)
    offset_mT, n = float(away_mT.mean()), len(log)
    scale = float(centred_mT @ away_mT) / squares if squares else 0.0
    scatter_mT = float((away_mT - offset_mT - scale * centred_mT).std())
    offset_sd_mT, scale_sd = settings.field_offset_sd_mT, settings.field_scale_sd
    offset_variance, freedom = offset_sd_mT**2 + scatter_mT**2 / n, 1
    # An error of the scale, which is about zero field, also shifts the fields at their mean.
    by_scale = (scale_sd * float(set_mT.mean())) ** 2
    if squares:
        scale_variance = scale_sd**2 + scatter_mT**2 / squares
        known = scale_sd**2 / scale_variance if scale_variance else 0.0
        left_mT = offset_mT - known * float(set_mT.mean()) * scale
        statistic = _squared(scale, scale_variance)
        statistic += _squared(left_mT, offset_variance + by_scale * (1 - known))
        freedom = 2
    else:
        statistic = _squared(offset_mT, offset_variance + by_scale)
    return Result(
        test="fields measured",
        statistic=statistic,
        statistic_meaning="offset and slope of the fields measured about those set, squared and in "
        "units of their covariance",
        p_value=float(chi2.sf(statistic, freedom)),
        p_value_method=f"chi-square, {freedom} degrees of freedom",
        effect_size=offset_mT,
        effect_meaning="mean of field measured minus field set (mT)",
        n=n,
        details={"scale_minus_1": scale, "scatter_mT": scatter_mT},
    )


def _squared(value: float, variance: float) -> float:
    # Without any uncertainty every difference is significant.
    return 0.0 if value == 0 else value**2 / max(variance, np.finfo(float).tiny)
