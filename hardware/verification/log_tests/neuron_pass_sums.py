"""Test of the log: neuron sums against their Poisson-binomial distributions."""

from functools import cache

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from numpy.polynomial.legendre import legint, legval
from numpy.typing import NDArray
from scipy.special import chdtrc, chdtri, chndtr, ndtr

from hardware.verification.curve_scores import CENTRE, CurveScores
from hardware.verification.log_tests.poisson_binomial import PoissonBinomials
from hardware.verification.log_tests.result import LogResult

Floats = NDArray[np.float64]

# From this variance on a normal distribution corrected for its skewness does as well as the exact.
NORMAL_FROM = 25.0
COMPONENTS = 4
"""Place, spread, skewness and tails of the transformed sums."""
LEGENDRE = np.vstack([np.zeros(COMPONENTS), np.diag(np.sqrt(2 * np.arange(COMPONENTS) + 3))])
"""Coefficients of the polynomials, of variance 1 over a uniform distribution from -1 to 1."""
# Of the variance of a component, what the fit must leave for it to count: the rest is as good as
# fitted, and what is left of it depends on all approximations.
MIN_LEFT = 0.1
# Values of a sum that are less likely add nothing to a variance.
MIN_CHANCE = 1e-12
SUMS_AT_ONCE = 5000
# Points in place of the random part of each sum's transform, for the histogram.
POINTS = 20
HISTOGRAM_BINS = 20
NODES = 100


def neuron_sums(
    scores: CurveScores, fit: CurveScores, wire_spread_mT: float, tolerance_mT: float, level: float
) -> LogResult:
    """Compare the sum of all reads of each (image, neuron) with its distribution.

    The probability integral transform of each sum is uniform between P(sum < s) and P(sum <= s)
    if the model is correct. The statistic is Neyman's (1937): the sums of the first four Legendre
    polynomials over all transforms, squared and in units of their covariance. Their means between
    the two bounds need no random numbers (Czado, Gneiting & Held, Biometrics 65, 1254, 2009). The
    curve was fitted to the same reads, and takes c (A + P)^-1 c^T of their covariance, where c are
    the covariances of the polynomials with the scores of the curve
    (`hardware.verification.curve_scores`).

    Parameters
    ----------
    scores
        The reads whose sums are tested, at the fitted curve.
    fit
        All reads, to which the curve was fitted.
    wire_spread_mT
        Spread of the wires whose centres were fitted too; 0 if they do not differ.
    tolerance_mT
        Shift of a neuron's fields for which the power is given.
    level
        Level at which it is given.
    """
    group, p, v = scores.reads.by_neuron, scores.p, scores.variance
    sums = group.sum(scores.reads.passed)
    n = len(sums)
    mean, variance, third = (scores.sum(group, of) for of in (p, v, v * (1 - 2 * p)))
    variance = np.maximum(variance, MIN_CHANCE)
    lower, upper = _normal_bounds(sums, mean, variance, third)
    per_pass = _normal_slopes()[:, None] / np.sqrt(variance)
    exact = variance < NORMAL_FROM
    covariance = (n - exact.sum()) * np.eye(COMPONENTS)
    if exact.any():
        distributions = _distributions(scores, exact)
        lower[exact], upper[exact] = distributions.bounds(sums[exact].astype(np.int64))
        of_exact, moments = _moments(distributions)
        covariance += of_exact
        per_pass[:, exact] = moments / variance[exact]
    by_curve = per_pass @ np.array([scores.sum(group, g) for g in scores.gradient]).T
    covariance -= by_curve @ fit.covariance @ by_curve.T
    if wire_spread_mT:
        covariance -= _taken_by_wires(scores, fit, per_pass, wire_spread_mT)
    values, vectors = np.linalg.eigh(covariance)
    known = values > MIN_LEFT * n
    freedom = int(known.sum())
    scale = vectors[:, known] / np.sqrt(values[known])
    statistic = float(((_components(lower, upper).sum(axis=1) @ scale) ** 2).sum())
    away = _shifts_of_neurons(scores, per_pass) - _moved_curves(scores, fit) @ by_curve.T
    away = tolerance_mT**2 * ((away @ scale) ** 2).sum(axis=1)
    transforms = lower[:, None] + (upper - lower)[:, None] * (np.arange(POINTS) + 0.5) / POINTS
    return LogResult(
        test="neuron sums",
        question="c",
        weight=0.5,
        statistic=statistic,
        statistic_meaning="sums of four Legendre polynomials of the transformed sums, squared and "
        "in units of their covariance",
        p_value=float(chdtrc(freedom, statistic)) if freedom else 1.0,
        p_value_method=f"chi-square, {freedom} degrees of freedom",
        effect_size=float(np.sqrt(np.mean((sums - mean) ** 2) / variance.mean())),
        effect_meaning="spread of the sums over the spread expected",
        n=n,
        power=float(np.mean(1 - chndtr(chdtri(freedom, level), freedom, away))) if freedom else 0.0,
        power_of=f"a neuron whose fields are {tolerance_mT:g} mT off",
        details={
            "histogram": np.histogram(transforms, HISTOGRAM_BINS, (0, 1))[0].tolist(),
            "points_per_sum": POINTS,
        },
    )


def _components(lower: Floats, upper: Floats) -> Floats:
    """Return the means of the polynomials between two bounds, shape (COMPONENTS, n)."""
    low, high = 2 * lower - 1, 2 * upper - 1
    width = np.maximum(high - low, MIN_CHANCE)
    integral = legint(LEGENDRE)
    return np.asarray((legval(high, integral) - legval(low, integral)) / width)


def _moments(distributions: PoissonBinomials) -> tuple[Floats, Floats]:
    """Return the covariance of the components' sums, and those of each component with its sum."""
    starts, covariance, parts = distributions.starts, np.zeros((COMPONENTS, COMPONENTS)), []
    for first in range(0, len(starts) - 1, SUMS_AT_ONCE):
        some = starts[first : first + SUMS_AT_ONCE + 1]
        upper = distributions.cdf[some[0] : some[-1]]
        lower = np.append(0.0, upper[:-1])
        lower[some[:-1] - some[0]] = 0.0
        likely = np.flatnonzero(upper - lower > MIN_CHANCE)
        components = _components(lower[likely], upper[likely])
        weighted = components * (upper - lower)[likely]
        covariance += weighted @ components.T
        number = np.searchsorted(some[1:] - some[0], likely, side="right")
        passes = likely - (some[:-1] - some[0])[number]
        parts.append([np.bincount(number, row * passes, len(some) - 1) for row in weighted])
    return covariance, np.concatenate(parts, axis=1)


@cache
def _normal_slopes() -> Floats:
    """Return the covariances of the components of a normal variable with it, of variance 1."""
    nodes, weights = hermegauss(NODES)
    return np.asarray(legval(2 * ndtr(nodes) - 1, LEGENDRE) @ (weights * nodes) / weights.sum())


def _taken_by_wires(
    scores: CurveScores, fit: CurveScores, per_pass: Floats, spread_mT: float
) -> Floats:
    """Return what the fitted centres of the wires take of the covariance of the components."""
    of_sums, of_wires, all_wires = (
        scores.reads.by_neuron,
        scores.reads.by_synapse,
        fit.reads.by_synapse,
    )
    number = np.empty(len(scores.reads), dtype=np.int64)
    number[of_sums.order] = np.repeat(np.arange(len(of_sums.keys)), of_sums.sizes)
    slope = scores.gradient[CENTRE][scores.reads.field]
    by_wire = np.array([of_wires.sum(slope * row[number]) for row in per_pass])
    information = fit.sum(all_wires, (fit.gradient[CENTRE] * fit.weight) ** 2 * fit.variance)
    known = information[np.searchsorted(all_wires.keys, of_wires.keys)]
    return np.asarray((by_wire / (spread_mT**-2 + known)) @ by_wire.T)


def _shifts_of_neurons(scores: CurveScores, per_pass: Floats) -> Floats:
    """Return how the components change with the centre of each neuron, (n_neurons, COMPONENTS)."""
    group = scores.reads.by_neuron
    neuron = scores.reads.out[group.order[group.starts]]
    slope = scores.sum(group, scores.gradient[CENTRE])
    return np.transpose([np.bincount(neuron, row * slope) for row in per_pass])


def _moved_curves(scores: CurveScores, fit: CurveScores) -> Floats:
    """Return how the fitted curve follows the centre of each neuron, (n_neurons, n_coordinates)."""
    neuron, field, n_fields = scores.reads.out, scores.reads.field, len(scores.p)
    cells = neuron.astype(np.int64) * n_fields + field
    count = np.bincount(cells, minlength=(int(neuron.max()) + 1) * n_fields).reshape(-1, n_fields)
    by_centre = scores.gradient * scores.gradient[CENTRE] * scores.weight
    return np.asarray(count @ by_centre.T @ fit.covariance)


def _normal_bounds(
    sums: Floats, mean: Floats, variance: Floats, third: Floats
) -> tuple[Floats, Floats]:
    """Return P(sum < s) and P(sum <= s), normal but for the skewness (Edgeworth's first term)."""
    sd = np.sqrt(variance)
    skewness = third / sd**3

    def cdf(k: Floats) -> Floats:
        x = (k + 0.5 - mean) / sd
        density = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
        return np.clip(ndtr(x) + skewness * (1 - x**2) * density / 6, 0, 1)

    return cdf(sums - 1), cdf(sums)


def _distributions(scores: CurveScores, chosen: NDArray[np.bool_]) -> PoissonBinomials:
    group = scores.reads.by_neuron
    rows = np.repeat(chosen, group.sizes)
    return PoissonBinomials.of(scores.p[scores.reads.field[group.order[rows]]], group.sizes[chosen])
