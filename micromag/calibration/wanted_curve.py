"""A wanted or published passing curve, as the counts that a calibration is to explain."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import expit

if TYPE_CHECKING:
    from dwsynapse.study.devices.sources import PublishedParameters

WALLS = 200
"""As if so many walls had been counted at each field: a wire that they cannot tell from the wanted
curve has it."""
LOG_ODDS = np.linspace(-4, 4, 9)
"""Of the rise, at the fields of these counts."""


def counts_of_curve(curve: "PublishedParameters") -> pd.DataFrame:
    """Return the counts of a logistic curve with a floor (Eq. 9 of Ellis et al. 2023).

    Returns
    -------
    DataFrame
        Columns field_mT, n_trials, n_passed, at fields above 0.
    """
    field_mT = (curve.h0_mT + LOG_ODDS / curve.delta_per_mT).round(6)
    share = curve.floor + (1 - curve.floor) * expit(curve.delta_per_mT * (field_mT - curve.h0_mT))
    table = pd.DataFrame(
        {"field_mT": field_mT, "n_trials": WALLS, "n_passed": (WALLS * share).round()}
    )
    return table[table["field_mT"] > 0].reset_index(drop=True)
