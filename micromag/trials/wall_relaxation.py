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
        Unit vectors, shape (3, cells), or (walls, 3, cells), of which `LANES` at a time relax as
        the replicas of a lane group.
    on_longest_s
        Called after the first steps with the time that all walls take.

    Returns
    -------
    numpy.ndarray
        Unit vectors, of the same shape.
    """
    quiet = problem.changed(temperature_K=0.0, alpha=DAMPING)
    # The final position matters, not the time: with half the longest stable step in single
    # precision the quick wire's wall is within 0.001 nm of that for 0.25 ps in double precision.
    dt_s = longest_step_s(quiet) / 2
    walls = m.reshape(-1, *m.shape[-2:])
    equation, steps = equation_of(quiet, dt_s, np.float32), round(DURATION_S / dt_s)
    groups = np.array_split(walls, range(LANES, len(walls), LANES))
    parts: list[NDArray[np.float64]] = []
    for group in groups:
        state = state_of(quiet, np.float32)
        state.m[:] = group[np.arange(LANES) % len(group)].transpose(1, 2, 0)
        advance(state, equation, 1)  # compiles
        started_s = time.perf_counter()
        advance(state, equation, 1)
        if on_longest_s and not parts:
            on_longest_s(len(groups) * steps * (time.perf_counter() - started_s))
        advance(state, equation, steps - 2)
        parts.append(state.m[..., : len(group)].transpose(2, 0, 1).astype(np.float64))
    relaxed = np.concatenate(parts)
    return (relaxed / np.linalg.norm(relaxed, axis=1, keepdims=True).clip(1e-9)).reshape(m.shape)
