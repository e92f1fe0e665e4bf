"""The stochastic synapse layer: the definition of the network and of both learning rules.

With K reads per synapse, inputs x_j in [0, 1] and passing probabilities f_ij = f(h_ij),

    mu_i      = sum_j f_ij x_j                                  (Eq. 4)
    sigma_i^2 = (1/K) sum_j f_ij x_j (1 - f_ij x_j)             (Eq. 5)
    y_i       = mu_i + sigma_i xi_i                             (Eq. 6)

The output y_i is sampled exactly (Eqs. 1-3), and xi_i = (y_i - mu_i) / sigma_i is the residual that
this sample realised, held fixed while differentiating. For the sigma above,

    d sigma_i / d h_ij = f'_ij x_j (1 - 2 f_ij x_j) / (2 K sigma_i),
    d y_i / d h_ij     = f'_ij x_j [1 + (1 - 2 f_ij x_j) xi_i / (2 K sigma_i)].

This is the stochastic rule. Eqs. 13 and 14 of the paper lack the 1/K, which follows from the K in
Eq. 5 and is kept here: without it the rule would not be the derivative of Eq. 6, and its second
term would exceed that derivative K times. The mean-field rule has the first term alone.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from fitting.device import PassingCurve
from network.kinds import Kind
from network.sampling import neuron_sums


class StochasticSynapses(torch.nn.Module):
    """A batch of single-layer networks that see the same inputs.

    Parameters
    ----------
    curve
        Passing curve f(h) of the device.
    kinds
        Kind of each network.
    fields_mT
        Propagation fields h_ij in mT (plain weights for a perceptron), shape
        (n_networks, n_out, n_in).
    biases
        Real biases b_i, shape (n_networks, n_out).
    """

    inverse_reads: torch.Tensor
    stochastic: torch.Tensor
    plain: torch.Tensor

    def __init__(
        self,
        curve: PassingCurve,
        kinds: Sequence[Kind],
        fields_mT: torch.Tensor,
        biases: torch.Tensor,
    ):
        super().__init__()
        self.curve = curve
        self.fields_mT = torch.nn.Parameter(fields_mT)
        self.biases = torch.nn.Parameter(biases)
        self.reads = [kind.reads or 0 for kind in kinds]
        self.sampled = [n for n, kind in enumerate(kinds) if kind.reads]
        inverse_reads = [1 / kind.reads if kind.reads else 0.0 for kind in kinds]
        for name, values in {
            "inverse_reads": torch.tensor(inverse_reads, dtype=fields_mT.dtype),
            "stochastic": torch.tensor([kind.rule == "stochastic" for kind in kinds]),
            "plain": torch.tensor([kind.rule == "perceptron" for kind in kinds]),
        }.items():
            self.register_buffer(name, values[:, None, None].to(fields_mT.device))

    def forward(
        self, inputs: torch.Tensor, streams: NDArray[np.uint64], first_image: int = 0
    ) -> torch.Tensor:
        """Return the biased outputs y_i + b_i; their gradient follows each network's rule.

        Parameters
        ----------
        inputs
            Inputs x_j in [0, 1], shape (n_images, n_in); uint8 where binary.
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
        x = inputs.to(f.dtype).expand(len(f), *inputs.shape)
        mu = torch.bmm(x, f.transpose(1, 2))
        with torch.no_grad():
            y = self._sample(f, inputs, mu, streams, first_image)
        biases = self.biases[:, None, :]
        if not torch.is_grad_enabled():
            return y + biases
        variance = self._variance(f, x)
        # Where nothing can vary, y = mu and the root's infinite slope must not be met.
        sigma = torch.where(variance > 0, variance, 1.0).sqrt()
        xi = ((y - mu) / sigma).detach()
        return mu + torch.where(self.stochastic, sigma, sigma.detach()) * xi + biases

    def weights(self) -> torch.Tensor:
        """Return the mean weights f(h_ij), shape (n_networks, n_out, n_in)."""
        return torch.where(self.plain, self.fields_mT, self.curve.probability(self.fields_mT))

    def _variance(self, f: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        # f x (1 - f x) = f (1 - f) x + f^2 x (1 - x) has no difference of large numbers.
        by_synapse = torch.bmm(x, (f * (1 - f)).transpose(1, 2))
        by_input = torch.bmm(x * (1 - x), (f * f).transpose(1, 2))
        return (by_synapse + by_input) * self.inverse_reads

    def _sample(
        self,
        f: torch.Tensor,
        inputs: torch.Tensor,
        mu: torch.Tensor,
        streams: NDArray[np.uint64],
        first_image: int,
    ) -> torch.Tensor:
        y = mu.clone()
        n = self.sampled
        if not n:
            return y
        reads = [self.reads[i] for i in n]
        if inputs.dtype == torch.uint8 and inputs.device.type == "cpu":
            chosen = f[n].double().numpy()
            sums = neuron_sums(chosen, inputs.numpy(), reads, streams[n], first_image)
            y[n] = torch.from_numpy(sums).to(f.dtype) * self.inverse_reads[n]
            return y
        for i in n:
            seed = (int(streams[i]) + first_image) % 2**63
            generator = torch.Generator(f.device).manual_seed(seed)
            p = f[i] * inputs.to(f.dtype)[:, None, :]
            passes = torch.binomial(torch.full_like(p, self.reads[i]), p, generator=generator)
            y[i] = passes.sum(dim=2) / self.reads[i]
        return y
