"""Fast Fourier transforms along the first axis of lane arrays, pruned for zero-padded data.

Stockham's self-sorting algorithm in steps of four and two: a step reads one buffer and writes the
other. Data are real and imaginary parts of shape (n, m, LANES), n a power of two.
"""

import numpy as np
from numba import njit
from numpy.typing import DTypeLike, NDArray

from micromag.lanes import load, store


def padded_length(n: int) -> int:
    """Return the length to which n cells are padded for a convolution without wrap-around."""
    return 1 if n == 1 else 1 << (2 * n - 1).bit_length()


def twiddles(n: int, dtype: DTypeLike) -> NDArray[np.float64]:
    """Return cos and sin of -2 pi k / n for k < n, shape (2, n)."""
    angle = -2 * np.pi * np.arange(n) / n
    return np.stack([np.cos(angle), np.sin(angle)]).astype(dtype)


@njit(cache=True, nogil=True)
def _step_of_four(re, im, out_re, out_im, twiddle, length, stride, m):  # type: ignore[no-untyped-def]
    quarter = length // 4
    block = quarter * stride * m
    for j in range(quarter):
        k = j * stride
        c1, s1 = twiddle[0, k], twiddle[1, k]
        c2, s2 = twiddle[0, 2 * k], twiddle[1, 2 * k]
        c3, s3 = twiddle[0, 3 * k], twiddle[1, 3 * k]
        source = k * m
        target = 4 * k * m
        for p in range(stride * m):
            i = source + p
            ar, ai = load(re, i), load(im, i)
            br, bi = load(re, i + block), load(im, i + block)
            cr, ci = load(re, i + 2 * block), load(im, i + 2 * block)
            dr, di = load(re, i + 3 * block), load(im, i + 3 * block)
            pr, pi, qr, qi = ar + cr, ai + ci, ar - cr, ai - ci
            rr, ri, sr, si = br + dr, bi + di, br - dr, bi - di
            o = target + p
            store(out_re, o, pr + rr)
            store(out_im, o, pi + ri)
            ur, ui = qr + si, qi - sr
            o += stride * m
            store(out_re, o, c1 * ur - s1 * ui)
            store(out_im, o, c1 * ui + s1 * ur)
            ur, ui = pr - rr, pi - ri
            o += stride * m
            store(out_re, o, c2 * ur - s2 * ui)
            store(out_im, o, c2 * ui + s2 * ur)
            ur, ui = qr - si, qi + sr
            o += stride * m
            store(out_re, o, c3 * ur - s3 * ui)
            store(out_im, o, c3 * ui + s3 * ur)


@njit(cache=True, nogil=True)
def _step_of_two(re, im, out_re, out_im, twiddle, length, stride, m):  # type: ignore[no-untyped-def]
    half = length // 2
    block = half * stride * m
    for j in range(half):
        k = j * stride
        c, s = twiddle[0, k], twiddle[1, k]
        for p in range(stride * m):
            i = k * m + p
            o = 2 * k * m + p
            ar, ai = load(re, i), load(im, i)
            br, bi = load(re, i + block), load(im, i + block)
            store(out_re, o, ar + br)
            store(out_im, o, ai + bi)
            ur, ui = ar - br, ai - bi
            store(out_re, o + stride * m, c * ur - s * ui)
            store(out_im, o + stride * m, c * ui + s * ur)


@njit(cache=True, nogil=True)
def _first_step_padded(re, im, out_re, out_im, twiddle):  # type: ignore[no-untyped-def]
    """Step of two on data of which only the first rows are given; the others are zero."""
    rows, m, half = re.shape[0], re.shape[1], out_re.shape[0] // 2
    for j in range(half):
        c, s = twiddle[0, j], twiddle[1, j]
        for o in range(2 * j * m, 2 * j * m + m):
            if j < rows:
                ar, ai = load(re, o - j * m), load(im, o - j * m)
                store(out_re, o, ar)
                store(out_im, o, ai)
                store(out_re, o + m, c * ar - s * ai)
                store(out_im, o + m, c * ai + s * ar)
            else:
                for place in (o, o + m):
                    store(out_re, place, 0.0)
                    store(out_im, place, 0.0)


@njit(cache=True, nogil=True)
def _last_step_cut(re, im, out_re, out_im):  # type: ignore[no-untyped-def]
    """Step of two that computes only as many rows as the output has."""
    block = re.shape[0] // 2 * re.shape[1]
    for i in range(out_re.shape[0] * out_re.shape[1]):
        store(out_re, i, load(re, i) + load(re, i + block))
        store(out_im, i, load(im, i) + load(im, i + block))


@njit(cache=True, nogil=True)
def _copy(re, im, out_re, out_im):  # type: ignore[no-untyped-def]
    for i in range(re.shape[0] * re.shape[1]):
        store(out_re, i, load(re, i))
        store(out_im, i, load(im, i))


@njit(cache=True, nogil=True)
def forward_padded(source_re, source_im, re, im, other_re, other_im, twiddle):  # type: ignore[no-untyped-def]
    """Transform data that are zero beyond the rows of `source`, at most half of the length.

    Parameters
    ----------
    source_re, source_im
        Data, shape (rows, m, LANES).
    re, im, other_re, other_im
        Two buffers of shape (n, m, LANES).
    twiddle
        `twiddles` of n.

    Returns
    -------
    tuple
        The buffer that holds the result and the one that is free, as (re, im, re, im).
    """
    n, m = re.shape[0], re.shape[1]
    if n == 1:
        _copy(source_re, source_im, re, im)
        return re, im, other_re, other_im
    _first_step_padded(source_re, source_im, re, im, twiddle)
    length, stride = n // 2, 2
    while length > 1:
        if length % 4 == 0:
            _step_of_four(re, im, other_re, other_im, twiddle, length, stride, m)
            length, stride = length // 4, stride * 4
        else:
            _step_of_two(re, im, other_re, other_im, twiddle, length, stride, m)
            length, stride = length // 2, stride * 2
        re, im, other_re, other_im = other_re, other_im, re, im
    return re, im, other_re, other_im


@njit(cache=True, nogil=True)
def inverse_cut(re, im, other_re, other_im, target_re, target_im, twiddle):  # type: ignore[no-untyped-def]
    """Transform back without the factor 1/n, computing only the rows of `target`.

    Swapping real and imaginary parts before and after turns the forward steps into backward ones.

    Parameters
    ----------
    re, im
        Data, shape (n, m, LANES); overwritten.
    other_re, other_im
        Another buffer of this shape.
    target_re, target_im
        Where the result goes, shape (rows, m, LANES) with at most n / 2 rows.
    twiddle
        `twiddles` of n.
    """
    n, m = re.shape[0], re.shape[1]
    if n == 1:
        _copy(re, im, target_re, target_im)
        return
    length, stride = n, 1
    while length > 2:
        if length % 4 == 0 and length > 4:
            _step_of_four(im, re, other_im, other_re, twiddle, length, stride, m)
            length, stride = length // 4, stride * 4
        else:
            _step_of_two(im, re, other_im, other_re, twiddle, length, stride, m)
            length, stride = length // 2, stride * 2
        re, im, other_re, other_im = other_re, other_im, re, im
    _last_step_cut(re, im, target_re, target_im)
