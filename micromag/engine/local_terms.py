"""The local terms of the effective field: exchange, anisotropies and the static applied field."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from micromag.engine.lanes import inlined, load
from micromag.engine.problem import MU0, Problem


class Terms(NamedTuple):
    """The local terms cell by cell, in the precision of the engine.

    A term that is absent has no cells: its last axis (the first of `exchange`) is empty.

    Parameters
    ----------
    Ms
        Saturation magnetisation in A/m, shape (cells,).
    neighbours
        The six neighbours of each cell, the cell itself where one is missing, shape (cells, 6).
    exchange
        2 A / (mu0 Ms d^2) in A/m towards each neighbour, 0 where one is missing, shape (cells, 6).
    anisotropy, anisotropy_4
        2 K / (mu0 Ms) and 4 K2 / (mu0 Ms) in A/m, shape (uniaxial terms, cells).
    axis
        Axes of these anisotropies, shape (uniaxial terms, 3, cells).
    cubic
        -2 K / (mu0 Ms) of the cubic anisotropy in A/m, shape (cells,).
    cubic_axes
        Its three axes, shape (3, 3, cells).
    H
        Static applied field in A/m, shape (3, cells).
    """

    Ms: NDArray[np.floating]
    neighbours: NDArray[np.intp]
    exchange: NDArray[np.floating]
    anisotropy: NDArray[np.floating]
    anisotropy_4: NDArray[np.floating]
    axis: NDArray[np.floating]
    cubic: NDArray[np.floating]
    cubic_axes: NDArray[np.floating]
    H: NDArray[np.floating]


LOCAL_FIELDS = ("exchange", "anisotropy", "anisotropy_4", "cubic", "H")


def terms_of(problem: Problem, dtype: DTypeLike) -> Terms:
    """Return the local terms of a problem."""
    per_Ms = np.divide(1 / MU0, problem.Ms, out=np.zeros_like(problem.Ms), where=problem.Ms > 0)
    neighbours = _neighbours(problem)

    def present(values: NDArray[np.float64]) -> NDArray[np.floating]:
        return np.ascontiguousarray(values if values.any() else values[..., :0], dtype=dtype)

    uniaxial = [problem, *(replace(problem, **further) for further in problem.further_uniaxial)]
    exchange = (2 * per_Ms[:, None] * _exchange_J_per_m3(problem, neighbours)).astype(dtype)
    return Terms(
        problem.Ms.astype(dtype),
        neighbours,
        exchange if exchange.any() else exchange[:0],
        present(2 * np.stack([term.K for term in uniaxial]) * per_Ms),
        present(4 * np.stack([term.K2 for term in uniaxial]) * per_Ms),
        np.ascontiguousarray([term.axis for term in uniaxial], dtype=dtype),
        present(-2 * problem.cubic_K * per_Ms),
        np.ascontiguousarray(problem.cubic_axes, dtype=dtype),
        present(problem.H),
    )


def only(terms: Terms, name: str) -> Terms:
    """Return the terms with one of `LOCAL_FIELDS` left in."""
    others = {other: getattr(terms, other) for other in LOCAL_FIELDS if other != name}
    # Copies keep the arrays contiguous, and with that the type the kernel is compiled for.
    none = {key: v[:0] if key == "exchange" else v[..., :0].copy() for key, v in others.items()}
    return terms._replace(**none)


def _exchange_J_per_m3(problem: Problem, neighbours: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return A / d^2 between each cell and its neighbours, shape (cells, 6), 0 without one."""
    own, other = problem.A[:, None], problem.A[neighbours]
    total = own + other
    A = np.divide(2 * own * other, total, out=np.zeros_like(total), where=total != 0)
    if problem.A_between:
        pairs = np.array(list(problem.A_between))
        count = 1 + max(pairs.max(), problem.region.max())
        table = np.full((count, count), np.nan)
        table[pairs[:, 0], pairs[:, 1]] = table[pairs[:, 1], pairs[:, 0]] = list(
            problem.A_between.values()
        )
        between = table[problem.region[:, None], problem.region[neighbours]]
        A = np.where(np.isnan(between), A, between)
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


@inlined
def local_field(m, terms, cell, mx, my, mz):  # type: ignore[no-untyped-def]
    """Return the local field of one cell, whose unit vector is (mx, my, mz), as hx, hy, hz.

    Exchange is the Laplacian sum of 2 A / (mu0 Ms d^2) (m_j - m_i) over neighbours j of i.
    """
    cells = m.shape[1]
    own = terms.Ms[cell] * 0
    hx, hy, hz = mx * own, my * own, mz * own
    if terms.exchange.size:
        for i in range(6):
            weight = terms.exchange[cell, i]
            if weight != 0:
                j = terms.neighbours[cell, i]
                hx = hx + load(m, j) * weight
                hy = hy + load(m, cells + j) * weight
                hz = hz + load(m, 2 * cells + j) * weight
                own += weight
        hx, hy, hz = hx - mx * own, hy - my * own, hz - mz * own
    return with_onsite_field(terms, cell, mx, my, mz, hx, hy, hz)


@inlined
def with_onsite_field(terms, cell, mx, my, mz, hx, hy, hz):  # type: ignore[no-untyped-def]
    """Return a field plus that of the terms without neighbours: anisotropies and static field.

    The cubic anisotropy's is -2 K / (mu0 Ms) sum of a_i (1 - a_i^2) u_i with a = m.u. As a plain
    Python function (`py_func`) it also takes tensors, with a slice for the cell.
    """
    axis, axes = terms.axis, terms.cubic_axes
    if terms.anisotropy.shape[1] or terms.anisotropy_4.shape[1]:
        for i in range(axis.shape[0]):
            ux, uy, uz = axis[i, 0, cell], axis[i, 1, cell], axis[i, 2, cell]
            along = mx * ux + my * uy + mz * uz
            if terms.anisotropy.shape[1]:
                h = along * terms.anisotropy[i, cell]
                hx, hy, hz = hx + h * ux, hy + h * uy, hz + h * uz
            if terms.anisotropy_4.shape[1]:
                h = along * along * along * terms.anisotropy_4[i, cell]
                hx, hy, hz = hx + h * ux, hy + h * uy, hz + h * uz
    if len(terms.cubic):
        for i in range(3):
            ux, uy, uz = axes[i, 0, cell], axes[i, 1, cell], axes[i, 2, cell]
            a = mx * ux + my * uy + mz * uz
            h = (a - a * a * a) * terms.cubic[cell]
            hx, hy, hz = hx + h * ux, hy + h * uy, hz + h * uz
    if terms.H.shape[1]:
        hx, hy, hz = hx + terms.H[0, cell], hy + terms.H[1, cell], hz + terms.H[2, cell]
    return hx, hy, hz
