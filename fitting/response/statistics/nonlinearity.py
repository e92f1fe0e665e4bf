"""Nonlinearity of a ramp of pulses, as Sun and Yu define it."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

MAX_CURVATURE = 1e3
LARGEST_DISTANCE = 0.7
"""From the diagonal, which has the label 10; no curve is further away than 1/sqrt(2)."""
LINEAR, TINY = 1e-6, 1e-9
COARSE, ROUNDS, FINE = 301, 8, 21


def rise(pulses: ArrayLike, curvature: ArrayLike) -> Floats:
    """Return the share of the range after a share of the pulses of a ramp.

    (1 - exp(-nu x)) / (1 - exp(-nu)), with the curvature nu = P_max / A: G = B (1 - exp(-P/A)) +
    G_min of X. Sun and S. Yu, IEEE J. Emerging Sel. Top. Circuits Syst. 9, 570 (2019), with the
    pulses P and the conductances G of a ramp taken from 0 to 1. A positive curvature is a ramp that
    saturates, 0 is a straight one.
    """
    x, nu = np.asarray(pulses, dtype=float), np.asarray(curvature, dtype=float)
    straight = np.abs(nu) < LINEAR
    # exp(-|nu| x) does not overflow; the other sign is the same curve turned by 180 degrees.
    size = np.where(straight, 1.0, np.abs(nu))
    along = np.where(nu < 0, 1 - x, x)
    curve = np.expm1(-size * along) / np.expm1(-size)
    curve = np.where(nu < 0, 1 - curve, curve)
    return np.where(straight, x + nu * x * (1 - x) / 2, curve)


def label(curvature: ArrayLike) -> Floats:
    """Return the nonlinearity of a curvature, which has its sign.

    The largest distance of the curve from the diagonal, in units in which a distance of 0.7 is 10.
    So defined, it is the number that the table of NeuroSim (P.-Y. Chen, X. Peng, S. Yu, IEDM 2017)
    has for an A: 1 for a normalised A = 1/nu of 1.251653, 9 for 0.022810.
    """
    nu = np.asarray(curvature, dtype=float)
    straight = np.abs(nu) < LINEAR
    size = np.where(straight, 1.0, np.abs(nu))
    furthest = np.log(size / -np.expm1(-size)) / size  # where the slope is 1
    above = np.where(straight, np.abs(nu) / 8, rise(furthest, size) - furthest)
    return np.sign(nu) * 10 / LARGEST_DISTANCE * above / np.sqrt(2)


def fitted_curvature(pulses: Floats, shares: Floats) -> Floats:
    """Return the curvatures of least squares of ramps.

    Parameters
    ----------
    pulses
        Share of the pulses, shape (..., n).
    shares
        Share of the range of conductance, shape (..., n).

    Returns
    -------
    ndarray
        Curvatures within -1000 to 1000, shape (...).
    """
    pulses, shares = np.broadcast_arrays(pulses, shares)
    # Equal steps of this are about equal steps of the label.
    scale = np.arcsinh(MAX_CURVATURE)
    step, best = 2 * scale / (COARSE - 1), np.zeros(shares.shape[:-1])
    offsets = np.linspace(-scale, scale, COARSE)
    for _ in range(ROUNDS):
        tried = np.clip(best[..., None] + offsets, -scale, scale)
        loss = np.stack(
            [
                ((rise(pulses, np.sinh(one)[..., None]) - shares) ** 2).sum(axis=-1)
                for one in np.moveaxis(tried, -1, 0)
            ],
            axis=-1,
        )
        best = np.take_along_axis(tried, loss.argmin(axis=-1)[..., None], axis=-1)[..., 0]
        offsets = np.linspace(-step, step, FINE)
        step *= 2 / (FINE - 1)
    return np.where(np.abs(best) < TINY, 0.0, np.sinh(best))


def expected_ramp(conductances_S: Floats, means_S: Floats) -> tuple[Floats, Floats]:
    """Return the ramp over the whole range that mean steps give, up or down.

    The number of pulses from one conductance to another is the integral of 1/mean. Down ramps are
    taken from their end to their beginning, so that the two of a symmetric synapse are one curve.

    Parameters
    ----------
    conductances_S
        Conductances, rising, shape (n,).
    means_S
        Mean changes there, shape (..., n).

    Returns
    -------
    pulses, shares : ndarray
        Shares of the pulses and of the range, shape (..., n); NaN where a mean is 0 or against the
        direction, so that no ramp passes.
    """
    rate = np.abs(means_S.mean(axis=-1, keepdims=True)) / np.where(means_S == 0, np.nan, means_S)
    along = rate.mean(axis=-1, keepdims=True) * rate > 0
    rate = np.where(along.all(axis=-1, keepdims=True), np.abs(rate), np.nan)
    widths = np.diff(conductances_S)
    parts = (rate[..., 1:] + rate[..., :-1]) / 2 * widths
    pulses = np.concatenate([np.zeros((*rate.shape[:-1], 1)), parts.cumsum(axis=-1)], axis=-1)
    shares = (conductances_S - conductances_S[0]) / (conductances_S[-1] - conductances_S[0])
    return pulses / pulses[..., -1:], np.broadcast_to(shares, pulses.shape)
