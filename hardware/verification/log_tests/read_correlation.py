"""Test of the log: whether reads of one synapse depend on each other."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from hardware.verification.curve_scores import CENTRE, CurveScores
from hardware.verification.log_tests.result import LogResult
from hardware.verification.reads import Groups, Reads

Floats = NDArray[np.float64]

CORRELATION = 0.1
"""Correlation for which the power is given."""
NODES = 60
MIN_LEFT = 1e-6


class Pairs(NamedTuple):
    """The correlation of pairs of reads: its estimate and its standard deviation if it is zero.

    With the number of pairs, and the sum of the products of their variances.
    """

    correlation: float
    sd: float
    n: int
    variance: float

    @property
    def z(self) -> float:
        """The correlation in standard deviations."""
        return self.correlation / self.sd if self.n else 0.0

    def content(self) -> dict[str, float | None]:
        """Return it for a file, null where there is no pair."""
        sd = self.sd if self.n else None
        return {"correlation": self.correlation, "sd": sd, "n": self.n}


def successive_reads(scores: CurveScores, wire_spread_mT: float = 0.0) -> Pairs:
    """Correlate each read of a synapse with the read of it before, in the order of reading.

    Parameters
    ----------
    scores
        The reads, at their fitted curve.
    wire_spread_mT
        Spread of the wires whose centres were fitted too; 0 if they were not.
    """
    order, key = scores.reads.by_synapse.order, scores.reads.synapse
    same = key[order][1:] == key[order][:-1]
    v = scores.variance[scores.reads.field[order]]

    def products(x: Floats) -> Floats:
        return (x[1:] * x[:-1])[same]

    found = products(scores.residual()[order])
    if wire_spread_mT:
        found = found + products(_taken_by_wires(scores, wire_spread_mT)[order])
    variances = products(v)
    return _pairs(found, variances, np.sqrt(variances), len(found))


def reads_at_an_image(reads: Reads) -> Groups:
    """Group the reads of each synapse at each image."""
    return Groups.of(reads.synapse + reads.image.astype(np.int64) * (int(reads.synapse.max()) + 1))


def reads_of_an_image(scores: CurveScores, wire_spread_mT: float = 0.0) -> Pairs:
    """Correlate all pairs of the reads of a synapse at one image.

    The sum of r r' over a group's pairs is half of (sum of r)^2 - sum of r^2, and so is that of v.
    The parameters are those of `successive_reads`.
    """
    group = reads_at_an_image(scores.reads)

    def pairs(x: Floats) -> Floats:
        return (group.sum(x) ** 2 - group.sum(x**2)) / 2

    v = scores.variance[scores.reads.field]
    n = int((group.sizes * (group.sizes - 1)).sum()) // 2
    found = pairs(scores.residual())
    if wire_spread_mT:
        found = found + pairs(_taken_by_wires(scores, wire_spread_mT))
    return _pairs(found, pairs(v), pairs(np.sqrt(v)), n)


def _taken_by_wires(scores: CurveScores, spread_mT: float) -> Floats:
    """Return t of each read: reads i and j of a wire whose centre was fitted covary by -t_i t_j.

    With the derivative g of the passing probability by the centre, t^2 is g^2 times the variance
    that the reads leave the centre, 1 / (1 / spread^2 + I).
    """
    group, slope = scores.reads.by_synapse, scores.gradient[CENTRE]
    information = scores.sum(group, (slope * scores.weight) ** 2 * scores.variance)
    left_mT = np.empty(len(scores.reads))
    left_mT[group.order] = np.repeat((spread_mT**-2 + information) ** -0.5, group.sizes)
    return np.asarray(slope[scores.reads.field] * left_mT)


def read_correlation(scores: CurveScores, wire_spread_mT: float, level: float) -> LogResult:
    """Test whether the reads of a synapse are independent of each other.

    Two sums of products of residuals, which are normal with mean zero for independent reads: over
    successive reads (a wall that remembers the read before), and over all pairs of reads at one
    image (a detector that keeps its answer). The p-value is the probability that either of the two,
    which have pairs in common, is as large.

    Parameters
    ----------
    scores
        The reads, at their fitted curve.
    wire_spread_mT
        Spread of the wires whose centres were fitted too; 0 if they do not differ.
    level
        Level at which the power is given.
    """
    both = (
        successive_reads(scores, wire_spread_mT),
        reads_of_an_image(scores, wire_spread_mT),
    )
    strongest = max(both, key=lambda pairs: abs(pairs.z))
    known = [pairs.sd for pairs in both if pairs.n]
    critical = -ndtri(level / 4)
    return LogResult(
        test="read correlation",
        question="b",
        statistic=strongest.z,
        statistic_meaning="correlation of successive reads of a synapse, or of all reads of it at "
        "an image, in standard deviations",
        p_value=either_as_large(abs(strongest.z), _in_common(scores, *both)),
        p_value_method="normal, the larger of two that are correlated",
        effect_size=strongest.correlation,
        effect_meaning="correlation of reads",
        n=sum(pairs.n for pairs in both),
        power=float(ndtr(CORRELATION / min(known) - critical)) if known else 0.0,
        power_of=f"a correlation of {CORRELATION:g}",
        details={
            "successive_reads": both[0].content(),
            "reads_of_an_image": both[1].content(),
        },
    )


def either_as_large(z: float, correlation: float) -> float:
    """Return the probability that either of two correlated normal variables is beyond +-z."""
    left = np.sqrt(max(1 - correlation**2, 0.0))
    if left < MIN_LEFT:
        return float(2 * ndtr(-z))
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    first = z * nodes
    beyond = ndtr((correlation * first - z) / left) + ndtr((-correlation * first - z) / left)
    density = np.exp(-(first**2) / 2) / np.sqrt(2 * np.pi)
    return float(min(2 * ndtr(-z) + z * weights @ (density * beyond), 1.0))


def _in_common(scores: CurveScores, successive: Pairs, of_image: Pairs) -> float:
    """Return the correlation of both sums: that of the pairs which are in both."""
    if not successive.n or not of_image.n:
        # One of the two is always zero.
        return 1.0
    reads = scores.reads
    order = reads.by_synapse.order
    key, image = reads.synapse[order], reads.image[order]
    both = (key[1:] == key[:-1]) & (image[1:] == image[:-1])
    v = scores.variance[reads.field[order]]
    shared = float((v[1:] * v[:-1])[both].sum())
    return shared / float(np.sqrt(successive.variance * of_image.variance))


def _pairs(products: Floats, variances: Floats, weights: Floats, n: int) -> Pairs:
    """Return the correlation of residuals from sums of r r', v v' and sqrt(v v')."""
    # The variance of r r' is v v' if the reads are independent, its mean sqrt(v v') times the
    # correlation if they are not.
    total, scale = float(variances.sum()), float(weights.sum())
    if n == 0 or total <= 0:
        return Pairs(0.0, float("inf"), 0, 0.0)
    return Pairs(float(products.sum()) / scale, float(np.sqrt(total)) / scale, n, total)
