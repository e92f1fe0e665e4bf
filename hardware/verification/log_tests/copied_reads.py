"""Test of the log: stretches of outcomes that occur twice."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hardware.verification.curve_scores import CurveScores
from hardware.verification.log_tests.result import LogResult

WINDOW = 64
# Windows of fewer changes than this are too common to be looked at.
MIN_OF_EACH = 4
MAX_PAIRS, MAX_EXTENDED = 100_000, 20


class Repeat(NamedTuple):
    """Two equal stretches of outcomes: their first reads, their length, and their score."""

    first: int
    second: int
    length: int
    score: float


def copied_reads(scores: CurveScores) -> LogResult:
    """Look for a stretch of the log whose outcomes are those of another stretch of it.

    Two reads i and j agree by chance with probability p_i p_j + q_i q_j. Along two stretches that
    do not overlap, the product of its inverses while they agree, and 0 after, is a nonnegative
    martingale that starts at 1: it reaches exp(score) with probability exp(-score) at most
    (Ville 1939), from each of the N (N - 1) / 2 pairs of reads where stretches may start.

    Parameters
    ----------
    scores
        The reads, at their fitted curve.
    """
    n = len(scores.reads)
    passed, p = scores.reads.passed, scores.p[scores.reads.field].astype(np.float32)
    found = _best(passed, p)
    log_p = np.log(max(n * (n - 1) / 2, 1)) - found.score
    per_read = float(-np.log(1 - 2 * scores.variance) @ scores.n / n)
    return LogResult(
        test="copied reads",
        question="b",
        weight=0.01,
        statistic=found.score,
        statistic_meaning="logarithm of how improbable the longest repeated stretch is",
        p_value=float(np.exp(min(log_p, 0.0))),
        p_value_method="Ville's inequality, over all pairs of reads",
        effect_size=float(found.length),
        effect_meaning="length of the repeated stretch (reads)",
        n=n,
        details={
            "first_read": found.first if found.length else None,
            "repeated_at": found.second if found.length else None,
            "shortest_found": int((np.log(n * max(n - 1, 1)) + 5) / max(per_read, 1e-9)) + 1,
        },
    )


def _best(passed: NDArray[np.uint8], p: NDArray[np.float32]) -> Repeat:
    """Return the repeated stretch of the highest score, among those longer than a window."""
    none = Repeat(0, 0, 0, 0.0)
    if len(passed) < 2 * WINDOW:
        return none
    windows = passed.astype(np.uint64)
    for half in (1, 2, 4, 8, 16, 32):
        windows = (windows[:-half] << np.uint64(half)) | windows[half:]
    ones = np.bitwise_count(windows)
    usable = np.flatnonzero((ones >= MIN_OF_EACH) & (ones <= WINDOW - MIN_OF_EACH))
    order = usable[np.argsort(windows[usable], kind="stable")]
    equal = np.flatnonzero(windows[order][1:] == windows[order][:-1])
    first, second = order[equal], order[equal + 1]
    apart = second - first >= WINDOW
    first, second = first[apart], second[apart]
    if not len(first):
        return none
    most = np.argsort(-np.minimum(ones[first], WINDOW - ones[first]), kind="stable")[:MAX_PAIRS]
    first, second = first[most], second[most]
    inside = np.arange(WINDOW)
    score = _surprise(p[first[:, None] + inside], p[second[:, None] + inside]).sum(axis=1)
    best = np.argsort(-score, kind="stable")[:MAX_EXTENDED]
    pairs = zip(first[best], second[best], strict=True)
    return max((_extended(passed, p, int(i), int(j)) for i, j in pairs), key=lambda r: r.score)


def _extended(passed: NDArray[np.uint8], p: NDArray[np.float32], i: int, j: int) -> Repeat:
    """Return the whole stretch of agreement around reads i < j, up to where it overlaps itself."""
    apart = j - i
    agree = passed[: len(passed) - apart] == passed[apart:]
    breaks = np.flatnonzero(~agree)
    place = np.searchsorted(breaks, i)
    start = int(breaks[place - 1]) + 1 if place else 0
    end = int(breaks[place]) if place < len(breaks) else len(agree)
    start = max(start, i + WINDOW - apart)
    end = min(end, start + apart)
    score = _surprise(p[start:end], p[start + apart : end + apart]).sum()
    return Repeat(start, start + apart, end - start, float(score))


def _surprise(p: NDArray[np.float32], q: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray(-np.log(p * q + (1.0 - p) * (1.0 - q)), dtype=float)
