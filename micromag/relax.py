"""Relaxing the wall where it is released."""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from micromag.llg import advance, equation_of, longest_step_s, state_of
from micromag.problem import Problem

DAMPING = 0.5
LONGEST_STEP_S = 2.5e-13


def relax(
    problem: Problem, m: NDArray[np.floating], duration_s: float = 2.5e-10
) -> NDArray[np.float64]:
    """Return the wall after a time at 0 K and strong damping, without a field.

    A wall in a straight wire has no equilibrium away from its ends and notches: the time is long
    enough to settle the shape of the wall and too short for it to drift away.

    Parameters
    ----------
    problem
        The wire; its temperature, damping and field are set aside.
    m
        Unit vectors, shape (3, cells).
    duration_s
        Time to relax.

    Returns
    -------
    numpy.ndarray
        Unit vectors, shape (3, cells).
    """
    quiet = dataclasses.replace(problem, temperature_K=0.0, alpha=DAMPING, H=(0.0, 0.0, 0.0))
    dt_s = min(LONGEST_STEP_S, longest_step_s(quiet) / 3)
    state = state_of(quiet, np.float64)
    state.m[:] = m[..., None]
    advance(state, equation_of(quiet, dt_s, np.float64), round(duration_s / dt_s))
    return state.m[..., 0].astype(np.float64)
