"""Gradient descent of torch networks on Gaussian reads, from many reads to few.

For the networks that the compiled training (`network.training.trainer`) does not cover: those of
several layers, and those whose sums the computer mixes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, pi

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import Parameter
from torch.nn.functional import cross_entropy
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from dwsynapse.io.progress_bars import progress_bar
from dwsynapse.learning_rules import ON_DEVICE
from dwsynapse.study.network import Network
from fitting.field_grid import FieldGrid
from network.images.prepared_images import Images
from network.kinds import Kind
from network.reads.random_streams import generator, stream
from network.synapses.layer import StochasticSynapses
from network.training.checkpoint import Checkpoint, Progress
from network.training.descent_schedule import Descent
from network.training.validation_split import split

Outputs = Callable[[Tensor, NDArray[np.uint64], int], Tensor]
VALIDATION_BATCH = 1000


@dataclass(frozen=True)
class Learner:
    """A network to be trained in place.

    Parameters
    ----------
    outputs
        Returns the outputs before softmax, shape (n_images, n_out), given images, the stream of
        random numbers (as an array of one) and the number of the first image in it.
    layers
        The layers whose fields are learned; they draw Gaussian reads.
    others
        The other parameters to learn.
    grid
        Fields stay within its bounds.
    name
        Name in the progress bar.
    """

    outputs: Outputs
    layers: Sequence[StochasticSynapses]
    others: Sequence[Parameter]
    grid: FieldGrid
    name: str

    @property
    def groups(self) -> tuple[list[Parameter], list[Parameter]]:
        """Fields, and all other parameters."""
        return [layer.fields_mT for layer in self.layers], list(self.others)


def descend(
    learner: Learner,
    descent: Descent,
    training: tuple[Tensor, Tensor],
    validation: tuple[Tensor, Tensor],
    *,
    model: int,
    seed: int,
    checkpoint: Checkpoint | None = None,
) -> list[float]:
    """Train a network in place on the cross-entropy of its outputs.

    Parameters
    ----------
    learner
        The network.
    descent
        How it is trained.
    training, validation
        Binary images, shape (n_images, n_in), and their classes.
    model, seed
        Order of images and reads follow from these.
    checkpoint
        Keeps the progress after every epoch; an interrupted training continues from there.

    Returns
    -------
    list of float
        Mean cross-entropy (nats) over the validation images after every epoch, with the reads
        of that epoch.
    """
    torch.set_num_threads(1)  # sums must not depend on the number of threads
    adam = torch.optim.Adam([{"params": group} for group in learner.groups])
    epoch, losses = 0, list[float]()
    saved = checkpoint.load() if checkpoint else None
    if saved:
        epoch, losses = saved.epoch, saved.validation_loss[0]
        _restore(saved, adam, steps=epoch * -(-len(training[1]) // descent.batch_images))
    kind, best = Kind(ON_DEVICE, descent.reads), saved.best if saved else None
    with progress_bar(total=descent.epochs, initial=epoch, desc=learner.name, unit="epoch") as bar:
        while epoch < descent.epochs and not descent.has_converged(losses):
            for layer in learner.layers:
                layer.inverse_reads.fill_(1 / descent.reads_in(epoch))
            for_training, for_validation = (
                np.array([stream(seed, model, kind, purpose, epoch)])
                for purpose in ("training", "validation")
            )
            order = generator(seed, model, "order", epoch).permutation(len(training[1]))
            _learn_epoch(learner, descent, adam, training, order, for_training, epoch)
            losses.append(_loss(learner, *validation, for_validation))
            epoch += 1
            progress = _progress(adam, epoch, losses)
            if best is None or descent.best_epoch(losses) == epoch:
                best = progress.parameters
            progress.best = best
            if checkpoint:
                checkpoint.save(progress)
            bar.set_postfix(refresh=False, validation_loss=f"{losses[-1]:.4f}")
            bar.update()
    if best is not None:
        vector_to_parameters(torch.from_numpy(best[0]), _parameters(adam))
    return losses


def _learn_epoch(
    learner: Learner,
    descent: Descent,
    adam: torch.optim.Adam,
    training: tuple[Tensor, Tensor],
    order: NDArray[np.int64],
    streams: NDArray[np.uint64],
    epoch: int,
) -> None:
    pixels, labels = training
    starts = range(0, len(labels), descent.batch_images)
    for step, start in enumerate(starts, epoch * len(starts)):
        falling = 0.5 * (1 + cos(pi * step / (descent.epochs * len(starts))))
        for group, rate in zip(adam.param_groups, (descent.rate_mT, descent.rate), strict=True):
            group["lr"] = falling * rate
        batch = order[start : start + descent.batch_images]
        loss = cross_entropy(learner.outputs(pixels[batch], streams, start), labels[batch])
        adam.zero_grad()
        loss.backward()
        adam.step()
        with torch.no_grad():
            for layer in learner.layers:
                layer.fields_mT.clamp_(learner.grid.low_mT, learner.grid.high_mT)


@torch.no_grad()
def _loss(learner: Learner, pixels: Tensor, labels: Tensor, streams: NDArray[np.uint64]) -> float:
    total = 0.0
    for first in range(0, len(labels), VALIDATION_BATCH):
        chosen = slice(first, first + VALIDATION_BATCH)
        outputs = learner.outputs(pixels[chosen], streams, first)
        total += float(cross_entropy(outputs, labels[chosen], reduction="sum"))
    return total / len(labels)


def _parameters(adam: torch.optim.Adam) -> list[Parameter]:
    return [parameter for group in adam.param_groups for parameter in group["params"]]


def _progress(adam: torch.optim.Adam, epoch: int, losses: list[float]) -> Progress:
    """Return the state of a training: its parameters, and the moments of Adam, as vectors."""
    learned = _parameters(adam)
    states = [adam.state[parameter] for parameter in learned]
    moments = ([state[name] for state in states] for name in ("exp_avg", "exp_avg_sq"))
    parameters, first, second = (
        parameters_to_vector(tensors).detach().numpy()[None] for tensors in (learned, *moments)
    )
    return Progress(parameters, first, second, parameters, epoch, [losses])


def _restore(progress: Progress, adam: torch.optim.Adam, steps: int) -> None:
    """Restore parameters and moments of Adam."""
    learned = _parameters(adam)
    first, second = ([torch.zeros_like(p) for p in learned] for _ in range(2))
    vector_to_parameters(torch.from_numpy(progress.parameters[0]), learned)
    vector_to_parameters(torch.from_numpy(progress.first[0]), first)
    vector_to_parameters(torch.from_numpy(progress.second[0]), second)
    for parameter, average, square in zip(learned, first, second, strict=True):
        state = {"step": torch.tensor(float(steps)), "exp_avg": average, "exp_avg_sq": square}
        adam.state[parameter] = state


def split_tensors(
    config: Network, images: Images, *, model: int, seed: int
) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Return pixels and labels of a model's training and of its validation images."""
    training, validation = (
        (torch.from_numpy(images.train_pixels[part]), torch.from_numpy(images.train_labels[part]))
        for part in split(config, images, model=model, seed=seed)
    )
    return training, validation
