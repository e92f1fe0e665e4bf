"""Distributions of sums of independent reads, each with its own passing probability."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dwsynapse.kernels import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Probabilities below this are dropped from the tails while convolving: over a thousand reads they
# add up to less than the rounding of a double.
NEGLIGIBLE = 1e-30
MAX_GUIDE = 32


@dataclass(frozen=True)
class PoissonBinomials:
    """Cumulative distributions of many sums, concatenated.

    Parameters
    ----------
    cdf
        P(sum <= k) for k = 0 ... n of the first sum, then of the second, and so on.
    starts
        Where each sum's values start in `cdf`, with the end of the last: shape (n_sums + 1,).
    """

    cdf: Floats
    starts: Integers

    @classmethod
    def of(cls, probabilities: Floats, sizes: Integers) -> "PoissonBinomials":
        """Convolve the reads of each sum.

        Parameters
        ----------
        probabilities
            Passing probabilities of the reads, sum by sum, shape (n_reads,).
        sizes
            Number of reads of each sum, shape (n_sums,).
        """
        reads = np.concatenate([[0], np.cumsum(sizes)])
        starts = reads + np.arange(len(reads))
        return cls(_cdfs(np.asarray(probabilities, dtype=float), reads, starts), starts)

    def draw(self, rng: np.random.Generator, draws: int) -> Integers:
        """Draw every sum so many times, shape (draws, n_sums)."""
        u = rng.random((draws, len(self.starts) - 1))
        return np.asarray(_invert(self.cdf, self.starts, u, min(draws, MAX_GUIDE)))

    def bounds(self, sums: Integers) -> tuple[Floats, Floats]:
        """Return P(sum < s) and P(sum <= s) of observed sums s, shape (n_sums,)."""
        places = self.starts[:-1] + sums
        return np.where(sums > 0, self.cdf[places - 1], 0.0), self.cdf[places]


@compiled()
def _cdfs(p, reads, starts):  # type: ignore[no-untyped-def]
    """Return all cumulative distributions, adding one read at a time."""
    cdf = np.zeros(starts[-1])
    for i in range(len(reads) - 1):
        pmf = cdf[starts[i] : starts[i + 1]]
        pmf[0] = 1.0
        low, high = 0, 0
        for q in p[reads[i] : reads[i + 1]]:
            high += 1
            for k in range(high, low, -1):
                pmf[k] = pmf[k] * (1.0 - q) + pmf[k - 1] * q
            pmf[low] *= 1.0 - q
            while high > low and pmf[high] < NEGLIGIBLE:
                pmf[high] = 0.0
                high -= 1
            while low < high and pmf[low] < NEGLIGIBLE:
                pmf[low] = 0.0
                low += 1
        total = 0.0
        for k in range(len(pmf)):
            total += pmf[k]
            pmf[k] = min(total, 1.0)
        pmf[high:] = 1.0
    return cdf


@compiled()
def _invert(cdf, starts, u, n_guide):  # type: ignore[no-untyped-def]
    """Return for each distribution and each u the least k with cdf[k] > u.

    A guide has the least k for each of n_guide equal steps of u, from which few steps are left.
    """
    sums = np.empty(u.shape, np.int64)
    guide = np.empty(n_guide, np.int64)
    for i in range(u.shape[1]):
        own = cdf[starts[i] : starts[i + 1]]
        k = 0
        for j in range(n_guide):
            while own[k] <= j / n_guide:
                k += 1
            guide[j] = k
        for draw in range(u.shape[0]):
            k = guide[int(u[draw, i] * n_guide)]
            while own[k] <= u[draw, i]:
                k += 1
            sums[draw, i] = k
    return sums
