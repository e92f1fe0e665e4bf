"""Fields and energies of a system by the names of its energy terms."""

import warnings
from collections.abc import Sequence

import micromagneticmodel as mm
import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from micromag.calculator.applied_fields import applied_fields, warn_if_weak
from micromag.engine.fields_and_energies import Fields, densities_J_per_m3
from micromag.engine.problem import Problem
from micromag.engine.terms import TERMS

Quantity = dict[str, NDArray[np.float64]]

WEAK_A_PER_M = 10.0
"""Far below the saturation magnetisation of any material: a norm that was forgotten is 1."""


class Quantities:
    """Evaluates the terms of a system for any state and time.

    Parameters
    ----------
    system
        The system; its dynamics are ignored.
    fixed_subregions
        Subregions whose cells keep their magnetisation.

    Raises
    ------
    InputError
        If it has a term that the embedded engine does not compute, two terms have one name, or a
        subregion is unknown.
    """

    def __init__(self, system: mm.System, fixed_subregions: Sequence[str] | None = None):
        names = [term.name for term in system.energy]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            # ubermag refuses it of one kind only.
            raise InputError(
                f"two terms are called {twice[0]}", where="energy", remedy="rename one by name=..."
            )
        internal = [term for term in system.energy if not isinstance(term, mm.Zeeman)]
        self.problem = Problem.of(
            system, energy=internal, dynamics=(), fixed_subregions=fixed_subregions
        )
        if (Ms := float(self.problem.Ms.max())) < WEAK_A_PER_M:
            warnings.warn(
                f"m is {Ms:.3g} A/m at most, which counts as the saturation magnetisation: give "
                "its norm, as in df.Field(mesh, nvdim=3, value=..., norm=8e5)",
                stacklevel=2,
            )
        self.applied = applied_fields(system)
        for field in self.applied:
            if np.isinf(field.sample_s):
                warn_if_weak(f"the field {field.name}", field.strongest_A_per_m([0.0]))
        all_fields = Fields(self.problem)
        self._fields = {
            term.name: all_fields.sharing(Problem.of(system, energy=[term], dynamics=()))
            for term in internal
        }

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
        fields: Quantity = {}
        densities: Quantity = {}
        for name, of_term in self._fields.items():
            parts = of_term.each_A_per_m(m)
            energies = densities_J_per_m3(of_term.problem, m, parts)
            fields[name] = np.sum(list(parts.values()), axis=0)
            zero = sum(kind.zero_J_per_m3(of_term.problem) for kind in TERMS)
            densities[name] = np.sum(list(energies.values()), axis=0) + zero
        for term in self.applied:
            H = term.at(time_s)
            fields[term.name] = H
            densities[term.name] = densities_J_per_m3(self.problem, m, {"zeeman": H})["zeeman"]
        return fields, densities
