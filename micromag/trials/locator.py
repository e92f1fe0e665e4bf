"""Where the wall is."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from micromag.engine.problem import Problem


class Locator:
    """Locates a wall: the length magnetised along a positive axis, column by column.

    position = dx sum over columns of (1 + <m>) / 2, with <m> the mean of one component over the
    magnetic cells of a column. Taking columns one by one keeps the notch from shifting the wall.

    Parameters
    ----------
    problem
        The wire as numbers.
    component
        Component of the magnetisation that tells the domains apart: x for head-to-head walls in
        the plane, z for up-down walls of perpendicular tracks.

    Attributes
    ----------
    component
        Its index, 0 or 2.
    weights_nm, offset_nm
        position = offset + sum over cells of weight times m, shape (cells,) and a number.
    """

    def __init__(self, problem: Problem, component: Literal["x", "z"] = "x"):
        nx = problem.cells[0]
        magnetic = (problem.Ms > 0).reshape(nx, -1)
        per_column = magnetic / magnetic.sum(axis=1, keepdims=True)
        self.component = "xyz".index(component)
        self.weights_nm = (per_column * problem.cell_m[0] * 1e9 / 2).reshape(-1)
        self.offset_nm = nx * problem.cell_m[0] * 1e9 / 2

    def position_nm(self, m: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the wall's position in each lane for `m` of shape (3, cells, lanes)."""
        component = m[self.component].astype(np.float64)
        return np.asarray(self.offset_nm + self.weights_nm @ component)
