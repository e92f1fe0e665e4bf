"""The lane transforms against numpy's, at every mixture of the factors they know."""

import numpy as np
import pytest

from micromag.engine.lanes import aligned_zeros
from micromag.engine.terms.demag.lane_fft import (
    forward_padded,
    inverse_cut,
    padded_length,
    twiddles,
)


@pytest.mark.parametrize("rows", [2, 3, 5, 8, 9, 15, 16, 25, 40, 64, 80, 125])
def test_padded_transform_and_its_inverse_agree_with_numpy(rows):
    n, rng = padded_length(rows), np.random.default_rng(rows)
    assert 2 * rows - 1 <= n <= 2.5 * rows
    data = [aligned_zeros((rows, 3), np.float64) for _ in range(4)]
    buffers = [aligned_zeros((n, 3), np.float64) for _ in range(4)]
    for part in data[:2]:
        part[:] = rng.normal(size=part.shape)
    re, im, *free = forward_padded(*data[:2], *buffers, twiddles(n, np.float64))
    expected = np.fft.fft(data[0] + 1j * data[1], n=n, axis=0)
    np.testing.assert_allclose(re + 1j * im, expected, atol=1e-12)
    inverse_cut(re, im, *free, *data[2:], twiddles(n, np.float64))
    np.testing.assert_allclose(np.array(data[2:]) / n, data[:2], atol=1e-13)
