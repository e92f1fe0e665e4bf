"""Draws from the posterior of a fitted model."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fitting.fit import Fit
from fitting.importance import posterior_sample
from fitting.likelihood import Columns, field_scales_mT, log_likelihood, steepness_range_per_mT
from fitting.model import Model

Floats = NDArray[np.float64]

# A correlation of 1 leaves no distribution of the counts.
MOST_CORRELATION = 0.999
# Share of the range that the first point keeps from its ends.
LEAST_DISTANCE = 1e-6


def posterior_draws(
    fit: Fit, counts: pd.DataFrame, model: Model, n: int, seed: list[int]
) -> tuple[Floats, Floats]:
    """Return draws of a curve's parameters and their covariance.

    The prior is flat in floor, centre, ln(steepness) (see `PassingCurve.placed`), lapse and
    correlation, and normal in the calibration offset. It is proper: floor and lapse keep to the
    model's ranges, the steepness to what fields so spaced can tell (`steepness_range_per_mT`), and
    the centre to within one span of the fields and of the fitted one.

    Parameters
    ----------
    fit
        The fitted curve, from which the search for the posterior starts.
    counts
        Table of counts (`workflow.contracts.COUNTS`).
    model
        What is assumed of the counts.
    n
        Number of draws.
    seed
        Seed of the draws.

    Returns
    -------
    draws : ndarray
        Shape (n, n_parameters), in the order of ``model.names``.
    covariance : ndarray
        Shape (n_parameters, n_parameters).

    Raises
    ------
    InputError
        If the draws did not converge.
    """
    coordinates = model.coordinates
    columns = Columns.of(counts)
    nuisances = [fit.nuisances[name][0] for name in model.nuisances]
    with np.errstate(all="ignore"):
        best = np.array([*coordinates.point(fit.curve), *nuisances])
    low, high = _prior_box(counts, model, best[1])
    n_curve = len(model.names)
    # What is given is not drawn.
    free = low < high

    def filled(points: Floats) -> Floats:
        whole = np.tile(low, (len(points), 1))
        whole[:, free] = points
        if model.offset_sd_mT:  # Its points have the centre as measured.
            whole[:, 1] += whole[:, -1]
        return whole

    def log_posterior(points: Floats) -> Floats:
        whole = filled(points)
        inside = ((whole >= low) & (whole <= high)).all(axis=1)
        nuisances = dict(zip(model.nuisances, whole[inside].T[n_curve:, :, None], strict=True))
        curve = coordinates.curve(whole[inside, :n_curve])
        logs = np.full(len(points), -np.inf)
        logs[inside] = log_likelihood(curve, columns, **nuisances)
        if model.offset_sd_mT:
            logs[inside] -= (nuisances["offset_mT"][:, 0] / model.offset_sd_mT) ** 2 / 2
        return np.nan_to_num(logs, nan=-np.inf, neginf=-np.inf)

    # The slope of a step may be beyond floating point.
    best = np.where(np.isfinite(best), best, high)
    distance = np.minimum(LEAST_DISTANCE * (high - low), 1e-3)
    best = np.clip(best, low + distance, high - distance)
    if model.offset_sd_mT:
        best[1] -= best[-1]
    rng = np.random.default_rng(seed)
    found = posterior_sample(log_posterior, best[free], n, rng)
    curves = coordinates.curve(filled(found.points)[:, :n_curve])
    parameters = np.hstack(
        [np.broadcast_to(getattr(curves, name), (len(found.points), 1)) for name in model.names]
    )
    covariance = np.cov(parameters.T, aweights=found.weights)
    return parameters[found.resampled(n, rng)], covariance


def _prior_box(counts: pd.DataFrame, model: Model, centre_mT: float) -> tuple[Floats, Floats]:
    """Return the lowest and highest coordinates and nuisances inside the prior."""
    low, high = model.coordinates.bounds(steepness_range_per_mT(counts))
    span_mT, _ = field_scales_mT(counts)
    fields_mT = np.append(counts["field_mT"], centre_mT)
    low[1] = max(low[1], fields_mT.min() - span_mT)
    high[1] = fields_mT.max() + span_mT
    ranges = {"correlation": (0.0, MOST_CORRELATION), "offset_mT": (-np.inf, np.inf)}
    nuisances = np.array([ranges[name] for name in model.nuisances]).reshape(-1, 2)
    return np.append(low, nuisances[:, 0]), np.append(high, nuisances[:, 1])
