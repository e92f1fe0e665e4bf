"""Networks of several layers of stochastic synapses."""

import numpy as np
import pytest
import torch

from fitting.forms import Logistic
from network.kinds import Kind
from network.synapses.layer import StochasticSynapses
from network.synapses.layer_stack import Stack
from tests.network.small_images import CLASSES, make_images

CURVE = Logistic(0.0219, 4.63, 2.73)
HIDDEN = 8


SIXTEEN = Kind("stochastic", 16)


def make_stack(neuron, kinds=(SIXTEEN,), n_in=196):
    layers = [
        StochasticSynapses.start(
            CURVE, kinds, n, n_out, spread=0.3, rng=np.random.default_rng(n_out)
        )
        for n, n_out in [(n_in, HIDDEN), (HIDDEN, CLASSES)]
    ]
    return Stack(layers, neuron)


def streams(*numbers):
    return np.array(numbers, dtype=np.uint64)


@pytest.mark.parametrize("neuron", ["graded", "binary"])
def test_a_stack_learns_by_backpropagation(neuron):
    images, stack = make_images(), make_stack(neuron)
    x = torch.from_numpy(images.train_pixels[:200])
    labels = torch.from_numpy(images.train_labels[:200])
    stack.centred(x[:100], streams(0))
    before = stack.layers[0].fields_mT.detach().clone()
    adam = torch.optim.Adam(stack.parameters(), lr=0.05)
    for step in range(40):
        adam.zero_grad()
        torch.nn.functional.cross_entropy(stack(x, streams(step))[0], labels).backward()
        adam.step()
    assert (stack.layers[0].fields_mT - before).abs().max() > 0.1
    with torch.no_grad():
        outputs = stack(torch.from_numpy(images.test_pixels), streams(999))[0]
    right = (outputs.argmax(1).numpy() == images.test_labels).mean()
    # Deterministic for these seeds. Guessing gives 1/3; 120 images: five standard errors are 0.22.
    assert right > 0.7


def test_gradient_of_graded_neurons_is_that_of_finite_differences():
    kinds = [Kind("mean-field-limit")]
    stack, x = (
        make_stack("graded", kinds, n_in=6),
        torch.from_numpy(np.random.default_rng(4).random((5, 6))),
    )
    stack.centred(x, streams(0))
    labels = torch.tensor([0, 1, 2, 0, 1])

    def loss():
        return torch.nn.functional.cross_entropy(stack(x, streams(0))[0], labels)

    loss().backward()
    fields_mT, step_mT, ways = stack.layers[0].fields_mT, 1e-5, []
    for sign in (1, -1):
        with torch.no_grad():
            fields_mT[0, 2, 3] += sign * step_mT
            ways.append(loss().item())
            fields_mT[0, 2, 3] -= sign * step_mT
    # Central differences of a smooth function: error of order step^2.
    numeric = (ways[0] - ways[1]) / (2 * step_mT)
    assert fields_mT.grad[0, 2, 3].item() == pytest.approx(numeric, rel=1e-6, abs=1e-10)


def test_many_reads_come_near_the_mean_field_limit():
    limit = make_stack("graded", [Kind("mean-field-limit")], n_in=20)
    many = make_stack("graded", [Kind("stochastic", 500)], n_in=20)
    x = torch.rand(1, 20, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    with torch.no_grad():
        difference = many(x.expand(800, 20), streams(0)).mean(1) - limit(x, streams(0))[:, 0]
    # An output's sd is below 0.1 from the first layer's reads (sqrt(20 / 4 / 500) = 0.1 at most, a
    # fourth of it past a neuron, from 8 neurons) and 0.06 from the second's; over 800 images five
    # standard errors are 0.02 (false alarm 6e-7). The neurons' curvature adds less than 0.005.
    assert difference.abs().max() < 0.025


@pytest.mark.parametrize("neuron", ["graded", "binary"])
def test_a_network_is_the_same_alone_and_with_others(neuron):
    kinds = [Kind("stochastic", 2), Kind("stochastic", 8)]
    both, x = make_stack(neuron, kinds), torch.from_numpy(make_images().test_pixels[:7])
    alone = make_stack(neuron, kinds[1:])
    with torch.no_grad():
        for mine, shared in zip(alone.layers, both.layers, strict=True):
            mine.fields_mT.copy_(shared.fields_mT[1:])
        together = both(x, streams(3, 4))[1]
        torch.testing.assert_close(alone(x, streams(4))[0], together)
        torch.testing.assert_close(both(x[2:], streams(3, 4), first_image=2)[1], together[2:])


def test_layers_that_do_not_fit_are_refused():
    layers = list(make_stack("graded").layers)
    with pytest.raises(ValueError, match="layer 1 has 1 x 3 outputs, layer 2 has 1 x 196 inputs"):
        Stack(layers[::-1])
