"""Parameters of a problem: which shape they have, and which values are absurd."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError

Bounds = tuple[float, float, str]
"""Least and largest value and unit: far beyond any material or magnet, so that what lies outside
was meant in another unit."""


def described(shape: tuple[int, ...] | None = None, bounds: Bounds | None = None) -> dict[str, Any]:
    """Return the metadata of a dataclass field that is a parameter.

    Parameters
    ----------
    shape
        Shape in one cell of what may differ from cell to cell: () for a number. None for what the
        whole problem has in common.
    bounds
        What is allowed.
    """
    return {"shape": shape, "bounds": bounds}


def check_bounds(name: str, value: Any, bounds: Bounds) -> None:
    """Raise `InputError` if not all values lie within bounds; NaN does not."""
    least, largest, unit = bounds
    values = np.asarray(value, dtype=float)
    wrong = values[~((values >= least) & (values <= largest))]
    if wrong.size:
        raise InputError(
            f"{wrong[0]:g} {unit}".strip() + " is beyond any material or magnet",
            where=name,
            remedy=f"give {least:g} to {largest:g} {unit}".strip(),
        )


def check_axes(name: str, axes: NDArray[np.floating], used: NDArray[np.bool_]) -> None:
    """Raise `InputError` if an axis is zero in a cell where it is used.

    Parameters
    ----------
    name
        The parameter's name.
    axes
        Shape (3, cells) or (axes, 3, cells).
    used
        Where there is an anisotropy or a torque along it, shape (cells,).
    """
    length = np.atleast_2d(np.linalg.norm(axes, axis=-2))
    if not np.isfinite(length).all() or np.any(used & ~length.all(axis=0)):
        raise InputError(
            "no direction where one is needed",
            where=name,
            remedy="give every region and cell one",
        )
