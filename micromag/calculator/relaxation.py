"""Relaxing a system by damping alone, as mumax3's relax does."""

from collections.abc import Iterator
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from micromag.calculator.minimisation import MinDriver
from micromag.engine.damped_relaxation import flow
from micromag.engine.fields_and_energies import Fields
from micromag.engine.steepest_descent import Step, descend

NEAR_REST = 1e-2
"""Torque over the largest field below which moments rotate little."""


class RelaxDriver(MinDriver):
    """Drives a system to the energy minimum that is reached by damping without precession.

    `MinDriver` takes long steps: it reaches a minimum soon, but from a distant state not always
    the nearest one. This driver follows the path of strong damping
    (`micromag.engine.damped_relaxation`) until moments rotate little, and continues as
    `MinDriver`. Attributes, table and errors are those of `MinDriver`; the system's own
    dynamics are ignored.
    """

    def _downhill(self, fields: Fields, m: NDArray[np.floating]) -> Iterator[Step]:
        strongest = float(np.linalg.norm(fields.total_A_per_m(m), axis=0).max())
        for step in takewhile(
            lambda step: step.torque_A_per_m > NEAR_REST * strongest, flow(fields, m)
        ):
            m = step.m
            yield step
        yield from descend(fields, m)
