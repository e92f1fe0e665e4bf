"""The loss of networks on the images that are set aside, by which training stops."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from network.images.active_inputs import LabelledInputs
from network.kinds import Kind
from network.reads.outputs import outputs
from network.reads.random_streams import generator, streams
from network.synapses.mean_weights import MeanWeights
from network.training.gradient_steps import cross_entropy
from network.training.parameters import synapses_and_biases

SETS_OF_WIRES = 10  # sets of wires for validation where wires differ


class Validation:
    """Validation images and, where wires differ, those that read them: in all epochs the same.

    Parameters
    ----------
    images
        The validation images.
    weights
        The synapses.
    shape
        Inputs and outputs of each network.
    model, seed
        Wires and reads follow from these.
    """

    def __init__(
        self,
        images: LabelledInputs,
        weights: MeanWeights,
        shape: tuple[int, int],
        *,
        model: int,
        seed: int,
    ):
        self.images, self.weights, self.n_in = images, weights, shape[0]
        self.model, self.seed = model, seed
        rng = generator(seed, model, "validation wires")
        differ = weights.population.differs
        sets = min(SETS_OF_WIRES, len(images.labels)) if differ else 1
        self.wires = [weights.draw_wires(shape, rng) for _ in range(sets)]

    def losses(
        self, kinds: Sequence[Kind], parameters: NDArray[np.float64], epoch: int
    ) -> NDArray[np.float64]:
        """Return the mean cross-entropy (nats) of each network, shape (n_networks,).

        Parameters
        ----------
        kinds, parameters
            The networks, see `network.training.parameters`.
        epoch
            Number of the epoch that they have done; the first is 1.
        """
        synapses, biases = synapses_and_biases(parameters, self.n_in)
        plain = np.array([kind.plain for kind in kinds])
        drawn = streams(self.seed, self.model, kinds, "validation", epoch)
        n_images = len(self.images.labels)
        total = np.zeros(len(kinds))
        for part, wires in zip(
            np.array_split(np.arange(n_images), len(self.wires)), self.wires, strict=True
        ):
            f, _ = self.weights(synapses, plain, wires)
            inputs, labels = self.images.take(part)
            for n, kind in enumerate(kinds):
                y = outputs(f[n], kind.reads, inputs, drawn[n], int(part[0]))
                total[n] += cross_entropy(y, biases[n], labels) * len(part)
        return total / n_images
