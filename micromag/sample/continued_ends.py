"""The infinite-wire boundary: the field of the wire outside the grid.

A head-to-head wall in a finite wire is attracted by the magnetic charges at the two ends,
more by the nearer one. Outside its grid a continued wire is magnetised towards the wall; its field,
averaged over each cell, is static and cancels those charges.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from micromag.engine.terms.demag.newell_tensor import half_infinite_tensor


# Walls of several kinds and at several places are declared in the same wire.
@lru_cache(maxsize=1)
def continuation_field_A_per_m(
    cells: tuple[int, int, int], cell_m: tuple[float, float, float], Ms_A_per_m: float
) -> NDArray[np.float64]:
    """Return the field of both continuations of a wire: along +x on its left, -x on its right.

    Parameters
    ----------
    cells
        Number of cells along x, y and z.
    cell_m
        Edges of a cell.
    Ms_A_per_m
        Saturation magnetisation of the continuations.

    Returns
    -------
    numpy.ndarray
        Mean field in each cell in A/m, shape (3, nx, ny, nz).
    """
    left = -half_infinite_tensor(cells, cell_m)
    # The right one is the mirror image: x is reversed, and so is the field along x.
    right = left[:, ::-1] * np.array([-1, 1, 1]).reshape(3, 1, 1, 1)
    return Ms_A_per_m * (left + right)
