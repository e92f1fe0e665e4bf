"""Exact sampling of neuron sums for inputs between 0 and 1, or inputs that networks do not share.

A read passes with probability f_ij x_j: a wall is injected with probability x_j, and passes with
f_ij. Draws are made as in `network.reads.neuron_sums`, with the place in the alias tables found
for every image, as f_ij x_j differs between images. For K = 1, where
`network.reads.neuron_sums` has another method, the same stream gives other numbers here.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dwsynapse.kernels import compiled
from network.reads.alias_tables import alias_table
from network.reads.binomial_steps import CELLS, second_attempts
from network.reads.random_words import GOLDEN, HALF, HALF_RANGE, LOW, first_state, mix


def graded_sums(
    probabilities: NDArray[np.float64],
    inputs: NDArray[np.floating] | NDArray[np.uint8],
    reads: Sequence[int],
    streams: NDArray[np.uint64],
    first_image: int = 0,
) -> NDArray[np.float64]:
    """Draw the neuron sums of many networks.

    Parameters
    ----------
    probabilities
        Passing probabilities f_ij, shape (n_networks, n_out, n_in).
    inputs
        Inputs x_j in [0, 1], shape (n_images, n_in) or (n_networks, n_images, n_in).
    reads, streams, first_image
        As in `network.reads.neuron_sums.neuron_sums`.

    Returns
    -------
    ndarray
        Passes S_i, whole numbers, shape (n_networks, n_images, n_out).
    """
    n_networks, n_out, _ = probabilities.shape
    x = np.broadcast_to(inputs, (n_networks, *inputs.shape[-2:])).astype(float)
    sums = np.empty((n_networks, x.shape[1], n_out))
    first = np.uint64(first_image)
    for n in range(n_networks):
        table = alias_table(int(reads[n]), CELLS)
        f = np.ascontiguousarray(probabilities[n].T)
        _sample(f, x[n], streams[n], first, int(reads[n]), *table, sums[n])
    return sums


@compiled()
def _sample(  # type: ignore[no-untyped-def]
    f, x, stream, first_image, reads, entries, lowest, mask, sums
):
    n_in, n_out = f.shape
    for b in range(len(x)):
        state = first_state(stream, first_image + np.uint64(b))
        sums[b] = 0.0
        for j in range(n_in):
            if x[b, j] == 0.0:
                continue
            for i in range(n_out):
                state += GOLDEN
                p = f[j, i] * x[b, j]
                sums[b, i] += _binomial(mix(state), p, reads, entries, lowest, mask)


@compiled()
def _binomial(word, probability, reads, entries, lowest, mask):  # type: ignore[no-untyped-def]
    """Return how many reads pass: the two steps of `network.reads.neuron_sums`."""
    p = min(probability, 1.0 - probability)
    cell = min(int(p * 2 * CELLS), CELLS)
    g = cell / (2 * CELLS)
    rest = max(p - g, 0.0) / (1.0 - g)
    scaled = (word >> HALF) * np.uint64(entries.shape[1])
    column, within = scaled >> HALF, np.uint32(scaled)
    entry = entries[cell, column]
    k = lowest[cell] + np.int64(column if within < (entry & ~mask) else np.uint64(entry & mask))
    second = word & LOW
    if second < np.uint64(min(reads * rest, 1.0) * HALF_RANGE):
        k += second_attempts(second / HALF_RANGE, reads - k, rest)
    return reads - k if probability > 0.5 else k
