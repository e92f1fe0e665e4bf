"""Networks with a hidden layer of stochastic synapses, trained and tested."""

from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray

from dwsynapse.learning_rules import ON_DEVICE
from dwsynapse.study.network import Network
from fitting.device import DeviceModel
from network.images.prepared_images import Images
from network.kinds import Kind, PRECISION_mT, usable_fields_mT
from network.reads.random_streams import generator, stream
from network.synapses.layer import StochasticSynapses
from network.synapses.layer_stack import Neuron, Stack
from network.training.gaussian_descent import Descent, Learner, descend, split_tensors

RATE = 0.1  # of biases and gains, which change most
SPREAD = 0.4  # fields begin with f within this distance of 1/2, so that neurons differ


def train_deep(
    config: Network,
    device: DeviceModel,
    images: Images,
    *,
    hidden: int,
    neuron: Neuron = "binary",
    model: int,
    seed: int,
    descent: Descent | None = None,
) -> Stack:
    """Train a network with one hidden layer.

    Parameters
    ----------
    config, device, images, model, seed
        As of a `network.training.rules.rule_trainer.RuleTrainer`.
    hidden, neuron
        Number and kind of the hidden neurons, see `network.synapses.layer_stack`.
    descent
        How it is trained, and for how many reads; None is `Descent` with ten times its rate for
        biases and gains (docs/methods.md says why).

    Returns
    -------
    Stack
        Reads exactly, at fields on the instrument's grid.
    """
    usable_fields_mT(device)
    device.require_field("hidden layers are")
    plan, grid = descent or Descent(rate=RATE), device.field_grid(PRECISION_mT)
    rng = generator(seed, model, "start")
    training, validation = split_tensors(config, images, model=model, seed=seed)
    pixels, labels = training
    widths = [pixels.shape[1], hidden, int(labels.max()) + 1]
    layers = [
        StochasticSynapses.start(
            device.curve,
            [Kind(ON_DEVICE, plan.reads)],
            n_in,
            n_out,
            spread=SPREAD,
            rng=rng,
            sampler="gaussian",
        )
        for n_in, n_out in pairwise(widths)
    ]
    stack = Stack(layers, neuron)
    stack.centred(pixels[:500], np.array([stream(seed, model, Kind(ON_DEVICE), "start")]))
    learner = Learner(
        lambda batch, streams, first: stack(batch, streams, first)[0],
        layers,
        [*(layer.biases for layer in layers), *stack.gains],
        grid,
        f"{hidden} hidden neurons, model {model}",
    )
    descend(learner, plan, training, validation, model=model, seed=seed)
    for layer in layers:
        layer.sampler, layer.grid = "exact", grid
        layer.inverse_reads.fill_(1 / plan.reads)
    return stack


@torch.no_grad()
def accuracy(
    stack: Stack,
    pixels: NDArray[np.uint8],
    labels: NDArray[np.int64],
    *,
    model: int,
    seed: int,
    passes: int = 16,
) -> float:
    """Return the share of images that a network classifies correctly, over some passes.

    Parameters
    ----------
    stack
        The network.
    pixels, labels
        Binary images, shape (n_images, n_in), and their classes.
    model, seed
        The reads follow from these and from the number of the pass.
    passes
        Number of times all images are read.
    """
    right = []
    for number in range(passes):
        streams = np.array([stream(seed, model, Kind(ON_DEVICE), "deep test", number)])
        found = stack(torch.from_numpy(pixels), streams)[0].argmax(1).numpy()
        right.append(np.mean(found == labels))
    return float(np.mean(right))
