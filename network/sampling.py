"""Exact sampling of neuron sums: how many reads pass, over all synapses with an input.

A neuron's sum is S_i = sum_j Bin(K, f_ij x_j), and y_i = S_i / K (Eqs. 1-3). Each binomial is drawn
in two exact steps. With g the grid probability just below f,

    Bin(K, f) = X + Bin(K - X, (f - g) / (1 - g)),   X ~ Bin(K, g),

since a read passes with probability f if it passes at once with probability g, or else at a second
attempt. X comes from an alias table (Walker 1977, Vose 1991) made for g; the second binomial is
inverted. For f > 1/2 the failures are drawn. Each draw has 32 bits, so probabilities of outcomes
are exact to 2^-32.

This suits K up to a few hundred: up to K = 128 at most a tenth of the draws of spread-out f have
a second attempt that passes, and a draw costs less than twice that for K = 1. From K of about 1000
half of them have, and it costs over ten times as much. The tables of one K take 513 (K + 1) 8
bytes: 0.5 MB for K = 128, 4 MB for K = 1000, 246 MB for K = 60 000.

The random words are splitmix64 (Steele, Lea & Flood 2014) counted on from a state hashed from
(stream, image): a sum depends on these two numbers, the synapses and the input, and on nothing
else: not on which networks or images share the call.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.stats import binom

CELLS = 512  # grid cells of probability between 0 and 1/2
_ONE = 4294967296.0  # 2^32
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLY = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_SHIFT = np.uint64(30), np.uint64(27), np.uint64(31)
_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


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
    active, n_active = active_inputs(inputs)
    for n in range(n_networks):
        table = alias_table(int(reads[n]))
        _sample(
            probabilities[n], active, n_active, streams[n], np.uint64(first_image), table, sums[n]
        )
    return sums


@cache
def alias_table(reads: int) -> NDArray[np.uint64]:
    """Return the alias tables of Bin(reads, g) for the grid g = 0 ... 1/2.

    Returns
    -------
    ndarray
        Shape (cells + 1, reads + 1): upper 32 bits the cut, lower 32 bits the alias of a column.
    """
    grid = np.arange(CELLS + 1)[:, None] / (2 * CELLS)
    return _alias_rows(binom.pmf(np.arange(reads + 1), reads, grid))


@njit(cache=True)
def _alias_rows(pmf):  # type: ignore[no-untyped-def]
    n_rows, n = pmf.shape
    rows = np.empty((n_rows, n), np.uint64)
    small, large = np.empty(n, np.int64), np.empty(n, np.int64)
    for r in range(n_rows):
        share = pmf[r] * (n / pmf[r].sum())
        n_small, n_large = 0, 0
        for k in range(n):
            rows[r, k] = k  # a column that nobody fills up is its own alias
            if share[k] < 1.0:
                small[n_small] = k
                n_small += 1
            else:
                large[n_large] = k
                n_large += 1
        while n_small > 0 and n_large > 0:
            n_small -= 1
            poor, rich = small[n_small], large[n_large - 1]
            rows[r, poor] = (np.uint64(share[poor] * _ONE) << _HALF) | np.uint64(rich)
            share[rich] -= 1.0 - share[poor]
            if share[rich] < 1.0:
                n_large -= 1
                small[n_small] = rich
                n_small += 1
    return rows


@njit(cache=True)
def active_inputs(inputs):  # type: ignore[no-untyped-def]
    """Return the indices of each image's inputs that are 1, and how many they are.

    Parameters
    ----------
    inputs
        Binary inputs, shape (n_images, n_in), dtype uint8.

    Returns
    -------
    tuple of ndarray
        Indices, shape (n_images, n_in), of which the first so many hold; and how many.
    """
    n_images, n_in = inputs.shape
    active = np.empty((n_images, n_in), np.int64)
    n_active = np.zeros(n_images, np.int64)
    for b in range(n_images):
        for j in range(n_in):
            active[b, n_active[b]] = j
            n_active[b] += inputs[b, j]
    return active, n_active


@njit(cache=True)
def _mix(word):  # type: ignore[no-untyped-def]
    word = (word ^ (word >> _SHIFT[0])) * _MULTIPLY[0]
    word = (word ^ (word >> _SHIFT[1])) * _MULTIPLY[1]
    return word ^ (word >> _SHIFT[2])


@njit(cache=True)
def _second_attempts(u, n, p):  # type: ignore[no-untyped-def]
    """Return how many of n reads pass with the small probability p, by inversion of u."""
    term = (1.0 - p) ** n
    more = 1.0 - term
    k = 0
    while u < more and k < n:
        term *= (n - k) / (k + 1.0) * (p / (1.0 - p))
        more -= term
        k += 1
    return k


@njit(cache=True)
def _sample(f, active, n_active, stream, first_image, table, sums):  # type: ignore[no-untyped-def]
    n_out, n_in = f.shape
    reads = table.shape[1] - 1
    columns = np.uint64(reads + 1)
    cell, flipped = np.empty((n_in, n_out), np.int64), np.empty((n_in, n_out), np.bool_)
    rest, bound = np.empty((n_in, n_out)), np.empty((n_in, n_out), np.uint64)
    for j in range(n_in):
        for i in range(n_out):
            flipped[j, i] = f[i, j] > 0.5
            p = 1.0 - f[i, j] if flipped[j, i] else f[i, j]
            cell[j, i] = min(int(p * 2 * CELLS), CELLS)
            g = cell[j, i] / (2 * CELLS)
            rest[j, i] = max(p - g, 0.0) / (1.0 - g)
            # P(any second attempt passes) <= reads * rest: above this bound none has.
            bound[j, i] = np.uint64(min(reads * rest[j, i], 1.0) * _ONE)
    for b in range(active.shape[0]):
        state = _mix(_mix(first_image + np.uint64(b)) + stream)
        sums[b] = 0.0
        for a in range(n_active[b]):
            j = active[b, a]
            for i in range(n_out):
                state += _GOLDEN
                word = _mix(state)
                scaled = (word >> _HALF) * columns
                column = scaled >> _HALF
                entry = table[cell[j, i], column]
                stays = (scaled & _LOW) < (entry >> _HALF)
                k = np.int64(column) if stays else np.int64(entry & _LOW)
                second = word & _LOW
                if second < bound[j, i]:
                    k += _second_attempts(second / _ONE, reads - k, rest[j, i])
                sums[b, i] += reads - k if flipped[j, i] else k
