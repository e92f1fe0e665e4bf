"""Where walls were, given noisy readings of them."""

import numpy as np
from numpy.testing import assert_allclose

from hardware.crossbars.verification.places import SHARES, places_of


def test_walls_are_nearer_to_where_most_are_than_their_readings() -> None:
    """Of a normal distribution of walls the posterior is known: 0.1 against a noise of 0.03."""
    rng = np.random.default_rng(1)
    x = 0.5 + 0.1 * rng.standard_normal(100_000)
    way = np.arange(len(x)) % 2
    readings = x + 0.03 * rng.standard_normal(len(x))
    places, rest_sd = places_of(readings, way, np.full(len(x), 0.03))
    mean = places @ SHARES
    # The density is smoothed by 0.02: its variance is 0.0109 + 0.0004.
    inner = np.abs(readings - 0.5) < 0.2
    wanted = 0.5 + (readings - 0.5) * (1 - 0.03**2 / 0.0113)
    assert_allclose(mean[inner], wanted[inner], atol=2e-3)
    assert_allclose((mean - x)[inner].std(), 0.03 * np.sqrt(1 - 0.09 / 1.09), rtol=0.02)
    variance = ((places - mean[:, None]) ** 2) @ SHARES + rest_sd**2
    assert_allclose(variance[inner].mean(), 0.03**2 * (1 - 0.0009 / 0.0113), rtol=0.02)
    # Walls are on both sides of their readings as often.
    assert abs((mean - x).mean()) < 4 * 0.03 / np.sqrt(len(x))


def test_few_readings_are_taken_as_they_are() -> None:
    """One reading says nothing of where walls are."""
    places, rest_sd = places_of(np.array([0.3]), np.array([1]), np.array([0.01]))
    assert_allclose(places @ SHARES, 0.3, atol=5e-3)
    assert 0.003 < rest_sd[0] < 0.01
