"""Head-to-head walls: initial states, the variant of a trial, and detection of vortices."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dwsynapse.study import Wall

CORE_NM = 10.0


def variant_of(wall: Wall, seed: int, replica: int, *words: int) -> int:
    """Return which of `wall.variants` a trial has, with equal probabilities.

    It is drawn from the same numbers as the trial's thermal noise (`noise.trial_key`), of which it
    is independent.
    """
    # A spawn key separates these random words from the key of the noise (noise.trial_key).
    word = np.random.SeedSequence([seed, replica, *words], spawn_key=(1,)).generate_state(
        1, np.uint32
    )[0]
    return int(word) % len(wall.variants)


def initial_wall(
    kind: str,
    chirality: str,
    polarity: str,
    x_nm: NDArray[np.floating],
    y_nm: NDArray[np.floating],
    width_nm: float,
) -> NDArray[np.float64]:
    """Return unit vectors of a wall at x = 0, between +x on the left and -x on the right.

    Only an initial state: relaxation gives the wall its shape.

    Parameters
    ----------
    kind, chirality, polarity
        As in `dwsynapse.study.Wall`, with nothing to be drawn.
    x_nm, y_nm
        Coordinates of the columns and rows of cells, shapes (nx,) and (ny,).
    width_nm
        Width of the wire, from y = 0 to `width_nm`.

    Returns
    -------
    numpy.ndarray
        Shape (nx, ny, 3).
    """
    x, y = np.meshgrid(x_nm, y_nm - width_nm / 2, indexing="ij")
    if kind == "vortex":
        return _vortex(x, y, width_nm, chirality, polarity)
    angle = np.pi * np.clip(x / (width_nm / 2) + 0.5, 0, 1)
    direction = 1 if chirality == "up" else -1
    return np.stack([np.cos(angle), direction * np.sin(angle), np.zeros_like(angle)], axis=-1)


def _vortex(
    x: NDArray[np.floating],
    y: NDArray[np.floating],
    width_nm: float,
    chirality: str,
    polarity: str,
) -> NDArray[np.float64]:
    """Return a circular vortex as wide as the wire, with its core on the axis."""
    turn = 1 if chirality == "counterclockwise" else -1
    up = 1 if polarity == "up" else -1
    r = np.maximum(np.hypot(x, y), 1e-9)
    core = np.exp(-((r / CORE_NM) ** 2))
    flat = np.sqrt(1 - core**2) / r
    inside = np.stack([-turn * y * flat, turn * x * flat, up * core], axis=-1)
    outside = np.stack([-np.sign(x), np.zeros_like(x), np.zeros_like(x)], axis=-1)
    return np.where((np.abs(x) < width_nm / 2)[..., None], inside, outside)


class Vortex(NamedTuple):
    """A vortex: where its core is, and the chirality and polarity as in `dwsynapse.study.Wall`."""

    x_nm: float
    y_nm: float
    chirality: str
    polarity: str


def vortices(m: NDArray[np.floating], cell_nm: tuple[float, float, float]) -> list[Vortex]:
    """Return the vortices in a layer: where m turns once around, in the sense of the path.

    Antivortices, and the half turns at the edges of transverse walls, are left out.

    Parameters
    ----------
    m
        Unit vectors of a layer, shape (3, nx, ny); zero where there is no material.
    cell_nm
        Edges of a cell.
    """
    angle = np.arctan2(m[1], m[0])
    # Counterclockwise around every square of four neighbouring cells.
    corners = [angle[:-1, :-1], angle[1:, :-1], angle[1:, 1:], angle[:-1, 1:]]
    steps = [b - a for a, b in zip(corners, corners[1:] + corners[:1], strict=True)]
    turns = sum((step + np.pi) % (2 * np.pi) - np.pi for step in steps) / (2 * np.pi)
    material = np.any(m != 0, axis=0)
    whole = material[:-1, :-1] & material[1:, :-1] & material[1:, 1:] & material[:-1, 1:]
    found = []
    for i, j in np.argwhere((np.round(turns) == 1) & whole):
        square = m[:, i : i + 2, j : j + 2]
        curl = np.diff(square[1], axis=0).sum() - np.diff(square[0], axis=1).sum()
        found.append(
            Vortex(
                float((i + 1) * cell_nm[0]),
                float((j + 1) * cell_nm[1]),
                "counterclockwise" if curl > 0 else "clockwise",
                "up" if square[2].sum() > 0 else "down",
            )
        )
    return found
