"""Training as in section 4.5 of Ellis et al. 2023, many networks at once.

All networks of a model share the split into training and validation images, the order of the
mini-batches, and the wires where these differ; each draws its own reads. A network that has stopped
leaves the batch. What a network becomes depends on the seed, the model and its kind, not on the
others in the batch, nor on the number of threads.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.io.progress_bars import progress_bar
from dwsynapse.study.network import Network
from fitting.device import DeviceModel
from network.images.active_inputs import ActiveInputs, active_inputs
from network.images.prepared_images import Images
from network.kinds import Kind, usable_fields_mT
from network.reads.neuron_sums import draw_sums
from network.reads.outputs import outputs
from network.reads.random_streams import generator, stream
from network.synapses.fast_curve import FastCurve
from network.synapses.wire_variation import Population, Wires
from network.trained_model import ExportedNetwork, TrainingRecord
from network.training.checkpoint import Checkpoint, Progress
from network.training.learning_rules import adam_step, cross_entropy, gradients
from network.training.validation_split import split

Floats = NDArray[np.float64]

SETS_OF_WIRES = 10  # on which networks are validated where wires differ
NETWORKS_AT_ONCE = 4  # a thread's: enough that Python costs little, few enough to share them out


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
    threads
        Processor threads, which share the networks out among them.

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
        threads: int = 1,
    ):
        self.config, self.device, self.kinds = config, device, tuple(kinds)
        self.model, self.seed, self.threads = model, seed, threads
        self.low_mT, self.high_mT = usable_fields_mT(device)
        if config.wire_place_sd_mT > self.high_mT - self.low_mT:
            raise InputError(
                f"{config.wire_place_sd_mT:g} mT is more than all the fields that "
                f"{device.name} takes, {self.low_mT:g} to {self.high_mT:g} mT",
                where="wire_place_sd_mT",
                remedy="choose a spread well below",
            )
        self.population = Population(
            device.curve, config.wire_place_sd_mT, config.wire_steepness_sd
        )
        felt_mT = self.population.felt_range_mT(self.low_mT, self.high_mT)
        self.curve = FastCurve(device.curve, *felt_mT)
        pixels, labels = images.train_pixels, images.train_labels
        training, validation = split(config, images, model=model, seed=seed)
        every_image = active_inputs(pixels)
        self.images, self.labels = every_image.take(training), labels[training]
        self.validation_images = every_image.take(validation)
        self.validation_labels = labels[validation]
        self.n_in, self.n_out = pixels.shape[1], int(labels.max()) + 1
        rng = generator(seed, model, "validation wires")
        sets = min(SETS_OF_WIRES, len(validation)) if self.population.differs else 1
        self.validation_wires = [self.draw_wires(rng) for _ in range(sets)]

    def train(self, checkpoint: Checkpoint | None = None) -> list[ExportedNetwork]:
        """Train until every network has stopped, and return each at its best.

        Parameters
        ----------
        checkpoint
            Keeps the progress after every epoch; an interrupted training goes on from there.
        """
        progress = (checkpoint.load() if checkpoint else None) or self._start()
        with progress_bar(
            desc=f"{self.device.name}, model {self.model}",
            total=self.config.max_epochs,
            initial=progress.epoch,
            unit="epoch",
        ) as bar:
            while len(live := self._live(progress)):
                self._train_epoch(progress, live)
                if checkpoint:
                    checkpoint.save(progress)
                best = min(min(losses) for losses in progress.validation_loss)
                bar.set_postfix(refresh=False, networks=len(live), best_loss=f"{best:.4f}")
                bar.update()
        return [self._export(progress, n) for n in range(len(self.kinds))]

    def draw_wires(self, rng: np.random.Generator) -> Wires | None:
        """Return a wire for every synapse; None where they do not differ."""
        if not self.population.differs:
            return None
        return self.population.draw((self.n_in, self.n_out), rng)

    def _start(self) -> Progress:
        synapses = np.full(
            (len(self.kinds), self.n_in * self.n_out), self.device.curve.field_mT(0.5)
        )
        synapses[self.plain(np.arange(len(self.kinds)))] = 0.0
        return Progress.start(np.hstack([synapses, np.zeros((len(self.kinds), self.n_out))]))

    def _live(self, progress: Progress) -> NDArray[np.int64]:
        if progress.epoch >= self.config.max_epochs:
            return np.empty(0, np.int64)
        return np.flatnonzero([not self._converged(losses) for losses in progress.validation_loss])

    def _converged(self, losses: list[float]) -> bool:
        epochs_since_best = len(losses) - 1 - losses.index(min(losses)) if losses else 0
        return epochs_since_best >= self.config.patience_epochs

    def _train_epoch(self, progress: Progress, live: NDArray[np.int64]) -> None:
        """Train and validate the live networks for an epoch."""
        order = generator(self.seed, self.model, "order", progress.epoch).permutation(
            len(self.labels)
        )
        images, labels = self.images.take(order), self.labels[order]

        def run(networks: NDArray[np.int64]) -> None:
            _LiveBatch(self, progress, networks).learn_epoch(images, labels)
            self._validate(progress, networks)

        at_once = min(NETWORKS_AT_ONCE, -(-len(live) // self.threads))
        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(run, np.array_split(live, -(-len(live) // at_once))))
        progress.epoch += 1

    def _validate(self, progress: Progress, networks: NDArray[np.int64]) -> None:
        synapses, biases = self.split(progress.parameters[networks])
        streams = self.streams(networks, "validation", progress.epoch + 1)
        parts = np.array_split(np.arange(len(self.validation_labels)), len(self.validation_wires))
        loss_of = np.zeros(len(networks))
        for part, wires in zip(parts, self.validation_wires, strict=True):
            f, _ = self.evaluate(synapses, self.plain(networks), wires)
            images, labels = self.validation_images.take(part), self.validation_labels[part]
            for i, n in enumerate(networks):
                y = outputs(f[i], self.kinds[n].reads, images, streams[i], int(part[0]))
                loss_of[i] += cross_entropy(y, biases[i], labels) * len(part)
        for loss, n in zip(loss_of / len(self.validation_labels), networks, strict=True):
            losses = progress.validation_loss[n]
            if loss < min(losses, default=np.inf):
                progress.best[n] = progress.parameters[n]
            losses.append(float(loss))

    def _export(self, progress: Progress, n: int) -> ExportedNetwork:
        losses, kind = progress.validation_loss[n], self.kinds[n]
        synapses, biases = self.split(progress.best[n : n + 1])
        record = TrainingRecord(
            learning_rate=kind.learning_rate,
            best_epoch=int(np.argmin(losses)) + 1,
            converged=self._converged(losses),
            validation_loss=tuple(losses),
            wire_place_sd_mT=0.0 if kind.rule == "perceptron" else self.population.place_sd_mT,
            wire_steepness_sd=0.0 if kind.rule == "perceptron" else self.population.steepness_sd,
        )
        return ExportedNetwork(
            kind.rule, kind.reads, synapses[0].T.copy(), biases[0].copy(), record
        )

    def split(self, parameters: Floats) -> tuple[Floats, Floats]:
        """Return views of synapses (n_networks, n_in, n_out) and biases (n_networks, n_out)."""
        synapses, biases = np.split(parameters, [self.n_in * self.n_out], axis=1)
        return synapses.reshape(-1, self.n_in, self.n_out), biases

    def evaluate(
        self, synapses: Floats, plain: list[bool], wires: Wires | None
    ) -> tuple[Floats, Floats]:
        """Return mean weights and their slopes, shape (n_networks, n_in, n_out).

        Those of a network with plain weights are these weights and 1.
        """
        if wires is None:
            f, slope = self.curve(synapses)
        else:
            felt_mT = np.clip(wires.felt_mT(synapses), self.curve.low_mT, self.curve.high_mT)
            f, slope = self.curve(felt_mT)
            slope *= wires.steepness
        if any(plain):
            f[plain], slope[plain] = synapses[plain], 1.0
        return f, slope

    def plain(self, which: NDArray[np.int64]) -> list[bool]:
        """Return which of these networks have plain weights instead of a device's synapses."""
        return [self.kinds[n].rule == "perceptron" for n in which]

    def streams(self, which: NDArray[np.int64], purpose: str, epoch: int) -> NDArray[np.uint64]:
        """Return the stream of each of these networks in an epoch."""
        kinds = [self.kinds[n] for n in which]
        return np.array([stream(self.seed, self.model, k, purpose, epoch) for k in kinds])


class _LiveBatch:
    """Some networks still in training, stacked for one epoch."""

    def __init__(self, trainer: Trainer, progress: Progress, live: NDArray[np.int64]):
        kinds = [trainer.kinds[n] for n in live]
        self.trainer, self.progress, self.live = trainer, progress, live
        self.parameters, self.first, self.second = (
            array[live] for array in (progress.parameters, progress.first, progress.second)
        )
        self.synapses, self.biases = trainer.split(self.parameters)
        self.gradient = np.empty_like(self.parameters)
        self.synapse_gradient, self.bias_gradient = trainer.split(self.gradient)
        self.rates = np.array([kind.learning_rate for kind in kinds])
        self.stochastic = np.array([kind.rule == "stochastic" for kind in kinds])
        self.sampled = np.array([kind.reads is not None for kind in kinds])
        self.reads = [kind.reads for kind in kinds]
        self.plain = trainer.plain(live)
        unbounded = np.array(self.plain)[:, None, None]
        self.low_mT = np.where(unbounded, -np.inf, trainer.low_mT)
        self.high_mT = np.where(unbounded, np.inf, trainer.high_mT)
        self.streams = trainer.streams(live, "training", progress.epoch)
        self.rng = generator(trainer.seed, trainer.model, "training wires", progress.epoch)

    def learn_epoch(self, images: ActiveInputs, labels: NDArray[np.int64]) -> None:
        """Learn from all images in their order, and put the networks back among all."""
        starts = range(0, len(labels), self.trainer.config.batch_images)
        for step, start in enumerate(starts, 1 + self.progress.epoch * len(starts)):
            chosen = slice(start, start + self.trainer.config.batch_images)
            self._learn(images.take(chosen), labels[chosen], first_image=start, step=step)
        for name in ("parameters", "first", "second"):
            getattr(self.progress, name)[self.live] = getattr(self, name)

    def _learn(
        self, images: ActiveInputs, labels: NDArray[np.int64], *, first_image: int, step: int
    ) -> None:
        """Take one step of Adam on a mini-batch."""
        wires = self.trainer.draw_wires(self.rng)
        f, slope = self.trainer.evaluate(self.synapses, self.plain, wires)
        y = np.empty((len(f), len(labels), f.shape[2]))
        for n, reads in enumerate(self.reads):
            if reads is not None:
                draw_sums(f[n], images, reads, self.streams[n], first_image, y[n])
                y[n] /= reads
        kinds = self.sampled, self.stochastic
        into = self.synapse_gradient, self.bias_gradient
        gradients(f, slope, self.biases, *images, labels, y, *kinds, *into)
        adam_step(self.parameters, self.gradient, self.first, self.second, self.rates, step)
        np.clip(self.synapses, self.low_mT, self.high_mT, out=self.synapses)
