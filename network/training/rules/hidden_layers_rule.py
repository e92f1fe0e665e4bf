"""Networks with hidden layers, whose neurons decide from their reads what the next layer gets.

All layers are learned together (`network.training.gaussian_descent`), through the decisions by the
straight-through gradient (`network.synapses.layer_stack`). docs/methods.md has accuracies.
"""

from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray

from dwsynapse.learning_rules import HIDDEN
from dwsynapse.study.network import Network
from fitting.device import DeviceModel
from network.images.prepared_images import Images
from network.kinds import Kind, PRECISION_mT, usable_fields_mT
from network.reads.random_streams import generator, stream
from network.synapses.layer import StochasticSynapses
from network.synapses.layer_stack import Stack
from network.trained_network import ExportedNetwork, Layer, TrainingRecord
from network.training.checkpoint import Checkpoint
from network.training.descent_schedule import Descent
from network.training.gaussian_descent import Learner, descend, split_tensors

RATE = 0.1  # of biases, which change most (docs/methods.md)
SPREAD = 0.4  # fields begin with f within this distance of 1/2, so that neurons differ
STEEPNESS = 8.0  # sd of g (y + b) at the start: the gradient is that of neurons this close to steps
FIRST_READS = 16.0


def train(
    config: Network,
    device: DeviceModel,
    images: Images,
    *,
    reads: int,
    model: int,
    seed: int,
    descent: Descent | None = None,
    checkpoint: Checkpoint | None = None,
) -> ExportedNetwork:
    """Train one network (`network.training.rules.rule_trainer.RuleTrainer`).

    Parameters
    ----------
    reads
        Reads K per synapse, of all layers.
    descent
        How it is trained; None: with the epochs and the patience of the settings.

    Returns
    -------
    ExportedNetwork
        Its hidden layers have the widths of the settings; fields are on the 0.1 mT grid.
    """
    usable_fields_mT(device)
    plan = descent or Descent(
        epochs=config.max_epochs,
        first_reads=max(FIRST_READS, reads),
        reads=reads,
        rate=RATE,
        patience_epochs=config.patience_epochs,
    )
    grid, kind = device.field_grid(PRECISION_mT), Kind(HIDDEN, reads)
    training, validation = split_tensors(config, images, model=model, seed=seed)
    pixels = training[0]
    widths = [pixels.shape[1], *config.hidden, int(images.train_labels.max()) + 1]
    rng = generator(seed, model, "start")
    layers = [
        StochasticSynapses.start(
            device.curve, [kind], n_in, n_out, spread=SPREAD, rng=rng, sampler="gaussian"
        )
        for n_in, n_out in pairwise(widths)
    ]
    stack = Stack(layers, "binary")
    stack.centred(pixels[:500], np.array([stream(seed, model, kind, "start")]), STEEPNESS)
    learner = Learner(
        lambda batch, streams, first: stack(batch, streams, first)[0],
        layers,
        [*(layer.biases for layer in layers), *stack.gains],
        grid,
        f"{HIDDEN}, K = {reads}, model {model}",
    )
    losses = descend(
        learner, plan, training, validation, model=model, seed=seed, checkpoint=checkpoint
    )
    record = TrainingRecord(
        plan.rate_mT, plan.best_epoch(losses), plan.has_converged(losses), tuple(losses)
    )
    *hidden, last = (
        Layer(grid.nearest_mT(_numbers(layer.fields_mT)), _numbers(layer.biases))
        for layer in layers
    )
    return ExportedNetwork(HIDDEN, reads, last.weights, last.biases, record, hidden=tuple(hidden))


def _numbers(parameter: torch.Tensor) -> NDArray[np.float64]:
    """Return the parameters of the only network of a layer."""
    return np.asarray(parameter[0].detach().numpy().copy())
