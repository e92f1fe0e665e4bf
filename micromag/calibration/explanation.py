"""Whether any wire within the priors explains the measured counts."""

from typing import Any

import numpy as np
from scipy.special import expit

from dwsynapse.verdicts import monte_carlo_p
from micromag.calibration.emulator import Emulator
from micromag.calibration.evidence import Measured, discrepancy
from micromag.calibration.laplace import laplace, saturated_log_likelihood
from micromag.calibration.posterior import Posterior

SIMULATIONS = 499
WIRES = 100
"""Draws among which each simulated measurement has its most likely wire."""


def explanation_test(
    emulator: Emulator, measured: Measured, posterior: Posterior, seed: int
) -> dict[str, Any]:
    """Return a test of the hypothesis that a wire within the priors gave the counts.

    The statistic is the deviance of the most likely wire: twice the log-likelihood that it lacks to
    probabilities that equal the measured shares, integrated over the emulator's uncertainty and the
    discrepancy. Its distribution is that of counts simulated from this wire (parametric bootstrap),
    each with the most likely wire of its own.

    Parameters
    ----------
    emulator
        What is known from simulations.
    measured
        The measured counts.
    posterior
        Wires that are possible.
    seed
        Seed of the simulated counts.
    """
    rng = np.random.default_rng(seed)
    order = np.argsort(posterior.log_evidence)[::-1]
    some = order[np.linspace(0, len(order) - 1, WIRES).astype(int)]
    wires, sd = posterior.wires[some], posterior.discrepancy_sd[some]
    fields = measured.scaled(measured.fields_mT)
    mean, covariance = emulator.predict(wires, fields)
    covariance = covariance + discrepancy(sd, fields)
    f = rng.multivariate_normal(mean[0], covariance[0], SIMULATIONS, method="cholesky")
    passed = rng.binomial(measured.trials.astype(int), expit(f)).astype(float)
    tables = np.vstack([measured.passed, passed])
    most = np.full(len(tables), -np.inf)
    for one_mean, one_covariance in zip(mean, covariance, strict=True):
        found = laplace(tables, measured.trials, one_mean, one_covariance).log_evidence
        most = np.maximum(most, found)
    deviances = 2 * (saturated_log_likelihood(tables, measured.trials) - most)
    p_value = monte_carlo_p(float(deviances[0]), deviances[1:])
    return {
        "p_value": p_value,
        "simulations": SIMULATIONS,
        "deviance": float(deviances[0]),
        "expected_deviance": float(deviances[1:].mean()),
        "fields": len(fields),
    }
