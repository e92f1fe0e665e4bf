"""Fields and energies of a state, term by term, with the engine's kernels in double precision."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from micromag.demag import demag_field, demag_kernel, demag_work
from micromag.lanes import aligned_zeros, load, store
from micromag.problem import MU0, Problem
from micromag.terms import exchange_and_anisotropy, terms_of


def fields_A_per_m(problem: Problem, m: NDArray[np.floating]) -> dict[str, NDArray[np.float64]]:
    """Return the field of every term of the energy.

    Parameters
    ----------
    problem
        The wire as numbers.
    m
        Unit vectors, shape (3, cells).

    Returns
    -------
    dict
        Keys exchange, demag, anisotropy and zeeman; each of shape (3, cells), 0 outside.
    """
    spins = aligned_zeros(m.shape, np.float64)
    spins[:] = m[..., None]
    demag, exchange, anisotropy = (aligned_zeros(m.shape, np.float64) for _ in range(3))
    terms = terms_of(problem, np.float64)
    if problem.demag:
        kernel = demag_kernel(problem.cells, problem.cell_m, np.float64)
        demag_field(spins, terms.Ms, kernel, demag_work(problem.cells, np.float64), demag)
    none = np.zeros_like(terms.anisotropy)
    _local_field(spins, terms._replace(anisotropy=none), exchange)
    _local_field(spins, terms._replace(exchange=np.zeros_like(terms.exchange)), anisotropy)
    fields = {
        "exchange": exchange[..., 0],
        "demag": demag[..., 0],
        "anisotropy": anisotropy[..., 0],
        "zeeman": np.broadcast_to(np.array(problem.H)[:, None], m.shape),
    }
    return {name: field * (problem.Ms > 0) for name, field in fields.items()}


def energies_J(problem: Problem, m: NDArray[np.floating]) -> dict[str, float]:
    """Return the energy of every term; arguments as for `fields_A_per_m`.

    Exchange and demagnetising energy are -1/2 mu0 integral of M.H, Zeeman energy is twice that;
    the anisotropy's is the integral of -K (m.u)^2.
    """
    per_field = MU0 * problem.cell_volume_m3 * problem.Ms * m
    factors = {"exchange": 0.5, "demag": 0.5, "anisotropy": 0.5, "zeeman": 1.0}
    fields = fields_A_per_m(problem, m)
    return {name: -factors[name] * float(np.sum(per_field * h)) for name, h in fields.items()}


@njit(cache=True, nogil=True)
def _local_field(m, terms, field):  # type: ignore[no-untyped-def]
    cells = m.shape[1]
    for x in range(cells):
        y, z = x + cells, x + 2 * cells
        hx, hy, hz = exchange_and_anisotropy(m, terms, x, load(m, x), load(m, y), load(m, z))
        store(field, x, hx)
        store(field, y, hy)
        store(field, z, hz)
