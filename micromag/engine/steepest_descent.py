"""Energy minimisation by steepest descent on the sphere of each moment."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from micromag.engine.fields_and_energies import Fields

LONGEST_TURN = 0.15
"""Largest rotation of a moment in a step, in radians: longer steps leave the basin of attraction
(from standard problem 3's start to a flower instead of the vortex, at 0.5)."""


class Step(NamedTuple):
    """A state during the descent.

    Parameters
    ----------
    m
        Unit vectors, shape (3, cells).
    torque_A_per_m
        Largest |m x H| of the cells that may move, which vanishes at the minimum.
    """

    m: NDArray[np.floating]
    torque_A_per_m: float


def descend(fields: Fields, m: NDArray[np.floating]) -> Iterator[Step]:
    """Reduce the energy as long as the caller takes further steps.

    A step rotates every moment towards its field along -m x (m x H), by a length that the last two
    states give (Barzilai and Borwein, IMA J. Numer. Anal. 8, 141 (1988), their two formulas in
    turn); the rotation keeps |m| = 1, as in Exl et al., J. Appl. Phys. 115, 17D118 (2014).

    Parameters
    ----------
    fields
        Those of the wire; its dynamics and temperature are ignored. Fixed cells stay.
    m
        Unit vectors, shape (3, cells).

    Yields
    ------
    Step
        The state after each step; the first one is `m` itself.
    """
    Ms, free = fields.problem.Ms, ~fields.problem.fixed
    H = fields.total_A_per_m(m)
    torque = _cross(m, H) * free
    uphill = _cross(m, torque)
    length = 0.1 / max(float(np.linalg.norm(H, axis=0).max()), 1.0)
    shorter = True
    while True:
        largest = float(np.linalg.norm(torque, axis=0).max())
        yield Step(m, largest)
        moved = _turned(m, min(length, LONGEST_TURN / max(largest, 1e-300)) * torque)
        moved = np.where(free, moved, m)
        torque = _cross(moved, fields.total_A_per_m(moved)) * free
        way, m = moved - m, moved
        change, uphill = _cross(m, torque) - uphill, _cross(m, torque)
        along = abs(np.sum(Ms * way * change))
        shorter = not shorter
        if along > 0:
            other = change if shorter else way
            square = np.sum(Ms * other * other)
            length = along / square if shorter else square / along


def _turned(m: NDArray[np.floating], turn: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return m rotated by 2 atan(|turn| / 2) along -m x turn, where turn is normal to m."""
    square = np.sum(turn**2, axis=0) / 4
    moved = ((1 - square) * m - _cross(m, turn)) / (1 + square)
    length = np.linalg.norm(moved, axis=0)
    return np.divide(moved, length, out=np.zeros_like(moved), where=length > 0)


def _cross(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.cross(a, b, axis=0)
