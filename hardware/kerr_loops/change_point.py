"""The likelihood detector: no step, one or two in a signal with drift, by their evidence.

The signal of a loop is modelled as

    y(t) = a + b t + c H(t) + A (1 + d t) M(t) + noise,

with an offset, its drift, a background linear in the field (Faraday effect of the lenses), and the
Kerr signal, whose gain drifts; M jumps from 0 to 1 at one point, or at two, with a share between
`MIN_SHARE` and 1 - `MIN_SHARE` at the first. Everything is linear but the points and the share.
The confidence is the probability of the number of steps among none, one and two, all as likely
beforehand, with the step anywhere: the likelihood of the best fit, times the share of the places
and of the sizes that fit about as well. Two steps of which one is clearly smaller than `MIN_SHARE`
are reported as 3, neither one nor two.
"""

import numpy as np
from numpy.typing import NDArray

from hardware.kerr_loops.differentiated_signal import changes, difference_sd
from hardware.kerr_loops.step_fits import StepFits, best_pair, n_as_good, squares
from hardware.kerr_loops.steps import MIN_POINTS_APART, MIN_SHARE, Floats, Integers, Steps

GAIN_DRIFT_SD = 0.1
"""Standard deviation of the change of gain over a loop, as a share: what is known beforehand."""
MAX_CORRELATION = 0.95
LOOPS_AT_ONCE = 256
SIGNIFICANT_SD = 5.0
"""Of the noise, above which a further step is no chance."""
SIGNIFICANT_SHARE_SD = 3.0
"""Standard deviations by which the smaller of two steps must be below the least size to be small.
One in 700 of those at the bound is, so that spots off centre hardly lose loops."""
FURTHER_SHARE = 0.02
"""Share of the points before and after a further step that its size is averaged over."""
ROUNDING = 1e-16
"""Least share of the sum of squares that is left: signals without noise fit to rounding."""


def find_steps(signal: Floats, field_mT: Floats, points_apart: Integers) -> Steps:
    """Find the steps of loops.

    Parameters
    ----------
    signal, field_mT
        Shape (n_loops, n_points), equally spaced in time.
    points_apart
        Least distance of two steps in points, shape (n_loops,).
    """
    parts = [
        _find_steps(signal[i : i + LOOPS_AT_ONCE], field_mT[i : i + LOOPS_AT_ONCE], apart)
        for i in range(0, len(signal), LOOPS_AT_ONCE)
        for apart in [points_apart[i : i + LOOPS_AT_ONCE]]
    ]
    return Steps.joined(parts)


def _find_steps(signal: Floats, field_mT: Floats, points_apart: Integers) -> Steps:
    fits = StepFits(signal, field_mT)
    n, rows = fits.n, np.arange(len(signal))
    k, reduction_1 = fits.one_step(points_apart)
    i, j, share = best_pair(fits, k, points_apart)
    after = np.arange(n)
    one = (after >= k[:, None]).astype(float)
    two = share[:, None] * (after >= i[:, None]) + (1 - share)[:, None] * (after >= j[:, None])
    size_1, rest_1 = _fitted(fits, one)
    size_2, rest_2 = _fitted(fits, two)
    # A switch takes some points, which neither fit describes.
    clear = ~(_near(k, points_apart, n) | _near(i, points_apart, n) | _near(j, points_apart, n))
    rests = [np.where(clear, rest, 0.0) for rest in (fits.rest, rest_1, rest_2)]
    rss = np.stack([squares(rest) for rest in rests])
    rss = np.maximum(rss, ROUNDING * fits.rss)
    n_clear = clear.sum(axis=1)
    better = np.where((rss[2] < rss[1])[:, None], rests[2], rests[1])
    correlation = np.einsum("ij,ij->i", better[:, 1:], better[:, :-1]) / rss[1:].min(axis=0)
    correlation = np.clip(correlation, 0, MAX_CORRELATION)
    # Points whose noise is correlated count as fewer.
    correlated = (1 + correlation) / (1 - correlation)
    n_independent = n_clear / correlated
    variance = rss.min(axis=0) / n_independent
    places_1 = n_as_good(reduction_1, variance)
    places_2 = fits.places_as_good(i, j, points_apart, variance)
    free_share, share_sd = fits.free_share(i, j, size_2, variance)
    shares_2 = np.minimum(1.0, np.sqrt(2 * np.pi) * share_sd / (1 - 2 * MIN_SHARE))
    log_evidence = -n_independent / 2 * np.log(rss)
    log_evidence[1:] -= np.log(n_independent) / 2  # of the total change
    log_evidence[1] += np.log(places_1 / n)
    log_evidence[2] += np.log(2 * places_2 / n**2) + np.log(shares_2)
    weight = np.exp(log_evidence - log_evidence.max(axis=0))
    n_steps = log_evidence.argmax(axis=0)
    size = np.choose(n_steps, [size_1, size_1, size_2])
    noise_sd = np.sqrt(rss[n_steps, rows] / n_clear)
    rest = np.where((n_steps == 2)[:, None], rests[2], rests[1])
    further = _has_further_step(rest, np.abs(size))
    # A share that is clearly out of bounds was only moved to the nearest bound.
    small = (n_steps == 2) & (np.abs(free_share - share) > SIGNIFICANT_SHARE_SD * share_sd)
    return Steps(
        n_steps=np.where(small | (further & (n_steps > 0)), 3, n_steps),
        confidence=weight.max(axis=0) / weight.sum(axis=0),
        first=np.choose(n_steps, [np.full_like(k, -1), k, i]),
        second=np.where(n_steps == 2, j, -1),
        first_share=np.choose(n_steps, [np.full(len(k), np.nan), np.ones(len(k)), share]),
        total_change=np.where(n_steps == 0, 0.0, size),
        noise_sd=noise_sd,
    )


def _near(points: Integers, points_apart: Integers, n: int) -> NDArray[np.bool_]:
    """Return which points are so close after a step, or just before, that it may be incomplete."""
    distance = np.arange(n) - points[:, None]
    return (distance >= -1) & (distance < (points_apart // 2)[:, None])


def _fitted(fits: StepFits, magnetisation: Floats) -> tuple[Floats, Floats]:
    """Return the size of a fitted change of magnetisation, with drifting gain, and what is left."""
    shape = fits.without_drift(magnetisation)
    rest, size = _without(fits.rest, shape)
    time = np.linspace(-0.5, 0.5, fits.n)
    drift, _ = _without(fits.without_drift(magnetisation * time), shape)
    # The drift of the gain is small, by its prior.
    variance = squares(rest) / fits.n
    prior = variance / np.maximum((GAIN_DRIFT_SD * size) ** 2, 1e-300)
    along = np.einsum("ij,ij->i", rest, drift) / (squares(drift) + prior)
    return size, rest - along[:, None] * drift


def _without(rest: Floats, shape: Floats) -> tuple[Floats, Floats]:
    size = np.einsum("ij,ij->i", rest, shape) / np.maximum(squares(shape), 1e-300)
    return rest - size[:, None] * shape, size


def _has_further_step(rest: Floats, size: Floats) -> NDArray[np.bool_]:
    """Return whether what a fit leaves still has a step of the least share.

    What is left has more than noise in it then: the noise is taken from its differences over one
    point and over two, of which the latter are larger if it is correlated.
    """
    window = max(MIN_POINTS_APART, round(FURTHER_SHARE * rest.shape[1]))
    largest = np.abs(changes(rest, window)).max(axis=1)
    of_one, of_two = difference_sd(rest), difference_sd(rest, lag=2)
    growth = (of_two / np.maximum(of_one, 1e-300)) ** 2
    correlation = np.clip(growth - 1, 0, MAX_CORRELATION)
    mean_sd = of_one / (1 - correlation) * np.sqrt((1 + correlation) / (2 * window))
    return (largest > MIN_SHARE * size) & (largest > SIGNIFICANT_SD * np.sqrt(2) * mean_sd)
