"""Tests of pulses on pairs of devices: what they do to weights, on average and exactly."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.testing import assert_allclose

from dwsynapse.study.crossbar import Carry, Crossbar
from fitting.response.response_table import ResponseTable
from network.crossbar.kernels.packed_tables import PackedTables, pack
from network.crossbar.kernels.pair_updates import (
    LayerArrays,
    Scheme,
    carry_row,
    row_space,
    update_row,
)
from network.crossbar.starting_arrays import scheme_of, weights_of
from tests.network.crossbar.conftest import linear_response

N = 4000


@dataclass
class Row:
    """A row of equal weights, in the middle of their range."""

    layer: LayerArrays
    tables: PackedTables
    scheme: Scheme

    @classmethod
    def of(cls, table: ResponseTable, **settings: object) -> "Row":
        config = Crossbar.model_validate({"weight_limits": (0.8, 1.0), **settings})
        n_digits = 2 if config.carry else 1
        x = np.full((n_digits, 2, 1, N), 0.5, np.float32)
        zeros = np.zeros((1, N), np.float32)
        layer = LayerArrays(x, np.zeros(x.shape, np.uint8), zeros, zeros.copy(), np.float32(1))
        return cls(layer, pack([table]), scheme_of(config))

    def update(self, wanted: float, number: int = 0) -> np.ndarray:
        """Change all weights by a wanted change, and return them."""
        space = row_space(N)
        space.target[:] = wanted
        key = np.uint64(977 + 1_000_003 * number)
        update_row(self.layer, 0, key, self.scheme, self.tables, space)
        return self.layer.weights[0]


def test_a_change_without_noise_is_the_wanted_one() -> None:
    """Half of it by each device, in opposite directions."""
    row = Row.of(linear_response(0.05))
    assert_allclose(row.update(0.013), 0.013, rtol=1e-4)
    assert_allclose(row.layer.x[0, :, 0, 0], [0.5065, 0.4935], rtol=1e-5)
    assert_allclose(row.update(-0.02), -0.007, rtol=1e-3)


@pytest.mark.parametrize("pulses", [0.01, 1.0, 3.0])
def test_pulses_have_mean_and_variance_of_the_table(pulses: float) -> None:
    """A number s of them: mean s step, variance s spread^2; 4000 weights, 5 standard errors."""
    step, spread = 0.01, 0.002
    row = Row.of(linear_response(step, spread))
    weights = row.update(2 * pulses * step)
    sd = np.sqrt(2 * pulses) * spread
    assert abs(weights.mean() - 2 * pulses * step) < 5 * sd / np.sqrt(N)
    assert abs(weights.std() / sd - 1) < 5 / np.sqrt(2 * N) + 0.005
    plus, minus = row.layer.x[0, :, 0]
    assert abs(np.corrcoef(plus, minus)[0, 1]) < 5 / np.sqrt(N)


def test_whole_pulses_have_the_wanted_mean() -> None:
    """0.3 pulses are one in three of ten devices, and every change is of whole steps."""
    row = Row.of(linear_response(0.05), update="whole")
    weights = row.update(2 * 0.3 * 0.05)
    moved = (row.layer.x[0, 0, 0] - 0.5) / 0.05
    assert_allclose(moved, np.rint(moved), atol=1e-3)
    assert abs(weights.mean() / 0.03 - 1) < 5 * np.sqrt(0.7 / 0.3 / (2 * N))


def test_walls_rest_on_levels_and_lose_small_changes() -> None:
    """Half a level or less is lost where the nearest counts, and kept on average at random."""
    nearest = Row.of(linear_response(0.05), levels=11)
    assert_allclose(nearest.update(0.08), 0)
    assert_allclose(nearest.update(0.12), 0.2, rtol=1e-6)
    stochastic = Row.of(linear_response(0.05), levels=11, rounding="stochastic")
    weights = stochastic.update(0.08)
    assert set(np.rint(weights / 0.1)) == {0, 1, 2}
    assert abs(weights.mean() / 0.08 - 1) < 5 * np.sqrt(0.6 / 0.4 / (2 * N))


def test_walls_stay_in_their_range() -> None:
    """However large the change, x is 0 to 1."""
    row = Row.of(linear_response(0.05, 0.02))
    for number in range(5):
        row.update(0.7, number)
    assert_allclose(row.layer.x[0, 0], 1)
    assert_allclose(row.layer.x[0, 1], 0)


def test_the_register_gives_off_whole_pulses_and_loses_nothing() -> None:
    """Weight and register together are what was wanted, on average of the roundings at random."""
    step, bits = 0.1, 6
    row = Row.of(linear_response(0.05), register_bits=bits)
    for number in range(7):
        weights = row.update(0.031, number)
    assert set(np.rint(weights / step)) == {2}
    gathered = row.layer.register[0] + weights
    unit = step / 2 ** (bits - 1)
    assert_allclose(gathered / unit, np.rint(gathered / unit), atol=0.01)
    assert abs(gathered.mean() - 7 * 0.031) < 5 * unit * np.sqrt(7 / 4 / N)


def test_a_carry_moves_the_lower_digit_and_keeps_the_weight() -> None:
    """What is above the threshold goes to the higher digit; what is below stays."""
    row = Row.of(linear_response(0.05), carry=Carry(base=4))
    for wanted, digits in ((0.09, [0, 0.09]), (0.02, [0.11, 0])):
        weights = row.update(wanted)
        carry_row(row.layer, 0, np.float32(0.8), np.uint64(5), row.scheme, row.tables, row_space(N))
        x = row.layer.x[:, :, 0, 0]
        assert_allclose((x[:, 0] - x[:, 1]) / [1, 4], digits, atol=1e-4)
    assert_allclose(weights, 0.11, rtol=1e-3)


def test_weights_are_those_of_devices_that_differ() -> None:
    """What the kernel reads is what `weights_of` computes."""
    nominal = linear_response(0.05, 0.01)
    row = Row.of(nominal)
    from fitting.response.device_spread import of_device

    tables = pack([nominal, *(of_device(nominal, 4, device) for device in range(5))])
    row.tables = tables
    row.layer.device[:] = np.random.default_rng(1).integers(0, 6, row.layer.device.shape)
    weights = row.update(0.05)
    expected = weights_of(row.layer.x, row.layer.device, tables, 1.0, 1.0)
    assert_allclose(weights, expected[0], atol=1e-6)
    assert weights.std() > 0.05
