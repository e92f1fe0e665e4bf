"""How well a log is explained by reads that keep the outcome of a read before."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from hardware.verification.curve_scores import CurveScores
from hardware.verification.log_tests.read_correlation import reads_at_an_image
from hardware.verification.reads import Groups

TINY = 1e-12
LARGEST = 1 - 1e-6
"""Largest share of reads that keep an outcome."""


def kept_outcomes(scores: CurveScores) -> float:
    """Return the gain of log-likelihood if a share of reads keeps an outcome.

    Of the read of the synapse before, or of its first read at an image. A kept outcome is the same
    as that one; another has the passing probability of its field. Unlike a correlation, which all
    reads of a synapse have that pass with another probability, this must explain each outcome.

    Parameters
    ----------
    scores
        The reads, at their fitted curve.
    """
    reads = scores.reads
    before = reads.by_synapse
    first = reads_at_an_image(reads)
    return max(
        _gain(scores, before, np.maximum(np.arange(len(reads)) - 1, 0)),
        _gain(scores, first, np.repeat(first.starts, first.sizes)),
    )


def _gain(scores: CurveScores, group: Groups, kept: NDArray[np.integer]) -> float:
    """Return the gain if reads keep the outcome at the places `kept`, in the order of groups."""
    reads = scores.reads
    passed, field = reads.passed[group.order], reads.field[group.order]
    later = np.ones(len(reads), dtype=bool)
    later[group.starts] = False
    same = (passed == passed[kept])[later]
    # Of a field and an outcome all reads have the same likelihood.
    cell = 2 * field[later].astype(np.int64) + passed[later]
    agree = np.bincount(cell[same], minlength=2 * len(scores.p))
    p = np.clip(scores.p, TINY, 1 - TINY)
    surprise = 1 / np.stack([1 - p, p], axis=1).ravel()
    used = agree > 0
    number, more, differ = agree[used], surprise[used] - 1, int((~same).sum())

    def slope(share: float) -> float:
        """Return the derivative of the log-likelihood, which falls all the way."""
        return float(number @ (more / (1 + share * more))) - differ / (1 - share)

    if slope(0.0) <= 0:
        return 0.0
    share = brentq(slope, 0.0, LARGEST) if slope(LARGEST) < 0 else LARGEST
    return float(number @ np.log1p(share * more) + differ * np.log1p(-share))
