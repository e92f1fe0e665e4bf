"""The disorder of a device: rough edges and grains, drawn from its seed.

Positions are drawn in nm, never in cells: finer cells resolve the same edges and the same grains.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from dwsynapse.study import Grains, Roughness

_EDGES, _GRAINS = 0, 1


def _generator(seed: int, purpose: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(purpose,)))


def edge_displacements_nm(
    roughness: Roughness, seed: int, x_nm: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Return the inward displacements of the bottom and the top edge.

    White noise on nodes a quarter of the correlation length apart, smoothed by a Gaussian: a
    Gaussian process with the covariance sd^2 exp(-(x - x')^2 / xi^2).

    Parameters
    ----------
    roughness, seed
        The process and its seed.
    x_nm
        Coordinates along the wire, from 0 on, shape (nx,).

    Returns
    -------
    numpy.ndarray
        Shape (2, nx).
    """
    if not roughness.sd_nm:
        return np.zeros((2, len(x_nm)))
    xi = roughness.correlation_nm
    # A node at every multiple of xi / 4 from -4 xi on: a longer wire begins with the same edges.
    nodes_nm = np.arange(-16, np.ceil(4 * x_nm.max() / xi) + 17) * xi / 4
    noise = _generator(seed, _EDGES).standard_normal((len(nodes_nm), 2))
    smoothing = np.exp(-2 * ((x_nm[:, None] - nodes_nm) / xi) ** 2)
    smoothing /= np.linalg.norm(smoothing, axis=1, keepdims=True)
    return np.asarray(roughness.sd_nm * (smoothing @ noise).T)


def within_edges(
    roughness: Roughness,
    seed: int,
    x_nm: NDArray[np.floating],
    y_nm: NDArray[np.floating],
    width_nm: float,
) -> NDArray[np.bool_]:
    """Return which cells have their centre between the rough edges, shape (nx, ny)."""
    bottom_nm, top_nm = edge_displacements_nm(roughness, seed, x_nm)
    return (y_nm > bottom_nm[:, None]) & (y_nm < width_nm - top_nm[:, None])


class GrainMap(NamedTuple):
    """The grains of a wire; `grain` numbers the grain of each cell, shape (nx, ny).

    By grain, shapes (grains,) and (grains, 3): Ms and the anisotropy constant over their means,
    and the anisotropy axis, a unit vector.
    """

    grain: NDArray[np.intp]
    saturation: NDArray[np.float64]
    anisotropy: NDArray[np.float64]
    axis: NDArray[np.float64]


def grain_map(
    grains: Grains, seed: int, x_nm: NDArray[np.floating], y_nm: NDArray[np.floating]
) -> GrainMap:
    """Return the grains of a wire: the Voronoi cells of random points, one per size_nm^2.

    Parameters
    ----------
    grains, seed
        The statistics and their seed.
    x_nm, y_nm
        Coordinates of the columns and rows of cells, shapes (nx,) and (ny,).
    """
    generator = _generator(seed, _GRAINS)
    # Points around the wire, too, so that the grains at its edges resemble those inside.
    margin_nm = 3 * grains.size_nm
    # From edge to edge of the wire, which does not depend on its cells.
    half_cell_nm = np.array([x_nm[1] - x_nm[0], y_nm[1] - y_nm[0]]) / 2
    low = np.array([x_nm[0], y_nm[0]]) - half_cell_nm - margin_nm
    span = np.array([x_nm[-1], y_nm[-1]]) + half_cell_nm + margin_nm - low
    span = np.round(span, 6)  # rounding errors of the coordinates must not change the number
    n = max(1, generator.poisson(np.prod(span) / grains.size_nm**2))
    tree = cKDTree(low + span * generator.random((n, 2)))
    centres = np.stack(np.meshgrid(x_nm, y_nm, indexing="ij"), axis=-1)
    axis = generator.standard_normal((n, 3))
    if grains.axes == "in-plane":
        axis[:, 2] = 0
    return GrainMap(
        np.asarray(tree.query(centres)[1]),
        _log_normal(generator, grains.saturation_sd, n),
        _log_normal(generator, grains.anisotropy_sd, n),
        axis / np.linalg.norm(axis, axis=1, keepdims=True),
    )


def _log_normal(generator: np.random.Generator, sd: float, n: int) -> NDArray[np.float64]:
    """Return positive numbers with the mean 1 and a standard deviation."""
    variance = np.log(1 + sd**2)
    return generator.lognormal(-variance / 2, np.sqrt(variance), n)
