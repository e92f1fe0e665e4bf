"""What to measure to decide what the counts leave open."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from dwsynapse.study.wires.priors import Prior
from micromag.calibration.emulator import Emulator
from micromag.calibration.evidence import Measured
from micromag.calibration.posterior import Posterior

Floats = NDArray[np.float64]

FIELDS, NODES = 61, 9


def next_measurement(
    emulator: Emulator, measured: Measured, posterior: Posterior, priors: Sequence[Prior]
) -> dict[str, Any]:
    """Return the field whose counts would say most, and what a known parameter would say.

    Parameters
    ----------
    emulator
        What is known from simulations.
    measured
        The measured counts; further ones are expected to have as many trials as their median.
    posterior
        What they leave open.
    priors
        The parameters.
    """
    n_trials = int(np.median(measured.trials))
    fields_mT = np.linspace(measured.fields_mT[0], measured.fields_mT[-1], FIELDS)
    p, noise = _shares(emulator, measured.scaled(fields_mT), posterior, n_trials)
    information = np.log1p(p.var(axis=0) / noise) / 2
    most = int(information.argmax())
    values = posterior.values(priors)
    sd = values.std(axis=0, ddof=1)
    along = ((values - values.mean(axis=0)) * (p[:, [most]] - p[:, most].mean())).mean(axis=0)
    left = np.sqrt(np.maximum(sd**2 - along**2 / (p[:, most].var() + noise[most]), 0.0))
    names = [prior.name for prior in priors]
    correlation = np.atleast_2d(np.corrcoef(values.T))
    return {
        "field_mT": round(float(fields_mT[most]), 3),
        "n_trials": n_trials,
        "information_nats": float(information[most]),
        "sd_now": dict(zip(names, sd.tolist(), strict=True)),
        "sd_after": dict(zip(names, left.tolist(), strict=True)),
        "if_one_were_known": {
            name: {
                other: float(sd[j] * np.sqrt(1 - correlation[i, j] ** 2))
                for j, other in enumerate(names)
                if j != i
            }
            for i, name in enumerate(names)
        },
        "correlation": correlation.tolist(),
    }


def _shares(
    emulator: Emulator, fields: Floats, posterior: Posterior, n_trials: int
) -> tuple[Floats, Floats]:
    """Return mean passing probabilities of the draws, and the variance of a share besides them.

    Shapes (n_draws, n_fields) and (n_fields,): the emulator's uncertainty and the counts are noise.
    """
    mean, covariance = emulator.predict(posterior.wires, fields)
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    sd = np.sqrt(np.einsum("mii->mi", covariance))
    p = expit(mean[..., None] + sd[..., None] * nodes)
    weights = weights / weights.sum()
    first, second = p @ weights, p**2 @ weights
    noise = (second - first**2).mean(axis=0) + (first - second).mean(axis=0) / n_trials
    return first, np.maximum(noise, 1e-12)
