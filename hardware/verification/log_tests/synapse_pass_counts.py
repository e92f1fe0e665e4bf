"""Test of the log: the scatter of the synapses' passes about the curve."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincc, gammainccinv, ndtr

from hardware.verification.curve_scores import CENTRE, CurveScores
from hardware.verification.log_tests.result import LogResult

Floats = NDArray[np.float64]

# Variance of rounding to whole passes. Added to each synapse's variance, it keeps synapses that
# hardly ever switch from dominating the statistic.
ROUNDING_VARIANCE = 1 / 12


def synapse_counts(scores: CurveScores, tolerance_mT: float, level: float) -> LogResult:
    """Compare the squared deviations of all synapses' passes with their variances.

    The sum X of squared deviations from the expected passes, in units of their variance, is large
    where synapses differ from each other and small where a log scatters too little, as one that was
    made up. Mean and variance of X follow from the second and fourth cumulants of independent
    reads, less what the curve fitted to them takes of both: of the variance c (A + P)^-1 c^T, where
    c, from the third cumulants, is the covariance of X with the scores of the curve. X is then
    taken as gamma-distributed.

    Parameters
    ----------
    scores
        The reads, at their fitted curve.
    tolerance_mT
        Spread of the synapses' centres for which the power is given.
    level
        Level at which it is given.
    """
    group, p, v = scores.reads.by_synapse, scores.p, scores.variance
    deviation = group.sum(scores.reads.passed) - scores.sum(group, p)
    variance, fourth = _moments(scores)
    spread = variance + ROUNDING_VARIANCE
    g = np.array([scores.sum(group, slope) for slope in scores.gradient])
    expected = variance - np.einsum("is,ij,js->s", g, scores.covariance, g)
    mean = float((expected / spread).sum())
    third = scores.gradient * scores.weight * v * (1 - 2 * p)
    by_curve = np.array([(scores.sum(group, of) / spread).sum() for of in third])
    taken = float(by_curve @ scores.covariance @ by_curve)
    sd = float(np.sqrt(((fourth - variance**2) / spread**2).sum() - taken))
    statistic = float((deviation**2 / spread).sum())
    shape, scale = (mean / sd) ** 2, sd**2 / mean
    tails = gammaincc(shape, statistic / scale), gammainc(shape, statistic / scale)
    more = float((g[CENTRE] ** 2 / spread).sum()) * tolerance_mT**2
    critical = scale * gammainccinv(shape, level / 2)
    return LogResult(
        test="synapse counts",
        question="b",
        weight=0.75,
        statistic=statistic,
        statistic_meaning="sum of squared standardised deviations of passes per synapse",
        p_value=float(min(1.0, 2 * min(tails))),
        p_value_method="gamma distribution of the exact mean and variance, two-sided",
        effect_size=float(np.sqrt(statistic / mean)),
        effect_meaning="spread of passes per synapse over the spread expected",
        n=len(scores.reads),
        power=float(ndtr((mean + more - critical) / sd)),
        power_of=f"wires whose centres spread by {tolerance_mT:g} mT",
        details={"n_synapses": len(group.keys)},
    )


def _moments(scores: CurveScores) -> tuple[Floats, Floats]:
    """Return the second and fourth central moments of the passes of each synapse.

    The reads of a wire are independent given its centre, over which both are means.
    """
    group, mean = scores.reads.by_synapse, scores.p
    second, fourth = np.zeros((2, len(group.keys)))
    deviations_mT, weights = scores.nodes_of_wires()
    for deviation_mT, weight in zip(deviations_mT, weights, strict=True):
        p = np.asarray(scores.fitted.curve.probability(scores.reads.fields_mT - deviation_mT))
        v = p * (1 - p)
        away, k2, k3, k4 = (
            scores.sum(group, of) for of in (p - mean, v, v * (1 - 2 * p), v * (1 - 6 * v))
        )
        second += weight * (away**2 + k2)
        fourth += weight * (away**4 + 6 * away**2 * k2 + 4 * away * k3 + 3 * k2**2 + k4)
    return second, fourth
