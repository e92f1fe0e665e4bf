"""Which cells are neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from micromag.engine.problem import Problem


DIRECTIONS = np.array([[-1.0, 0, 0], [1, 0, 0], [0, -1, 0], [0, 1, 0], [0, 0, -1], [0, 0, 1]])
"""Unit vectors from a cell to its neighbours, in the order of `neighbours_of`."""


def turn_of_gradient(cells_per_wave: float) -> float:
    """Return the largest |m_after - m_before| / 2 in waves of that many cells or more.

    It is sin(2 pi / cells), largest for waves of four cells.
    """
    return float(np.sin(2 * np.pi / max(cells_per_wave, 4)))


def neighbours_of(problem: Problem) -> NDArray[np.intp]:
    """Return the six neighbours of each cell, the cell itself where one is missing.

    Boundaries are free where material ends, or a mesh that does not repeat.

    Returns
    -------
    numpy.ndarray
        Shape (cells, 6): the one before and the one after along x, then y, then z.
    """
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
