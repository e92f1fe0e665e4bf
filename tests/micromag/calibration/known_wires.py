"""Wires whose passing curve is a formula, so that a calibration of them takes a second."""

import numpy as np
import pandas as pd
from scipy.special import expit

from dwsynapse.study.wires.priors import Prior
from micromag.calibration.evidence import Measured
from micromag.calibration.rounds import calibrate

FIELDS_MT = np.array([5, 6, 7, 7.5, 8, 9, 10.0])
PRIORS = (Prior("a", 0, 1), Prior("b", 0, 1))


def log_odds(wires, field_mT):
    """Return those of scaled wires, shape (..., 2), at fields of shape (n,)."""
    a, b = np.moveaxis(np.asarray(wires), -1, 0)[..., None]
    return 2.5 * (1 + 0.3 * b) * (field_mT - 7.5 - 1.2 * a - 0.5 * b)


def measured(wire, n_trials, rng, log_odds=log_odds):
    passed = rng.binomial(n_trials, expit(log_odds(wire, FIELDS_MT)))
    return Measured(FIELDS_MT, np.full(len(FIELDS_MT), float(n_trials)), passed.astype(float))


def simulated(planned, rng):
    """Return the counts of planned wires."""
    tables = []
    for one in planned:
        field, n = np.array(list(one.trials)), np.array(list(one.trials.values()))
        passed = rng.binomial(n, expit(log_odds(one.wire, field)))
        tables.append(pd.DataFrame({"field_mT": field, "n_trials": n, "n_passed": passed}))
    return tables


def calibrated(found, trials, rng, priors=PRIORS, **options):
    return calibrate(
        found, priors, lambda _, planned: simulated(planned, rng), trials=trials, **options
    )
