"""Draws from the posterior of a fitted model, by an ensemble of Markov chains."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from fitting.chains import ensemble_draws
from fitting.fit import Fit
from fitting.likelihood import Columns, log_likelihood, steepness_range_per_mT
from fitting.model import Model
from fitting.scoring import Coordinates

Floats = NDArray[np.float64]

WALKERS = 64


def posterior_draws(
    fit: Fit, counts: pd.DataFrame, confidence: float, model: Model, n: int, seed: list[int]
) -> tuple[Floats, Floats]:
    """Return draws of a curve's parameters and their covariance.

    The prior is flat in floor, centre, ln(steepness) (see `PassingCurve.placed`), lapse and
    correlation, and normal in the calibration offset.

    Parameters
    ----------
    fit
        The fitted curve, from which the chains start.
    counts
        Table of counts (`workflow.contracts.COUNTS`).
    confidence
        Confidence of the fit's intervals.
    model
        What is assumed of the counts.
    n
        Number of draws.
    seed
        Seed of the chains.

    Returns
    -------
    draws : ndarray
        Shape (n, n_parameters), in the order of ``model.names``.
    covariance : ndarray
        Shape (n_parameters, n_parameters), over all states that the chains were read at.
    """
    coordinates = Coordinates(model.template, model.with_lapse)
    columns = Columns.of(counts)
    low, high = coordinates.bounds(steepness_range_per_mT(counts))
    n_curve = len(low)

    def log_posterior(points: Floats) -> Floats:
        shape = points[:, :n_curve]
        nuisances = dict(zip(model.nuisances, points.T[n_curve:, :, None], strict=True))
        correlation = nuisances.get("correlation", np.zeros(1))
        offset_mT = nuisances.get("offset_mT", np.zeros(1))
        allowed = ((shape >= low) & (shape <= high)).all(axis=1)
        allowed &= ((correlation >= 0) & (correlation < 1)).all(axis=-1)
        inside = np.clip(shape, low, high)
        logs = log_likelihood(
            coordinates.curve(inside), columns, np.clip(correlation, 0, 0.999), offset_mT
        )
        if model.offset_sd_mT:
            logs = logs - (offset_mT[:, 0] / model.offset_sd_mT) ** 2 / 2
        return np.where(allowed, logs, -np.inf)

    rng = np.random.default_rng(seed)
    start = _starting_points(fit, coordinates, model, confidence, rng)
    points = ensemble_draws(log_posterior, start, n, rng)[:, :n_curve]
    drawn = coordinates.curve(points)
    parameters = np.hstack(
        [np.broadcast_to(getattr(drawn, name), (len(points), 1)) for name in model.names]
    )
    return parameters[:n], np.cov(parameters.T)


def _starting_points(
    fit: Fit, coordinates: Coordinates, model: Model, confidence: float, rng: np.random.Generator
) -> Floats:
    """Return points scattered about the fit as far as its intervals reach, shape (WALKERS, n)."""
    curve = fit.curve
    _, centre_mT, log_steepness = Coordinates(curve).point(curve)
    sds = norm.ppf((1 + confidence) / 2)
    # How far the place and the shape of the rise are known, as shares of its own width.
    relative = min(
        0.3,
        max(
            (high - low) / (2 * sds * abs(getattr(curve, name)) + 1e-12)
            for name, (low, high) in fit.intervals.items()
            if name in curve.shape
        ),
    )
    shares = {name: bounds for name, bounds in fit.intervals.items() if name not in curve.shape}
    columns = [centre_mT + 0.1 * rng.standard_normal(WALKERS) / np.exp(log_steepness)]
    columns.append(log_steepness + relative * rng.standard_normal(WALKERS))
    scattered = {
        name: low + (high - low) * rng.random(WALKERS) for name, (low, high) in shares.items()
    }
    scattered |= {
        name: low + (high - low) * rng.random(WALKERS)
        for name, (_, low, high) in fit.nuisances.items()
    }
    floor = scattered.pop("floor")
    return np.column_stack([np.clip(floor, 1e-6, 0.98), *columns, *scattered.values()])
