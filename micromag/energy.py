"""Fields and energies of a state, term by term, with the engine's kernels in double precision."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from micromag.demag import demag_field, demag_kernel, demag_work
from micromag.lanes import aligned_zeros, load_vector, store_vector
from micromag.problem import MU0, Problem
from micromag.terms import cubic_field, exchange_field, terms_of, uniaxial_field

# The energy of a term of n-th order in m is -mu0 / n times the integral of M.H.
_ORDER = {"exchange": 2, "demag": 2, "anisotropy": 2, "anisotropy_4": 4, "cubic": 4, "zeeman": 1}


class Fields:
    """The effective field of a problem, prepared once for many states.

    Parameters
    ----------
    problem
        The wire as numbers.
    """

    def __init__(self, problem: Problem):
        self._problem = problem
        self._terms = terms_of(problem, np.float64)
        self._kernel = demag_kernel(problem.cells, problem.cell_m, np.float64)
        self._work = demag_work(problem.cells, np.float64)
        self._spins = aligned_zeros((3, problem.Ms.size), np.float64)
        self._field = aligned_zeros((3, problem.Ms.size), np.float64)

    def each_A_per_m(self, m: NDArray[np.floating]) -> dict[str, NDArray[np.float64]]:
        """Return the field of every term for unit vectors `m` of shape (3, cells).

        Returns
        -------
        dict
            Keys exchange, demag, anisotropy, anisotropy_4, cubic and zeeman; each of shape
            (3, cells), 0 outside the material.
        """
        terms, problem, material = self._terms, self._problem, self._problem.Ms > 0
        self._spins[:] = m[..., None]
        fields = {"demag": np.zeros(m.shape), "zeeman": problem.H * material}
        _exchange(self._spins, terms.exchange, terms.neighbours, self._field)
        fields["exchange"] = self._field[..., 0].copy()
        if problem.demag:
            demag_field(self._spins, terms.Ms, self._kernel, self._work, self._field)
            fields["demag"] = self._field[..., 0] * material
        for order, name in enumerate(("anisotropy", "anisotropy_4")):
            one_order = terms.uniaxial.copy()
            one_order[1 - order] = 0
            _uniaxial(self._spins, one_order, self._field)
            fields[name] = self._field[..., 0].copy()
        _cubic(self._spins, terms.cubic, self._field)
        return fields | {"cubic": self._field[..., 0].copy()}

    def total_A_per_m(self, m: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the effective field for unit vectors `m`, both of shape (3, cells)."""
        return np.sum(list(self.each_A_per_m(m).values()), axis=0)


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


@njit(cache=True, nogil=True)
def _exchange(m, exchange, neighbours, field):  # type: ignore[no-untyped-def]
    for cell in range(m.shape[1]):
        store_vector(field, cell, *exchange_field(m, exchange, neighbours, cell))


@njit(cache=True, nogil=True)
def _uniaxial(m, uniaxial, field):  # type: ignore[no-untyped-def]
    field[:] = 0
    for cell in range(uniaxial.shape[1]):
        store_vector(field, cell, *uniaxial_field(uniaxial, cell, *load_vector(m, cell)))


@njit(cache=True, nogil=True)
def _cubic(m, cubic, field):  # type: ignore[no-untyped-def]
    field[:] = 0
    for cell in range(cubic.shape[1]):
        store_vector(field, cell, *cubic_field(cubic, cell, *load_vector(m, cell)))
