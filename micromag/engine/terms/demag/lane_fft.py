"""Fast Fourier transforms along the first axis of lane arrays, pruned for zero-padded data.

Stockham's self-sorting algorithm in steps of four, two, three and five: a step reads one buffer and
writes the other. Data are real and imaginary parts of shape (n, m, LANES), with n even and no prime
factor above five.
"""

import numpy as np
from numpy.typing import DTypeLike, NDArray
from scipy.fft import next_fast_len

from micromag.engine.lanes import kernel, load, store


def padded_length(n: int) -> int:
    """Return the length to which n cells are padded for a convolution without wrap-around."""
    return 1 if n == 1 else 2 * next_fast_len(n, real=True)


def twiddles(n: int, dtype: DTypeLike) -> NDArray[np.float64]:
    """Return cos and sin of -2 pi k / n for k < n, shape (2, n)."""
    angle = -2 * np.pi * np.arange(n) / n
    return np.stack([np.cos(angle), np.sin(angle)]).astype(dtype)


_SIN_3 = np.sin(2 * np.pi / 3)
_COS_5, _SIN_5 = np.cos(2 * np.pi / 5), np.sin(2 * np.pi / 5)
_COS_10, _SIN_10 = np.cos(4 * np.pi / 5), np.sin(4 * np.pi / 5)


@kernel
def _store_turned(out_re, out_im, place, twiddle, k, re, im):  # type: ignore[no-untyped-def]
    c, s = twiddle[0, k], twiddle[1, k]
    store(out_re, place, c * re - s * im)
    store(out_im, place, c * im + s * re)


@kernel
def _step_of_four(re, im, out_re, out_im, twiddle, length, stride, m):  # type: ignore[no-untyped-def]
    quarter = length // 4
    block = quarter * stride * m
    for j in range(quarter):
        k = j * stride
        for p in range(stride * m):
            i, o = k * m + p, 4 * k * m + p
            ar, ai = load(re, i), load(im, i)
            br, bi = load(re, i + block), load(im, i + block)
            cr, ci = load(re, i + 2 * block), load(im, i + 2 * block)
            dr, di = load(re, i + 3 * block), load(im, i + 3 * block)
            pr, pi, qr, qi = ar + cr, ai + ci, ar - cr, ai - ci
            rr, ri, sr, si = br + dr, bi + di, br - dr, bi - di
            store(out_re, o, pr + rr)
            store(out_im, o, pi + ri)
            o += stride * m
            _store_turned(out_re, out_im, o, twiddle, k, qr + si, qi - sr)
            o += stride * m
            _store_turned(out_re, out_im, o, twiddle, 2 * k, pr - rr, pi - ri)
            o += stride * m
            _store_turned(out_re, out_im, o, twiddle, 3 * k, qr - si, qi + sr)


@kernel
def _step_of_two(re, im, out_re, out_im, twiddle, length, stride, m):  # type: ignore[no-untyped-def]
    half = length // 2
    block = half * stride * m
    for j in range(half):
        k = j * stride
        for p in range(stride * m):
            i, o = k * m + p, 2 * k * m + p
            ar, ai = load(re, i), load(im, i)
            br, bi = load(re, i + block), load(im, i + block)
            store(out_re, o, ar + br)
            store(out_im, o, ai + bi)
            _store_turned(out_re, out_im, o + stride * m, twiddle, k, ar - br, ai - bi)


@kernel
def _step_of_three(re, im, out_re, out_im, twiddle, length, stride, m):  # type: ignore[no-untyped-def]
    block = length // 3 * stride * m
    for j in range(length // 3):
        k = j * stride
        for p in range(stride * m):
            i, o = k * m + p, 3 * k * m + p
            ar, ai = load(re, i), load(im, i)
            br, bi = load(re, i + block), load(im, i + block)
            cr, ci = load(re, i + 2 * block), load(im, i + 2 * block)
            sr, si = br + cr, bi + ci
            dr, di = (br - cr) * _SIN_3, (bi - ci) * _SIN_3
            store(out_re, o, ar + sr)
            store(out_im, o, ai + si)
            hr, hi = ar - sr * 0.5, ai - si * 0.5
            _store_turned(out_re, out_im, o + stride * m, twiddle, k, hr + di, hi - dr)
            _store_turned(out_re, out_im, o + 2 * stride * m, twiddle, 2 * k, hr - di, hi + dr)


@kernel
def _step_of_five(re, im, out_re, out_im, twiddle, length, stride, m):  # type: ignore[no-untyped-def]
    block, across = length // 5 * stride * m, stride * m
    for j in range(length // 5):
        k = j * stride
        for p in range(across):
            i, o = k * m + p, 5 * k * m + p
            ar, ai = load(re, i), load(im, i)
            br, bi = load(re, i + block), load(im, i + block)
            cr, ci = load(re, i + 2 * block), load(im, i + 2 * block)
            dr, di = load(re, i + 3 * block), load(im, i + 3 * block)
            er, ei = load(re, i + 4 * block), load(im, i + 4 * block)
            # Sums and differences of the pairs that share a cosine and, up to sign, a sine.
            pr, pi, qr, qi = br + er, bi + ei, br - er, bi - ei
            rr, ri, sr, si = cr + dr, ci + di, cr - dr, ci - di
            store(out_re, o, ar + pr + rr)
            store(out_im, o, ai + pi + ri)
            ur, ui = ar + pr * _COS_5 + rr * _COS_10, ai + pi * _COS_5 + ri * _COS_10
            vr, vi = qr * _SIN_5 + sr * _SIN_10, qi * _SIN_5 + si * _SIN_10
            xr, xi = ar + pr * _COS_10 + rr * _COS_5, ai + pi * _COS_10 + ri * _COS_5
            yr, yi = qr * _SIN_10 - sr * _SIN_5, qi * _SIN_10 - si * _SIN_5
            o += across
            _store_turned(out_re, out_im, o, twiddle, k, ur + vi, ui - vr)
            o += across
            _store_turned(out_re, out_im, o, twiddle, 2 * k, xr + yi, xi - yr)
            o += across
            _store_turned(out_re, out_im, o, twiddle, 3 * k, xr - yi, xi + yr)
            o += across
            _store_turned(out_re, out_im, o, twiddle, 4 * k, ur - vi, ui + vr)


@kernel
def _step(re, im, out_re, out_im, twiddle, radix, length, stride, m):  # type: ignore[no-untyped-def]
    if radix == 4:
        _step_of_four(re, im, out_re, out_im, twiddle, length, stride, m)
    elif radix == 2:
        _step_of_two(re, im, out_re, out_im, twiddle, length, stride, m)
    elif radix == 3:
        _step_of_three(re, im, out_re, out_im, twiddle, length, stride, m)
    else:
        _step_of_five(re, im, out_re, out_im, twiddle, length, stride, m)


@kernel
def _radix(length):  # type: ignore[no-untyped-def]
    """Return the radix of the next step for what is left of the length."""
    if length % 4 == 0:
        return 4
    if length % 2 == 0:
        return 2
    return 3 if length % 3 == 0 else 5


@kernel
def _first_step_padded(re, im, out_re, out_im, twiddle):  # type: ignore[no-untyped-def]
    """Step of two on data of which only the first rows are given; the others are zero."""
    rows, m, half = re.shape[0], re.shape[1], out_re.shape[0] // 2
    for j in range(half):
        for o in range(2 * j * m, 2 * j * m + m):
            if j < rows:
                ar, ai = load(re, o - j * m), load(im, o - j * m)
                store(out_re, o, ar)
                store(out_im, o, ai)
                _store_turned(out_re, out_im, o + m, twiddle, j, ar, ai)
            else:
                for place in (o, o + m):
                    store(out_re, place, 0.0)
                    store(out_im, place, 0.0)


@kernel
def _last_step_cut(re, im, out_re, out_im):  # type: ignore[no-untyped-def]
    """Step of two that computes only as many rows as the output has."""
    block = re.shape[0] // 2 * re.shape[1]
    for i in range(out_re.shape[0] * out_re.shape[1]):
        store(out_re, i, load(re, i) + load(re, i + block))
        store(out_im, i, load(im, i) + load(im, i + block))


@kernel
def _copy(re, im, out_re, out_im):  # type: ignore[no-untyped-def]
    for i in range(re.shape[0] * re.shape[1]):
        store(out_re, i, load(re, i))
        store(out_im, i, load(im, i))


@kernel
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
        radix = _radix(length)
        _step(re, im, other_re, other_im, twiddle, radix, length, stride, m)
        length, stride = length // radix, stride * radix
        re, im, other_re, other_im = other_re, other_im, re, im
    return re, im, other_re, other_im


@kernel
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
        radix = _radix(length // 2)  # the factor of two left over is the last step's
        _step(im, re, other_im, other_re, twiddle, radix, length, stride, m)
        length, stride = length // radix, stride * radix
        re, im, other_re, other_im = other_re, other_im, re, im
    _last_step_cut(re, im, target_re, target_im)
