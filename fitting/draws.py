"""Draws from the posterior of a fitted model, by an ensemble of Markov chains."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from fitting.chains import ensemble_draws
from fitting.fit import Fit
from fitting.likelihood import (
    Columns,
    field_scales_mT,
    log_likelihood,
    steepness_range_per_mT,
)
from fitting.model import Model
from fitting.scoring import Coordinates

Floats = NDArray[np.float64]

WALKERS = 64
# Most that walkers scatter in ln(steepness).
MOST_SCATTER = 0.3


def posterior_draws(
    fit: Fit, counts: pd.DataFrame, confidence: float, model: Model, n: int, seed: list[int]
) -> tuple[Floats, Floats]:
    """Return draws of a curve's parameters and their covariance.

    The prior is flat in floor, centre, ln(steepness) (see `PassingCurve.placed`), lapse and
    correlation, and normal in the calibration offset. The centre lies within one span of the
    fields and of the fitted one: counts that leave it open would draw any field.

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
    coordinates = model.coordinates
    columns = Columns.of(counts)
    low, high = coordinates.bounds(steepness_range_per_mT(counts))
    centre_mT = coordinates.point(fit.curve)[1]
    span_mT, _ = field_scales_mT(counts)
    fields_mT = np.append(columns.field_mT, centre_mT)
    low[1] = max(low[1], fields_mT.min() - span_mT)
    high[1] = fields_mT.max() + span_mT
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
        return np.where(allowed & ~np.isnan(logs), logs, -np.inf)

    rng = np.random.default_rng(seed)
    start = _starting_points(fit, coordinates, model, confidence, rng)
    # What is given is not drawn.
    free = np.ones(start.shape[1], dtype=bool)
    free[:n_curve] = low < high

    def filled(points: Floats) -> Floats:
        whole = np.zeros((len(points), len(free)))
        whole[:, :n_curve] = low
        whole[:, free] = points
        return whole

    drawn_points = ensemble_draws(lambda p: log_posterior(filled(p)), start[:, free], n, rng)
    points = filled(drawn_points)[:, :n_curve]
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
    relative = max(
        MOST_SCATTER
        if low is None or high is None
        else min(MOST_SCATTER, (high - low) / (2 * sds * abs(getattr(curve, name)) + 1e-12))
        for name, (low, high) in fit.intervals.items()
        if name in curve.shape
    )
    values = curve.values()
    others = {
        name: (values[name], *bounds)
        for name, bounds in fit.intervals.items()
        if name not in curve.shape
    }
    columns = [centre_mT + 0.1 * rng.standard_normal(WALKERS) / np.exp(log_steepness)]
    columns.append(log_steepness + relative * rng.standard_normal(WALKERS))
    scattered = {}
    for name, (value, low, high) in (others | fit.nuisances).items():
        least, most = value if low is None else low, value if high is None else high
        scattered[name] = least + (most - least) * rng.random(WALKERS)
    floor = scattered.pop("floor")
    return np.column_stack([np.clip(floor, 1e-6, 0.98), *columns, *scattered.values()])
