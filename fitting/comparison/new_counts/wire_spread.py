"""Passing of walls over many wires whose curves differ in the place of their rise.

A declared spread sd says that the centres of the wires are normal about that of the device. Reads
of many wires then pass with the mean of f over the spread, and reads of one wire are correlated:
with a variance w of f over the wires, by rho = w / (f (1 - f)).
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import NDArray

from fitting.forms import PassingCurve

Floats = NDArray[np.float64]

NODES = 21
"""Of a Gauss-Hermite rule: means to 4e-5 for a spread of up to three widths 1/Delta."""


class OverWires(NamedTuple):
    """The passing probability of a read, and the correlation of two reads of one wire."""

    probability: Floats
    correlation: Floats


def over_wires(
    curve: "PassingCurve | SpreadCurve", field_mT: Floats, spread_mT: float
) -> OverWires:
    """Return how walls pass over wires whose centres have a spread.

    Parameters
    ----------
    curve
        The curve of the typical wire, as it is seen.
    field_mT
        Fields, of any shape.
    spread_mT
        Standard deviation of the centres.
    """
    mean, square = np.zeros_like(field_mT), np.zeros_like(field_mT)
    nodes, weights = hermegauss(NODES)
    # One node at a time: those of a long log together would not fit into memory.
    for node, share in zip(nodes, weights / weights.sum(), strict=True):
        p = curve.probability(field_mT + node * spread_mT)
        mean, square = mean + share * p, square + share * p**2
    variance = np.maximum(square - mean**2, 0.0)
    certain = mean * (1 - mean) <= 0
    return OverWires(mean, np.where(certain, 0.0, variance / np.where(certain, 1, mean - mean**2)))


@dataclass(frozen=True)
class SpreadCoordinates:
    """Coordinates of curves that are averaged over wires.

    Parameters
    ----------
    of_wire
        Coordinates of the curve of the typical wire.
    spread_mT
        Standard deviation of the centres of the wires.
    """

    of_wire: Any
    spread_mT: float

    def curve(self, point: Floats) -> "SpreadCurve":
        """Return the averaged curve at a point."""
        return SpreadCurve(self.of_wire.curve(point), self.spread_mT)


@dataclass(frozen=True)
class SpreadCurve:
    """A curve averaged over wires.

    Parameters
    ----------
    of_wire
        The curve of the typical wire.
    spread_mT
        Standard deviation of the centres of the wires.
    """

    of_wire: "PassingCurve | SpreadCurve"
    spread_mT: float

    def probability(self, field_mT: Floats) -> Floats:
        """Return the mean of f over the wires."""
        return over_wires(self.of_wire, field_mT, self.spread_mT).probability

    @property
    def form(self) -> str:
        """Name of the form of the typical wire's curve."""
        return self.of_wire.form

    def values(self) -> dict[str, float]:
        """Return the parameters of the typical wire's curve by name."""
        return self.of_wire.values()
