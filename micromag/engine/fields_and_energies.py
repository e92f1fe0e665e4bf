"""Fields and energies of a state, term by term, with the engine's kernels in double precision."""

import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micromag.engine.constants import MU0
from micromag.engine.lanes import LANES, aligned_zeros, kernel, load, store
from micromag.engine.local_terms import LOCAL_PARTS, is_present, local_field, only, terms_of
from micromag.engine.problem import Problem
from micromag.engine.terms import TERMS
from micromag.engine.terms.demag.demag_field import demag_field, demag_kernel, demag_work

# The energy of a term of n-th order in m is -mu0 / n times the integral of M.H.
_ORDER = {part: order for term in TERMS for part, order in term.orders.items()}
_LOCAL_BY_ORDER = sorted(LOCAL_PARTS, key=_ORDER.__getitem__)


class Fields:
    """The effective field of a problem, prepared once for many states.

    Parameters
    ----------
    problem
        The wire as numbers.

    Attributes
    ----------
    problem
        The same.
    """

    def __init__(self, problem: Problem):
        self.problem = problem
        self._terms = terms_of(problem, np.float64)
        self._kernel = demag_kernel(problem, np.float64)
        self._work = demag_work(problem.cells, np.float64)
        self._spins = aligned_zeros((3, problem.Ms.size), np.float64)
        self._field = aligned_zeros((3, problem.Ms.size), np.float64)

    def in_static_field(self, H_A_per_m: NDArray[np.floating]) -> "Fields":
        """Return the fields under another static field, shape (3, cells) or (3, 1)."""
        return self.sharing(self.problem.changed(H=H_A_per_m))

    def sharing(self, problem: Problem) -> "Fields":
        """Return the fields of another problem on the same mesh, with what these have prepared."""
        other = copy.copy(self)
        other.problem = problem
        other._terms = terms_of(other.problem, np.float64)
        return other

    def each_A_per_m(self, m: NDArray[np.floating]) -> dict[str, NDArray[np.float64]]:
        """Return the field of every term for unit vectors `m` of shape (3, cells).

        Returns
        -------
        dict
            By the names of the parts (`Term.orders`), such as exchange, anisotropy, zeeman and
            demag; each of shape (3, cells). Applied and demagnetising field are there outside the
            material too.
        """
        self._spins[:] = m[..., None]
        fields = {part: self._local(only(self._terms, part)) for part in LOCAL_PARTS}
        return {**fields, "demag": self._demag()}

    def total_A_per_m(self, m: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the effective field for unit vectors `m`, both of shape (3, cells)."""
        self._spins[:] = m[..., None]
        return (self._local(self._terms) + self._demag()) * (self.problem.Ms > 0)

    def of_states(self, m: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the effective field and the total energy of several states.

        Parameters
        ----------
        m
            Unit vectors, shape (states, 3, cells); `LANES` of them are computed at a time.

        Returns
        -------
        tuple
            Fields in A/m of the shape of `m`, and energies in J of shape (states,).
        """
        parts = [self._of_lanes(m[i : i + LANES]) for i in range(0, len(m), LANES)]
        fields, energies_J = zip(*parts, strict=True)
        return np.concatenate(fields), np.concatenate(energies_J)

    def _of_lanes(self, m: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        problem, lanes = self.problem, slice(0, len(m))
        self._spins[..., lanes] = np.moveaxis(m, 0, -1)
        magnetic = (problem.Ms > 0)[:, None]
        _local_field(self._spins, self._terms, self._field)
        total = self._field[..., lanes].copy()
        # Of order n in m, a part has the energy -mu0 / n M.H: half the total field, corrected.
        halves = total.copy()
        for part in _LOCAL_BY_ORDER:
            if _ORDER[part] != 2 and is_present(self._terms, part):
                _local_field(self._spins, only(self._terms, part), self._field)
                halves += (2 / _ORDER[part] - 1) * self._field[..., lanes]
        if problem.demag:
            demag_field(self._spins, self._terms.Ms, self._kernel, self._work, self._field)
            total += self._field[..., lanes]
            halves += self._field[..., lanes]
        density = np.sum(self._spins[..., lanes] * halves, axis=0)
        energies_J = -MU0 / 2 * problem.cell_volume_m3 * (problem.Ms @ density)
        return np.moveaxis(total * magnetic, -1, 0), energies_J

    def _local(self, terms: Any) -> NDArray[np.float64]:
        _local_field(self._spins, terms, self._field)
        return self._field[..., 0].copy()

    def _demag(self) -> NDArray[np.float64]:
        if not self.problem.demag:
            return np.zeros_like(self._field[..., 0])
        demag_field(self._spins, self._terms.Ms, self._kernel, self._work, self._field)
        return self._field[..., 0].copy()


def fields_A_per_m(problem: Problem, m: NDArray[np.floating]) -> dict[str, NDArray[np.float64]]:
    """Return the field of every term of the energy, see `Fields.each_A_per_m`."""
    return Fields(problem).each_A_per_m(m)


def densities_J_per_m3(
    problem: Problem, m: NDArray[np.floating], fields: dict[str, NDArray[np.float64]]
) -> dict[str, NDArray[np.float64]]:
    """Return the energy density of every term in each cell, shape (cells,), from its field."""
    return {
        name: -MU0 / _ORDER[name] * problem.Ms * np.sum(m * H, axis=0) for name, H in fields.items()
    }


def energies_J(problem: Problem, m: NDArray[np.floating]) -> dict[str, float]:
    """Return the energy of every term for unit vectors `m` of shape (3, cells)."""
    densities = densities_J_per_m3(problem, m, fields_A_per_m(problem, m))
    return {name: problem.cell_volume_m3 * float(w.sum()) for name, w in densities.items()}


@kernel
def _local_field(m, terms, field):  # type: ignore[no-untyped-def]
    cells = m.shape[1]
    for x in range(cells):
        y, z = x + cells, x + 2 * cells
        hx, hy, hz = local_field(m, terms, x, load(m, x), load(m, y), load(m, z))
        store(field, x, hx)
        store(field, y, hy)
        store(field, z, hz)
