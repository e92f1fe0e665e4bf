"""Gradient descent of torch networks on Gaussian reads, from many reads to few.

For the networks that the compiled training (`network.training`) does not hold: those of several
layers, and those whose sums the computer mixes. Reads start as `first_reads` and fall geometrically
to those wanted in the first half of the epochs, since with few reads from the beginning neurons
settle before they differ; learning rates fall as a cosine (Loshchilov & Hutter 2017).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from config.network import Network
from fitting.grid import FieldGrid
from network.images import Images
from network.kinds import Kind
from network.layer import StochasticSynapses
from network.split import split
from network.streams import generator, stream

Outputs = Callable[[Tensor, NDArray[np.uint64], int], Tensor]


@dataclass(frozen=True)
class Descent:
    """How to descend.

    Parameters
    ----------
    epochs, batch_images
        Passes over the training images, and images in a mini-batch.
    first_reads, reads
        Reads K at the start, and those wanted.
    rate_mT, rate
        Adam's learning rates at the start, of fields and of all other parameters.
    """

    epochs: int = 60
    batch_images: int = 500
    first_reads: float = 16.0
    reads: int = 1
    rate_mT: float = 0.05
    rate: float = 0.01

    def reads_in(self, epoch: int) -> float:
        """Return the reads K that count in an epoch; the first is 0."""
        return float(
            self.reads * (self.first_reads / self.reads) ** max(0, 1 - 2 * epoch / self.epochs)
        )


def descend(
    descent: Descent,
    outputs: Outputs,
    layers: Sequence[StochasticSynapses],
    others: Sequence[torch.nn.Parameter],
    pixels: Tensor,
    labels: Tensor,
    *,
    grid: FieldGrid,
    model: int,
    seed: int,
    name: str,
) -> None:
    """Train one network in place on the cross-entropy of its outputs.

    Parameters
    ----------
    descent
        How.
    outputs
        Returns the outputs before softmax, shape (n_images, n_out), given images, the stream of
        random numbers (as an array of one) and the number of the first image in it.
    layers
        The layers whose fields are learned; they draw Gaussian reads.
    others
        The other parameters to learn.
    pixels, labels
        Binary images, shape (n_images, n_in), and their classes.
    grid
        Fields stay within its bounds.
    model, seed
        Order of images and reads follow from these.
    name
        What the progress bar calls it.
    """
    groups: list[dict[str, Any]] = [
        {"params": [layer.fields_mT for layer in layers], "lr": descent.rate_mT},
        {"params": list(others), "lr": descent.rate},
    ]
    torch.set_num_threads(1)  # sums must not depend on how many threads share them
    adam = torch.optim.Adam(groups)
    starts = range(0, len(labels), descent.batch_images)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(adam, descent.epochs * len(starts))
    kind = Kind("stochastic", descent.reads)
    for epoch in tqdm(range(descent.epochs), desc=name, unit="epoch"):
        for layer in layers:
            layer.inverse_reads.fill_(1 / descent.reads_in(epoch))
        order = generator(seed, model, "order", epoch).permutation(len(labels))
        streams = np.array([stream(seed, model, kind, "training", epoch)])
        for start in starts:
            batch = order[start : start + descent.batch_images]
            loss = torch.nn.functional.cross_entropy(
                outputs(pixels[batch], streams, start), labels[batch]
            )
            adam.zero_grad()
            loss.backward()
            adam.step()
            falling.step()
            with torch.no_grad():
                for layer in layers:
                    layer.fields_mT.clamp_(grid.low_mT, grid.high_mT)


def training_images(
    config: Network, images: Images, *, model: int, seed: int
) -> tuple[Tensor, Tensor]:
    """Return pixels and labels of a model's training images: those not set aside for validation."""
    chosen, _ = split(config, images, model=model, seed=seed)
    pixels, labels = images.train_pixels[chosen], images.train_labels[chosen]
    return torch.from_numpy(pixels), torch.from_numpy(labels)
