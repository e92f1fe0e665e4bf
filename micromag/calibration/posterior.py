"""The posterior of a wire's parameters, drawn by importance sampling."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri
from scipy.stats import qmc

from dwsynapse.importance_sampling import Population, posterior_sample, tempered, weighted
from dwsynapse.study.wires.priors import Prior
from micromag.calibration.emulator import JITTER, Emulator
from micromag.calibration.evidence import Measured, discrepancy, evidence
from micromag.calibration.laplace import laplace

Floats = NDArray[np.float64]

DRAWS = 400
PRIOR_POINTS = 2048
ENOUGH = 800
"""Effective points from the prior that make further sampling unnecessary."""
FEW = 10
"""Effective draws below which a width is not known."""


@dataclass(frozen=True)
class Posterior:
    """Draws from a posterior.

    Parameters
    ----------
    wires
        Scaled parameters of the draws, shape (n_draws, n_parameters).
    discrepancy_sd
        Of the draws, shape (n_draws,).
    log_evidence
        Of the measured counts at the draws, shape (n_draws,).
    best
        Scaled parameters of the most likely wire seen, by the evidence and the priors of normal
        parameters and of the discrepancy, shape (n_parameters,).
    """

    wires: Floats
    discrepancy_sd: Floats
    log_evidence: Floats
    best: Floats

    def values(self, priors: Sequence[Prior]) -> Floats:
        """Return the draws in the parameters' units, shape (n_draws, n_parameters)."""
        return np.column_stack([p.value(x) for p, x in zip(priors, self.wires.T, strict=True)])


def discrepancy_sd(z: Floats, scale: float) -> Floats:
    """Return standard deviations whose prior, half-normal, is standard normal in z."""
    return np.asarray(-scale * ndtri(ndtr(-z) / 2))


def prior_points(n_parameters: int, n: int, seed: int) -> Floats:
    """Return n points of standard normal parameters that fill the space evenly (Sobol)."""
    sobol = qmc.Sobol(n_parameters, rng=np.random.default_rng(seed))
    points = sobol.random_base2(int(np.ceil(np.log2(n))))[:n]
    return np.asarray(ndtri(np.clip(points, 1e-9, 1 - 1e-9)))


def draw_posterior(
    emulator: Emulator,
    measured: Measured,
    priors: Sequence[Prior],
    discrepancy_scale: float,
    seed: int,
) -> Posterior:
    """Return draws of the parameters given the measured counts.

    Where the prior's own points, weighted, are enough, they are resampled; otherwise population
    Monte Carlo goes on from them (`dwsynapse.importance_sampling.posterior_sample`). Parameters are
    drawn as standard normal ones, which have no bounds.

    Parameters
    ----------
    emulator
        What is known from simulations.
    measured
        The measured counts.
    priors
        Those of the parameters.
    discrepancy_scale
        Scale of the half-normal prior of the discrepancy's standard deviation; 0: there is none.
    seed
        Seed of the draws.

    Raises
    ------
    InputError
        If the draws did not converge.
    """
    n, rng = len(priors), np.random.default_rng(seed)

    def log_likelihood(z: Floats) -> Floats:
        return evidence(emulator, measured, *unpacked(z)).log_evidence

    def unpacked(z: Floats) -> tuple[Floats, Floats]:
        wires = np.column_stack([p.scaled(x) for p, x in zip(priors, z.T[:n], strict=True)])
        sd = discrepancy_sd(z[:, n], discrepancy_scale) if discrepancy_scale else np.zeros(len(z))
        return wires, sd

    # Of a normal prior z is the parameter itself, of a uniform one all values are as likely.
    normal = np.array([prior.sd is not None for prior in priors])

    def height(z: Floats, logs: Floats) -> Floats:
        squares = (z[:, :n] ** 2) @ normal
        if discrepancy_scale:
            squares = squares + discrepancy_sd(z[:, n], 1.0) ** 2
        return np.asarray(logs - squares / 2)

    z = prior_points(n + (discrepancy_scale > 0), PRIOR_POINTS, seed)
    logs = log_likelihood(z)
    heights = height(z, logs)
    best, highest = z[heights.argmax()], heights.max()
    found = weighted(z, logs)
    if found.n_effective < ENOUGH:
        likely = _spread(tempered(z, logs), rng)

        def log_posterior(at: Floats) -> Floats:
            return log_likelihood(at) - (at**2).sum(axis=1) / 2

        found = posterior_sample(log_posterior, best, DRAWS, rng, likely)
    drawn = found.points[found.resampled(DRAWS, rng)]
    logs = log_likelihood(drawn)
    heights = height(drawn, logs)
    if heights.max() > highest:
        best = drawn[heights.argmax()]
    wires, sd = unpacked(drawn)
    return Posterior(wires, sd, logs, unpacked(best[None])[0][0])


def _spread(population: Population, rng: np.random.Generator) -> Population:
    """Return a population with equal weights, as the first proposal takes it."""
    points = population.points[population.resampled(1000, rng)]
    return Population(points, np.full(len(points), 1 / len(points)))


def widening(emulator: Emulator, measured: Measured, posterior: Posterior) -> Floats:
    """Return how many times wider the posterior is than with an emulator that has no error.

    Estimated by the draws, weighted by how likely the counts are for the emulator's mean alone.

    Returns
    -------
    ndarray
        Ratio of standard deviations, shape (n_parameters,); infinite where too few draws count.
    """
    fields = measured.scaled(measured.fields_mT)
    mean, _ = emulator.predict(posterior.wires, fields)
    covariance = discrepancy(posterior.discrepancy_sd, fields) + JITTER * np.eye(len(fields))
    exact = laplace(measured.passed, measured.trials, mean, covariance).log_evidence
    found = weighted(posterior.wires, exact - posterior.log_evidence)
    if found.n_effective < FEW:
        return np.full(posterior.wires.shape[1], np.inf)
    centre = found.weights @ found.points
    sd = np.sqrt(found.weights @ (found.points - centre) ** 2)
    return np.asarray(posterior.wires.std(axis=0, ddof=1) / sd)
