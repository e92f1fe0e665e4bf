"""The local terms of the effective field: exchange, anisotropies and the static applied field."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import DTypeLike, NDArray

from micromag.lanes import load_vector
from micromag.problem import MU0, Problem


class Terms(NamedTuple):
    """The local terms cell by cell, in the precision of the engine.

    The last axis of an anisotropy or a static field that is absent is empty.

    Parameters
    ----------
    Ms
        Saturation magnetisation in A/m, shape (cells,).
    exchange
        2 A / (mu0 Ms d^2) in A/m towards each neighbour, 0 where one is missing, shape (cells, 6).
    neighbours
        The six neighbours of each cell, the cell itself where one is missing, shape (cells, 6).
    uniaxial
        2 K / (mu0 Ms), 4 K2 / (mu0 Ms), both in A/m, and the axis, shape (5, cells).
    cubic
        -2 K / (mu0 Ms) of the cubic anisotropy in A/m and its three axes, shape (10, cells).
    H
        Static applied field in A/m, shape (3, cells).
    """

    Ms: NDArray[np.floating]
    exchange: NDArray[np.floating]
    neighbours: NDArray[np.intp]
    uniaxial: NDArray[np.floating]
    cubic: NDArray[np.floating]
    H: NDArray[np.floating]


def terms_of(problem: Problem, dtype: DTypeLike) -> Terms:
    """Return the local terms of a problem."""
    per_Ms = np.divide(1 / MU0, problem.Ms, out=np.zeros_like(problem.Ms), where=problem.Ms > 0)
    neighbours = _neighbours(problem)
    exchange = 2 * per_Ms[:, None] * _exchange_J_per_m3(problem, neighbours)
    uniaxial = np.stack([2 * problem.K * per_Ms, 4 * problem.K2 * per_Ms, *problem.axis])
    cubic = np.stack([-2 * problem.cubic_K * per_Ms, *problem.cubic_axes.reshape(9, -1)])
    return Terms(
        problem.Ms.astype(dtype),
        exchange.astype(dtype),
        neighbours,
        np.ascontiguousarray(uniaxial if uniaxial[:2].any() else uniaxial[:, :0], dtype),
        np.ascontiguousarray(cubic if cubic[0].any() else cubic[:, :0], dtype),
        np.ascontiguousarray(problem.H if problem.H.any() else problem.H[:, :0], dtype),
    )


def _exchange_J_per_m3(problem: Problem, neighbours: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return A / d^2 between each cell and its neighbours, shape (cells, 6), 0 without one."""
    own, other = problem.A[:, None], problem.A[neighbours]
    total = own + other
    A = np.divide(2 * own * other, total, out=np.zeros_like(total), where=total != 0)
    for (one, another), value in problem.A_between.items():
        for i, j in ((one, another), (another, one)):
            A[(problem.region[:, None] == i) & (problem.region[neighbours] == j)] = value
    A[neighbours == np.arange(problem.Ms.size)[:, None]] = 0
    return A / np.repeat(np.square(problem.cell_m), 2)


def _neighbours(problem: Problem) -> NDArray[np.intp]:
    """Return the neighbours of each cell; free boundaries where material or a mesh ends."""
    index = np.arange(problem.Ms.size).reshape(problem.cells)
    magnetic = (problem.Ms > 0).reshape(problem.cells)
    columns = []
    for axis in range(3):
        for shift in (1, -1):
            neighbour = np.roll(index, shift, axis)
            missing = ~np.roll(magnetic, shift, axis) | ~magnetic
            if not problem.periodic[axis]:
                edge = [slice(None)] * 3
                edge[axis] = slice(0, 1) if shift == 1 else slice(-1, None)
                missing[tuple(edge)] = True
            columns.append(np.where(missing, index, neighbour).reshape(-1))
    return np.stack(columns, axis=1)


@njit(cache=True, nogil=True)
def exchange_field(m, exchange, neighbours, cell):  # type: ignore[no-untyped-def]
    """Return sum of 2 A / (mu0 Ms d^2) (m_j - m_i) over the neighbours j of cell i."""
    mx, my, mz = load_vector(m, cell)
    hx, hy, hz = mx * 0.0, my * 0.0, mz * 0.0
    for axis in range(3):
        back, ahead = exchange[cell, 2 * axis], exchange[cell, 2 * axis + 1]
        if back != 0 or ahead != 0:
            both = back + ahead
            ax, ay, az = load_vector(m, neighbours[cell, 2 * axis])
            bx, by, bz = load_vector(m, neighbours[cell, 2 * axis + 1])
            hx = hx + ax * back + bx * ahead - mx * both
            hy = hy + ay * back + by * ahead - my * both
            hz = hz + az * back + bz * ahead - mz * both
    return hx, hy, hz


@njit(cache=True, nogil=True)
def uniaxial_field(uniaxial, cell, mx, my, mz):  # type: ignore[no-untyped-def]
    """Return [2 K (m.u) + 4 K2 (m.u)^3] / (mu0 Ms) u for the unit vector (mx, my, mz) of a cell."""
    ux, uy, uz = uniaxial[2, cell], uniaxial[3, cell], uniaxial[4, cell]
    along = mx * ux + my * uy + mz * uz
    h = along * (along * along * uniaxial[1, cell] + uniaxial[0, cell])
    return h * ux, h * uy, h * uz


@njit(cache=True, nogil=True)
def cubic_field(cubic, cell, mx, my, mz):  # type: ignore[no-untyped-def]
    """Return -2 K / (mu0 Ms) sum of a (1 - a^2) u over the axes u, with a = m.u."""
    hx, hy, hz = mx * 0.0, my * 0.0, mz * 0.0
    for i in range(1, 10, 3):
        ux, uy, uz = cubic[i, cell], cubic[i + 1, cell], cubic[i + 2, cell]
        along = mx * ux + my * uy + mz * uz
        h = (along - along * along * along) * cubic[0, cell]
        hx, hy, hz = hx + h * ux, hy + h * uy, hz + h * uz
    return hx, hy, hz
