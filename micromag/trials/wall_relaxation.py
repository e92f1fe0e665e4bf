"""Relaxing the wall where it is released, in all its variants."""

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from micromag.engine.equation_of_motion import advance, equation_of, state_of
from micromag.engine.lanes import LANES
from micromag.engine.problem import Problem
from micromag.engine.timestep import longest_step_s

DAMPING = 0.5
DURATION_S = 2.5e-10


def relax(
    problem: Problem,
    m: NDArray[np.floating],
    on_longest_s: Callable[[float], None] | None = None,
) -> NDArray[np.float64]:
    """Return walls after 0.25 ns at 0 K and strong damping, in the problem's static field.

    A wall in a straight wire with free ends has no equilibrium: the time is long enough to settle
    the shape of the wall and too short for it to drift away.

    Parameters
    ----------
    problem
        The wire; its temperature and damping are ignored.
    m
        Unit vectors, shape (3, cells), or (variants, 3, cells) with up to `LANES` variants, which
        relax as the replicas of one lane group.
    on_longest_s
        Called after the first steps with the time that all of them take.

    Returns
    -------
    numpy.ndarray
        Unit vectors, of the same shape.
    """
    quiet = problem.changed(temperature_K=0.0, alpha=DAMPING)
    # The final position matters, not the time: with half the longest stable step in single
    # precision the quick wire's wall is within 0.001 nm of that for 0.25 ps in double precision.
    dt_s = longest_step_s(quiet) / 2
    state = state_of(quiet, np.float32)
    variants = m.reshape(-1, *m.shape[-2:])
    state.m[:] = variants[np.arange(LANES) % len(variants)].transpose(1, 2, 0)
    equation, steps = equation_of(quiet, dt_s, np.float32), round(DURATION_S / dt_s)
    advance(state, equation, 1)  # compiles
    started_s = time.perf_counter()
    advance(state, equation, 1)
    if on_longest_s:
        on_longest_s(steps * (time.perf_counter() - started_s))
    advance(state, equation, steps - 2)
    relaxed = state.m[..., : len(variants)].transpose(2, 0, 1).astype(np.float64)
    return (relaxed / np.linalg.norm(relaxed, axis=1, keepdims=True).clip(1e-9)).reshape(m.shape)
