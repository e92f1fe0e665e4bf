"""The learning rules in closed form, compiled: what training runs, as `network.layer` defines it.

For softmax and cross-entropy dE/dy_i = softmax_i - [i is the label], and from the module docstring
of `network.layer`, with xi_i / (K sigma_i) = (y_i - mu_i) / (K sigma_i^2),

    dE/dh_ij = f'_ij sum_images dE/dy_i x_j [1 + (1 - 2 f_ij) (y_i - mu_i) / (2 K sigma_i^2)],

where inputs are binary, so that x_j^2 = x_j. A test holds this to the layer's autograd. Synapses
are stored as (n_in, n_out) here, so that the neurons of an active input lie side by side.
"""

import numpy as np
from numba import njit


@njit(cache=True, error_model="numpy")
def gradients(  # type: ignore[no-untyped-def]
    f, slope, biases, active, n_active, labels, y, sampled, stochastic, grad_synapses, grad_biases
):
    """Write the gradient of each network's mean cross-entropy over a mini-batch.

    Parameters
    ----------
    f, slope
        Mean weights f(h_ij) and their derivatives, shape (n_networks, n_in, n_out).
    biases
        Shape (n_networks, n_out).
    active, n_active
        The images, from `network.sampling.active_inputs`.
    labels
        Shape (n_images,).
    y
        Sampled outputs before the bias, shape (n_networks, n_images, n_out).
    sampled, stochastic
        Whether a network's output is sampled (else it is the mean), and whether it learns by the
        stochastic rule, shape (n_networks,).
    grad_synapses, grad_biases
        Where the gradients go, shaped like `f` and `biases`.
    """
    n_networks, n_in, n_out = f.shape
    for n in range(n_networks):
        fluctuation = f[n] * (1.0 - f[n])
        by_mean, by_sigma = np.zeros((n_in, n_out)), np.zeros((n_in, n_out))
        grad_biases[n] = 0.0
        mu, variance, error = np.empty(n_out), np.empty(n_out), np.empty(n_out)
        for b in range(len(labels)):
            mu[:], variance[:] = 0.0, 0.0
            for a in range(n_active[b]):
                j = active[b, a]
                for i in range(n_out):
                    mu[i] += f[n, j, i]
                    variance[i] += fluctuation[j, i]
            z = (y[n, b] if sampled[n] else mu) + biases[n]
            error[:] = np.exp(z - z.max())
            error /= error.sum()
            error[labels[b]] -= 1.0
            error /= len(labels)
            grad_biases[n] += error
            for a in range(n_active[b]):
                j = active[b, a]
                for i in range(n_out):
                    by_mean[j, i] += error[i]
            if not stochastic[n]:
                continue
            for i in range(n_out):  # K sigma^2 is the variance of one read
                vary = variance[i] > 0.0
                error[i] *= (y[n, b, i] - mu[i]) / (2.0 * variance[i]) if vary else 0.0
            for a in range(n_active[b]):
                j = active[b, a]
                for i in range(n_out):
                    by_sigma[j, i] += error[i]
        for j in range(n_in):
            for i in range(n_out):
                skew = (1.0 - 2.0 * f[n, j, i]) * by_sigma[j, i]
                grad_synapses[n, j, i] = slope[n, j, i] * (by_mean[j, i] + skew)


@njit(cache=True, error_model="numpy")
def adam_step(parameters, gradient, first, second, rates, step):  # type: ignore[no-untyped-def]
    """Move the parameters of all networks by one step of Adam (Kingma & Ba 2015), in place.

    Parameters
    ----------
    parameters, gradient, first, second
        Parameters, gradient, and its running first and second moments, shape
        (n_networks, n_parameters).
    rates
        Learning rates, shape (n_networks,).
    step
        Number of this step; the first is 1.
    """
    correct_first, correct_second = 1.0 - 0.9**step, 1.0 - 0.999**step
    for n in range(len(parameters)):
        for p in range(parameters.shape[1]):
            g = gradient[n, p]
            first[n, p] += 0.1 * (g - first[n, p])
            second[n, p] += 0.001 * (g * g - second[n, p])
            scale = np.sqrt(second[n, p] / correct_second) + 1e-8
            parameters[n, p] -= rates[n] * first[n, p] / correct_first / scale
