"""Test of the log: the scatter of the synapses' passes about the curve."""

import numpy as np
from scipy.special import gammainc, gammaincc, gammainccinv, ndtr

from hardware.verification.curve_scores import CENTRE, CurveScores
from hardware.verification.log_tests.result import LogResult

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
    variance, fourth = scores.sum(group, v), scores.sum(group, v * (1 - 6 * v))
    # Reads of one wire vary together where wires differ.
    variance = variance + scores.sum(group, scores.wire_variance) * (group.sizes - 1)
    spread = variance + ROUNDING_VARIANCE
    g = np.array([scores.sum(group, slope) for slope in scores.gradient])
    expected = variance - np.einsum("is,ij,js->s", g, scores.covariance, g)
    mean = float((expected / spread).sum())
    third = scores.gradient * scores.weight * v * (1 - 2 * p)
    by_curve = np.array([(scores.sum(group, of) / spread).sum() for of in third])
    taken = float(by_curve @ scores.covariance @ by_curve)
    sd = float(np.sqrt(((fourth + 2 * variance**2) / spread**2).sum() - taken))
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
