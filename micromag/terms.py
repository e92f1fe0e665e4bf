"""The local terms of the effective field: exchange and uniaxial anisotropy."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import DTypeLike, NDArray

from micromag.lanes import load
from micromag.problem import MU0, Problem


class Terms(NamedTuple):
    """The local terms cell by cell, in the precision of the engine.

    Parameters
    ----------
    Ms
        Saturation magnetisation in A/m, shape (cells,).
    neighbours
        The six neighbours of each cell, the cell itself where one is missing, shape (cells, 6).
    exchange
        2 A / (mu0 Ms d^2) in A/m for the three axes, shape (cells, 3).
    anisotropy
        2 K / (mu0 Ms) in A/m, shape (cells,).
    axis
        Anisotropy axis, shape (3,).
    """

    Ms: NDArray[np.floating]
    neighbours: NDArray[np.intp]
    exchange: NDArray[np.floating]
    anisotropy: NDArray[np.floating]
    axis: NDArray[np.floating]


def terms_of(problem: Problem, dtype: DTypeLike) -> Terms:
    """Return the local terms of a problem."""
    magnetic = problem.Ms > 0
    per_Ms = np.divide(2 / MU0, problem.Ms, out=np.zeros_like(problem.Ms), where=magnetic)
    squares = np.array([edge**2 for edge in problem.cell_m])
    # Where there is one cell along an axis it has no neighbours: skip the axis.
    several = np.array(problem.cells) > 1
    exchange = problem.A * per_Ms[:, None] / squares * several
    return Terms(
        problem.Ms.astype(dtype),
        _neighbours(problem),
        exchange.astype(dtype),
        (problem.K * per_Ms).astype(dtype),
        np.array(problem.axis, dtype=dtype),
    )


def _neighbours(problem: Problem) -> NDArray[np.intp]:
    """Return the neighbours of each cell; free boundaries at edges and where material ends."""
    index = np.arange(problem.Ms.size).reshape(problem.cells)
    magnetic = (problem.Ms > 0).reshape(problem.cells)
    columns = []
    for axis in range(3):
        for shift in (1, -1):
            neighbour = np.roll(index, shift, axis)
            missing = ~np.roll(magnetic, shift, axis) | ~magnetic
            edge = [slice(None)] * 3
            edge[axis] = slice(0, 1) if shift == 1 else slice(-1, None)
            missing[tuple(edge)] = True
            columns.append(np.where(missing, index, neighbour).reshape(-1))
    return np.stack(columns, axis=1)


@njit(cache=True, nogil=True)
def exchange_and_anisotropy(m, terms, cell, mx, my, mz):  # type: ignore[no-untyped-def]
    """Return the exchange and anisotropy field of one cell, whose unit vector is (mx, my, mz).

    Exchange is the Laplacian sum of 2 A / (mu0 Ms d^2) (m_j - m_i) over neighbours j of i.
    """
    cells = m.shape[1]
    projection = (mx * terms.axis[0] + my * terms.axis[1] + mz * terms.axis[2]) * terms.anisotropy[
        cell
    ]
    hx, hy, hz = projection * terms.axis[0], projection * terms.axis[1], projection * terms.axis[2]
    for axis in range(3):
        weight = terms.exchange[cell, axis]
        if weight != 0:
            a, b = terms.neighbours[cell, 2 * axis], terms.neighbours[cell, 2 * axis + 1]
            hx = hx + (load(m, a) + load(m, b) - mx - mx) * weight
            hy = hy + (load(m, cells + a) + load(m, cells + b) - my - my) * weight
            hz = hz + (load(m, 2 * cells + a) + load(m, 2 * cells + b) - mz - mz) * weight
    return hx, hy, hz
