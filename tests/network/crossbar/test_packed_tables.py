"""Tests that the kernel's tables hold what the responses say."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from dwsynapse.io.errors import InputError
from fitting.response.device_spread import of_device
from network.crossbar.kernels.packed_tables import N_BINS, N_QUANTILES, PackedTables, pack
from tests.network.crossbar.conftest import linear_response


def unpacked(tables: PackedTables) -> tuple[np.ndarray, np.ndarray]:
    """Return means and deviations by table, direction, bin and quantile."""
    entries = tables.entries.reshape(-1, 2, N_BINS, N_QUANTILES)
    low = (entries & 0xFFFF).astype(np.uint16).view(np.int16)
    return (entries >> 16) * tables.mean_unit, low * tables.deviation_unit


def test_means_and_spreads_are_those_of_the_response() -> None:
    """Means to the 16 bits they are kept with; the spread lacks that within a quantile."""
    means, deviations = unpacked(pack([linear_response(0.05, 0.01)]))
    assert_allclose(means[0, 0], -0.05, rtol=1e-4)
    assert_allclose(means[0, 1], 0.05, rtol=1e-4)
    assert_allclose(deviations.mean(axis=-1), 0, atol=1e-6)
    assert_allclose(deviations.std(axis=-1), 0.01, rtol=0.01)


def test_uniform_noise_has_the_variance_of_the_table() -> None:
    """Uniform deviations are evenly spaced, and as wide as their variance asks."""
    _, deviations = unpacked(pack([linear_response(0.05, 0.01)], "uniform", 2.0))
    spread = deviations[0, 1, 5]
    assert_allclose(spread.std(), 0.02, rtol=0.01)
    assert_allclose(np.diff(spread), np.diff(spread)[0], rtol=0.01)


def test_devices_that_differ_by_their_junction_share_a_table() -> None:
    """The wall moves alike; only its conductances differ."""
    nominal = linear_response(0.05, 0.01)
    other = of_device(nominal, seed=1, device=0)
    tables = pack([nominal, other])
    assert tables.table.tolist() == [0, 0]
    ends = (other.conductances_S[[0, -1]] - nominal.conductances_S[0]) / nominal.range_S
    assert_allclose([tables.low[1], tables.low[1] + 1 + tables.stretch[1]], ends, rtol=1e-5)


def test_steps_are_means_over_the_used_range() -> None:
    """A step that is different at the ends alone does not change what the periphery counts with."""
    table = linear_response(0.04)
    table.dG_up_S[:, :5] = 1e-7
    assert_allclose(pack([table]).steps, 0.04, rtol=1e-4)


@pytest.mark.parametrize(("tables", "spread"), [(0, 1.0), (257, 1.0), (1, -1.0)])
def test_what_cannot_be_packed_is_refused(tables: int, spread: float) -> None:
    """Numbers of devices that do not fit a byte, and negative spreads."""
    with pytest.raises(InputError, match=r"give 1 to 255|a factor of 0 to 10"):
        pack([linear_response()] * tables, spread=spread)
