"""Zhang-Li spin-transfer torque: H = -(1 / gamma0) [m x (u.grad)m + beta (u.grad)m].

The Gilbert form -(u.grad)m + beta m x (u.grad)m (Zhang and Li, Phys. Rev. Lett. 93, 127204 (2004))
as a field; u, in m/s, points where the electrons go, and walls follow it. Derivatives are central
differences; a missing neighbour counts as equal to the cell itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import discretisedfield as df
import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from micromag.engine.declared_values import per_cell
from micromag.engine.lanes import inlined, load
from micromag.engine.terms.neighbours import neighbours_of, turn_of_gradient
from micromag.engine.terms.parameters import described
from micromag.engine.terms.term import CurrentTerm

if TYPE_CHECKING:
    from micromag.engine.problem import Problem


@dataclass(frozen=True, eq=False, kw_only=True)
class ZhangLiParameters:
    """The current.

    Parameters
    ----------
    u
        Spin-drift velocity in m/s, shape (3, cells).
    nonadiabaticity
        Beta of `micromagneticmodel`, often called xi.
    """

    u: Any = field(default=(0.0, 0.0, 0.0), metadata=described((3,), (-1e7, 1e7, "m/s")))
    nonadiabaticity: float = field(default=0.0, metadata=described(bounds=(-1e3, 1e3, "")))


class ZhangLiCoefficients(NamedTuple):
    """What the differences of neighbours are multiplied by.

    Parameters
    ----------
    zhang_li
        u / (2 gamma0 d) along each axis in A/m, shape (cells, 3).
    nonadiabaticity
        Shape (1,).
    neighbours
        Shape (cells, 6).
    """

    zhang_li: NDArray[np.floating]
    nonadiabaticity: NDArray[np.floating]
    neighbours: NDArray[np.intp]


@inlined
def add_zhang_li_field(m, terms, cell, mx, my, mz, hx, hy, hz):  # type: ignore[no-untyped-def]
    """Add the field of one cell."""
    zhang_li, nonadiabaticity, neighbours = terms.zhang_li
    cells = m.shape[1]
    if len(zhang_li):
        beta = nonadiabaticity[0]
        for axis in range(3):
            weight = zhang_li[cell, axis]
            if weight != 0:
                before, after = neighbours[cell, 2 * axis], neighbours[cell, 2 * axis + 1]
                ax = (load(m, after) - load(m, before)) * weight
                ay = (load(m, after + cells) - load(m, before + cells)) * weight
                az = (load(m, after + 2 * cells) - load(m, before + 2 * cells)) * weight
                hx = hx - (my * az - mz * ay + ax * beta)
                hy = hy - (mz * ax - mx * az + ay * beta)
                hz = hz - (mx * ay - my * ax + az * beta)
    return hx, hy, hz


def add_zhang_li_field_on_tensors(m, terms, cell, mx, my, mz, hx, hy, hz):  # type: ignore[no-untyped-def]
    """Add the field of all cells of all replicas, one axis at a time."""
    for before, after, weight, beta in terms.zhang_li:
        ax, ay, az = ((part[:, after] - part[:, before]) * weight for part in (mx, my, mz))
        hx = hx - (my * az - mz * ay + ax * beta)
        hy = hy - (mz * ax - mx * az + ay * beta)
        hz = hz - (mx * ay - my * ax + az * beta)
    return hx, hy, hz


class ZhangLi(CurrentTerm):
    """A current in the film."""

    declared = "ZhangLi"
    name = "zhang_li"
    parameters = ZhangLiParameters
    absent: ClassVar = {"u": (0.0, 0.0, 0.0)}
    parts = ("zhang_li",)
    current = "u"
    add_field = staticmethod(add_zhang_li_field)
    add_field_on_tensors = staticmethod(add_zhang_li_field_on_tensors)

    def read(self, term: Any, mesh: df.Mesh) -> dict[str, Any]:
        """Return velocity and nonadiabaticity; a scalar velocity is along x."""
        return {"u": _velocity(term.u, mesh), "nonadiabaticity": float(term.beta)}

    def check(self, problem: Problem) -> None:
        """Raise `InputError` if moments do not precess: this torque is not computed then."""
        if not problem.precession and np.any(problem.u):
            raise InputError(
                "without precession the torque of a current in the film is not computed",
                where="dynamics",
                remedy="add Precession, or leave ZhangLi out",
            )

    def coefficients(self, problem: Problem) -> ZhangLiCoefficients:
        """Return what differences of neighbours are multiplied by."""
        u_over_2d = problem.u / (2 * np.array(problem.cell_m)[:, None])
        # Moments without a gyromagnetic ratio do not move.
        moves = (problem.Ms > 0) & (problem.gamma0 > 0)
        per_gamma0 = np.divide(1, problem.gamma0, out=np.zeros_like(problem.Ms), where=moves)
        return ZhangLiCoefficients(
            (u_over_2d * per_gamma0).T.copy(),
            np.array([problem.nonadiabaticity]),
            neighbours_of(problem),
        )

    def tensors(self, coefficients: Any, as_tensor: Callable[[Any], Any]) -> Any:
        """Return, for each axis with a current, both neighbours, the weight and beta."""
        weights, beta, neighbours = coefficients
        axes = [axis for axis in range(3) if len(weights) and weights[:, axis].any()]
        return tuple(
            tuple(
                as_tensor(np.ascontiguousarray(part))
                for part in (
                    neighbours[:, 2 * axis],
                    neighbours[:, 2 * axis + 1],
                    weights[:, axis],
                    beta,
                )
            )
            for axis in axes
        )

    def bounds_A_per_m(self, problem: Problem, cells_per_wave: float) -> Iterable[float]:
        """Return the field of a wave, from the gradients along all axes."""
        strength = 2 * np.abs(self.coefficients(problem).zhang_li).sum(axis=1).max()
        turn = turn_of_gradient(cells_per_wave)
        return [turn * strength * np.hypot(1, problem.nonadiabaticity)]


def _velocity(u: Any, mesh: df.Mesh) -> NDArray[np.float64]:
    """Return u of shape (3, cells) for scalars along x, vectors, and dicts and fields of both."""
    some = next(iter(u.values())) if isinstance(u, dict) and u else u
    if getattr(some, "nvdim", np.size(some)) == 3:
        return per_cell(u, mesh, 3, "ZhangLi.u")
    along_x = per_cell(u, mesh, 1, "ZhangLi.u")
    return np.stack([along_x, np.zeros_like(along_x), np.zeros_like(along_x)])
