"""How the walls of a crossbar's devices move by pulses, in shares of the range of conductance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fitting.response.response_table import ResponseTable

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Walls:
    """Walls that one response moves.

    Positions x go from 0 to 1 over the range of conductance of a device: junctions that differ in
    resistance and magnetoresistance have another range, but the same walls.

    Parameters
    ----------
    table
        The response.
    levels
        Number of levels, evenly spaced over the range, to the nearest of which a wall goes after a
        pulse; None for a wall that rests anywhere.
    """

    table: ResponseTable
    levels: int | None = None

    def settled(self, x: ArrayLike) -> Floats:
        """Return where walls come to rest: within the range, on a level."""
        within = np.clip(x, 0.0, 1.0)
        if self.levels is None:
            return within
        top = self.levels - 1
        return np.rint(within * top) / top

    def moved(self, x: Floats, direction: ArrayLike, uniform: Floats, scale: float = 1.0) -> Floats:
        """Return positions after a pulse each, +1 up or -1 down, drawn by uniform numbers.

        A scale other than 1 makes all steps larger or smaller than those of the response.
        """
        drawn_S = self.table.sample(self._conductance_S(x), uniform, direction)
        return self.settled(x + scale * drawn_S / self.table.range_S)

    def mean_moved(self, x: Floats, direction: ArrayLike) -> Floats:
        """Return the mean positions after a pulse each, without the levels."""
        up, down = (self.table.mean_S(way)[self.bin(x)] for way in (1, -1))
        mean_S = np.where(np.asarray(direction) > 0, up, down)
        return np.clip(x + mean_S / self.table.range_S, 0.0, 1.0)

    def mean_step(self) -> float:
        """Return the mean size of a step of both directions, over the range."""
        up, down = (np.abs(self.table.mean_S(way)).mean() for way in (1, -1))
        return float((up + down) / 2 / self.table.range_S)

    def tolerance(self) -> float:
        """Return half a level, or half the mean step of walls that rest anywhere.

        What is farther off is nearer after another pulse of the mean size.
        """
        return self.mean_step() / 2 if self.levels is None else 0.5 / (self.levels - 1)

    def bin(self, x: ArrayLike) -> Integers:
        """Return the number of the nearest bin of the response."""
        edges_S = (self.table.conductances_S[1:] + self.table.conductances_S[:-1]) / 2
        return np.searchsorted(edges_S, self._conductance_S(x))

    def _conductance_S(self, x: ArrayLike) -> Floats:
        return self.table.conductances_S[0] + self.table.range_S * np.asarray(x)
