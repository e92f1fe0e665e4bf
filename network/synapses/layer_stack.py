"""Layers of stochastic synapses stacked into deeper networks, trained by backpropagation.

Between two layers a neuron turns its biased output y + b into the input of the next layer, the
probability s = 1 / (1 + exp(-g (y + b))) that it injects a wall:

- a ``graded`` neuron injects each read's wall with probability s, drawn for every read;
- a ``binary`` neuron decides once per image whether it injects walls. Its gradient
  is that of s (straight-through, Bengio, Leonard & Courville 2013).

Weights are between 0 and 1, so outputs of a layer grow with the inputs that are on. `centred`
chooses biases and gains from some images so that neurons begin where s is steep.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from network.reads.random_streams import uniforms
from network.synapses.layer import StochasticSynapses

Neuron = Literal["graded", "binary"]
DECISIONS = np.uint64(0x5DEECE66D)
"""Separates the random numbers of the neurons from those of the reads before them."""


class Stack(torch.nn.Module):
    """Networks of several layers.

    Parameters
    ----------
    layers
        The layers from the inputs on, all for the same number of networks; the outputs of one are
        as many as the inputs of the next.
    neuron
        The kind of neuron between them.

    Raises
    ------
    ValueError
        If the layers do not fit each other.
    """

    def __init__(self, layers: Sequence[StochasticSynapses], neuron: Neuron = "graded"):
        super().__init__()
        for number, (first, second) in enumerate(pairwise(layers), 1):
            n_out, n_in = first.fields_mT.shape[1], second.fields_mT.shape[2]
            if n_out != n_in or len(first.fields_mT) != len(second.fields_mT):
                raise ValueError(
                    f"layer {number} has {len(first.fields_mT)} x {n_out} outputs, "
                    f"layer {number + 1} has {len(second.fields_mT)} x {n_in} inputs"
                )
        self.layers, self.neuron = torch.nn.ModuleList(layers), neuron
        self.gains = torch.nn.ParameterList(torch.ones_like(layer.biases) for layer in layers[:-1])

    def forward(self, inputs: Tensor, streams: NDArray[np.uint64], first_image: int = 0) -> Tensor:
        """Return the biased outputs of the last layer, as `StochasticSynapses.forward` does.

        Parameters
        ----------
        inputs, streams, first_image
            As for a layer; every layer draws from its own streams, which follow from these.
        """
        x = inputs
        for number, (layer, gain) in enumerate(zip(self.layers, self.gains, strict=False)):
            own = _streams(streams, number)
            x = self._neurons(layer(x, own, first_image), gain, own, first_image)
        last = len(self.layers) - 1
        return self.layers[last](x, _streams(streams, last), first_image)

    @torch.no_grad()
    def centred(self, inputs: Tensor, streams: NDArray[np.uint64]) -> None:
        """Set biases and gains of the hidden neurons so that g (y + b) has mean 0 and sd 2.

        Parameters
        ----------
        inputs
            Some images, shape (n_images, n_in).
        streams
            As in `forward`.
        """
        x = inputs
        for number, (layer, gain) in enumerate(zip(self.layers, self.gains, strict=False)):
            own = _streams(streams, number)
            y = layer(x, own)
            layer.biases -= y.mean(1)
            gain.copy_(2 / y.std(1).clamp_min(1e-6))
            x = self._neurons(y - y.mean(1, keepdim=True), gain, own, 0)

    def _neurons(
        self, outputs: Tensor, gain: Tensor, streams: NDArray[np.uint64], first_image: int
    ) -> Tensor:
        s = torch.sigmoid(gain[:, None] * outputs)
        if self.neuron == "graded":
            return s
        drawn = torch.from_numpy(uniforms(streams ^ DECISIONS, first_image, *s.shape[1:]))
        fires = (drawn.to(s) < s).to(s)
        return s + (fires - s).detach()


def _streams(streams: NDArray[np.uint64], layer: int) -> NDArray[np.uint64]:
    """Return the streams of a layer; those of the first are the networks' own."""
    if layer == 0:
        return streams
    drawn = [np.random.SeedSequence([int(s), layer]).generate_state(1, np.uint64) for s in streams]
    return np.concatenate(drawn)
