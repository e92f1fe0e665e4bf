"""The demagnetising field as a term of the energy: all cells act on all others.

How it is computed is in `demag_field`, and on tensors in `micromag.engine.gpu.demag_field`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import discretisedfield as df

from micromag.engine.terms.term import Term

if TYPE_CHECKING:
    from micromag.engine.problem import Problem


@dataclass(frozen=True, eq=False, kw_only=True)
class DemagParameters:
    """The choice.

    Parameters
    ----------
    demag
        Whether the demagnetising field is included.
    """

    demag: bool = True


class Demag(Term):
    """The demagnetising field."""

    declared = "Demag"
    parameters = DemagParameters
    absent: ClassVar = {"demag": False}
    orders: ClassVar = {"demag": 2}

    def read(self, term: Any, mesh: df.Mesh) -> dict[str, Any]:
        """Return that it is there."""
        return {"demag": True}

    def bounds_A_per_m(self, problem: Problem, cells_per_wave: float) -> Iterable[float]:
        """Return Ms, the field of a plate."""
        return [problem.Ms.max() * problem.demag]
