"""How much of each cell is material, where edges cut cells: smoothed, or in steps."""

import numpy as np
from numpy.typing import NDArray

SAMPLES = 8
"""Points along each edge of a cell at which it is looked up whether there is material."""
LEAST_SHARE = 0.1
"""Cells with less material are empty: neighbours would turn what is left ever faster."""


def samples_per_cell(smooth: bool) -> int:
    """Return at how many points along each edge of a cell material is looked up."""
    return SAMPLES if smooth else 1


def sample_points_nm(n_cells: int, cell_nm: float, samples: int) -> NDArray[np.float64]:
    """Return the points along one axis of cells of a length, shape (n_cells * samples,)."""
    return (np.arange(n_cells * samples) + 0.5) * cell_nm / samples


def shares_of_cells(inside: NDArray[np.bool_], samples: int) -> NDArray[np.float64]:
    """Return the share of each cell that is material, shape (nx, ny).

    Parameters
    ----------
    inside
        Which points are in the material, shape (nx * samples, ny * samples).
    samples
        Points along each edge of a cell: with 1, a cell whose centre is inside is full and others
        are empty.
    """
    nx, ny = (n // samples for n in inside.shape)
    shares = inside.reshape(nx, samples, ny, samples).mean(axis=(1, 3))
    return np.where(shares < LEAST_SHARE, 0.0, shares)
