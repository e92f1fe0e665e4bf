"""Test of the log: neuron sums against their Poisson-binomial distributions."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr
from scipy.stats import kstwo

from hardware.verification.curve_scores import CENTRE, CurveScores
from hardware.verification.log_tests.poisson_binomial import PoissonBinomials
from hardware.verification.log_tests.result import LogResult

Floats = NDArray[np.float64]

# From this variance on a normal distribution corrected for its skewness does as well as the exact.
NORMAL_FROM = 25.0
# Points in place of the random part of each sum's transform.
POINTS = 20
HISTOGRAM_BINS = 20


def neuron_sums(scores: CurveScores, tolerance_mT: float, level: float) -> LogResult:
    """Compare the sum of all reads of each (image, neuron) with its distribution.

    The probability integral transform of each sum is uniform between P(sum < s) and P(sum <= s).
    The mean distribution of all of them (Czado, Gneiting & Held, Biometrics 65, 1254, 2009), which
    needs no random numbers, is uniform if the model is correct; it varies less than that of as many
    random ones, so that the p-value of Kolmogorov and Smirnov is no smaller than it should be.

    Parameters
    ----------
    scores
        The reads, at their fitted curve.
    tolerance_mT
        Shift of a neuron's fields for which the power is given.
    level
        Level at which it is given.
    """
    group, p, v = scores.reads.by_neuron, scores.p, scores.variance
    sums = group.sum(scores.reads.passed)
    of_fields = p, v, v * (1 - 2 * p), scores.gradient[CENTRE]
    mean, variance, third, slope = (scores.sum(group, values) for values in of_fields)
    lower, upper = _normal_bounds(sums, mean, variance, third)
    exact = variance < NORMAL_FROM
    if exact.any():
        lower[exact], upper[exact] = _exact_bounds(scores, exact, sums)
    inside = (np.arange(POINTS) + 0.5) / POINTS
    transforms = (lower[:, None] + (upper - lower)[:, None] * inside).ravel()
    statistic = _distance(np.sort(transforms))
    n = len(sums)
    sds = np.sqrt(np.maximum(variance, 1e-12))
    shifted = float(np.abs(slope / sds).mean()) * tolerance_mT / np.sqrt(2 * np.pi)
    critical = float(kstwo.isf(level, n))
    return LogResult(
        test="neuron sums",
        question="c",
        weight=0.5,
        statistic=statistic,
        statistic_meaning="largest distance of the mean distribution of the transformed sums from "
        "uniform",
        p_value=float(kstwo.sf(statistic, n)),
        p_value_method="Kolmogorov-Smirnov",
        effect_size=float(np.sqrt(np.mean((sums - mean) ** 2) / max(variance.mean(), 1e-12))),
        effect_meaning="spread of the sums over the spread expected",
        n=n,
        power=float(ndtr(2 * np.sqrt(n) * (shifted - critical))),
        power_of=f"sums of fields that are {tolerance_mT:g} mT off, all in one direction",
        details={
            "histogram": np.histogram(transforms, HISTOGRAM_BINS, (0, 1))[0].tolist(),
            "points_per_sum": POINTS,
        },
    )


def _distance(transforms: Floats) -> float:
    n = len(transforms)
    ranks = np.arange(n + 1) / n
    return float(max((ranks[1:] - transforms).max(), (transforms - ranks[:-1]).max()))


def _normal_bounds(
    sums: Floats, mean: Floats, variance: Floats, third: Floats
) -> tuple[Floats, Floats]:
    """Return P(sum < s) and P(sum <= s), normal but for the skewness (Edgeworth's first term)."""
    sd = np.sqrt(np.maximum(variance, 1e-12))
    skewness = third / sd**3

    def cdf(k: Floats) -> Floats:
        x = (k + 0.5 - mean) / sd
        density = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
        return np.clip(ndtr(x) + skewness * (1 - x**2) * density / 6, 0, 1)

    return cdf(sums - 1), cdf(sums)


def _exact_bounds(
    scores: CurveScores, chosen: NDArray[np.bool_], sums: Floats
) -> tuple[Floats, Floats]:
    group = scores.reads.by_neuron
    rows = np.repeat(chosen, group.sizes)
    distributions = PoissonBinomials.of(
        scores.p[scores.reads.field[group.order[rows]]], group.sizes[chosen]
    )
    return distributions.bounds(sums[chosen].astype(np.int64))
