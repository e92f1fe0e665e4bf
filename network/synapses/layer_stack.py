"""Layers of stochastic synapses stacked into deeper networks, trained by backpropagation.

Between two layers a neuron turns its biased output y + b into the input of the next layer, with
s = 1 / (1 + exp(-g (y + b))):

- a ``graded`` neuron injects each read's wall with probability s, drawn for every read;
- a ``binary`` neuron decides once per image: where y + b > 0 it injects a wall in every read. Its
  gradient is that of s (straight-through, Bengio, Leonard & Courville 2013). No random numbers but
  the reads' are needed, and what it does follows from the log of a device.

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

from network.reads.random_streams import layer_stream
from network.synapses.layer import StochasticSynapses

Neuron = Literal["graded", "binary"]


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
            x = self._neurons(layer(x, own, first_image), gain)
        last = len(self.layers) - 1
        return self.layers[last](x, _streams(streams, last), first_image)

    @torch.no_grad()
    def centred(self, inputs: Tensor, streams: NDArray[np.uint64], sd: float = 2.0) -> None:
        """Set biases and gains of the hidden neurons so that g (y + b) has mean 0 and this sd.

        Parameters
        ----------
        inputs
            Some images, shape (n_images, n_in).
        streams
            As in `forward`.
        sd
            Standard deviation over the images.
        """
        x = inputs
        for number, (layer, gain) in enumerate(zip(self.layers, self.gains, strict=False)):
            own = _streams(streams, number)
            y = layer(x, own)
            layer.biases -= y.mean(1)
            gain.copy_(sd / y.std(1).clamp_min(1e-6))
            x = self._neurons(y - y.mean(1, keepdim=True), gain)

    def _neurons(self, outputs: Tensor, gain: Tensor) -> Tensor:
        s = torch.sigmoid(gain[:, None] * outputs)
        if self.neuron == "graded":
            return s
        return s + ((outputs > 0).to(s) - s).detach()


def _streams(streams: NDArray[np.uint64], layer: int) -> NDArray[np.uint64]:
    return np.array([layer_stream(stream, layer) for stream in streams], np.uint64)
