"""Stochastic synapses as functions of tensors: the equations of the network and of both rules.

With K reads per synapse, inputs x_j in [0, 1] (an input between 0 and 1 is the probability that a
wall is injected for a read) and passing probabilities f_ij = f(h_ij),

    mu_i      = sum_j f_ij x_j                                  (Eq. 4)
    sigma_i^2 = (1/K) sum_j f_ij x_j (1 - f_ij x_j)             (Eq. 5)
    y_i       = mu_i + sigma_i xi_i                             (Eq. 6)

The output y_i is sampled exactly (Eqs. 1-3), and xi_i = (y_i - mu_i) / sigma_i is the residual that
this sample realised, kept constant in the derivative. For the sigma above,

    d sigma_i / d h_ij = f'_ij x_j (1 - 2 f_ij x_j) / (2 K sigma_i),
    d y_i / d h_ij     = f'_ij x_j [1 + (1 - 2 f_ij x_j) xi_i / (2 K sigma_i)].

This is the stochastic rule. Eqs. 13 and 14 of the paper omit the 1/K, which follows from the K in
Eq. 5 and is kept here: without it the rule would not be the derivative of Eq. 6, and its second
term would be K times too large. The mean-field rule has only the first term.

Shapes: f is (n_networks, n_out, n_in), x is (n_networks, n_images, n_in), outputs are
(n_networks, n_images, n_out).
"""

import torch
from torch import Tensor

BERRY_ESSEEN = 0.56
"""Constant of the Berry-Esseen theorem for non-identical terms (Shevtsova 2010)."""


def moments(f: Tensor, x: Tensor, inverse_reads: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and variance of the outputs (Eqs. 4 and 5).

    Parameters
    ----------
    f
        Passing probabilities f(h_ij).
    x
        Inputs in [0, 1].
    inverse_reads
        1/K of each network, 0 in the limit, shape (n_networks, 1, 1).
    """
    mu = x @ f.mT
    # f x (1 - f x) = f (1 - f) x + f^2 x (1 - x) avoids a difference of large numbers.
    variance = (x @ (f * (1 - f)).mT + (x * (1 - x)) @ (f * f).mT) * inverse_reads
    return mu, variance


def reparameterised(y: Tensor, mu: Tensor, variance: Tensor, through_spread: Tensor) -> Tensor:
    """Return the outputs y such that their gradient follows each network's rule (Eq. 6).

    Parameters
    ----------
    y
        Sampled outputs.
    mu, variance
        Their moments, from `moments`.
    through_spread
        Whether gradients go through sigma, as in the stochastic rule, network by network; shape
        (n_networks, 1, 1).
    """
    # Where nothing varies, y = mu, and the root's infinite slope must be avoided.
    sigma = torch.where(variance > 0, variance, 1.0).sqrt()
    xi = ((y - mu) / sigma).detach()
    return mu + torch.where(through_spread, sigma, sigma.detach()) * xi


def gaussian_error_bound(f: Tensor, x: Tensor, inverse_reads: Tensor) -> Tensor:
    """Return how far a Gaussian of the same moments may be from the outputs' distribution.

    The largest difference of the two distribution functions is at most
    0.56 sum rho / (sum p (1 - p))^(3/2) over all reads of all synapses, where p = f x and
    rho = p (1 - p) (p^2 + (1 - p)^2) is a read's third absolute central moment (Berry-Esseen;
    Shevtsova 2010). It decreases as 1/sqrt(K), and exceeds 1 where hardly anything varies.

    Parameters
    ----------
    f, x, inverse_reads
        As in `moments`; 1/K must not be 0.
    """
    p = f[:, None] * x[:, :, None]
    third = (p * (1 - p) * (p**2 + (1 - p) ** 2)).sum(-1)
    return BERRY_ESSEEN * third / (p * (1 - p)).sum(-1) ** 1.5 * inverse_reads.sqrt()
