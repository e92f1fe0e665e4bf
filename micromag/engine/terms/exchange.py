"""Exchange: 2 A / (mu0 Ms d^2) (m_j - m_i), summed over the neighbours j of a cell i."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import discretisedfield as df
import numpy as np
from numpy.typing import NDArray

from micromag.engine.lanes import inlined, load
from micromag.engine.terms.coupling import Pairs, coupling_of, read_coupling
from micromag.engine.terms.neighbours import neighbours_of
from micromag.engine.terms.parameters import check_bounds, described
from micromag.engine.terms.term import LocalTerm, per_magnetisation

if TYPE_CHECKING:
    from micromag.engine.problem import Problem

MAX_J_PER_M = 1e-8


@dataclass(frozen=True, eq=False, kw_only=True)
class ExchangeParameters:
    """Stiffnesses.

    Parameters
    ----------
    A
        Exchange stiffness in J/m, shape (cells,). Between cells i and j it is the harmonic mean
        2 A_i A_j / (A_i + A_j), unless `A_between` has the pair of their regions.
    region, A_between
        Number of the region of each cell, shape (cells,), and stiffnesses between neighbours of
        two regions, by the pair of their numbers in either order.
    """

    A: Any = field(default=0.0, metadata=described((), (0.0, MAX_J_PER_M, "J/m")))
    region: Any = field(default=0, metadata=described(()))
    A_between: Pairs = field(default_factory=dict)


class ExchangeCoefficients(NamedTuple):
    """Neighbours of each cell, and 2 A / (mu0 Ms d^2) towards them in A/m, shapes (cells, 6)."""

    exchange: NDArray[np.floating]
    neighbours: NDArray[np.intp]


@inlined
def add_exchange_field(m, terms, cell, mx, my, mz, hx, hy, hz):  # type: ignore[no-untyped-def]
    """Add the exchange field of one cell."""
    exchange, neighbours = terms.exchange
    cells = m.shape[1]
    own = terms.Ms[cell] * 0
    if len(exchange):
        for i in range(6):
            weight = exchange[cell, i]
            if weight != 0:
                j = neighbours[cell, i]
                hx = hx + load(m, j) * weight
                hy = hy + load(m, cells + j) * weight
                hz = hz + load(m, 2 * cells + j) * weight
                own += weight
        hx, hy, hz = hx - mx * own, hy - my * own, hz - mz * own
    return hx, hy, hz


def add_exchange_field_on_tensors(m, terms, cell, mx, my, mz, hx, hy, hz):  # type: ignore[no-untyped-def]
    """Add the exchange field of all cells of all replicas, one direction at a time."""
    for neighbour, weight in terms.exchange:
        hx = hx + (mx[:, neighbour] - mx) * weight
        hy = hy + (my[:, neighbour] - my) * weight
        hz = hz + (mz[:, neighbour] - mz) * weight
    return hx, hy, hz


class Exchange(LocalTerm):
    """Exchange."""

    declared = "Exchange"
    name = "exchange"
    parameters = ExchangeParameters
    orders: ClassVar = {"exchange": 2}
    add_field = staticmethod(add_exchange_field)
    add_field_on_tensors = staticmethod(add_exchange_field_on_tensors)

    def read(self, term: Any, mesh: df.Mesh) -> dict[str, Any]:
        """Return the stiffness of each cell, and between regions where a dict names pairs."""
        return read_coupling(term.A, mesh, "A", "Exchange.A")

    def check(self, problem: Problem) -> None:
        """Raise `InputError` if a stiffness between regions is absurd; it may be negative."""
        between = list(problem.A_between.values())
        check_bounds("A_between", between, (-MAX_J_PER_M, MAX_J_PER_M, "J/m"))

    def coefficients(self, problem: Problem) -> ExchangeCoefficients:
        """Return the neighbours of each cell and how strongly they couple."""
        neighbours = neighbours_of(problem)
        A = coupling_of(problem, problem.A, problem.A_between, neighbours)
        per_cell2 = A / np.repeat(np.square(problem.cell_m), 2)
        weights = 2 * per_magnetisation(problem)[:, None] * per_cell2
        return ExchangeCoefficients(weights, neighbours)

    def tensors(self, coefficients: Any, as_tensor: Callable[[Any], Any]) -> Any:
        """Return, for each direction in which cells have neighbours, these and the weights."""
        weights, neighbours = coefficients
        directions = [i for i in range(6) if len(weights) and weights[:, i].any()]
        return tuple(
            tuple(as_tensor(np.ascontiguousarray(part[:, i])) for part in (neighbours, weights))
            for i in directions
        )

    def bounds_A_per_m(self, problem: Problem, cells_per_wave: float) -> Iterable[float]:
        """Return the exchange field of a wave.

        A neighbour that is coupled ferromagnetically adds its exchange field
        1 - cos(2 pi / cells) times; one that is coupled antiferromagnetically twice, whatever the
        wave.
        """
        exchange = self.coefficients(problem).exchange
        turn = np.where(exchange > 0, 1 - np.cos(2 * np.pi / cells_per_wave), 2.0)
        return [(turn * np.abs(exchange)).sum(axis=1).max()]
