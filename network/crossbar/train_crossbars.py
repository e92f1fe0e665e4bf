"""Training of networks on crossbars, many at once on the threads of a processor.

A trained network depends on its settings, response, seed and model number, not on the others, on
threads or on interruptions.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.io.signals import requested_stop
from dwsynapse.study.crossbar import Crossbar
from fitting.response.response_table import ResponseTable
from network.crossbar.crossbar_progress import CrossbarProgress
from network.crossbar.kernels import epoch_kernel
from network.crossbar.kernels.epoch_kernel import train_part, workspace
from network.crossbar.kernels.gradients import classes
from network.crossbar.kernels.packed_tables import USED, PackedTables, pack
from network.crossbar.model.crossbar_record import COUNTED_EVERY, LEAST_COUNTS
from network.crossbar.probe import pulses_per_image
from network.crossbar.starting_arrays import (
    devices_that_differ,
    scheme_of,
    start,
    widths_of,
    with_levels_of,
)
from network.images.grey_images import GreyImages
from network.reads.random_streams import generator, model_stream

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

    def __post_init__(self) -> None:
        """Fill in the levels of the response."""
        object.__setattr__(self, "config", with_levels_of(self.config, self.response))

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

    @property
    def rate(self) -> float:
        """Learning rate of this epoch."""
        falls = sum(self.progress.epoch >= after for after in RATE_FALLS_AFTER)
        return self.run.config.learning_rate / (1 + falls)

    def order(self) -> NDArray[np.int64]:
        """Return the numbers of the training images in the order of this epoch."""
        run = self.run
        rng = generator(run.seed, run.model, "crossbar order", self.progress.epoch)
        return rng.permutation(self.training)

    def train_epoch(self) -> None:
        """Train for one epoch, or what is left of it, and test."""
        epoch = self.progress.epoch
        while self.progress.epoch == epoch:
            self.train_some(len(self.training))

    def train_some(self, n_images: int) -> None:
        """Train on the next images of an epoch, in whole mini-batches; test where it ends."""
        run, progress = self.run, self.progress
        size = run.config.batch_images
        first, last = progress.images, progress.images + -(-n_images // size) * size
        order = self.order()
        progress.updates = train_part(
            progress.layers,
            (self.images.train_pixels, self.images.train_labels),
            order[first:last],
            progress.updates,
            np.float32(self.rate),
            ACTIVATIONS[run.config.activation],
            np.float32(USED[1] - USED[0]),
            model_stream(run.seed, run.model, "crossbar pulses"),
            self.scheme,
            self.tables,
            self.space,
        )
        progress.images = min(last, len(order))
        if progress.images == len(order):
            self._end_epoch()

    def _end_epoch(self) -> None:
        images = self.images
        validation = images.train_pixels[self.validation], images.train_labels[self.validation]
        self.progress.add_epoch(
            self.share_correct(*validation) if len(self.validation) else float("nan"),
            self.share_correct(images.test_pixels, images.test_labels),
        )

    def share_correct(self, pixels: NDArray[np.uint8], labels: NDArray[np.int64]) -> float:
        """Return the share of images that the network classifies correctly now."""
        weights = [layer.weights for layer in self.progress.layers]
        found = classes(weights, pixels, self.run.config.activation)
        return float(np.mean(found == labels))


def train_crossbars(
    trainings: Sequence[CrossbarTraining],
    threads: int = 1,
    on_part: Callable[[CrossbarTraining], None] = lambda training: None,
) -> None:
    """Train networks side by side, each on one thread.

    Parameters
    ----------
    trainings
        The networks; those that are done are left alone.
    threads
        Processor threads.
    on_part
        Called from the thread of a network after each part of an epoch, and last where a signal
        stops the command.
    """
    # Ctrl-C in a notebook, where no command handles signals.
    has_ended = Event()

    def finish(training: CrossbarTraining) -> None:
        size = training.run.config.batch_images
        n_batches = len(training.training) // (LEAST_COUNTS * size)
        n_images = min(COUNTED_EVERY, n_batches * size or 1)
        while not (training.is_done or has_ended.is_set() or requested_stop()):
            training.progress.add_pulses(pulses_per_image(training))
            training.train_some(n_images)
            on_part(training)

    with ThreadPoolExecutor(threads) as pool:
        try:
            list(pool.map(finish, trainings))
        finally:
            has_ended.set()


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
