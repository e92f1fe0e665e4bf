"""Centre and steepness of many passing curves at a few fields, by penalised likelihood."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEPS, LARGEST_STEP, CLOSE = 60, 2.0, 1e-7
SHARES = (0.07, 0.35, 0.65, 0.93)
LEAST_SLOPE = 1e-3
"""In log-odds over the range of the fields: a flatter curve has no centre."""


class LocalCurves(NamedTuple):
    """Logistic curves 1 / (1 + exp(-steepness (h - centre))), arrays of one shape.

    A curve that does not rise has an infinite centre, +inf where less than half passes, and the
    steepness 0.
    """

    centre_mT: Floats
    steepness_per_mT: Floats


def fitted(fields_mT: Floats, n_trials: Floats, n_passed: Floats) -> LocalCurves:
    """Return the curves whose likelihood with Jeffreys' prior is largest.

    The prior keeps estimates finite where all or no walls pass, and removes their bias to first
    order (Firth, Biometrika 80, 27 (1993), https://doi.org/10.1093/biomet/80.1.27).

    Parameters
    ----------
    fields_mT
        Shape (fields,), two or more.
    n_trials, n_passed
        Shape (..., fields).
    """
    middle, half = (fields_mT.max() + fields_mT.min()) / 2, np.ptp(fields_mT) / 2
    x = (fields_mT - middle) / half
    level, slope = np.zeros((2, *n_passed.shape[:-1], 1))
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-(level + slope * x)))
        weight = n_trials * p * (1 - p)
        # Newton's step with the information matrix [[a, b], [b, c]].
        a, b, c = ((weight * x**power).sum(axis=-1, keepdims=True) for power in range(3))
        inverse = 1 / (a * c - b**2)
        leverage = weight * (c - 2 * b * x + a * x**2) * inverse
        rest = n_passed - n_trials * p + leverage * (0.5 - p)
        u, v = (rest.sum(axis=-1, keepdims=True), (rest * x).sum(axis=-1, keepdims=True))
        steps = (c * u - b * v) * inverse, (a * v - b * u) * inverse
        size = np.maximum(*np.abs(steps))
        shorter = np.minimum(1, LARGEST_STEP / np.maximum(size, LARGEST_STEP))
        level, slope = level + shorter * steps[0], slope + shorter * steps[1]
        if size.max() < CLOSE:
            break
    level, slope = level[..., 0], slope[..., 0]
    rises = slope > LEAST_SLOPE
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.where(rises, middle - half * level / slope, -np.sign(level) * np.inf)
    return LocalCurves(centre, np.where(rises, slope / half, 0.0))


def fields_around_rise(fields_mT: Floats, n_trials: Floats, n_passed: Floats) -> list[float]:
    """Return fields at which curves near the counted one tell most about centre and steepness.

    Parameters
    ----------
    fields_mT, n_trials, n_passed
        Counts, shapes (fields,).

    Returns
    -------
    list
        Fields where shares of `SHARES` pass, to 0.05 mT; none where the counts do not rise.
    """
    if len(fields_mT) < 2:
        return []
    curve = fitted(fields_mT, n_trials, n_passed)
    if not np.isfinite(curve.centre_mT):
        return []
    at = curve.centre_mT + np.log(np.divide(SHARES, 1 - np.array(SHARES))) / curve.steepness_per_mT
    return sorted({round(max(0.0, 0.05 * round(field / 0.05)), 2) for field in at})
