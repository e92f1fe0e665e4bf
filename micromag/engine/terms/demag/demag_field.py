"""Demagnetising field of all replicas of a lane group by zero-padded convolution.

Transformed along x (two real rows as one complex row) and along y, the convolution is a product
with a tensor that is real, or imaginary for the components xz and yz, since these are odd along one
of the two axes; the few layers along z are summed directly.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from micromag.engine.lanes import aligned_zeros, kernel, load, store
from micromag.engine.problem import Problem
from micromag.engine.terms.demag.lane_fft import (
    forward_padded,
    inverse_cut,
    padded_length,
    twiddles,
)
from micromag.engine.terms.demag.newell_tensor import demagnetisation_tensor, on_padded_grid
from micromag.engine.terms.demag.periodic_tensor import periodic_tensor


class DemagKernel(NamedTuple):
    """The transformed tensor and twiddle factors; shared by all lane groups.

    `tensor` has the shape (6, px/2 + 1, py, 2 nz - 1) for the padded lengths px and py, and carries
    the sign of H = -N M and the factor of the inverse transforms.
    """

    tensor: NDArray[np.floating]
    twiddle_x: NDArray[np.floating]
    twiddle_y: NDArray[np.floating]
    cells: tuple[int, int, int]


class DemagWork(NamedTuple):
    """Work space of one lane group; real and imaginary parts, twice where transforms need two.

    Shapes, without the lanes at the end: spectrum (px/2 + 1, ny, 3 nz), pair (nx, 1), row (px, 1)
    and column (py, 3 nz).
    """

    spectrum_re: NDArray[np.floating]
    spectrum_im: NDArray[np.floating]
    pair: tuple[NDArray[np.floating], ...]
    row: tuple[NDArray[np.floating], ...]
    column: tuple[NDArray[np.floating], ...]


def demag_kernel(problem: Problem, dtype: DTypeLike) -> DemagKernel:
    """Return the transformed demagnetisation tensor of a problem."""
    nx, ny, nz = cells = problem.cells
    px, py = padded_length(nx), padded_length(ny)
    full = on_padded_grid(tensor_of(problem), (px, py, max(2 * nz - 1, 1)))
    transformed = np.fft.fft2(full, axes=(1, 2))[:, : px // 2 + 1] * (-1 / (px * py))
    tensor = np.where(np.arange(6).reshape(6, 1, 1, 1) < 4, transformed.real, transformed.imag)
    return DemagKernel(
        np.ascontiguousarray(tensor.astype(dtype)), twiddles(px, dtype), twiddles(py, dtype), cells
    )


def tensor_of(problem: Problem) -> NDArray[np.float64]:
    """Return the tensor between the cells of a problem, with their images on a periodic mesh.

    A periodic convolution needs no padding; with it, one and the same transform serves all meshes.
    """
    if any(problem.periodic):
        return periodic_tensor(problem.cells, problem.cell_m, problem.periodic)
    return demagnetisation_tensor(problem.cells, problem.cell_m)


def demag_work(cells: tuple[int, int, int], dtype: DTypeLike) -> DemagWork:
    """Return work space for the demagnetising field of one lane group."""
    nx, ny, nz = cells
    px, py = padded_length(nx), padded_length(ny)
    return DemagWork(
        aligned_zeros((px // 2 + 1, ny, 3 * nz), dtype),
        aligned_zeros((px // 2 + 1, ny, 3 * nz), dtype),
        tuple(aligned_zeros((nx, 1), dtype) for _ in range(2)),
        tuple(aligned_zeros((px, 1), dtype) for _ in range(4)),
        tuple(aligned_zeros((py, 3 * nz), dtype) for _ in range(4)),
    )


@kernel
def demag_field(m, magnetisation, kernel, work, field):  # type: ignore[no-untyped-def]
    """Write the demagnetising field of the magnetisation Ms m into `field`.

    Parameters
    ----------
    m, field
        Unit vectors and field in A/m, shape (3, cells, LANES), cells counted along z, y, x.
    magnetisation
        Ms of each cell in A/m, shape (cells,).
    kernel, work
        `DemagKernel` and `DemagWork`.
    """
    _transform_rows(m, magnetisation, kernel, work)
    for kx in range(work.spectrum_re.shape[0]):
        _convolve_column(kx, kernel, work)
    _transform_rows_back(field, kernel, work)


@kernel
def _places(row, kernel):  # type: ignore[no-untyped-def]
    """Return where row (component, y, z) starts in the field and in the spectrum."""
    nx, ny, nz = kernel.cells
    component, column = divmod(row, ny * nz)
    y, z = divmod(column, nz)
    return component * nx * ny * nz + column, (3 * y + component) * nz + z


@kernel
def _transform_rows(m, magnetisation, kernel, work):  # type: ignore[no-untyped-def]
    nx, ny, nz = kernel.cells
    step, n = ny * nz, kernel.twiddle_x.shape[1]
    rows = 3 * step
    pair_re, pair_im = work.pair
    for first in range(0, rows, 2):
        # Two real rows make one complex row; an odd last row is paired with itself.
        second = min(first + 1, rows - 1)
        a, a_spectrum = _places(first, kernel)
        b, b_spectrum = _places(second, kernel)
        for x in range(nx):
            store(pair_re, x, load(m, a + x * step) * magnetisation[first % step + x * step])
            store(pair_im, x, load(m, b + x * step) * magnetisation[second % step + x * step])
        re, im, _, _ = forward_padded(pair_re, pair_im, *work.row, kernel.twiddle_x)
        # Their spectra are the even and odd parts of the complex row's spectrum.
        for k in range(work.spectrum_re.shape[0]):
            back = (n - k) % n
            pr, pi, qr, qi = load(re, k), load(im, k), load(re, back), load(im, back)
            store(work.spectrum_re, k * rows + a_spectrum, (pr + qr) * 0.5)
            store(work.spectrum_im, k * rows + a_spectrum, (pi - qi) * 0.5)
            store(work.spectrum_re, k * rows + b_spectrum, (pi + qi) * 0.5)
            store(work.spectrum_im, k * rows + b_spectrum, (qr - pr) * 0.5)


@kernel
def _transform_rows_back(field, kernel, work):  # type: ignore[no-untyped-def]
    nx, ny, nz = kernel.cells
    step, n = ny * nz, kernel.twiddle_x.shape[1]
    rows = 3 * step
    pair_re, pair_im = work.pair
    for first in range(0, rows, 2):
        a, a_spectrum = _places(first, kernel)
        b, b_spectrum = _places(min(first + 1, rows - 1), kernel)
        re, im, other_re, other_im = work.row
        for k in range(work.spectrum_re.shape[0]):
            back = (n - k) % n
            ar = load(work.spectrum_re, k * rows + a_spectrum)
            ai = load(work.spectrum_im, k * rows + a_spectrum)
            br = load(work.spectrum_re, k * rows + b_spectrum)
            bi = load(work.spectrum_im, k * rows + b_spectrum)
            store(re, k, ar - bi)
            store(im, k, ai + br)
            if back != k:
                store(re, back, ar + bi)
                store(im, back, br - ai)
        inverse_cut(re, im, other_re, other_im, pair_re, pair_im, kernel.twiddle_x)
        for x in range(nx):
            store(field, a + x * step, load(pair_re, x))
            store(field, b + x * step, load(pair_im, x))


@kernel
def _convolve_column(kx, kernel, work):  # type: ignore[no-untyped-def]
    spectrum_re, spectrum_im = work.spectrum_re[kx], work.spectrum_im[kx]
    re, im, h_re, h_im = forward_padded(spectrum_re, spectrum_im, *work.column, kernel.twiddle_y)
    _multiply(kx, kernel.tensor, re, im, h_re, h_im)
    inverse_cut(h_re, h_im, re, im, spectrum_re, spectrum_im, kernel.twiddle_y)


@kernel
def _multiply(kx, tensor, m_re, m_im, h_re, h_im):  # type: ignore[no-untyped-def]
    """Multiply by the tensor at one kx: all ky, and a sum over layers for each layer."""
    nz = (tensor.shape[3] + 1) // 2
    for ky in range(tensor.shape[2]):
        base = ky * 3 * nz
        for z in range(nz):
            x_re, x_im = load(m_re, base) * 0.0, load(m_re, base) * 0.0
            y_re, y_im, z_re, z_im = x_re, x_re, x_re, x_re
            for source in range(nz):
                d = (z - source) % tensor.shape[3]
                i = base + source
                ar, ai = load(m_re, i), load(m_im, i)
                br, bi = load(m_re, i + nz), load(m_im, i + nz)
                cr, ci = load(m_re, i + 2 * nz), load(m_im, i + 2 * nz)
                xx, yy = tensor[0, kx, ky, d], tensor[1, kx, ky, d]
                zz, xy = tensor[2, kx, ky, d], tensor[3, kx, ky, d]
                x_re, x_im = x_re + xx * ar + xy * br, x_im + xx * ai + xy * bi
                y_re, y_im = y_re + xy * ar + yy * br, y_im + xy * ai + yy * bi
                z_re, z_im = z_re + zz * cr, z_im + zz * ci
                if nz > 1:  # in a single layer the imaginary components vanish
                    xz, yz = tensor[4, kx, ky, d], tensor[5, kx, ky, d]
                    x_re, x_im = x_re - xz * ci, x_im + xz * cr
                    y_re, y_im = y_re - yz * ci, y_im + yz * cr
                    z_re, z_im = z_re - xz * ai - yz * bi, z_im + xz * ar + yz * br
            store(h_re, base + z, x_re)
            store(h_im, base + z, x_im)
            store(h_re, base + z + nz, y_re)
            store(h_im, base + z + nz, y_im)
            store(h_re, base + z + 2 * nz, z_re)
            store(h_im, base + z + 2 * nz, z_im)
