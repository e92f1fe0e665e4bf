"""Training as in section 4.5 of Ellis et al. 2023, many networks at once.

All networks of a model share the split into training and validation images, the order of the
mini-batches, and the wires where these differ; each draws its own reads. A network that has stopped
leaves the batch. A trained network depends on the seed, the model and its kind, not on the
others in the batch or on the number of threads.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.progress_bars import progress_bar
from dwsynapse.study.network import Network
from fitting.device import DeviceModel
from network.images.prepared_images import Images
from network.kinds import Kind
from network.reads.random_streams import generator
from network.synapses.mean_weights import MeanWeights
from network.trained_model import ExportedNetwork, TrainingRecord
from network.training.checkpoint import Checkpoint, Progress
from network.training.live_batch import LiveBatch
from network.training.parameters import synapses_and_biases
from network.training.validation_loss import Validation
from network.training.validation_split import split_inputs

NETWORKS_AT_ONCE = 4  # of a thread: enough that Python costs little, few enough to balance threads


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
        Processor threads, among which the networks are shared.

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
        self.threads, self.chance = threads, {"model": model, "seed": seed}
        self.weights = MeanWeights(device, config.wire_place_sd_mT, config.wire_steepness_sd)
        self.images, set_aside = split_inputs(config, images, **self.chance)
        self.shape = images.train_pixels.shape[1], int(images.train_labels.max()) + 1
        self.validation = Validation(set_aside, self.weights, self.shape, **self.chance)

    def train(self, checkpoint: Checkpoint | None = None) -> list[ExportedNetwork]:
        """Train until every network has stopped, and return each at its best.

        Parameters
        ----------
        checkpoint
            Keeps the progress after every epoch; an interrupted training continues from there.
        """
        progress = (checkpoint.load() if checkpoint else None) or self._start()
        with progress_bar(
            desc=f"{self.device.name}, model {self.chance['model']}",
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

    def _start(self) -> Progress:
        """Return the progress before training: f = 1/2 or plain weights 0, and biases 0."""
        n_in, n_out = self.shape
        parameters = np.zeros((len(self.kinds), (n_in + 1) * n_out))
        synapses, _ = synapses_and_biases(parameters, n_in)
        synapses[~np.array([kind.plain for kind in self.kinds])] = self.device.curve.field_mT(0.5)
        return Progress.start(parameters)

    def _live(self, progress: Progress) -> NDArray[np.int64]:
        if progress.epoch >= self.config.max_epochs:
            return np.empty(0, np.int64)
        return np.flatnonzero([not self._converged(progress, n) for n in range(len(self.kinds))])

    def _converged(self, progress: Progress, n: int) -> bool:
        return progress.epochs_since_best(n) >= self.config.patience_epochs

    def _train_epoch(self, progress: Progress, live: NDArray[np.int64]) -> None:
        """Train and validate the live networks for an epoch."""
        order = generator(
            self.chance["seed"], self.chance["model"], "order", progress.epoch
        ).permutation(len(self.images.labels))
        images = self.images.take(order)

        def run(networks: NDArray[np.int64]) -> None:
            part, kinds = progress.part(networks), [self.kinds[n] for n in networks]
            batch = LiveBatch(kinds, part, self.weights, self.shape[0], **self.chance)
            batch.learn_epoch(images, self.config.batch_images)
            part.add_losses(self.validation.losses(kinds, part.parameters, progress.epoch + 1))
            progress.put_back(networks, part)

        at_once = min(NETWORKS_AT_ONCE, -(-len(live) // self.threads))
        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(run, np.array_split(live, -(-len(live) // at_once))))
        progress.epoch += 1

    def _export(self, progress: Progress, n: int) -> ExportedNetwork:
        losses, kind = progress.validation_loss[n], self.kinds[n]
        synapses, biases = synapses_and_biases(progress.best[n : n + 1], self.shape[0])
        record = TrainingRecord(
            learning_rate=kind.learning_rate,
            best_epoch=int(np.argmin(losses)) + 1,
            converged=self._converged(progress, n),
            validation_loss=tuple(losses),
            wire_place_sd_mT=0.0 if kind.plain else self.config.wire_place_sd_mT,
            wire_steepness_sd=0.0 if kind.plain else self.config.wire_steepness_sd,
        )
        return ExportedNetwork(
            kind.rule, kind.reads, synapses[0].T.copy(), biases[0].copy(), record
        )
