"""Training of networks on crossbars, many at once on the threads of a processor.

A trained network depends on its settings, response, seed and model number, not on the others, on
threads or on interruptions.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.study.crossbar import Crossbar
from fitting.response.response_table import ResponseTable
from network.crossbar import epoch_kernel
from network.crossbar.crossbar_progress import CrossbarProgress
from network.crossbar.epoch_kernel import train_part, workspace
from network.crossbar.packed_tables import USED, PackedTables, pack
from network.crossbar.starting_arrays import (
    devices_that_differ,
    scheme_of,
    start,
    stream_of,
    widths_of,
)
from network.images.grey_images import GreyImages
from network.reads.random_streams import generator

ACTIVATIONS = {
    "sigmoid": epoch_kernel.SIGMOID,
    "tanh": epoch_kernel.TANH,
    "relu": epoch_kernel.RELU,
}
RATE_FALLS_AFTER = (3, 5, 8, 10)
"""Epochs after which the rate is 1/2, 1/3, 1/4 and 1/5 of the first (S. Liu et al. 2021)."""


@dataclass(frozen=True)
class CrossbarRun:
    """One network to train.

    Parameters
    ----------
    config
        How it learns.
    response
        Response of the nominal device; ideal updates ignore it.
    model, seed
        Number of the network among independent ones, and the seed of the study.
    """

    config: Crossbar
    response: ResponseTable
    model: int
    seed: int

    def tables(self) -> PackedTables:
        """Return the responses of its devices."""
        config = self.config
        tables = devices_that_differ(self.response, config.devices, self.seed)
        return pack(tables, config.noise, config.spread)


class CrossbarTraining:
    """The training of one network, epoch by epoch.

    Parameters
    ----------
    run
        What to train.
    images
        What to learn from, and to test on after each epoch.
    progress
        Where an interrupted training had come to; None to begin.

    Raises
    ------
    InputError
        If the settings leave no images to learn from.
    """

    def __init__(
        self, run: CrossbarRun, images: GreyImages, progress: CrossbarProgress | None = None
    ) -> None:
        self.run, self.images, self.tables = run, images, run.tables()
        self.scheme, config = scheme_of(run.config), run.config
        self.widths = widths_of(config, images.train_pixels.shape[1], images.n_classes)
        self.training, self.validation = _split(run, len(images.train_labels))
        if progress is None:
            chance = {"model": run.model, "seed": run.seed}
            progress = CrossbarProgress(start(config, self.tables, self.widths, **chance))
        self.progress = progress
        self.space = workspace(self.widths, config.batch_images)

    @property
    def is_done(self) -> bool:
        """Whether all epochs are done."""
        return self.progress.epoch >= self.run.config.epochs

    def train_epoch(self) -> None:
        """Train for one epoch, and test."""
        run, progress, epoch = self.run, self.progress, self.progress.epoch
        order = generator(run.seed, run.model, "crossbar order", epoch).permutation(self.training)
        rate = run.config.learning_rate / (1 + sum(epoch >= after for after in RATE_FALLS_AFTER))
        progress.updates = train_part(
            progress.layers,
            (self.images.train_pixels, self.images.train_labels),
            order,
            progress.updates,
            np.float32(rate),
            ACTIVATIONS[run.config.activation],
            np.float32(USED[1] - USED[0]),
            stream_of(run.seed, run.model),
            self.scheme,
            self.tables,
            self.space,
        )
        images = self.images
        validation = images.train_pixels[self.validation], images.train_labels[self.validation]
        progress.add_epoch(
            self.share_correct(*validation) if len(self.validation) else float("nan"),
            self.share_correct(images.test_pixels, images.test_labels),
        )

    def share_correct(self, pixels: NDArray[np.uint8], labels: NDArray[np.int64]) -> float:
        """Return the share of images that the network classifies correctly now."""
        weights = [layer.weights for layer in self.progress.layers]
        found = classes(weights, pixels, self.run.config.activation)
        return float(np.mean(found == labels))


def classes(
    weights: Sequence[NDArray[np.float32]], pixels: NDArray[np.uint8], activation: str
) -> NDArray[np.int64]:
    """Return the class of each image.

    Parameters
    ----------
    weights
        Weights of each layer, the last row that of the bias, shape (n_in + 1, n_out).
    pixels
        Images, 0 to 255, shape (n_images, n_in).
    activation
        Of the hidden neurons.
    """
    outputs = pixels.astype(np.float32) / np.float32(255)
    for n, w in enumerate(weights):
        outputs = outputs @ w[:-1] + w[-1]
        if n < len(weights) - 1:
            outputs = _activated(outputs, activation)
    return outputs.argmax(axis=1)


def _activated(sums: NDArray[np.float32], activation: str) -> NDArray[np.float32]:
    if activation == "sigmoid":
        return np.float32(1) / (np.float32(1) + np.exp(-sums))
    return np.tanh(sums) if activation == "tanh" else np.maximum(sums, 0)


def train_crossbars(
    trainings: Sequence[CrossbarTraining],
    threads: int = 1,
    on_epoch: Callable[[CrossbarTraining], None] = lambda training: None,
) -> None:
    """Train networks side by side, each on one thread.

    Parameters
    ----------
    trainings
        The networks; those that are done are left alone.
    threads
        Processor threads.
    on_epoch
        Called after each epoch of a network, from its thread.
    """

    def finish(training: CrossbarTraining) -> None:
        while not training.is_done:
            training.train_epoch()
            on_epoch(training)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(finish, trainings))


def _split(run: CrossbarRun, n_images: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the numbers of the training and validation images."""
    config = run.config
    if config.validation_images >= n_images:
        raise InputError(
            f"{config.validation_images} validation images leave none of the {n_images}",
            where="validation_images",
            remedy="set aside fewer",
        )
    order = generator(run.seed, run.model, "split").permutation(n_images)
    validation, training = np.split(order, [config.validation_images])
    return training[: config.training_images], validation
