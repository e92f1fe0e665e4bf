"""Training as in section 4.5 of Ellis et al. 2023, many networks at once.

All networks of a model share the split into training and validation images and the order of the
mini-batches; each draws its own reads. A network that has stopped leaves the batch. What a network
becomes depends on the seed, the model and its kind, not on the others in the batch.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from config.network import Network
from fitting.device import DeviceModel
from network.checkpoint import Progress
from network.exported import ExportedNetwork, TrainingRecord
from network.gradient import adam_step, gradients
from network.images import Images
from network.kinds import Kind, usable_fields_mT
from network.layer import StochasticSynapses
from network.sampling import active_inputs, neuron_sums
from network.streams import generator, stream
from workflow.errors import InputError

Floats = NDArray[np.float64]


class Trainer:
    """Trains networks of several kinds on one device from one seed.

    Parameters
    ----------
    config
        How they are trained.
    device
        The device whose curve the synapses follow.
    images
        The images to learn from; labels run from 0.
    kinds
        What to train.
    model, seed
        Number of the model among the independent ones, and the seed of the study.

    Raises
    ------
    InputError
        If the device cannot serve as a synapse, or no images are left to train on.
    """

    def __init__(
        self,
        config: Network,
        device: DeviceModel,
        images: Images,
        kinds: Sequence[Kind],
        *,
        model: int,
        seed: int,
    ):
        self.config, self.device, self.kinds = config, device, tuple(kinds)
        self.model, self.seed = model, seed
        self.low_mT, self.high_mT = usable_fields_mT(device)
        pixels, labels = images.train_pixels, images.train_labels
        if config.validation_images >= len(labels):
            raise InputError(
                f"{config.validation_images} validation images leave none of the {len(labels)}",
                where="validation_images",
                remedy="set fewer aside",
            )
        order = generator(seed, model, "split").permutation(len(labels))
        validation, training = np.split(order, [config.validation_images])
        self.pixels, self.labels = pixels[training], labels[training]
        self.validation_pixels = torch.from_numpy(pixels[validation])
        self.validation_labels = torch.from_numpy(labels[validation])
        self.n_in, self.n_out = pixels.shape[1], int(labels.max()) + 1

    def train(self, checkpoint: Path | None = None, fingerprint: str = "") -> list[ExportedNetwork]:
        """Train until every network has stopped, and return each at its best.

        Parameters
        ----------
        checkpoint
            File for the progress after every epoch, from which an interrupted training goes on.
            To be removed once the networks are safely written.
        fingerprint
            What the networks are made from; a checkpoint of anything else is left aside.
        """
        saved = Progress.load(checkpoint, fingerprint) if checkpoint else None
        progress = saved or self._start()
        bar = tqdm(
            desc=f"{self.device.name}, model {self.model}",
            total=self.config.max_epochs,
            initial=progress.epoch,
            unit="epoch",
        )
        while len(live := self._live(progress)):
            self._train_epoch(progress, live)
            self._validate(progress, live)
            if checkpoint:
                progress.save(checkpoint, fingerprint)
            best = min(min(losses) for losses in progress.validation_loss)
            bar.set_postfix(networks=len(live), best_loss=f"{best:.4f}")
            bar.update()
        bar.close()
        return [self._export(progress, n) for n in range(len(self.kinds))]

    def _start(self) -> Progress:
        synapses = np.full(
            (len(self.kinds), self.n_in * self.n_out), self.device.curve.field_mT(0.5)
        )
        synapses[[kind.rule == "perceptron" for kind in self.kinds]] = 0.0
        return Progress.start(np.hstack([synapses, np.zeros((len(self.kinds), self.n_out))]))

    def _live(self, progress: Progress) -> NDArray[np.int64]:
        if progress.epoch >= self.config.max_epochs:
            return np.empty(0, np.int64)
        return np.flatnonzero([not self._converged(losses) for losses in progress.validation_loss])

    def _converged(self, losses: list[float]) -> bool:
        epochs_since_best = len(losses) - 1 - losses.index(min(losses)) if losses else 0
        return epochs_since_best >= self.config.patience_epochs

    def _train_epoch(self, progress: Progress, live: NDArray[np.int64]) -> None:
        batch = _LiveBatch(self, progress, live)
        order = generator(self.seed, self.model, "order", progress.epoch).permutation(
            len(self.labels)
        )
        starts = range(0, len(order), self.config.batch_images)
        for step, start in enumerate(starts, 1 + progress.epoch * len(starts)):
            chosen = order[start : start + self.config.batch_images]
            batch.learn(self.pixels[chosen], self.labels[chosen], first_image=start, step=step)
        batch.write_back(progress)
        progress.epoch += 1

    def _validate(self, progress: Progress, live: NDArray[np.int64]) -> None:
        layer = self._layer(progress.parameters[live], live)
        with torch.no_grad():
            outputs = layer(
                self.validation_pixels, self.streams(live, "validation", progress.epoch)
            )
        for n, output in zip(live, outputs, strict=True):
            each = torch.nn.functional.cross_entropy(
                output, self.validation_labels, reduction="none"
            )
            loss = float(each.numpy().mean())  # numpy's order of summation has no threads in it
            losses = progress.validation_loss[n]
            if loss < min(losses, default=np.inf):
                progress.best[n] = progress.parameters[n]
            losses.append(loss)

    def _layer(self, parameters: Floats, which: NDArray[np.int64]) -> StochasticSynapses:
        synapses, biases = self.split(parameters)
        kinds = [self.kinds[n] for n in which]
        fields_mT = torch.from_numpy(np.ascontiguousarray(synapses.transpose(0, 2, 1)))
        return StochasticSynapses(
            self.device.curve, kinds, fields_mT, torch.from_numpy(biases.copy())
        )

    def _export(self, progress: Progress, n: int) -> ExportedNetwork:
        losses, kind = progress.validation_loss[n], self.kinds[n]
        synapses, biases = self.split(progress.best[n : n + 1])
        record = TrainingRecord(
            learning_rate=kind.learning_rate,
            best_epoch=int(np.argmin(losses)) + 1,
            converged=self._converged(losses),
            validation_loss=tuple(losses),
        )
        return ExportedNetwork(
            kind.rule, kind.reads, synapses[0].T.copy(), biases[0].copy(), record
        )

    def split(self, parameters: Floats) -> tuple[Floats, Floats]:
        """Return views of synapses (n_networks, n_in, n_out) and biases (n_networks, n_out)."""
        synapses, biases = np.split(parameters, [self.n_in * self.n_out], axis=1)
        return synapses.reshape(-1, self.n_in, self.n_out), biases

    def streams(self, which: NDArray[np.int64], purpose: str, epoch: int) -> NDArray[np.uint64]:
        """Return the stream of each of these networks in an epoch."""
        kinds = [self.kinds[n] for n in which]
        return np.array([stream(self.seed, self.model, k, purpose, epoch) for k in kinds])


class _LiveBatch:
    """The networks still in training, stacked for one epoch."""

    def __init__(self, trainer: Trainer, progress: Progress, live: NDArray[np.int64]):
        kinds = [trainer.kinds[n] for n in live]
        self.live, self.curve = live, trainer.device.curve
        self.bounds_mT = trainer.low_mT, trainer.high_mT
        self.parameters, self.first, self.second = (
            array[live] for array in (progress.parameters, progress.first, progress.second)
        )
        self.synapses, self.biases = trainer.split(self.parameters)
        self.gradient = np.empty_like(self.parameters)
        self.synapse_gradient, self.bias_gradient = trainer.split(self.gradient)
        self.rates = np.array([kind.learning_rate for kind in kinds])
        self.stochastic = np.array([kind.rule == "stochastic" for kind in kinds])
        self.plain = np.array([kind.rule == "perceptron" for kind in kinds])
        self.sampled = np.array([kind.reads is not None for kind in kinds])
        self.reads = [kind.reads for kind in kinds if kind.reads is not None]
        self.streams = trainer.streams(live, "training", progress.epoch)

    def learn(
        self, pixels: NDArray[np.uint8], labels: NDArray[np.int64], *, first_image: int, step: int
    ) -> None:
        """Take one step of Adam on a mini-batch."""
        f, slope = self.curve.probability(self.synapses), self.curve.slope_per_mT(self.synapses)
        f[self.plain], slope[self.plain] = self.synapses[self.plain], 1.0
        y = np.zeros((len(f), len(pixels), f.shape[2]))
        if self.reads:
            drawn = f[self.sampled].transpose(0, 2, 1)
            streams = self.streams[self.sampled]
            sums = neuron_sums(drawn, pixels, self.reads, streams, first_image)
            y[self.sampled] = sums / np.array(self.reads)[:, None, None]
        active, n_active = active_inputs(pixels)
        kinds = self.sampled, self.stochastic
        into = self.synapse_gradient, self.bias_gradient
        gradients(f, slope, self.biases, active, n_active, labels, y, *kinds, *into)
        adam_step(self.parameters, self.gradient, self.first, self.second, self.rates, step)
        fields_mT = self.synapses[~self.plain]
        self.synapses[~self.plain] = np.clip(fields_mT, *self.bounds_mT)

    def write_back(self, progress: Progress) -> None:
        """Put the networks back among all."""
        progress.parameters[self.live] = self.parameters
        progress.first[self.live], progress.second[self.live] = self.first, self.second
