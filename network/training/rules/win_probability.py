"""The probability that the correct neuron has the largest output, and its gradient, compiled.

After K reads, neuron i's biased output is nearly Gaussian, with mean m_i = sum_j f_ij x_j + b_i and
variance v_i = sum_j f_ij (1 - f_ij) x_j / K (Eqs. 4 and 5 with binary inputs), independently of the
other neurons. The neuron of the label l wins with probability

    P = integral phi(z) prod_{i != l} Phi(a_i(z)) dz,   a_i = (m_l + sqrt(v_l) z - m_i) / sqrt(v_i),

where phi and Phi are density and distribution function of the normal distribution: multinomial
probit. The integral is a Gauss-Hermite sum. The noise of the reads itself makes the probability,
where softmax of sampled outputs would add its own noise of unit temperature.

The Gaussian serves to compute a gradient. Where f is spread out, P is accurate to 0.02; where all f
are near 0 or 1, sums are integers with a small spread, and P of single images has an error of 0.075
(rms; at worst 0.3), though by 0.01 on average. `network.training.rules.two_level_search` has the
exact P for that case.
"""

from math import erfc, exp, sqrt

import numpy as np
from numpy.typing import NDArray

from dwsynapse.kernels import compiled

SMALLEST_VARIANCE = 0.02  # a neuron without variance still needs a slope
_FAR = 5.0  # standard deviations above which Phi is set to 0 or 1: to 3e-7


def nodes(n: int = 8) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the points z and the weights, of sum 1, of the Gauss-Hermite sum over phi(z)."""
    z, weights = np.polynomial.hermite_e.hermegauss(n)
    return z, weights / weights.sum()


@compiled(error_model="numpy")
def winning(  # type: ignore[no-untyped-def]
    f, biases, indices, bounds, labels, reads, z, weights, exponent, offset, grad_f, grad_biases
):
    """Return each image's probability of winning; write the gradient of the mini-batch's loss.

    The loss is the mean over images of (1 - (P + offset)^exponent) / exponent: for exponent 1 the
    expected share of errors, towards 0 the negative logarithm (generalised cross-entropy, Zhang &
    Sabuncu 2018).

    Parameters
    ----------
    f
        Mean weights f(h_ij), shape (n_in, n_out).
    biases
        Shape (n_out,).
    indices, bounds
        The images, an `network.images.active_inputs.ActiveInputs`.
    labels
        Shape (n_images,).
    reads
        Reads K; need not be whole.
    z, weights
        From `nodes`.
    exponent, offset
        Parameters of the loss.
    grad_f, grad_biases
        Where the gradients go, shaped like `f` and `biases`.

    Returns
    -------
    ndarray
        P, shape (n_images,).
    """
    n_in, n_out = f.shape
    probability = np.empty(len(labels))
    by_variance = np.zeros((n_in, n_out))
    grad_f[:], grad_biases[:] = 0.0, 0.0
    mean, sigma = np.empty(n_out), np.empty(n_out)
    to_mean, to_variance = np.empty(n_out), np.empty(n_out)
    for b in range(len(labels)):
        mean[:], sigma[:] = biases, 0.0
        for j in indices[bounds[b, 0] : bounds[b, 1]]:
            for i in range(n_out):
                p = f[j, i]
                mean[i] += p
                sigma[i] += p * (1.0 - p)
        sigma[:] = np.sqrt(np.maximum(sigma / reads, SMALLEST_VARIANCE))
        probability[b] = _one(mean, sigma, labels[b], z, weights, to_mean, to_variance)
        scale = -((probability[b] + offset) ** (exponent - 1.0)) / len(labels)
        to_mean *= scale
        to_variance *= scale / reads
        grad_biases += to_mean
        for j in indices[bounds[b, 0] : bounds[b, 1]]:
            for i in range(n_out):
                grad_f[j, i] += to_mean[i]
                by_variance[j, i] += to_variance[i]
    grad_f += (1.0 - 2.0 * f) * by_variance
    return probability


@compiled(error_model="numpy")
def _one(mean, sigma, label, z, weights, to_mean, to_variance):  # type: ignore[no-untyped-def]
    """Return P of one image; write its derivatives by all means and variances."""
    n_out = len(mean)
    factor, slope, distance = np.empty(n_out), np.empty(n_out), np.empty(n_out)
    to_mean[:], to_variance[:] = 0.0, 0.0
    least = mean[label] + sigma[label] * z[0]
    rivals = [i for i in range(n_out) if i != label and least - mean[i] < _FAR * sigma[i]]
    total = 0.0
    for k in range(len(z)):
        product, y = weights[k], mean[label] + sigma[label] * z[k]
        for i in rivals:
            distance[i] = (y - mean[i]) / sigma[i]
            factor[i], slope[i] = _normal(distance[i])
            product *= factor[i]
        total += product
        of_label = 0.0
        for i in rivals:
            push = product / factor[i] * slope[i] / sigma[i]
            to_mean[i] -= push
            to_variance[i] -= push * distance[i] / (2.0 * sigma[i])
            of_label += push
        to_mean[label] += of_label
        to_variance[label] += of_label * z[k] / (2.0 * sigma[label])
    return total


@compiled()
def _normal(a):  # type: ignore[no-untyped-def]
    """Return Phi(a) and phi(a); far below zero a value that keeps the gradient from vanishing."""
    if a > _FAR:
        return 1.0, 0.0
    if a < -_FAR:
        return 2.9e-7, 2.9e-7 * _FAR
    return 0.5 * erfc(-a / sqrt(2.0)), 0.3989422804014327 * exp(-0.5 * a * a)
