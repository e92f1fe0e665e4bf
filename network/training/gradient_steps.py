"""Gradients of `network.synapses.equations` in closed form, and steps along them, compiled.

For softmax and cross-entropy dE/dy_i = softmax_i - [i is the label], and from the module docstring
of `network.synapses.equations`, with xi_i / (K sigma_i) = (y_i - mu_i) / (K sigma_i^2),

    dE/dh_ij = f'_ij sum_images dE/dy_i x_j [1 + (1 - 2 f_ij) (y_i - mu_i) / (2 K sigma_i^2)],

where inputs are binary, so that x_j^2 = x_j. A test compares this with the layer's autograd.
Synapses are stored as (n_in, n_out) here, so that the neurons of an active input are contiguous. So
are the two terms, of mean and of spread, in rows of 2 n_out: one sweep over the active inputs adds
both.
"""

import numpy as np

from dwsynapse.kernels import compiled
from network.reads.outputs import add_weights


@compiled(nogil=True, error_model="numpy")
def gradients(  # type: ignore[no-untyped-def]
    f,
    slope,
    biases,
    indices,
    bounds,
    labels,
    y,
    sampled,
    through_spread,
    grad_synapses,
    grad_biases,
):
    """Write the gradient of each network's mean cross-entropy over a mini-batch.

    Parameters
    ----------
    f, slope
        Mean weights f(h_ij) and their derivatives, shape (n_networks, n_in, n_out).
    biases
        Shape (n_networks, n_out).
    indices, bounds
        The images, as `network.images.active_inputs.ActiveInputs`.
    labels
        Shape (n_images,).
    y
        Sampled outputs before the bias, shape (n_networks, n_images, n_out).
    sampled, through_spread
        Whether a network's output is sampled (else it is the mean), and whether its gradient also
        follows the spread of the outputs (the stochastic rule), shape (n_networks,).
    grad_synapses, grad_biases
        Where the gradients go, shaped like `f` and `biases`.
    """
    n_networks, n_in, n_out = f.shape
    for n in range(n_networks):
        terms = 2 if through_spread[n] else 1
        moments = np.zeros((len(labels), terms * n_out))
        if through_spread[n] or not sampled[n]:
            add_weights(_mean_and_fluctuation(f[n], terms), indices, bounds, moments)
        outputs = y[n] if sampled[n] else moments[:, :n_out]
        errors = _errors(outputs, moments, biases[n], labels, grad_biases[n])
        by_weight = np.zeros((n_in, terms * n_out))
        _add_errors(errors, indices, bounds, by_weight)
        for j in range(n_in):
            for i in range(n_out):
                total = by_weight[j, i]
                if through_spread[n]:
                    total += (1.0 - 2.0 * f[n, j, i]) * by_weight[j, n_out + i]
                grad_synapses[n, j, i] = slope[n, j, i] * total


@compiled()
def _mean_and_fluctuation(f, terms):  # type: ignore[no-untyped-def]
    """Return f and, as second term, the variance of one read f (1 - f), in one row."""
    n_in, n_out = f.shape
    weights = np.empty((n_in, terms * n_out))
    for j in range(n_in):
        for i in range(n_out):
            weights[j, i] = f[j, i]
            if terms == 2:
                weights[j, n_out + i] = f[j, i] * (1.0 - f[j, i])
    return weights


@compiled()
def _add_errors(errors, indices, bounds, by_weight):  # type: ignore[no-untyped-def]
    """Add each image's errors to its active inputs."""
    width = errors.shape[1]
    for b in range(len(bounds)):
        row = errors[b]
        for a in range(bounds[b, 0], bounds[b, 1]):
            j = indices[a]
            for i in range(width):
                by_weight[j, i] += row[i]


@compiled(error_model="numpy")
def _errors(outputs, moments, biases, labels, grad_biases):  # type: ignore[no-untyped-def]
    """Return dE/dy and, as second term, dE/dy (y - mu) / (2 K sigma^2), in one row."""
    n_out, width = len(biases), moments.shape[1]
    errors = np.empty((len(labels), width))
    grad_biases[:] = 0.0
    for b in range(len(labels)):
        error = errors[b]
        softmax(outputs[b], biases, error)
        error[labels[b]] -= 1.0
        for i in range(n_out):
            error[i] /= len(labels)
            grad_biases[i] += error[i]
            if width > n_out:  # K sigma^2 is the variance of one read
                mu, variance = moments[b, i], moments[b, n_out + i]
                skew = (outputs[b, i] - mu) / (2.0 * variance) if variance > 0.0 else 0.0
                error[n_out + i] = error[i] * skew
    return errors


@compiled(error_model="numpy")
def softmax(outputs, biases, probabilities):  # type: ignore[no-untyped-def]
    """Write the probability of each class, from the outputs before the bias.

    Returns the largest biased output, and the sum of exponentials after subtracting it.
    """
    top, total = -np.inf, 0.0
    for i in range(len(biases)):
        top = max(top, outputs[i] + biases[i])
    for i in range(len(biases)):
        probabilities[i] = np.exp(outputs[i] + biases[i] - top)
        total += probabilities[i]
    for i in range(len(biases)):
        probabilities[i] /= total
    return top, total


@compiled(nogil=True)
def cross_entropy(outputs, biases, labels):  # type: ignore[no-untyped-def]
    """Return the mean cross-entropy (nats) of one network, from its outputs before the bias.

    Parameters
    ----------
    outputs
        Shape (n_images, n_out).
    biases
        Shape (n_out,).
    labels
        Shape (n_images,).
    """
    loss, probabilities = 0.0, np.empty(len(biases))
    for b in range(len(labels)):
        top, total = softmax(outputs[b], biases, probabilities)
        loss += top + np.log(total) - outputs[b, labels[b]] - biases[labels[b]]
    return loss / len(labels)


@compiled(nogil=True, error_model="numpy")
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
    correct_first, correct_second = 1.0 - 0.9**step, np.sqrt(1.0 - 0.999**step)
    for n in range(len(parameters)):
        rate = rates[n] / correct_first
        for p in range(parameters.shape[1]):
            g = gradient[n, p]
            first[n, p] += 0.1 * (g - first[n, p])
            second[n, p] += 0.001 * (g * g - second[n, p])
            parameters[n, p] -= rate * first[n, p] / (np.sqrt(second[n, p]) / correct_second + 1e-8)
