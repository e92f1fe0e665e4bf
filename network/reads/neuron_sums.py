"""Exact sampling of neuron sums: how many reads pass, over all synapses with an input.

A neuron's sum is S_i = sum_j Bin(K, f_ij x_j), and y_i = S_i / K (Eqs. 1-3). A single read passes
where a random word is below f. More reads are drawn in two exact steps: with g the grid
probability just below f,

    Bin(K, f) = X + Bin(K - X, (f - g) / (1 - g)),   X ~ Bin(K, g),

since a read passes with probability f if it passes at once with probability g, or else at a second
attempt. X comes from an alias table made for g; the second binomial is inverted. For f > 1/2 the
failures are drawn. Random words have 32 bits, and probabilities of outcomes are exact to 2^-31.

A draw of K = 128 costs about five times that of a single read. With more reads more draws have a
second attempt that passes: at K = 128 one in sixty for spread-out f, at K = 1000 one in nine, where
a draw costs ten times a single read. The tables of one K take 0.7 MB for K = 128, 2 MB for
K = 1000, 14 MB for K = 60 000.

A sum depends on its stream, the number of the image, the synapses and the input, and on nothing
else: not on which networks or images share the call, nor on the threads
(`network.reads.random_words`).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dwsynapse.kernels import compiled
from network.images.active_inputs import ActiveInputs, active_inputs
from network.reads.alias_tables import alias_table
from network.reads.binomial_steps import CELLS, second_attempts
from network.reads.random_words import GOLDEN, HALF, HALF_RANGE, LOW, first_state, mix


def neuron_sums(
    probabilities: NDArray[np.float64],
    inputs: NDArray[np.uint8],
    reads: Sequence[int],
    streams: NDArray[np.uint64],
    first_image: int = 0,
) -> NDArray[np.float64]:
    """Draw the neuron sums of many networks for the same images.

    Parameters
    ----------
    probabilities
        Passing probabilities f_ij, shape (n_networks, n_out, n_in).
    inputs
        Binary inputs x_j, shape (n_images, n_in).
    reads
        Reads K of each network, shape (n_networks,).
    streams
        Stream of random numbers of each network, shape (n_networks,).
    first_image
        Number of the first image in the stream; the others follow it.

    Returns
    -------
    ndarray
        Passes S_i, whole numbers, shape (n_networks, n_images, n_out).
    """
    n_networks, n_out, _ = probabilities.shape
    sums = np.empty((n_networks, len(inputs), n_out))
    active = active_inputs(inputs)
    for n in range(n_networks):
        f = np.ascontiguousarray(probabilities[n].T)
        draw_sums(f, active, int(reads[n]), streams[n], first_image, sums[n])
    return sums


def draw_sums(
    f: NDArray[np.float64],
    images: ActiveInputs,
    reads: int,
    stream: np.uint64,
    first_image: int,
    sums: NDArray[np.float64],
) -> None:
    """Draw the neuron sums of one network, as `neuron_sums` does, without Python's lock.

    Parameters
    ----------
    f
        Passing probabilities, shape (n_in, n_out).
    images
        The images.
    reads, stream, first_image
        Reads K, stream of random numbers, and the number of the first image in it.
    sums
        Where the sums go, shape (n_images, n_out).
    """
    first = np.uint64(first_image)
    if reads == 1:
        _sample_one_read(f, *images, stream, first, sums)
    else:
        _sample(f, *images, stream, first, reads, *alias_table(reads, CELLS), sums)


@compiled()
def _fill(words, n_words, stream, image):  # type: ignore[no-untyped-def]
    """Write the first random words of an image in a stream."""
    state = first_state(stream, image)
    for w in range(n_words):
        state += GOLDEN
        words[w] = mix(state)


@compiled(nogil=True)
def _sample_one_read(f, indices, bounds, stream, first_image, sums):  # type: ignore[no-untyped-def]
    n_in, n_out = f.shape
    below = np.empty((n_in, n_out), np.uint32)
    for j in range(n_in):
        for i in range(n_out):
            below[j, i] = np.uint32(min(f[j, i] * HALF_RANGE, HALF_RANGE - 1.0))
    words = np.empty(n_in * n_out // 2 + 1, np.uint64)
    halves, passes = words.view(np.uint32), np.empty(n_out, np.uint32)
    for b in range(len(bounds)):
        active = indices[bounds[b, 0] : bounds[b, 1]]
        n_active = len(active)
        _fill(words, n_active * n_out // 2 + 1, stream, first_image + np.uint64(b))
        passes[:] = 0
        for a in range(n_active):
            own, limit = halves[a * n_out : (a + 1) * n_out], below[active[a]]
            for i in range(n_out):
                passes[i] += np.uint32(own[i] < limit[i])
        for i in range(n_out):
            sums[b, i] = passes[i]


@compiled(nogil=True, error_model="numpy")
def _sample(  # type: ignore[no-untyped-def]
    f, indices, bounds, stream, first_image, reads, entries, lowest, mask, sums
):
    n_in, n_out = f.shape
    columns, entry_of = np.uint64(entries.shape[1]), entries.ravel()
    # With k counted from the lowest outcome, and failures drawn where f > 1/2, sign * k + offset
    # reads pass; the others are left for a second attempt.
    sign, offset = np.empty((n_in, n_out), np.int64), np.empty((n_in, n_out), np.int64)
    left = np.empty((n_in, n_out), np.int64)
    start, rest = np.empty((n_in, n_out), np.uint64), np.empty((n_in, n_out))
    bound = np.empty((n_in, n_out), np.uint64)
    for j in range(n_in):
        for i in range(n_out):
            p = min(f[j, i], 1.0 - f[j, i])
            cell = min(int(p * 2 * CELLS), CELLS)
            start[j, i] = cell * entries.shape[1]
            left[j, i] = reads - lowest[cell]
            sign[j, i] = -1 if f[j, i] > 0.5 else 1
            offset[j, i] = left[j, i] if f[j, i] > 0.5 else lowest[cell]
            g = cell / (2 * CELLS)
            rest[j, i] = max(p - g, 0.0) / (1.0 - g)
            # P(any second attempt passes) <= reads * rest: above this bound none has.
            bound[j, i] = np.uint64(min(reads * rest[j, i], 1.0) * HALF_RANGE)
    words, passes = np.empty(n_in * n_out, np.uint64), np.empty(n_out, np.int64)
    for b in range(len(bounds)):
        active = indices[bounds[b, 0] : bounds[b, 1]]
        _fill(words, len(active) * n_out, stream, first_image + np.uint64(b))
        passes[:] = 0
        for a in range(len(active)):
            j = active[a]
            for i in range(n_out):
                word = words[a * n_out + i]
                scaled = (word >> HALF) * columns
                column, within = scaled >> HALF, np.uint32(scaled)
                entry = entry_of[start[j, i] + column]
                k = np.int64(column if within < (entry & ~mask) else np.uint64(entry & mask))
                second = word & LOW
                if second < bound[j, i]:
                    k += second_attempts(second / HALF_RANGE, left[j, i] - k, rest[j, i])
                passes[i] += offset[j, i] + sign[j, i] * k
        for i in range(n_out):
            sums[b, i] = passes[i]
