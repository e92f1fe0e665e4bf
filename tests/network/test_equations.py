"""The equations of a layer: the Gaussian sampler's error and the gradient of the expected loss."""

import numpy as np
import pytest
import torch
from scipy.stats import norm, poisson_binom

from dwsynapse.io.errors import InputError
from fitting.field_grid import FieldGrid
from fitting.forms import FORMS, Logistic
from network.kinds import Kind
from network.synapses.equations import gaussian_error_bound
from network.synapses.layer import StochasticSynapses
from tests.network.small_images import make_device

CURVE = Logistic(0.0219, 4.63, 2.73)
N_IN, N_OUT = 30, 2


def make_layer(reads, curve=CURVE, **options):
    torch.manual_seed(0)
    fields_mT = 4.6 + torch.randn(1, N_OUT, N_IN, dtype=torch.float64)
    biases = torch.zeros(1, N_OUT, dtype=torch.float64)
    return StochasticSynapses(curve, [Kind("stochastic", reads)], fields_mT, biases, **options)


def alike_inputs(n_images):
    x = torch.rand(1, N_IN, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return x.expand(n_images, N_IN)


@pytest.mark.parametrize("reads", [1, 4])
def test_the_gaussian_is_as_near_as_its_bound_says(reads):
    layer, x = make_layer(reads), alike_inputs(1)
    f = layer.weights().detach()
    bounds = gaussian_error_bound(f, x[None], layer.inverse_reads)[0, 0]
    for i in range(N_OUT):
        p = np.repeat((f[0, i] * x[0]).numpy(), reads)
        passes = np.arange(len(p) + 1)
        exact = poisson_binom.cdf(passes, p)
        normal = norm(p.sum(), np.sqrt((p * (1 - p)).sum()))
        # The distribution function jumps at whole numbers: both sides of the jump count.
        error = max(
            np.abs(normal.cdf(passes) - exact).max(),
            np.abs(normal.cdf(passes[1:]) - exact[:-1]).max(),
        )
        assert 0.1 * bounds[i] < error < bounds[i]


@pytest.mark.parametrize("sampler", ["exact", "gaussian"])
def test_samples_have_the_moments_and_follow_image_and_stream_alone(sampler):
    layer, n = make_layer(8, sampler=sampler), 20_000
    stream = np.array([5], dtype=np.uint64)
    with torch.no_grad():
        y = layer(alike_inputs(n), stream)
        later = layer(alike_inputs(3), stream, first_image=n - 3)
        f, x = layer.weights(), alike_inputs(1)
    torch.testing.assert_close(y[:, -3:], later)
    mu, variance = (f * x).sum(-1), (f * x * (1 - f * x)).sum(-1) / 8
    # Five standard errors of mean and variance over 20 000 draws: false alarm 6e-7 each.
    assert ((y.mean(1) - mu).abs() < 5 * (variance / n).sqrt()).all()
    assert ((y.var(1) / variance - 1).abs() < 5 * np.sqrt(2 / n)).all()


@pytest.mark.parametrize("form", FORMS)
def test_stochastic_gradient_is_that_of_the_expected_loss_of_gaussian_outputs(form):
    curve = FORMS[form].typical().placed(4.63, 2.73).with_values({"floor": 0.0219})
    layer, n = make_layer(2, curve, sampler="gaussian"), 4000
    inputs, labels = alike_inputs(n), torch.zeros(n, dtype=torch.int64)
    stream = np.array([3], dtype=np.uint64)

    def loss():
        return torch.nn.functional.cross_entropy(layer(inputs, stream)[0], labels)

    loss().backward()
    # The same normal numbers on both sides (one stream), so that only the central difference's
    # error of order step^2 is left.
    step_mT, ways = 1e-4, []
    for sign in (1, -1):
        with torch.no_grad():
            layer.fields_mT[0, 1, 4] += sign * step_mT
            ways.append(loss().item())
            layer.fields_mT[0, 1, 4] -= sign * step_mT
    numeric = (ways[0] - ways[1]) / (2 * step_mT)
    assert layer.fields_mT.grad[0, 1, 4].item() == pytest.approx(numeric, rel=1e-5)


def test_networks_may_see_inputs_of_their_own():
    both = make_layer(4).fields_mT.detach().repeat(2, 1, 1)
    kinds = [Kind("stochastic", 4)] * 2
    layer = StochasticSynapses(CURVE, kinds, both, torch.zeros(2, N_OUT, dtype=torch.float64))
    x = torch.rand(2, 5, N_IN, dtype=torch.float64)
    streams = np.array([1, 2], dtype=np.uint64)
    with torch.no_grad():
        together = layer(x, streams)
        for n in range(2):
            alone = make_layer(4)(x[n], streams[n : n + 1])
            torch.testing.assert_close(alone[0], together[n])


def test_synapses_may_differ_from_device_to_device():
    h0_mT = 4.63 + 0.1 * torch.arange(N_OUT * N_IN, dtype=torch.float64).reshape(N_OUT, N_IN)
    layer = make_layer(4, CURVE.with_values({"h0_mT": h0_mT}))
    expected = torch.sigmoid(2.73 * (layer.fields_mT - h0_mT)) * (1 - 0.0219) + 0.0219
    torch.testing.assert_close(layer.weights(), expected)


def test_fields_act_at_the_nearest_the_instrument_can_set():
    layer = make_layer(4, grid=FieldGrid(42, 48, 0.1))
    nearest_mT = ((layer.fields_mT * 10).round() / 10).clamp(4.2, 4.8)
    torch.testing.assert_close(layer.weights(), CURVE.probability(nearest_mT))
    layer.weights().sum().backward()
    # Gradients pass as if fields were not rounded: also to those beyond the grid.
    torch.testing.assert_close(layer.fields_mT.grad, CURVE.slope_per_mT(nearest_mT).detach())


@pytest.mark.parametrize("nucleation_mT", [8.7, 10.7, 10.74])
def test_no_field_of_the_grid_reaches_nucleation(nucleation_mT):
    grid = make_device(nucleation_field_mT=nucleation_mT, field_range_mT=(0.3, 12.0)).field_grid(
        0.1
    )
    assert grid.low_mT == 0.3
    assert nucleation_mT - 0.1001 < grid.high_mT < nucleation_mT
    assert grid.nearest_mT(np.array([0.0, 4.449, 12.0])).tolist() == [0.3, 4.4, grid.high_mT]


def test_a_grid_without_a_field_is_refused():
    with pytest.raises(InputError, match=r"no multiple of 5 mT .*; choose a finer step"):
        make_device(field_range_mT=(0.1, 4.9)).field_grid(5)
