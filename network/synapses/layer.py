"""A layer of stochastic synapses, for many networks at once (`network.synapses.equations`)."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dwsynapse.io.argument_types import require_type
from fitting.device import PassingCurve
from fitting.field_grid import FieldGrid
from network.kinds import Kind
from network.reads.graded_sums import graded_sums
from network.reads.neuron_sums import neuron_sums
from network.reads.random_streams import standard_normals
from network.synapses.equations import moments, reparameterised

Sampler = Literal["exact", "gaussian"]
LEAST_RISE = 0.05
"""Of a curve at the start of training: where it is flat nothing is learnt."""


class StochasticSynapses(torch.nn.Module):
    """A batch of layers, one for each network.

    Parameters
    ----------
    curve
        Passing curve f(h) of the device. Its parameters may be tensors that broadcast against the
        fields: synapses that differ from device to device.
    kinds
        Kind of each network.
    fields_mT
        Propagation fields h_ij in mT (plain weights for a perceptron), shape
        (n_networks, n_out, n_in).
    biases
        Real biases b_i, shape (n_networks, n_out).
    sampler
        ``exact`` draws every read. ``gaussian`` draws outputs from a normal distribution of the
        same moments, whose error `network.synapses.equations.gaussian_error_bound` states.
    grid
        Fields that the instrument can set: synapses use the nearest of them, and gradients pass
        as if they were not rounded (straight-through, Bengio, Leonard & Courville 2013). None
        allows any field.
    """

    inverse_reads: Tensor
    through_spread: Tensor
    plain: Tensor

    def __init__(
        self,
        curve: PassingCurve,
        kinds: Sequence[Kind],
        fields_mT: Tensor,
        biases: Tensor,
        *,
        sampler: Sampler = "exact",
        grid: FieldGrid | None = None,
    ):
        super().__init__()
        require_type(curve, PassingCurve, "curve", "give that of a device, device.curve")
        for name, given in (("fields_mT", fields_mT), ("biases", biases)):
            require_type(given, Tensor, name, f"give torch.as_tensor({name})")
        self.curve, self.sampler, self.grid = curve, sampler, grid
        self.fields_mT = torch.nn.Parameter(fields_mT)
        self.biases = torch.nn.Parameter(biases)
        self.reads = [kind.reads or 0 for kind in kinds]
        self.sampled = [n for n, kind in enumerate(kinds) if kind.reads]
        inverse_reads = [1 / kind.reads if kind.reads else 0.0 for kind in kinds]
        for name, values in {
            "inverse_reads": torch.tensor(inverse_reads, dtype=fields_mT.dtype),
            "through_spread": torch.tensor([kind.through_spread for kind in kinds]),
            "plain": torch.tensor([kind.plain for kind in kinds]),
        }.items():
            self.register_buffer(name, values[:, None, None].to(fields_mT.device))

    @classmethod
    def start(
        cls,
        curve: PassingCurve,
        kinds: Sequence[Kind],
        n_in: int,
        n_out: int,
        *,
        spread: float = 0.0,
        rng: np.random.Generator | None = None,
        **options: Any,
    ) -> "StochasticSynapses":
        """Return untrained layers: biases 0, passing probabilities about 1/2.

        Parameters
        ----------
        curve, kinds
            As for the layer.
        n_in, n_out
            Inputs and outputs of each network.
        spread
            Probabilities are drawn evenly between 1/2 - spread and 1/2 + spread, where the curve
            rises by a twentieth at least from its floor and to its lapse. 0 is the paper's start
            (Fig. 3a); hidden neurons need more, as otherwise all would learn the same.
        rng
            Draws them; None is a generator of seed 0.
        **options
            `sampler` and `grid` of the layer.

        Raises
        ------
        ValueError
            If the curve does not cross 1/2.
        """
        floor, top, low, high = curve.floor, 1 - curve.lapse, 0.5 - spread, 0.5 + spread
        if not floor < 0.5 < top:
            raise ValueError("the curve does not cross 1/2")
        shape = len(kinds), n_out, n_in
        f = np.full(shape, 0.5)
        if spread:
            flat = LEAST_RISE * (top - floor)
            low, high = max(low, floor + flat), min(high, top - flat)
            f = (rng or np.random.default_rng(0)).uniform(low, high, shape)
        rise = (f - floor) / (1 - floor - curve.lapse)
        fields_mT = torch.from_numpy(np.asarray(curve.rise_field_mT(rise)))
        biases = torch.zeros(shape[:2], dtype=fields_mT.dtype)
        return cls(curve, kinds, fields_mT, biases, **options)

    def forward(self, inputs: Tensor, streams: NDArray[np.uint64], first_image: int = 0) -> Tensor:
        """Return the biased outputs y_i + b_i; their gradient follows each network's rule.

        Parameters
        ----------
        inputs
            Inputs x_j in [0, 1], shape (n_images, n_in), or (n_networks, n_images, n_in) where
            networks have different ones; uint8 where binary.
        streams
            Stream of random numbers of each network, shape (n_networks,).
        first_image
            Number of the first image in the streams.

        Returns
        -------
        Tensor
            Shape (n_networks, n_images, n_out).
        """
        f = self.weights()
        x = inputs.to(f.dtype).expand(len(f), *inputs.shape[-2:])
        mu, variance = moments(f, x, self.inverse_reads)
        with torch.no_grad():
            if self.sampler == "gaussian":
                y = self._gaussian(mu, variance, streams, first_image)
            else:
                y = self._exact(f, inputs, mu, streams, first_image)
        if torch.is_grad_enabled():
            y = reparameterised(y, mu, variance, self.through_spread)
        return y + self.biases[:, None, :]

    def weights(self) -> Tensor:
        """Return the mean weights f(h_ij), shape (n_networks, n_out, n_in)."""
        fields_mT: Tensor = self.fields_mT
        if self.grid:
            set_mT = torch.from_numpy(self.grid.nearest_mT(fields_mT.detach().cpu().numpy()))
            fields_mT = fields_mT + (set_mT.to(fields_mT) - fields_mT).detach()
        return torch.where(self.plain, self.fields_mT, self.curve.probability(fields_mT))

    def _gaussian(
        self, mu: Tensor, variance: Tensor, streams: NDArray[np.uint64], first_image: int
    ) -> Tensor:
        xi = torch.from_numpy(standard_normals(streams, first_image, *mu.shape[1:]))
        return mu + variance.sqrt() * xi.to(mu)

    def _exact(
        self,
        f: Tensor,
        inputs: Tensor,
        mu: Tensor,
        streams: NDArray[np.uint64],
        first_image: int,
    ) -> Tensor:
        n = self.sampled
        if not n:
            return mu
        shared = inputs.ndim == 2
        sums = neuron_sums if shared and inputs.dtype == torch.uint8 else graded_sums
        seen = (inputs if shared else inputs[n]).detach().cpu().numpy()
        chosen = f[n].double().cpu().numpy()
        drawn = sums(chosen, seen, [self.reads[i] for i in n], streams[n], first_image)
        y = mu.clone()
        y[n] = torch.from_numpy(drawn).to(mu) * self.inverse_reads[n]
        return y
