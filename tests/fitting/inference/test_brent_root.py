"""Roots are those of scipy, to the bit."""

import math

import numpy as np
import pytest
from scipy.optimize import brentq

from fitting.inference.brent_root import XTOL, brent_root


def curves(a, b, c):
    """Return functions with one root or three, smooth and steep."""
    return (
        lambda x: a * x**3 + b * x + c,
        lambda x: math.tanh(math.exp(3 * c) * (x - a)),
        lambda x: math.exp(a * x) - 1 - b,
        lambda x: (x - a) * (1 + abs(b) * x * x),
    )


@pytest.mark.parametrize("xtol", [XTOL, 1e-6, 1e-2])
def test_a_root_is_that_of_scipy(xtol):
    rng, compared = np.random.default_rng(3), 0
    while compared < 400:
        low, high = np.sort(rng.normal(scale=3, size=2))
        for f in curves(*rng.normal(size=3)):
            if f(low) * f(high) < 0:
                assert brent_root(f, low, high, xtol) == brentq(f, low, high, xtol=xtol)
                compared += 1


def test_an_end_may_be_the_root():
    assert brent_root(lambda x: x - 2, 2, 5) == 2
    assert brent_root(lambda x: x - 5, 2, 5) == 5


def test_no_root_is_an_error():
    with pytest.raises(ValueError, match="no change of sign between 1 and 2"):
        brent_root(lambda x: x * x, 1, 2)
    with pytest.raises(ValueError, match=r"is NaN at 0\.5"):
        brent_root(lambda x: math.nan if 0 < x < 1 else 2 * x - 1, 0, 1)
