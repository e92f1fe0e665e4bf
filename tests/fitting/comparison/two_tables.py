"""Two curves that differ, and tables of counts about them."""

import numpy as np
import pandas as pd

from fitting.forms import Logistic

BEFORE = Logistic(floor=0.0219, h0_mT=4.63, delta_per_mT=2.73)
AFTER = Logistic(floor=0.06, h0_mT=5.1, delta_per_mT=2.2)
FIELDS_mT = np.arange(2.0, 8.0, 0.5)
EXACT = 10**6


def expected(curve, n_trials=EXACT, fields_mT=FIELDS_mT):
    n_passed = np.round(n_trials * curve.probability(fields_mT)).astype(int)
    return pd.DataFrame({"field_mT": fields_mT, "n_trials": n_trials, "n_passed": n_passed})


def simulate(curve, rng, n_trials, fields_mT=FIELDS_mT):
    n_passed = rng.binomial(n_trials, curve.probability(fields_mT))
    return pd.DataFrame({"field_mT": fields_mT, "n_trials": n_trials, "n_passed": n_passed})
