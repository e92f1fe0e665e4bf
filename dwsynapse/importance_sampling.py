"""Draws from a posterior by adaptive importance sampling, with a check that they converged."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from dwsynapse.io.errors import InputError

Floats = NDArray[np.float64]
LogDensity = Callable[[Floats], Floats]

POINTS = 4000
# Rounds that are not enough are repeated with this many times more points, up to a maximum.
MORE, MAX_POINTS = 1.3, 4
# Students' t-distributions of the proposal: how many, and their degrees of freedom. Their tails are
# heavier than those of any posterior of counts, so that no weight is unbounded.
COMPONENTS, FREEDOM = 200, 5
# Some points are drawn wider (Hesterberg, Technometrics 37, 185, 1995), to find thin tails.
SHARE_WIDER, WIDER = 0.25, 3.0
# A second good round in succession shows that the first one's points missed nothing.
ROUNDS, GOOD_ROUNDS = 30, 2
# A round is tempered so that this share of the points inside the prior is effective: its proposal
# never collapses to a few.
SHARE_TEMPERED = 0.1
# Points, and independent ones, for each draw; no point may have the weight of this many draws.
POINTS_PER_DRAW, EFFECTIVE_PER_DRAW, MAX_WEIGHT = 10, 4, 20
# Steps along each axis that are tried for the first proposal, and the fall that ends them.
STEPS = 2.0 ** np.arange(-40, 12)
FALL = 2.0
# Points whose distances to all components are found together: as many as a processor's cache holds.
POINTS_AT_ONCE = 1000


@dataclass(frozen=True)
class Population:
    """Weighted points that represent a posterior.

    Parameters
    ----------
    points
        Shape (n_points, n_parameters).
    weights
        Shape (n_points,), of sum 1.
    """

    points: Floats
    weights: Floats

    @property
    def n_effective(self) -> float:
        """Kish's effective number of independent draws."""
        return float(1 / (self.weights**2).sum())

    def resampled(self, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Return indices of n points, drawn by their weights, in random order."""
        places = (np.arange(n) + rng.random()) / n
        found = np.searchsorted(np.cumsum(self.weights), places * self.weights.sum())
        return rng.permutation(np.minimum(found, len(self.weights) - 1))


def posterior_sample(
    log_posterior: LogDensity,
    best: Floats,
    n: int,
    rng: np.random.Generator,
    likely: Population | None = None,
) -> Population:
    """Return weighted points from a posterior, for any scales and bounds of its parameters.

    Population Monte Carlo (Cappé et al., J. Comput. Graph. Stat. 13, 907, 2004): points drawn from
    a mixture of t-distributions are weighted with posterior over proposal, and the mixture is put
    about the likely ones, until Kish's number of independent points is sufficient and no point
    weighs much, twice in succession. After the last round the best one is used, if it is worth n
    draws.

    Parameters
    ----------
    log_posterior
        Maps parameters, shape (n_points, n_parameters), to log-posteriors, shape (n_points,);
        -inf outside the prior.
    best
        A likely point inside the prior, shape (n_parameters,).
    n
        Number of draws that will be taken from them.
    rng
        Source of randomness.
    likely
        Weighted points that the first proposal is put about, in all modes; None: about `best`.

    Returns
    -------
    Population
        The points and their weights.

    Raises
    ------
    InputError
        If the draws did not converge.
    """
    if not np.isfinite(log_posterior(best[None])[0]):
        raise ValueError("the search for draws must start inside the prior")
    n_points = max(POINTS, POINTS_PER_DRAW * n)
    most = MAX_POINTS * n_points
    wanted = EFFECTIVE_PER_DRAW * n_points / POINTS_PER_DRAW
    if likely is None:
        centres, root = best[None], np.diag(_widths(log_posterior, best))
    else:
        centres, root = _mixture(likely, rng)
    good, largest = 0, None
    for _ in range(ROUNDS):
        points, log_proposal = _proposed(centres, root, n_points, rng)
        logs = log_posterior(points) - log_proposal
        found = weighted(points, logs)
        if largest is None or found.n_effective > largest.n_effective:
            largest = found
        enough = found.n_effective >= wanted and found.weights.max() * wanted < MAX_WEIGHT
        good = good + 1 if enough else 0
        if good == GOOD_ROUNDS:
            return found
        if not good and found.n_effective > SHARE_TEMPERED / 2 * n_points:
            n_points = min(int(MORE * n_points), most)
        try:
            centres, root = _mixture(tempered(points, logs), rng)
        except np.linalg.LinAlgError:  # All points are on a line: the posterior is too narrow.
            break
    assert largest is not None
    if largest.n_effective >= n:
        return largest
    raise InputError(
        f"draws from the posterior did not converge: {largest.n_effective:.0f} independent ones of "
        f"{n}",
        remedy="give fewer draws (`draws` in the config), fewer parameters (a fixed floor or "
        "lapse, binomial counts), or more trials",
    )


def _widths(log_posterior: LogDensity, best: Floats) -> Floats:
    """Return how far the posterior extends from a point along each axis, shape (n_parameters,)."""
    height = log_posterior(best[None])[0]
    widths = np.empty(len(best))
    for i in range(len(best)):
        points = np.tile(best, (2, len(STEPS), 1))
        points[:, :, i] += np.array([[-1], [1]]) * STEPS
        logs = log_posterior(points.reshape(-1, len(best))).reshape(2, -1)
        beyond = logs < height - FALL
        ends = np.where(beyond.any(axis=1), beyond.argmax(axis=1), len(STEPS) - 1)
        widths[i] = STEPS[max(ends)]
    return widths


def _proposed(
    centres: Floats, root: Floats, n: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return points from t-distributions about centres, and the mixture's log-density.

    The density is without factors that all points share; `root` is the lower root of their matrix.
    """
    d = centres.shape[1]
    spread = rng.standard_normal((n, d)) / np.sqrt(rng.chisquare(FREEDOM, (n, 1)) / FREEDOM)
    spread[rng.random(n) < SHARE_WIDER] *= WIDER
    points = centres[np.arange(n) % len(centres)] + spread @ root.T
    a, b = np.linalg.solve(root, points.T).T, np.linalg.solve(root, centres.T).T
    middle = b.mean(axis=0)  # Differences of large squares would be lost in rounding.
    a, b = a - middle, b - middle
    densities = np.zeros(n)
    for some in np.array_split(np.arange(n), -(-n // POINTS_AT_ONCE)):
        squares = (a[some] ** 2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a[some] @ b.T
        for share, times in ((1 - SHARE_WIDER, 1), (SHARE_WIDER, WIDER)):
            heights = (1 + np.maximum(squares, 0) / (FREEDOM * times**2)) ** (-(FREEDOM + d) / 2)
            densities[some] += share / times**d * heights.mean(axis=1)
    return points, np.log(densities)


def _mixture(population: Population, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return centres among weighted points, and the root of the t-distributions' matrix.

    Their width is Silverman's for normal kernels (Density Estimation, 1986, section 4.3.2).
    """
    points, weights = population.points, population.weights
    d = points.shape[1]
    centres = points[population.resampled(COMPONENTS, rng)]
    width = (4 / ((d + 2) * COMPONENTS)) ** (1 / (d + 4))
    covariance = np.atleast_2d(np.cov(points.T, aweights=weights))
    return centres, width * np.linalg.cholesky(covariance)


def weighted(points: Floats, logs: Floats) -> Population:
    """Return the points inside the prior with weights from their logarithms."""
    inside = np.isfinite(logs)
    return Population(points[inside], np.exp(logs[inside] - logsumexp(logs[inside])))


def tempered(points: Floats, logs: Floats) -> Population:
    """Return the points weighted to the greatest power up to 1 at which enough are effective."""
    power, enough = 1.0, SHARE_TEMPERED * np.isfinite(logs).sum()
    while (found := weighted(points, power * logs)).n_effective < enough:
        power *= 0.8
    return found
