"""Faults that show in the passes of single synapses, and how well each explains them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, xlog1py, xlogy

from hardware.verification.curve_scores import CENTRE, CurveScores, Departure

Floats = NDArray[np.float64]

MAX_SWAPPED = 60
"""Synapses, those that fit the curve worst, among which swapped ones are looked for."""
# The likelihood of a synapse at fields of the others is averaged over this many of them.
FIELDS = 100
TINY = 1e-12
SHARES = np.append(np.arange(1, 20) / 20, 1 - 1e-6)
"""Shares of synapses with another field that are tried."""


@dataclass(frozen=True)
class SynapseFaults:
    """The passes of every synapse, and how much better faults of single ones explain them.

    Gains are of log-likelihood, after paying for the choice of the synapses.

    Parameters
    ----------
    scores
        The reads, at their fitted curve.
    """

    scores: CurveScores

    @cached_property
    def sums(self) -> tuple[Floats, Floats, Floats]:
        """Passes, reads and mean passing probability of every synapse."""
        group = self.scores.reads.by_synapse
        passes = group.sum(self.scores.reads.passed)
        expected = self.scores.sum(group, self.scores.p)
        n = group.sizes.astype(float)
        return passes, n, np.clip(expected / n, TINY, 1 - TINY)

    @cached_property
    def fit(self) -> Floats:
        """Log-likelihood of every synapse at its own passing probability."""
        passes, n, p = self.sums
        return _log_likelihood(passes, n, p)

    @cached_property
    def of_device(self) -> Floats:
        """Passing probability of every synapse before the log, at its mean field."""
        fitted = self.scores.fitted
        device = fitted.coordinates.curve(fitted.before)
        return np.clip(device.probability(self.fields_mT), TINY, 1 - TINY)

    @cached_property
    def fields_mT(self) -> Floats:
        """Mean field of every synapse."""
        reads = self.scores.reads
        return self.scores.sum(reads.by_synapse, reads.fields_mT) / self.sums[1]

    def stuck(self) -> tuple[float, int]:
        """Return the gain if some synapses always pass or never do, and how many.

        Any as many of all synapses could be, each stuck either way.
        """
        passes, n, _ = self.sums
        certain = (passes == 0) | (passes == n)
        gains = np.sort(-self.fit[certain])[::-1]
        number = np.arange(len(gains))
        return _most_likely(gains - np.log(2 * (len(n) - number) / (number + 1)))

    def swapped(self) -> tuple[float, int]:
        """Return the gain if pairs of synapses have each other's field, and how many pairs.

        Any as many pairs of all synapses could be.
        """
        passes, n, p = self.sums
        deviation = (passes - n * p) ** 2 / (n * p * (1 - p) + 1 / 12)
        some = np.argsort(-deviation, kind="stable")[:MAX_SWAPPED]
        at_others = _log_likelihood(passes[some, None], n[some, None], p[some])
        own = np.diag(at_others)
        gain = at_others + at_others.T - own - own[:, None]
        gains: list[float] = []
        while len(gains) < len(some) // 2 and (best := float(gain.max())) > 0:
            i, j = np.unravel_index(int(gain.argmax()), gain.shape)
            left, pairs = len(n) - 2 * len(gains), len(gains) + 1
            gains.append(best - np.log(left * (left - 1) / 2 / pairs))
            gain[[i, j]] = gain[:, [i, j]] = -np.inf
        return _most_likely(np.array(gains))

    def another_program(self) -> tuple[float, float]:
        """Return the gain if some synapses have any of the fields, and which share of them.

        The device is as it was.
        """
        passes, n, _ = self.sums
        others = np.quantile(self.of_device, (np.arange(FIELDS) + 0.5) / FIELDS)
        at_others = _log_likelihood(passes[:, None], n[:, None], others)
        at_any = logsumexp(at_others, axis=1) - np.log(FIELDS)
        at_own = _log_likelihood(passes, n, self.of_device)
        gains = [
            float((np.logaddexp(np.log1p(-share), at_any - at_own + np.log(share))).sum())
            for share in SHARES
        ]
        best = int(np.argmax(gains))
        return gains[best] + self._gain_of_device(at_own), float(SHARES[best])

    def reversed_outcomes(self) -> float:
        """Return the gain if the device is as it was, and passed means pinned."""
        passes, n, _ = self.sums
        return self._gain_of_device(_log_likelihood(n - passes, n, self.of_device))

    def _gain_of_device(self, log_likelihood: Floats) -> float:
        """Return the gain of the curve as it was before, which was the most probable one."""
        fitted = self.scores.fitted
        return float((log_likelihood - self.fit).sum()) + fitted.fall(0 * fitted.point)

    def centre_variance(self) -> Departure:
        """Return the variance of the synapses' centres (mT^2) beyond that declared, by its score.

        With s the sum of g r / v over a synapse's reads and i that of g^2 / v, the expectation of
        s^2 - i is i^2 times the variance, for a variance that is small against 1 / i.
        """
        scores = self.scores
        slope, v = scores.gradient[CENTRE] * scores.weight, scores.variance
        group = scores.reads.by_synapse
        score = group.sum(slope[scores.reads.field] * scores.residual())
        information = scores.sum(group, slope**2 * v)
        fourth = scores.sum(group, slope**4 * v * (1 - 6 * v))
        squared = float((information**2).sum())
        if squared <= 0:
            return Departure(0.0, float("inf"))
        declared = scores.wire_spread_mT**2
        varied = information + declared * information**2
        sd = np.sqrt((fourth + 2 * varied**2).sum()) / squared
        return Departure(float((score**2 - varied).sum()) / squared, float(sd))

    def spread(self) -> tuple[float, float]:
        """Return the gain if the centres of the wires differ, and their standard deviation (mT).

        By the score while the spread is small, and by the marginal likelihood of the passes of
        each synapse otherwise.
        """
        found = self.centre_variance()
        if found.z <= 0:
            return 0.0, 0.0
        guess_mT = float(np.sqrt(found.size))
        tried_mT = guess_mT * np.geomspace(0.5, 4, 13)
        gains = [self._marginal(sd_mT) for sd_mT in tried_mT]
        best = int(np.argmax(gains))
        return max(gains[best], 0.0), float(tried_mT[best])

    def _marginal(self, sd_mT: float) -> float:
        """Return the gain of centres with this spread, by Gauss-Hermite quadrature."""
        passes, n, _ = self.sums
        field_mT = self.fields_mT
        nodes, weights = np.polynomial.hermite_e.hermegauss(15)
        curve = self.scores.fitted.curve
        p = np.clip(curve.probability(field_mT[:, None] - sd_mT * nodes), TINY, 1 - TINY)
        terms = _log_likelihood(passes[:, None], n[:, None], p) + np.log(weights / weights.sum())
        own = _log_likelihood(passes, n, np.clip(curve.probability(field_mT), TINY, 1 - TINY))
        return float((logsumexp(terms, axis=1) - own).sum())


def _log_likelihood(passes: Floats, n: Floats, p: Floats) -> Floats:
    return np.asarray(xlogy(passes, p) + xlog1py(n - passes, -p))


def _most_likely(gains: Floats) -> tuple[float, int]:
    """Return the largest sum of the first gains, and how many these are; 0 if none is positive."""
    sums = np.append(0.0, np.cumsum(gains))
    return float(sums.max()), int(sums.argmax())
