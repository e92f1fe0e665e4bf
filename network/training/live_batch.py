"""Networks that learn together for one epoch."""

from collections.abc import Sequence

import numpy as np

from network.images.active_inputs import LabelledInputs
from network.kinds import Kind
from network.reads.neuron_sums import draw_sums
from network.reads.random_streams import generator, streams
from network.synapses.mean_weights import MeanWeights
from network.training.checkpoint import Progress
from network.training.gradient_steps import adam_step, gradients
from network.training.parameters import synapses_and_biases


class LiveBatch:
    """Some networks in training, stacked, from the start to the end of an epoch.

    Parameters
    ----------
    kinds
        What they are.
    progress
        Their state, which changes with them.
    weights
        Their synapses.
    n_in
        Inputs of each network.
    model, seed
        Wires and reads follow from these.
    """

    def __init__(
        self,
        kinds: Sequence[Kind],
        progress: Progress,
        weights: MeanWeights,
        n_in: int,
        *,
        model: int,
        seed: int,
    ):
        self.progress, self.weights = progress, weights
        self.synapses, self.biases = synapses_and_biases(progress.parameters, n_in)
        self.gradient = np.empty_like(progress.parameters)
        self.synapse_gradient, self.bias_gradient = synapses_and_biases(self.gradient, n_in)
        self.rates = np.array([kind.learning_rate for kind in kinds])
        self.through_spread = np.array([kind.through_spread for kind in kinds])
        self.sampled = np.array([kind.reads is not None for kind in kinds])
        self.reads = [kind.reads for kind in kinds]
        self.plain = np.array([kind.plain for kind in kinds])
        unbounded = self.plain[:, None, None]
        self.low_mT = np.where(unbounded, -np.inf, weights.low_mT)
        self.high_mT = np.where(unbounded, np.inf, weights.high_mT)
        self.streams = streams(seed, model, kinds, "training", progress.epoch)
        self.rng = generator(seed, model, "training wires", progress.epoch)

    def learn_epoch(self, images: LabelledInputs, batch_images: int) -> None:
        """Learn from all images in their order, in mini-batches of this size."""
        starts = range(0, len(images.labels), batch_images)
        for step, start in enumerate(starts, 1 + self.progress.epoch * len(starts)):
            batch = images.take(slice(start, start + batch_images))
            self._learn(batch, first_image=start, step=step)

    def _learn(self, batch: LabelledInputs, *, first_image: int, step: int) -> None:
        """Take one step of Adam on a mini-batch."""
        inputs, labels = batch
        wires = self.weights.draw_wires(self.synapses.shape[1:], self.rng)
        f, slope = self.weights(self.synapses, self.plain, wires)
        y = np.empty((len(f), len(labels), f.shape[2]))
        for n, reads in enumerate(self.reads):
            if reads is not None:
                draw_sums(f[n], inputs, reads, self.streams[n], first_image, y[n])
                y[n] /= reads
        flags = self.sampled, self.through_spread
        into = self.synapse_gradient, self.bias_gradient
        gradients(f, slope, self.biases, *inputs, labels, y, *flags, *into)
        moments = self.progress.first, self.progress.second
        adam_step(self.progress.parameters, self.gradient, *moments, self.rates, step)
        np.clip(self.synapses, self.low_mT, self.high_mT, out=self.synapses)
