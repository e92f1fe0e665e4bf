"""Where walls were before a pulse, given noisy readings of them."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

NODES, SHARES = np.sqrt(1.5) * np.array([-1.0, 0.0, 1.0]), np.array([1.0, 4.0, 1.0]) / 6
"""Of Gauss and Hermite for half of the variance, in standard deviations; the rest is about each."""
CELLS_PER_SD = 4
LARGEST_SHIFT_SD = 2.0
LEAST_VARIANCE, LARGEST_VARIANCE = 0.25, 1.5


def places_of(readings: Floats, way: Integers, noise_sd: Floats) -> tuple[Floats, Floats]:
    """Return where walls may have been, as three normal distributions.

    A reading b is more often of a wall on the side where there are more walls: given the density m
    of readings the wall was at b + sd^2 (ln m)' on average, with the variance sd^2 (1 + sd^2
    (ln m)''), by Tweedie's formula (B. Efron, J. Am. Stat. Assoc. 106, 1602, 2011).

    Parameters
    ----------
    readings
        As shares of the range, shape (n,).
    way
        0 before pulses down, 1 before pulses up, which are given at other places; shape (n,).
    noise_sd
        Of each reading, above 0, shape (n,).

    Returns
    -------
    places, sd : ndarray
        Centres, shape (n, 3), with the shares `SHARES`, and the standard deviation about each,
        shape (n,).
    """
    mean, sd = readings.copy(), noise_sd.copy()
    for one in np.unique(way):
        of = way == one
        slope, bend = _log_density(readings[of], float(noise_sd[of].min()))
        furthest = LARGEST_SHIFT_SD * noise_sd[of]
        mean[of] += np.clip(noise_sd[of] ** 2 * slope, -furthest, furthest)
        variance = np.clip(1 + noise_sd[of] ** 2 * bend, LEAST_VARIANCE, LARGEST_VARIANCE)
        sd[of] *= np.sqrt(variance)
    return mean[:, None] + sd[:, None] * NODES, np.sqrt(0.5) * sd


def _log_density(readings: Floats, noise_sd: float) -> tuple[Floats, Floats]:
    """Return first and second derivative of the logarithm of their density, at the readings."""
    # Less than the best for the derivative of a normal density, as walls gather in several places,
    # but no finer than the noise.
    width = max(0.6 * float(readings.std()) * len(readings) ** (-1 / 7), noise_sd)
    cell = width / CELLS_PER_SD
    first = readings.min() - 5 * width
    n_cells = int((readings.max() + 5 * width - first) / cell) + 2
    counts = np.bincount(((readings - first) / cell).astype(np.int64), minlength=n_cells)
    density = gaussian_filter1d(counts.astype(float), CELLS_PER_SD, mode="constant")
    logarithm = np.log(np.maximum(density, np.finfo(float).tiny))
    slope = np.gradient(logarithm, cell)
    centres = first + cell * (np.arange(n_cells) + 0.5)
    return (
        np.interp(readings, centres, slope),
        np.interp(readings, centres, np.gradient(slope, cell)),
    )
