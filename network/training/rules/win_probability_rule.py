"""Training for one read per synapse by the probability of the correct class, without sampling.

Three things differ from the paper's rule (`network.training.trainer`), none of which changes the
hardware:

1. The loss is a function of the probability that the label's neuron wins, under the Gaussian that
   the mean and variance of the reads give (`network.training.rules.win_probability`), with no reads
   drawn.
2. It starts as if three reads were taken, with a loss near the cross-entropy, and ends with one
   read and the expected share of errors: each step starts from the solution of a smoother problem.
3. The result has nearly two levels. So all synapses are set to one of two fields, and flipped
   one by one as long as the exact expected accuracy on the training images rises
   (`network.training.rules.two_level_search`). Of this and the network before, the better on
   validation images is kept.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.progress_bars import progress_bar
from dwsynapse.study.network import Network
from fitting.device import DeviceModel
from network.images.active_inputs import active_inputs
from network.images.prepared_images import Images
from network.kinds import PRECISION_mT, usable_fields_mT
from network.reads.neuron_sums import neuron_sums
from network.reads.random_streams import generator
from network.trained_model import ExportedNetwork, TrainingRecord
from network.training.checkpoint import Checkpoint, Progress
from network.training.gradient_steps import adam_step
from network.training.parameters import synapses_and_biases
from network.training.rules.two_level_search import TwoLevels
from network.training.rules.win_probability import nodes, winning
from network.training.validation_split import split

RULE = "win-probability"
VALIDATION_PASSES = 16
TINY = 1e-9  # replaces 0 where the loss begins as the logarithm
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Schedule:
    """The schedule; the defaults were chosen on validation images of MNIST at 14 x 14.

    Parameters
    ----------
    epochs, batch_images
        Passes over the training images, and images in a mini-batch.
    learning_rate
        Adam's at the start, in mT (biases: reads) per step; falls as a cosine to `last_rate` times.
    first_reads
        Reads K at the start; falls geometrically to one.
    settled
        Share of the steps after which K is one and the loss the expected share of errors.
    offset
        At the end added to probabilities in the loss, so that the gradient of hopeless images is
        bounded; at the start nothing is added, so that no class is neglected.
    spread_mT
        Standard deviation of the first fields about f = 1/2.
    search_passes
        Maximum number of passes of the search; 0 leaves it out.
    """

    epochs: int = 60
    batch_images: int = 250
    learning_rate: float = 0.1
    last_rate: float = 0.02
    first_reads: float = 3.0
    settled: float = 0.7
    offset: float = 0.02
    spread_mT: float = 0.5
    search_passes: int = 10


def train(
    config: Network,
    device: DeviceModel,
    images: Images,
    *,
    model: int,
    seed: int,
    schedule: Schedule | None = None,
    checkpoint: Checkpoint | None = None,
) -> ExportedNetwork:
    """Train one network for one read (`network.training.rules.rule_trainer.RuleTrainer`).

    Parameters
    ----------
    schedule
        The schedule of the training.

    Returns
    -------
    ExportedNetwork
        Fields are on the 0.1 mT grid. Its record's validation loss is the mean of -log P after
        every epoch, where P is the probability that the correct class wins with the reads K assumed
        then.
    """
    training = _Training(
        *(config, device, images, schedule or Schedule()),
        model=model,
        seed=seed,
        checkpoint=checkpoint,
    )
    losses = training.descend()
    found = [training.on_grid()]
    if training.schedule.search_passes:
        found.append(training.search())
    fields_mT, biases = max(found, key=training.validation_accuracy)
    schedule = training.schedule
    record = TrainingRecord(schedule.learning_rate, schedule.epochs, False, tuple(losses))
    return ExportedNetwork(RULE, 1, fields_mT.T.copy(), biases, record)


class _Training:
    """Images, device and parameters of one training; synapses are stored as (n_in, n_out)."""

    def __init__(
        self,
        config: Network,
        device: DeviceModel,
        images: Images,
        schedule: Schedule,
        *,
        model: int,
        seed: int,
        checkpoint: Checkpoint | None,
    ):
        usable_fields_mT(device)
        self.grid = device.field_grid(PRECISION_mT)
        self.low_mT, self.high_mT = self.grid.low_mT, self.grid.high_mT
        self.curve, self.schedule, self.seed, self.model = device.curve, schedule, seed, model
        pixels, labels = images.train_pixels, images.train_labels
        training, validation = split(config, images, model=model, seed=seed)
        self.pixels, self.labels = pixels[training], labels[training]
        self.validation_pixels, self.validation_labels = pixels[validation], labels[validation]
        self.shape = pixels.shape[1], int(labels.max()) + 1
        self.images, self.checkpoint = active_inputs(self.pixels), checkpoint
        self.progress = (checkpoint.load() if checkpoint else None) or self._start()
        self.fields_mT, self.biases = self._split(self.progress.parameters)

    def _start(self) -> Progress:
        progress = Progress.start(np.zeros((1, (self.shape[0] + 1) * self.shape[1])))
        fields_mT, _ = self._split(progress.parameters)
        start = generator(self.seed, self.model, "start").standard_normal(self.shape)
        fields_mT[:] = self.curve.field_mT(0.5) + self.schedule.spread_mT * start
        np.clip(fields_mT, self.low_mT, self.high_mT, out=fields_mT)
        return progress

    def _split(self, parameters: Floats) -> tuple[Floats, Floats]:
        """Return views of synapses, shape (n_in, n_out), and biases."""
        synapses, biases = synapses_and_biases(parameters, self.shape[0])
        return synapses[0], biases[0]

    def descend(self) -> list[float]:
        """Follow the gradient through the schedule; return the validation loss of every epoch."""
        progress, losses = self.progress, self.progress.validation_loss[0]
        with progress_bar(
            total=self.schedule.epochs,
            initial=progress.epoch,
            desc=f"{RULE}, model {self.model}",
            unit="epoch",
        ) as bar:
            while progress.epoch < self.schedule.epochs:
                losses.append(self._validation_loss(self._learn_epoch()))
                progress.epoch += 1
                if self.checkpoint:
                    self.checkpoint.save(progress)
                bar.set_postfix(refresh=False, validation_loss=f"{losses[-1]:.4f}")
                bar.update()
        return losses

    def _learn_epoch(self) -> float:
        """Take the steps of an epoch; return the reads K that its last step assumed."""
        schedule, progress = self.schedule, self.progress
        gradient = np.zeros_like(progress.parameters)
        by_fields, by_biases = self._split(gradient)
        epoch, n_steps = progress.epoch, -(-len(self.labels) // schedule.batch_images)
        order = generator(self.seed, self.model, "order", epoch).permutation(len(self.labels))
        for step, chosen in enumerate(np.array_split(order, n_steps), epoch * n_steps):
            done = step / (schedule.epochs * n_steps)
            settled = min(1.0, done / schedule.settled)
            reads = schedule.first_reads ** (1 - settled)
            rate = max(schedule.last_rate, 0.5 * (1 + np.cos(np.pi * done)))
            winning(
                self.curve.probability(self.fields_mT),
                self.biases,
                *self.images.take(chosen),
                self.labels[chosen],
                reads,
                *nodes(),
                settled + TINY,
                settled * schedule.offset + TINY,
                *(by_fields, by_biases),
            )
            by_fields *= self.curve.slope_per_mT(self.fields_mT)
            rates = np.array([rate * schedule.learning_rate])
            moments = progress.first, progress.second
            adam_step(progress.parameters, gradient, *moments, rates, step + 1)
            np.clip(self.fields_mT, self.low_mT, self.high_mT, out=self.fields_mT)
        return float(reads)

    def on_grid(self) -> tuple[Floats, Floats]:
        """Return fields on the grid, and biases."""
        return self.grid.nearest_mT(self.fields_mT), self.biases.copy()

    def search(self) -> tuple[Floats, Floats]:
        """Return fields at the lowest and the highest level, and biases, from the local search."""
        levels = np.array([self.low_mT, self.high_mT])
        f_low, f_high = self.curve.probability(levels)
        network = TwoLevels(
            self.fields_mT > self.curve.field_mT(0.5),
            self.biases,
            self.pixels,
            self.labels,
            f_low,
            f_high,
        )
        network.search(self.schedule.search_passes, generator(self.seed, self.model, "search"))
        return levels[network.high.astype(int)], network.biases

    def validation_accuracy(self, network: tuple[Floats, Floats]) -> float:
        """Return the accuracy on validation images with one read, over several passes."""
        fields_mT, biases = network
        f = np.repeat(self.curve.probability(fields_mT.T)[None], VALIDATION_PASSES, axis=0)
        streams = generator(self.seed, self.model, "choice").integers(2**63, size=len(f))
        reads = [1] * len(f)
        sums = neuron_sums(f, self.validation_pixels, reads, streams.astype(np.uint64))
        return float(np.mean((sums + biases).argmax(axis=2) == self.validation_labels))

    def _validation_loss(self, reads: float) -> float:
        probability = winning(
            self.curve.probability(self.fields_mT),
            self.biases,
            *active_inputs(self.validation_pixels),
            self.validation_labels,
            reads,
            *nodes(),
            1.0,
            0.0,
            np.empty(self.shape),
            np.empty(self.shape[1]),
        )
        return float(-np.log(np.maximum(probability, 1e-300)).mean())
