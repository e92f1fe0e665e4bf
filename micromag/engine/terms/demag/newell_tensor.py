"""Demagnetisation tensor of uniformly magnetised cells.

Newell, Williams and Dunlop, J. Geophys. Res. 98, 9551 (1993): the cell-averaged field that one cell
makes in another is a second difference, along every axis, of closed-form functions of the corners.
"""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

COMPONENTS = ("xx", "yy", "zz", "xy", "xz", "yz")


def demagnetisation_tensor(
    cells: tuple[int, int, int], cell_m: tuple[float, float, float]
) -> NDArray[np.float64]:
    """Return the tensor N between a cell and every cell at an offset of zero or more cells.

    The demagnetising field is H_i = -sum_j N(r_i - r_j) M_j. Diagonal components are even along
    every axis, N_ab is odd along a and b and even along the third axis.

    Parameters
    ----------
    cells
        Number of cells along x, y and z.
    cell_m
        Edges of a cell in m.

    Returns
    -------
    numpy.ndarray
        Shape (6, nx, ny, nz) in the order of `COMPONENTS`, dimensionless; the diagonal components
        at zero offset sum to 1.
    """
    grid, norm = _corners([np.arange(-1, n + 1) for n in cells], cell_m)

    def component(function: Callable[..., Any], axes: str) -> NDArray[np.float64]:
        values = function(*(grid[a] for a in axes))
        for axis in range(3):
            values = -np.diff(values, n=2, axis=axis)
        return (norm * values).astype(np.float64)

    diagonal = [component(_newell_f, axes) for axes in ("xyz", "yxz", "zyx")]
    mixed = [component(_newell_g, axes) for axes in ("xyz", "xzy", "yzx")]
    return np.stack(diagonal + mixed)


def half_infinite_tensor(
    cells: tuple[int, int, int], cell_m: tuple[float, float, float]
) -> NDArray[np.float64]:
    """Return the components xx, xy and xz between a grid and its continuation to x = -infinity.

    The sum of the tensor over all cells of the continuation: second differences become first
    differences at its faces, and what lies at infinity vanishes.

    Returns
    -------
    numpy.ndarray
        Shape (3, nx, ny, nz): a continuation with the magnetisation M along +x makes the field
        -N M; dimensionless.
    """
    nx, ny, nz = cells
    grid, norm = _corners(
        [np.arange(nx + 1), np.arange(-ny, ny + 1), np.arange(-nz, nz + 1)], cell_m
    )

    def component(function: Callable[..., Any], axes: str) -> NDArray[np.float64]:
        values = np.diff(function(*(grid[a] for a in axes)), axis=0)
        for axis, n in ((1, ny), (2, nz)):
            slope = np.diff(values, axis=axis)
            values = slope.take(range(n), axis) - slope.take(range(n, 2 * n), axis)
        return (norm * values).astype(np.float64)

    return np.stack(
        [component(_newell_f, "xyz"), component(_newell_g, "xyz"), component(_newell_g, "xzy")]
    )


def on_padded_grid(
    tensor: NDArray[np.float64], padded: tuple[int, int, int]
) -> NDArray[np.float64]:
    """Return the tensor for offsets of both signs, wrapped around a padded grid."""
    cells = tensor.shape[1:]
    full = np.zeros((6, *padded))
    signs = [(1,) if n == 1 else (1, -1) for n in cells]
    for sx, sy, sz in itertools.product(*signs):
        sign = np.array([1, 1, 1, sx * sy, sx * sz, sy * sz]).reshape(6, 1, 1, 1)
        places = [
            (s * np.arange(n)) % p for s, n, p in zip((sx, sy, sz), cells, padded, strict=True)
        ]
        full[np.ix_(np.arange(6), *places)] = sign * tensor
    return full


def _corners(
    numbers: list[NDArray[np.int64]], cell_m: tuple[float, float, float]
) -> tuple[dict[str, NDArray[np.longdouble]], float]:
    """Return coordinates x, y, z of corners in units of the shortest edge, and 1 / (4 pi volume).

    Differences of large numbers nearly cancel far away: extended precision keeps the digits.
    """
    edges = np.array(cell_m) / min(cell_m)
    axes = [edge * n.astype(np.longdouble) for edge, n in zip(edges, numbers, strict=True)]
    grid = dict(zip("xyz", np.meshgrid(*axes, indexing="ij"), strict=True))
    return grid, float(1 / (4 * np.pi * np.prod(edges)))


def _asinh_ratio(a: Any, b: Any, c: Any) -> Any:
    """Return asinh(a / sqrt(b^2 + c^2)), or 0 where the formulas multiply it by zero."""
    r = np.hypot(b, c)
    return np.arcsinh(np.divide(a, r, out=np.zeros_like(a), where=r > 0))


def _atan_ratio(a: Any, b: Any) -> Any:
    """Return atan(a / b), or 0 where the formulas multiply it by zero."""
    return np.arctan(np.divide(a, b, out=np.zeros_like(a), where=b != 0))


def _newell_f(x: Any, y: Any, z: Any) -> Any:
    """Return f of Newell et al., Eq. 27, for the diagonal components."""
    r = np.sqrt(x**2 + y**2 + z**2)
    return (
        y / 2 * (z**2 - x**2) * _asinh_ratio(y, x, z)
        + z / 2 * (y**2 - x**2) * _asinh_ratio(z, x, y)
        - x * y * z * _atan_ratio(y * z, x * r)
        + (2 * x**2 - y**2 - z**2) * r / 6
    )


def _newell_g(x: Any, y: Any, z: Any) -> Any:
    """Return g of Newell et al., Eq. 32, for the mixed components."""
    r = np.sqrt(x**2 + y**2 + z**2)
    return (
        x * y * z * _asinh_ratio(z, x, y)
        + y / 6 * (3 * z**2 - y**2) * _asinh_ratio(x, y, z)
        + x / 6 * (3 * z**2 - x**2) * _asinh_ratio(y, x, z)
        - z**3 / 6 * _atan_ratio(x * y, z * r)
        - z * y**2 / 2 * _atan_ratio(x * z, y * r)
        - z * x**2 / 2 * _atan_ratio(y * z, x * r)
        - x * y * r / 3
    )
