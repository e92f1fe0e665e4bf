"""The paper's detector: peaks of the differentiated signal (Ellis et al. 2023, section 4.2).

One peak: the wall passed. Two peaks: it was pinned first. The step of the signal at each peak must
be at least 24 % of the total change.
"""

import numpy as np
from scipy.ndimage import maximum_filter1d
from scipy.special import ndtr

from hardware.kerr_loops.steps import MIN_SHARE, Floats, Integers, Steps

WINDOWS = (4, 6, 8, 12, 16, 24, 32, 48, 64)
"""Points before and after a step that its size is averaged over: more where there is more noise."""
MAX_SHARE_OF_POINTS = 0.07
CLEAR_SD = 4.0
"""Standard deviations of the noise in the least step that counts, for a window to be wide enough.
More would hide steps that are close together, fewer would leave more loops undecided."""
MAD_OF_NORMAL = 0.6744897501960817
"""Median absolute deviation of a normal distribution of standard deviation 1."""
LOOPS_AT_ONCE = 256
MAX_PEAKS = 3


def find_steps(signal: Floats, field_mT: Floats, points_apart: Integers) -> Steps:
    """Find the steps of loops.

    Parameters
    ----------
    signal, field_mT
        Shape (n_loops, n_points), equally spaced in time; the field is not looked at.
    points_apart
        Least distance of two steps in points, shape (n_loops,).
    """
    noise_sd = difference_sd(signal) / np.sqrt(2)
    windows = _windows(signal, noise_sd, points_apart)
    order, parts = [], []
    for window in np.unique(windows):
        chosen = np.flatnonzero(windows == window)
        for i in range(0, len(chosen), LOOPS_AT_ONCE):
            rows = chosen[i : i + LOOPS_AT_ONCE]
            order.append(rows)
            parts.append(_find_steps(signal[rows], noise_sd[rows], int(window)))
    return Steps.joined(parts).taken(np.argsort(np.concatenate(order)))


def changes(signal: Floats, window: int) -> Floats:
    """Return the mean over the points after each point less that over those before it.

    Parameters
    ----------
    signal
        Shape (n_loops, n_points).
    window
        Number of points of each mean.

    Returns
    -------
    ndarray
        Shape (n_loops, n_points - 2 * window + 1), from point `window` on: a derivative times
        `window`, and at a step its size.
    """
    sums = np.zeros((len(signal), signal.shape[1] + 1))
    np.cumsum(signal, axis=1, out=sums[:, 1:])
    means = (sums[:, window:] - sums[:, :-window]) / window
    return means[:, window:] - means[:, :-window]


def difference_sd(signal: Floats, lag: int = 1) -> Floats:
    """Return the standard deviation of differences, from their median: steps do not change it."""
    difference = signal[:, lag:] - signal[:, :-lag]
    centred = difference - np.median(difference, axis=1, keepdims=True)
    return np.median(np.abs(centred), axis=1) / MAD_OF_NORMAL


def _windows(signal: Floats, noise_sd: Floats, points_apart: Integers) -> Integers:
    """Return the least window of each loop in which a step stands out of the noise."""
    n = signal.shape[1]
    allowed = np.array([w for w in WINDOWS if w <= max(MAX_SHARE_OF_POINTS * n, WINDOWS[0])])
    widest = int(allowed[-1])
    total, _ = _total_and_drift(signal, changes(signal, widest), widest)
    needed = 2 * (CLEAR_SD * noise_sd / np.maximum(MIN_SHARE * np.abs(total), 1e-300)) ** 2
    needed = np.maximum(needed, points_apart)
    return allowed[np.minimum(np.searchsorted(allowed, needed), len(allowed) - 1)]


def _find_steps(signal: Floats, noise_sd: Floats, window: int) -> Steps:
    n = signal.shape[1]
    change = changes(signal, window)
    total, drift = _total_and_drift(signal, change, window)
    sign = np.where(total >= 0, 1.0, -1.0)
    size = np.abs(total)
    share = (change - drift[:, None]) * (sign / np.maximum(size, 1e-300))[:, None]
    is_peak = share == maximum_filter1d(share, 2 * window + 1, axis=1)
    peaks = np.where(is_peak, share, 0.0)
    at = np.argpartition(-peaks, MAX_PEAKS, axis=1)[:, :MAX_PEAKS]
    heights = np.take_along_axis(peaks, at, axis=1)
    counts = heights >= MIN_SHARE
    n_steps = counts.sum(axis=1)
    nearest = np.abs(heights - MIN_SHARE).min(axis=1)
    share_sd = noise_sd * np.sqrt(2 / window) / np.maximum(size, 1e-300)
    # In the order of the signal, those that do not count last.
    at = np.sort(np.where(counts, at + window, n), axis=1)
    at = np.where(at < n, at, -1)
    first = np.take_along_axis(share, np.maximum(at[:, :1] - window, 0), axis=1)[:, 0]
    return Steps(
        n_steps=n_steps,
        confidence=ndtr(nearest / np.maximum(share_sd, 1e-12)),
        first=at[:, 0],
        second=at[:, 1],
        first_share=np.where(n_steps > 0, first, np.nan),
        total_change=total,
        noise_sd=noise_sd,
    )


def _total_and_drift(signal: Floats, change: Floats, window: int) -> tuple[Floats, Floats]:
    """Return the total change without drift, and the drift over the distance of two windows.

    The drift is the mean change away from the two largest changes, of either sign.
    """
    point = np.arange(change.shape[1])
    deviation = np.abs(change - np.median(change, axis=1, keepdims=True))
    quiet = np.ones(change.shape, dtype=bool)
    for _ in range(2):
        largest = np.where(quiet, deviation, -1.0).argmax(axis=1)
        quiet &= np.abs(point - largest[:, None]) > window
    drift = (change * quiet).sum(axis=1) / np.maximum(quiet.sum(axis=1), 1)
    ends = signal[:, -window:].mean(axis=1) - signal[:, :window].mean(axis=1)
    return ends - drift / window * (signal.shape[1] - window), drift
