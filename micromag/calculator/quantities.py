"""Fields and energies of a system by the names of its energy terms."""

from collections.abc import Sequence

import micromagneticmodel as mm
import numpy as np
from numpy.typing import NDArray

from micromag.calculator.applied import applied_fields
from micromag.energy import Fields, densities_J_per_m3
from micromag.problem import Problem

_PARTS = {
    "Exchange": ("exchange",),
    "UniaxialAnisotropy": ("anisotropy", "anisotropy_4"),
    "CubicAnisotropy": ("cubic",),
    "Demag": ("demag",),
}

Quantity = dict[str, NDArray[np.float64]]


class Quantities:
    """Evaluates the terms of a system for any state and time.

    Parameters
    ----------
    system
        The system; its dynamics do not matter.
    fixed_subregions
        Subregions whose cells keep their magnetisation.

    Raises
    ------
    InputError
        If it has a term that the embedded engine does not compute, or a subregion is unknown.
    """

    def __init__(self, system: mm.System, fixed_subregions: Sequence[str] | None = None):
        internal = [term for term in system.energy if not isinstance(term, mm.Zeeman)]
        self.problem = Problem.of(
            system, energy=internal, dynamics=(), fixed_subregions=fixed_subregions
        )
        self.applied = applied_fields(system)
        self._names = {term.name: _PARTS[type(term).__name__] for term in internal}
        self._fields = Fields(self.problem)
        # OOMMF counts the energy of an easy axis from the axis on, that of a hard one from across.
        easy = (self.problem.K > 0) & (self.problem.Ms > 0)
        self._easy_J_per_m3 = np.where(easy, self.problem.K + self.problem.K2, 0.0)

    def of(self, m: NDArray[np.floating], time_s: float = 0.0) -> tuple[Quantity, Quantity]:
        """Return fields and energy densities of all terms.

        Parameters
        ----------
        m
            Unit vectors, shape (3, cells).
        time_s
            The time, for fields that depend on it.

        Returns
        -------
        tuple
            Two dicts by the names of the terms: fields in A/m, shape (3, cells), and densities in
            J/m3, shape (cells,).
        """
        parts = self._fields.each_A_per_m(m)
        energies = densities_J_per_m3(self.problem, m, parts)
        fields: Quantity = {}
        densities: Quantity = {}
        for name, kinds in self._names.items():
            fields[name] = np.sum([parts[kind] for kind in kinds], axis=0)
            densities[name] = np.sum([energies[kind] for kind in kinds], axis=0)
            if "anisotropy" in kinds:
                densities[name] = densities[name] + self._easy_J_per_m3
        for term in self.applied:
            H = term.at(time_s)
            fields[term.name] = H
            densities[term.name] = densities_J_per_m3(self.problem, m, {"zeeman": H})["zeeman"]
        return fields, densities
