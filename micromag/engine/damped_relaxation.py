"""Relaxation by damping alone: the path of steepest descent, followed in time."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from micromag.engine.equation_of_motion import advance, equation_of, state_of
from micromag.engine.fields_and_energies import Fields
from micromag.engine.steepest_descent import Step
from micromag.engine.timestep import longest_step_s

STEPS = 10
"""Steps between two states that are yielded."""


def flow(fields: Fields, m: NDArray[np.floating]) -> Iterator[Step]:
    """Follow dm/dt = -gamma0 / 2 m x (m x H) as long as the caller takes further states.

    The Landau-Lifshitz-Gilbert equation with alpha = 1 and without precession, whose fastest mode
    is half as fast as in precession: the longest stable step there is half of that here.

    Parameters are those of `micromag.engine.steepest_descent.descend`.

    Yields
    ------
    Step
        The state after every `STEPS` steps; the first one is `m` itself.
    """
    problem = fields.problem.changed(precession=False, alpha=1.0, temperature_K=0.0)
    # Without any field nothing rotates.
    equation = equation_of(problem, min(longest_step_s(problem), 1.0), np.float64)
    state = state_of(problem, np.float64)
    state.m[:] = m[..., None]
    while True:
        torque = np.cross(m, fields.total_A_per_m(m), axis=0) * ~problem.fixed
        yield Step(m, float(np.linalg.norm(torque, axis=0).max()))
        advance(state, equation, STEPS)
        m = np.where(problem.fixed, m, state.m[..., 0])
