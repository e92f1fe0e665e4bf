"""The layer's gradient against the closed form, finite differences and the compiled rule."""

import numpy as np
import pytest
import torch

from fitting.forms import Logistic
from network.images.active_inputs import active_inputs
from network.kinds import Kind
from network.synapses.layer import StochasticSynapses
from network.training.gradient_steps import adam_step, gradients

CURVE = Logistic(0.0219, 4.63, 2.73)
KINDS = [
    Kind("stochastic", 1),
    Kind("stochastic", 8),
    Kind("mean-field", 1),
    Kind("mean-field", 8),
    Kind("mean-field-limit"),
    Kind("perceptron"),
]
N_IN, N_OUT, N_IMAGES = 12, 3, 5
STREAMS = np.arange(len(KINDS), dtype=np.uint64)


def make_layer(kinds=KINDS, curve=CURVE):
    torch.manual_seed(0)
    fields_mT = 4.6 + torch.randn(len(kinds), N_OUT, N_IN, dtype=torch.float64)
    return StochasticSynapses(
        curve, kinds, fields_mT, torch.randn(len(kinds), N_OUT, dtype=torch.float64)
    )


def binary_inputs(n_images=N_IMAGES):
    return torch.from_numpy(np.random.default_rng(1).integers(0, 2, (n_images, N_IN), np.uint8))


def realised(layer, inputs):
    """Return mu, sigma and xi of the layer's outputs, shape (n_networks, n_images, n_out)."""
    with torch.no_grad():
        f, x = layer.weights()[:, None], inputs.double()[:, None, :]
        fx = f * x
        mu = fx.sum(-1)
        sigma = ((fx * (1 - fx)).sum(-1) * layer.inverse_reads).sqrt()
        residual = layer(inputs, STREAMS) - layer.biases[:, None] - mu
    return mu, sigma, torch.where(sigma > 0, residual / sigma, 0.0)


@pytest.mark.parametrize("binary", [True, False])
def test_gradient_is_the_closed_form(binary):
    layer = make_layer()
    inputs = binary_inputs() if binary else torch.rand(N_IMAGES, N_IN, dtype=torch.float64)
    _, sigma, xi = realised(layer, inputs)
    error = torch.randn(len(KINDS), N_IMAGES, N_OUT, dtype=torch.float64)  # stands for dE/dy
    (layer(inputs, STREAMS) * error).sum().backward()
    for n, kind in enumerate(KINDS[:-1]):
        h = layer.fields_mT.detach()[n]
        f, slope, x = CURVE.probability(h), CURVE.slope_per_mT(h), inputs.double()[:, None, :]
        factor = torch.ones(N_IMAGES, N_OUT, N_IN, dtype=torch.float64)
        if kind.rule == "stochastic":
            factor += (1 - 2 * f * x) * (xi[n] / (2 * kind.reads * sigma[n]))[:, :, None]
        expected = (error[n][:, :, None] * slope * x * factor).sum(0)
        torch.testing.assert_close(layer.fields_mT.grad[n], expected)
    perceptron = torch.einsum("bi,bj->ij", error[-1], inputs.double())
    torch.testing.assert_close(layer.fields_mT.grad[-1], perceptron)
    torch.testing.assert_close(layer.biases.grad, error.sum(1))


def test_stochastic_gradient_is_that_of_eq_6_by_finite_differences():
    layer, inputs = make_layer(), binary_inputs()
    _, _, xi = realised(layer, inputs)
    layer(inputs, STREAMS).sum().backward()
    h, step_mT, x = layer.fields_mT.detach()[1], 1e-5, inputs.double()

    def output(fields_mT):
        f = CURVE.probability(fields_mT)
        mu, variance = x @ f.T, x @ (f * (1 - f)).T / 8
        return float((mu + variance.sqrt() * xi[1]).sum())

    for i, j in [(0, 0), (1, 5), (2, 11)]:
        up, down = h.clone(), h.clone()
        up[i, j] += step_mT
        down[i, j] -= step_mT
        numeric = (output(up) - output(down)) / (2 * step_mT)
        # Central differences of a smooth function: error of order step^2, far below 1e-6.
        assert layer.fields_mT.grad[1, i, j].item() == pytest.approx(numeric, rel=1e-6, abs=1e-8)


def test_eq_13_without_1_over_k_would_not_be_this_derivative():
    layer, inputs = make_layer(), binary_inputs()
    _, sigma, xi = realised(layer, inputs)
    layer(inputs, STREAMS).sum().backward()
    h, x = layer.fields_mT.detach()[1], inputs.double()[:, None, :]
    f, slope = CURVE.probability(h), CURVE.slope_per_mT(h)
    as_printed = slope * x * (1 + (1 - 2 * f * x) * (xi[1] / (2 * sigma[1]))[:, :, None])
    assert (layer.fields_mT.grad[1] - as_printed.sum(0)).abs().max() > 0.01


def test_limits_have_no_noise_and_many_reads_come_near_them():
    kinds = [Kind("mean-field-limit"), Kind("stochastic", 4000)]
    layer, inputs = make_layer(kinds), binary_inputs()
    with torch.no_grad():
        layer.fields_mT[1], layer.biases[1] = layer.fields_mT[0], layer.biases[0]
        outputs = layer(inputs, STREAMS[:2])
        means = inputs.double() @ layer.weights()[0].T + layer.biases[0]
    torch.testing.assert_close(outputs[0], means)
    # sigma is at most sqrt(12 / 4 / 4000) = 0.027; five of them: false alarm 6e-7 per output.
    assert (outputs[1] - outputs[0]).abs().max() < 5 * np.sqrt(N_IN / 4 / 4000)


@pytest.mark.parametrize("inputs", [torch.zeros(2, N_IN, dtype=torch.uint8), binary_inputs(2)])
def test_no_variance_gives_the_mean_and_finite_gradients(inputs):
    layer = make_layer(KINDS[:2], curve=Logistic(0.0, 4.63, 1e4))  # every f is 0 or 1
    outputs = layer(inputs, STREAMS[:2])
    outputs.sum().backward()
    means = inputs.double() @ layer.weights().transpose(1, 2) + layer.biases[:, None]
    assert torch.equal(outputs, means)
    assert torch.isfinite(layer.fields_mT.grad).all()


def test_inputs_as_probabilities_are_sampled_with_the_right_moments():
    layer = make_layer([Kind("stochastic", 8)])
    inputs = torch.rand(1, N_IN, dtype=torch.float64).expand(20_000, N_IN)
    _, _, xi = realised(layer, inputs)
    # Five standard errors of mean and of variance over 20 000 draws: false alarm 6e-7 each.
    assert xi.mean(1).abs().max() < 5 / np.sqrt(20_000)
    assert (xi.var(1) - 1).abs().max() < 5 * np.sqrt(2 / 20_000)


def test_compiled_rule_is_the_gradient_of_the_layer():
    layer, inputs = make_layer(), binary_inputs(40)
    labels = torch.from_numpy(np.random.default_rng(2).integers(0, N_OUT, 40))
    outputs = layer(inputs, STREAMS)
    losses = [torch.nn.functional.cross_entropy(o, labels) for o in outputs]
    torch.stack(losses).sum().backward()

    h = layer.fields_mT.detach().numpy().transpose(0, 2, 1)
    f = layer.weights().detach().numpy().transpose(0, 2, 1)
    slope = CURVE.slope_per_mT(h)
    slope[-1] = 1.0
    biases = layer.biases.detach().numpy()
    y = outputs.detach().numpy() - biases[:, None]
    sampled = np.array([kind.reads is not None for kind in KINDS])
    stochastic = np.array([kind.rule == "stochastic" for kind in KINDS])
    by_field, by_bias = np.empty_like(f), np.empty_like(biases)
    active = active_inputs(inputs.numpy())
    gradients(f, slope, biases, *active, labels.numpy(), y, sampled, stochastic, by_field, by_bias)
    np.testing.assert_allclose(
        by_field.transpose(0, 2, 1), layer.fields_mT.grad.numpy(), rtol=1e-9, atol=1e-13
    )
    np.testing.assert_allclose(by_bias, layer.biases.grad.numpy(), rtol=1e-9, atol=1e-13)


def test_adam_is_torchs():
    rng = np.random.default_rng(0)
    start, rates = rng.normal(size=(2, 7)), np.array([0.01, 0.001])
    theirs = [torch.nn.Parameter(torch.from_numpy(row.copy())) for row in start]
    adam = torch.optim.Adam(
        [{"params": [p], "lr": lr} for p, lr in zip(theirs, rates, strict=True)]
    )
    ours, first, second = start.copy(), np.zeros_like(start), np.zeros_like(start)
    for step in range(1, 30):
        gradient = rng.normal(size=start.shape)
        for p, g in zip(theirs, gradient, strict=True):
            p.grad = torch.from_numpy(g)
        adam.step()
        adam_step(ours, gradient, first, second, rates, step)
    np.testing.assert_allclose(ours, [p.detach().numpy() for p in theirs], rtol=1e-12)


@pytest.mark.parametrize(
    ("floor", "lapse", "low", "high"),
    [(0.0219, 0.0, 0.1, 0.9), (0.2, 0.0, 0.24, 0.9), (0.099, 0.151, 0.1365, 0.8115)],
)
def test_layers_start_where_the_device_passes_and_is_not_flat(floor, lapse, low, high):
    curve = Logistic(floor, 4.63, 2.73, lapse=lapse)
    start = StochasticSynapses.start(curve, KINDS[:1], 100, 100, spread=0.4)
    f = curve.probability(start.fields_mT.detach())
    # Of 10,000 even draws the extremes are within 0.2 % of the range, but for one in 1e8.
    assert low <= f.min() < low + 0.002 * (high - low) + 1e-9
    assert high - 0.002 * (high - low) - 1e-9 < f.max() <= high
    with pytest.raises(ValueError, match="does not cross 1/2"):
        StochasticSynapses.start(Logistic(0.5, 4.63, 2.73), KINDS[:1], 2, 2)
