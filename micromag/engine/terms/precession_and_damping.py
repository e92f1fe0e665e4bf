"""Precession and damping: -gamma0 / (1 + alpha^2) [m x H + alpha m x (m x H)]."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import discretisedfield as df
import micromagneticmodel as mm
import numpy as np
from numpy.typing import NDArray

from micromag.engine.declared_values import per_cell
from micromag.engine.lanes import kernel
from micromag.engine.terms.parameters import described
from micromag.engine.terms.term import Term

if TYPE_CHECKING:
    from micromag.engine.problem import Problem


@dataclass(frozen=True, eq=False, kw_only=True)
class PrecessionParameters:
    """How fast moments turn.

    Parameters
    ----------
    precession
        Whether moments precess; without it they only relax.
    gamma0
        Gyromagnetic ratio in m/(A s), shape (cells,).
    """

    precession: bool = True
    gamma0: Any = field(default=mm.consts.gamma0, metadata=described((), (0.0, 1e8, "m/(A s)")))


@dataclass(frozen=True, eq=False, kw_only=True)
class DampingParameters:
    """How fast they relax.

    Parameters
    ----------
    alpha
        Gilbert damping, shape (cells,).
    """

    alpha: Any = field(default=0.0, metadata=described((), (0.0, 1e3, "")))


class Precession(Term):
    """Precession."""

    declared = "Precession"
    parameters = PrecessionParameters
    absent: ClassVar = {"precession": False}

    def read(self, term: Any, mesh: df.Mesh) -> dict[str, Any]:
        """Return that moments precess, and how fast."""
        gamma0 = per_cell(term.gamma0, mesh, 1, "Precession.gamma0")
        return {"precession": True, "gamma0": gamma0}


class Damping(Term):
    """Damping."""

    declared = "Damping"
    parameters = DampingParameters

    def read(self, term: Any, mesh: df.Mesh) -> dict[str, Any]:
        """Return the damping."""
        return {"alpha": per_cell(term.alpha, mesh, 1, "Damping.alpha")}


def rates_of_turning(
    problem: Problem, dt_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return by what m x H and m x (m x H) are multiplied in a time step.

    Returns
    -------
    tuple
        gamma0 / (1 + alpha^2) times the time step, in m/A, and alpha times that, shape (cells,);
        the first is 0 where moments do not precess, and both are in fixed cells.
    """
    gamma_dt = np.where(problem.fixed, 0.0, problem.gamma0 / (1 + problem.alpha**2) * dt_s)
    return gamma_dt * problem.precession, gamma_dt * problem.alpha


@kernel
def torque(mx, my, mz, hx, hy, hz, gamma_dt, damping_dt):  # type: ignore[no-untyped-def]
    """Return dt dm/dt = -gamma_dt m x H - damping_dt m x (m x H)."""
    px, py, pz = mz * hy - my * hz, mx * hz - mz * hx, my * hx - mx * hy
    dx, dy, dz = my * pz - mz * py, mz * px - mx * pz, mx * py - my * px
    return (
        px * gamma_dt + dx * damping_dt,
        py * gamma_dt + dy * damping_dt,
        pz * gamma_dt + dz * damping_dt,
    )
