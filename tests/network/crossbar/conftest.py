"""Responses and images that the tests of crossbars share."""

import numpy as np
import pytest

from fitting.response.response_table import ResponseTable
from network.images.grey_images import GreyImages


def linear_response(step: float = 0.05, spread: float = 0.0, n_levels: int = 0) -> ResponseTable:
    """Return a response whose steps are the same at every conductance, with a normal spread.

    Parameters
    ----------
    step, spread
        Mean and standard deviation of a step, as shares of the range (1e-5 S).
    """
    from scipy.special import ndtri

    probabilities = (np.arange(400) + 0.5) / 400
    steps = 1e-5 * (step + spread * ndtri(probabilities))[:, None]
    conductances = np.linspace(1e-5, 2e-5, 101)
    up = np.repeat(steps, 101, axis=1)
    return ResponseTable(conductances, probabilities, up, -up[::-1])


@pytest.fixture(scope="session")
def grey_images() -> GreyImages:
    """Return 600 + 300 synthetic images of 16 pixels in four classes."""
    rng = np.random.default_rng(3)
    patterns = rng.random((4, 16)) < 0.4

    def part(n: int) -> tuple[np.ndarray, np.ndarray]:
        labels = rng.integers(0, 4, n)
        grey = np.where(patterns[labels], 200, 0) + rng.integers(0, 56, (n, 16))
        grey[rng.random((n, 16)) < 0.3] = 0
        return grey.astype(np.uint8), labels

    return GreyImages(*part(600), *part(300))
