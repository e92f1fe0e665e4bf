"""Draws from the posterior of a fitted model."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dwsynapse.importance_sampling import posterior_sample
from fitting.forms.observed_curve import observed_curve
from fitting.inference.detected_counts import rates_log_likelihood
from fitting.inference.fit import Fit
from fitting.inference.fit_problem import FitProblem
from fitting.inference.likelihood import MAX_CORRELATION, log_likelihood

Floats = NDArray[np.float64]

# Distance of the first point from the ends of a range, as a share of it.
MIN_DISTANCE = 1e-6


def posterior_draws(
    fit: Fit, problem: FitProblem, n: int, seed: list[int]
) -> tuple[Floats, Floats]:
    """Return draws of a curve's parameters and their covariance.

    The prior is flat in floor, centre, ln(steepness) (see `PassingCurve.placed`), lapse,
    correlation and rates of wrong outcomes, and normal in the calibration offset. It is proper:
    floor and lapse stay in the model's ranges, the steepness in what fields so spaced can resolve
    (`FitProblem.steepness_range_per_mT`), and the centre within one span of the fields and of the
    fitted one. Rows of few trials are pooled (`fitting.counts.pooling.Pooling`) where trials are
    independent.

    Parameters
    ----------
    fit
        The fitted curve, from which the search for the posterior starts.
    problem
        The counts, and what is assumed about them.
    n
        Number of draws.
    seed
        Seed of the draws.

    Returns
    -------
    draws : ndarray
        Shape (n, n_parameters), in the order of ``problem.model.names``.
    covariance : ndarray
        Shape (n_parameters, n_parameters).

    Raises
    ------
    InputError
        If the draws did not converge.
    """
    posterior, rng = _Posterior(fit, problem), np.random.default_rng(seed)
    found = posterior_sample(posterior, posterior.start(), n, rng)
    curves = posterior.curves(found.points)
    parameters = np.hstack(
        [
            np.broadcast_to(getattr(curves, name), (len(found.points), 1))
            for name in problem.model.names
        ]
    )
    covariance = np.cov(parameters.T, aweights=found.weights)
    return parameters[found.resampled(n, rng)], covariance


class _Posterior:
    """The log-posterior of a model's coordinates and nuisance parameters that are not fixed."""

    def __init__(self, fit: Fit, problem: FitProblem):
        model, rows = problem.model, problem
        nuisances = [fit.nuisances[name][0] for name in model.nuisances]
        with np.errstate(all="ignore"):
            self._best = np.array([*problem.coordinates.point(fit.curve), *nuisances])
            # Rows of one trial in one bin would seem to be correlated.
            if not model.overdispersed:
                rows = problem.pooled(fit.curve)
        self._model, self._columns = model, rows.columns
        if model.offset_sd_mT:
            self._offset = len(model.names) + list(model.nuisances).index("offset_mT")
        self._low, self._high = _prior_box(problem, self._best[1])
        # Fixed parameters are not drawn.
        self._free = self._low < self._high

    def __call__(self, points: Floats) -> Floats:
        """Return the log-posterior at points, shape (points, free ones); -inf outside the prior."""
        whole, offset_sd_mT = self._whole(points), self._model.offset_sd_mT
        inside = ((whole >= self._low) & (whole <= self._high)).all(axis=1)
        values = whole[inside].T[len(self._model.names) :, :, None]
        nuisances = dict(zip(self._model.nuisances, values, strict=True))
        logs = np.full(len(points), -np.inf)
        rates = {name: nuisances.pop(name) for name in self._model.rates}
        curves = observed_curve(self._curves(whole[inside]), rates)
        logs[inside] = log_likelihood(curves, self._columns, **nuisances)
        logs[inside] += rates_log_likelihood(self._model.detection, rates)
        if offset_sd_mT:
            logs[inside] -= (nuisances["offset_mT"][:, 0] / offset_sd_mT) ** 2 / 2
        return np.nan_to_num(logs, nan=-np.inf, neginf=-np.inf)

    def start(self) -> Floats:
        """Return the fitted point, moved into the prior."""
        low, high = self._low, self._high
        # The slope of a step may overflow.
        best = np.where(np.isfinite(self._best), self._best, high)
        distance = np.minimum(MIN_DISTANCE * (high - low), 1e-3)
        best = np.clip(best, low + distance, high - distance)
        if self._model.offset_sd_mT:
            best[1] -= best[self._offset]
        return best[self._free]

    def curves(self, points: Floats) -> Any:
        """Return the curves at points."""
        return self._curves(self._whole(points))

    def _curves(self, whole: Floats) -> Any:
        return self._model.coordinates.curve(whole[:, : len(self._model.names)])

    def _whole(self, points: Floats) -> Floats:
        """Return points with fixed parameters added, shape (points, coordinates and nuisances)."""
        whole = np.tile(self._low, (len(points), 1))
        whole[:, self._free] = points
        if self._model.offset_sd_mT:  # Its points have the centre as measured.
            whole[:, 1] += whole[:, self._offset]
        return whole


def _prior_box(problem: FitProblem, centre_mT: float) -> tuple[Floats, Floats]:
    """Return the lowest and highest coordinates and nuisances inside the prior."""
    low, high = problem.coordinates.bounds(problem.steepness_range_per_mT)
    span_mT, _ = problem.field_scales_mT
    fields_mT = np.append(problem.columns.field_mT, centre_mT)
    low[1] = max(low[1], fields_mT.min() - span_mT)
    high[1] = fields_mT.max() + span_mT
    ranges = problem.model.rates | {
        "correlation": (0.0, MAX_CORRELATION),
        "offset_mT": (-np.inf, np.inf),
    }
    nuisances = np.array([ranges[name] for name in problem.model.nuisances]).reshape(-1, 2)
    return np.append(low, nuisances[:, 0]), np.append(high, nuisances[:, 1])
