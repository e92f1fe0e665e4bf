"""The passing curve that a log shows, and the test whether it is the device's."""

from typing import Any

import numpy as np
import pandas as pd

from dwsynapse.study import Hardware
from dwsynapse.verdicts import Result
from fitting.comparison.new_curve import new_curve
from fitting.device import DeviceModel
from hardware.log import acting_fields_mT

# Reads at fields this close are counted together: no curve that fields can show bends within it.
BIN_mT = 0.005


def curve_in_log(device: DeviceModel, log: pd.DataFrame, settings: Hardware) -> tuple[Any, Result]:
    """Return the likeliest curve of the reads in a log, given the device, and the test of it.

    Within the uncertainty of the device's fit and of the fields measured
    (`fitting.comparison.new_curve`).

    Parameters
    ----------
    device
        The device model.
    log
        The log, in any order.
    settings
        The uncertainty of the fields measured, `field_offset_sd_mT` and `field_scale_sd`.

    Returns
    -------
    curve : PassingCurve
        The curve at which the other tests of the log are made.
    result : Result
        The test; its effect size is the shift of the centre in mT.
    """
    counts = _counted(log)
    found = new_curve(device, counts, settings.field_offset_sd_mT, settings.field_scale_sd)
    result = Result(
        test="same curve",
        statistic=found.statistic,
        statistic_meaning="likelihood ratio of the curve in the log against the device's, within "
        "the uncertainty of both and of the fields",
        p_value=found.p_value,
        p_value_method=f"chi-square, {found.degrees_of_freedom} degrees of freedom",
        effect_size=found.shifts["centre_mT"][0],
        effect_meaning="shift of the curve's centre (mT), the likeliest given what was known",
        n=len(log),
        details={
            f"shift_of_{name}": {"value": value, "sd": sd}
            for name, (value, sd) in found.shifts.items()
        },
    )
    return found.curve, result


def _counted(log: pd.DataFrame) -> pd.DataFrame:
    """Return the reads counted by the field that acted."""
    field_mT = acting_fields_mT(log)
    _, bins = np.unique(np.round(field_mT / BIN_mT), return_inverse=True)
    n_trials = np.bincount(bins)
    n_passed = np.bincount(bins, log["outcome"].to_numpy(float))
    return pd.DataFrame(
        {
            "field_mT": np.bincount(bins, field_mT) / n_trials,
            "n_trials": n_trials,
            "n_passed": n_passed,
        }
    )
