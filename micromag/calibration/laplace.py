"""Laplace's approximation for passed walls whose log-odds are normal before the count."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, xlogy

Floats = NDArray[np.float64]

MAX_STEPS, SMALLEST_GAIN, MAX_HALVINGS = 60, 1e-9, 12


class Mode(NamedTuple):
    """The most likely log-odds after the count, of one case or of many.

    Parameters
    ----------
    f
        Log-odds, shape (..., n).
    slope
        Slope of the log-likelihood there, shape (..., n): f = mean + covariance @ slope.
    curvature
        Minus the second derivatives there, shape (..., n).
    log_evidence
        Logarithm of the probability of the counts, integrated over the log-odds; without the
        binomial coefficients. Shape (...,).
    """

    f: Floats
    slope: Floats
    curvature: Floats
    log_evidence: Floats


def log_likelihood(passed: Floats, trials: Floats, f: Floats) -> Floats:
    """Return the binomial log-likelihood of log-odds, without coefficients, shape (...,)."""
    return np.asarray((passed * f - trials * np.logaddexp(0, f)).sum(axis=-1))


def saturated_log_likelihood(passed: Floats, trials: Floats) -> Floats:
    """Return the log-likelihood of probabilities that equal the shares, without coefficients."""
    share = passed / trials
    return np.asarray((xlogy(passed, share) + xlogy(trials - passed, 1 - share)).sum(axis=-1))


def laplace(passed: Floats, trials: Floats, mean: Floats, covariance: Floats) -> Mode:
    """Return the mode and the evidence of binomial counts with normal log-odds.

    Newton's method with halved steps (Rasmussen & Williams, Gaussian Processes for Machine
    Learning, 2006, section 3.4, for a binomial likelihood), which is log-concave.

    Parameters
    ----------
    passed, trials
        Counts, shape (..., n).
    mean, covariance
        Of the log-odds before the counts, shapes (..., n) and (..., n, n).
    """
    shape = np.broadcast_shapes(passed.shape, mean.shape)
    passed, trials, mean = (np.broadcast_to(x, shape) for x in (passed, trials, mean))
    # Empirical log-odds with their variances are close to the mode.
    share = (passed + 0.5) / (trials + 1)
    noise = 1 / ((trials + 1) * share * (1 - share))
    total = covariance + noise[..., None] * np.eye(shape[-1])
    slope = _solved(total, np.log(share / (1 - share)) - mean)
    f = mean + _times(covariance, slope)
    height = _height(passed, trials, f, mean, slope)
    for _ in range(MAX_STEPS):
        target = _newton(passed, trials, f, mean, covariance)
        f, slope, higher = _climbed(passed, trials, mean, covariance, (f, slope, height), target)
        gain, height = higher - height, higher
        if np.max(gain) < SMALLEST_GAIN * (1 + np.abs(height).max()):
            break
    p = expit(f)
    curvature = trials * p * (1 - p)
    slope = passed - trials * p
    _, log_determinant = np.linalg.slogdet(_b(curvature, covariance))
    return Mode(f, slope, curvature, height - log_determinant / 2)


def _height(passed: Floats, trials: Floats, f: Floats, mean: Floats, slope: Floats) -> Floats:
    return np.asarray(log_likelihood(passed, trials, f) - 0.5 * (slope * (f - mean)).sum(axis=-1))


def _newton(passed: Floats, trials: Floats, f: Floats, mean: Floats, covariance: Floats) -> Floats:
    """Return the slope at which a step of Newton's method ends."""
    p = expit(f)
    curvature = trials * p * (1 - p)
    b = curvature * (f - mean) + passed - trials * p
    root = np.sqrt(curvature)
    inner = _solved(_b(curvature, covariance), root * _times(covariance, b))
    return b - root * inner


def _climbed(
    passed: Floats,
    trials: Floats,
    mean: Floats,
    covariance: Floats,
    now: tuple[Floats, Floats, Floats],
    target: Floats,
) -> tuple[Floats, Floats, Floats]:
    """Return log-odds, slopes and heights after steps that are halved where they lead down."""
    f, slope, height = now
    share = np.ones(f.shape[:-1])
    for _ in range(MAX_HALVINGS):
        new_slope = slope + share[..., None] * (target - slope)
        new_f = mean + _times(covariance, new_slope)
        new_height = _height(passed, trials, new_f, mean, new_slope)
        worse = ~(new_height >= height)
        if not worse.any():
            break
        share = np.where(worse, share / 2, share)
    up = new_height >= height
    return (
        np.where(up[..., None], new_f, f),
        np.where(up[..., None], new_slope, slope),
        np.where(up, new_height, height),
    )


def _b(curvature: Floats, covariance: Floats) -> Floats:
    """Return 1 + W^1/2 K W^1/2, whose eigenvalues are 1 or more."""
    root = np.sqrt(curvature)
    return np.asarray(
        np.eye(curvature.shape[-1]) + root[..., None] * covariance * root[..., None, :]
    )


def _times(matrix: Floats, vector: Floats) -> Floats:
    return np.asarray((matrix @ vector[..., None])[..., 0])


def _solved(matrix: Floats, vector: Floats) -> Floats:
    return np.asarray(np.linalg.solve(matrix, vector[..., None])[..., 0])
