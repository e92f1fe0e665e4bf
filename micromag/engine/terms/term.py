"""What a term of the energy or of the torque has to say about itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import discretisedfield as df
import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from micromag.engine.constants import MU0

if TYPE_CHECKING:
    from micromag.engine.problem import Problem


class Term(ABC):
    """A term of the energy or of the torque.

    Attributes
    ----------
    declared
        Name of the class of `micromagneticmodel` that declares it.
    parameters
        A frozen dataclass without positional arguments: what `Problem` knows about the term, with
        the values that it has where nothing is said.
    absent
        Parameters of a declared system without this term, where those values do not mean that.
    orders
        The parts of the term's energy and their order in m: a part of order n has the energy
        -mu0 / n times the integral of M.H.
    """

    declared: ClassVar[str]
    parameters: ClassVar[type]
    absent: ClassVar[Mapping[str, Any]] = {}
    orders: ClassVar[Mapping[str, int]] = {}

    @abstractmethod
    def read(self, term: Any, mesh: df.Mesh) -> dict[str, Any]:
        """Return the parameters of a declared term.

        Raises
        ------
        InputError
            If a value is not defined on the mesh, or means something that is not computed.
        """

    def add(self, values: Mapping[str, Any], further: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters of a further term of this kind together with those read before."""
        raise InputError(f"two terms {self.declared}", remedy="declare one, with values per cell")

    def check(self, problem: Problem) -> None:  # noqa: B027 - few have something to check
        """Raise `InputError` if parameters do not go together; shapes and bounds are checked."""

    def bounds_A_per_m(self, problem: Problem, cells_per_wave: float) -> Iterable[float]:
        """Return how much each part adds at most to the field that turns a wave.

        Parameters
        ----------
        problem
            The problem.
        cells_per_wave
            Cells per wavelength, along all axes at once.
        """
        return ()

    def zero_J_per_m3(self, problem: Problem) -> Any:
        """Return what OOMMF adds to the energy density -mu0 / n M.H, as it has another zero."""
        return 0.0


class LocalTerm(Term):
    """A term whose field in a cell follows from m in this cell and in its neighbours.

    Attributes
    ----------
    name
        Name of its coefficients among those of all terms, see `micromag.engine.local_terms.Terms`.
    add_field
        The kernel, an inlined function of (m, terms, cell, mx, my, mz, hx, hy, hz) that returns
        hx, hy, hz with the field of this term added; its coefficients are in ``terms.<name>``.
    add_field_on_tensors
        The same on tensors, where `add_field` as plain Python cannot take these: `m` is a tuple of
        three tensors of shape (replicas, cells), and the cell is a slice of all.
    """

    name: ClassVar[str]
    add_field: ClassVar[Any]
    add_field_on_tensors: ClassVar[Callable[..., Any] | None] = None

    @property
    def proportional(self) -> Collection[str]:
        """Names of the coefficients that fields are proportional to: one for each part."""
        return self.orders

    @abstractmethod
    def coefficients(self, problem: Problem) -> Any:
        """Return a named tuple of arrays, cell by cell.

        Where an array in `proportional` vanishes in all cells, the kernel gets one of length 0 and
        leaves the part out.
        """

    def tensors(self, coefficients: Any, as_tensor: Callable[[Any], Any]) -> Any:
        """Return the coefficients as tensors."""
        return type(coefficients)(*map(as_tensor, coefficients))

    def mirror(self) -> Callable[..., Any]:
        """Return the kernel as a function of tensors."""
        of_its_own = self.add_field_on_tensors
        return self.add_field.py_func if of_its_own is None else of_its_own


class CurrentTerm(LocalTerm):
    """A torque of a current, as a field that is proportional to the current and has no energy.

    Attributes
    ----------
    parts
        Names of the coefficients that the field is proportional to.
    current
        Name of the parameter that is the current.
    """

    parts: ClassVar[Collection[str]]
    current: ClassVar[str]

    @property
    def proportional(self) -> Collection[str]:
        """The same as `parts`."""
        return self.parts

    def stronger(self, problem: Problem, factor: float) -> Problem:
        """Return the problem with `factor` times the current."""
        return problem.changed(**{self.current: factor * getattr(problem, self.current)})

    def scaled(self, coefficients: Any, factor: float) -> Any:
        """Return the coefficients for `factor` times the current."""
        arrays = {name: getattr(coefficients, name) for name in self.parts}
        return coefficients._replace(
            **{name: a * a.dtype.type(factor) for name, a in arrays.items()}
        )


def per_magnetisation(problem: Problem) -> NDArray[np.float64]:
    """Return 1 / (mu0 Ms), 0 where there is no material, shape (cells,): from J/m3 to A/m."""
    Ms = problem.Ms
    return np.divide(1 / MU0, Ms, out=np.zeros_like(Ms), where=Ms > 0)
