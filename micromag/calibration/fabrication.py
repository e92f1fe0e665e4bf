"""How the curve of the best wire varies with the spread of fabrication."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.special import expit

from dwsynapse.study.wires.priors import Prior
from micromag.calibration.emulator import Emulator
from micromag.calibration.evidence import Measured

Floats = NDArray[np.float64]

WIRES, FIELDS = 400, 41


def fabricated(
    emulator: Emulator,
    measured: Measured,
    priors: Sequence[Prior],
    best: Floats,
    spread: Mapping[str, float],
    seed: int,
) -> dict[str, Any]:
    """Return the curves of wires that are made like the best one, by the emulator's mean.

    Each is described by the logistic curve with a floor that is nearest to it at the measured
    fields.

    Parameters
    ----------
    emulator
        What is known from simulations.
    measured
        The measured counts, or those wanted.
    priors
        The parameters.
    best
        Scaled parameters of the best wire, shape (n_parameters,).
    spread
        Standard deviations of parameters, by name; the others are as in the best wire.
    seed
        Seed of the wires.
    """
    sds = [2 * spread.get(prior.name, 0.0) / (prior.high - prior.low) for prior in priors]
    rng = np.random.default_rng([seed, WIRES])
    drawn = best + np.array(sds) * rng.standard_normal((WIRES, len(priors)))
    fields_mT = np.linspace(measured.fields_mT[0], measured.fields_mT[-1], FIELDS)
    wires = np.clip(np.vstack([best, drawn]), -1, 1)
    shares = expit(emulator.predict(wires, measured.scaled(fields_mT))[0])
    found = np.array([_logistic(fields_mT, p) for p in shares])
    names = ("floor", "h0_mT", "delta_per_mT")
    return {
        "spread": dict(spread),
        "outside_ranges_share": float((np.abs(drawn) > 1).any(axis=1).mean()),
        # Where a curve hardly rises, its centre is what the fit happens to extrapolate.
        "centre_outside_share": float((np.abs(measured.scaled(found[1:, 1])) > 1).mean()),
        "field_range_mT": [float(fields_mT[0]), float(fields_mT[-1])],
        "largest_misfit": float(found[:, 3].max()),
        "nominal": dict(zip(names, found[0].tolist(), strict=False)),
        "sd": dict(zip(names, found[1:].std(axis=0, ddof=1).tolist(), strict=False)),
        "wires": {name: found[1:, i].tolist() for i, name in enumerate(names)},
    }


def _logistic(fields_mT: Floats, p: Floats) -> list[float]:
    """Return floor, centre and steepness of the nearest curve, and how far it is away at most."""
    middle = float(fields_mT[np.abs(p - (p[0] + p[-1]) / 2).argmin()])
    slope = float(np.gradient(p, fields_mT).max())

    def misfit(x: Floats) -> Floats:
        floor, centre, steepness = x
        return np.asarray(floor + (1 - floor) * expit(steepness * (fields_mT - centre)) - p)

    start = [min(max(p[0], 1e-3), 0.9), middle, 4 * max(slope, 1e-3)]
    found = least_squares(misfit, start, bounds=([0, -np.inf, 0], [0.999, np.inf, np.inf]))
    return [*map(float, found.x), float(np.abs(found.fun).max())]
