"""How long a time step may be: for stability, and for the temperature of the shortest waves."""

import numpy as np

from micromag.problem import Problem
from micromag.terms import terms_of
from workflow.errors import InputError

LARGEST_GAIN = 0.25
STABLE_UP_TO = 2 * np.sqrt(2)
"""Largest omega dt at which Runge-Kutta of fourth order is stable."""


def longest_step_s(problem: Problem) -> float:
    """Return the step at which the scheme turns unstable for the fastest mode of a problem.

    The fastest mode alternates from cell to cell: omega = gamma0 [8 A / (mu0 Ms) sum(1/d^2) + Ms +
    2 K / (mu0 Ms) + H].
    """
    omega = _fastest_mode_per_s(problem)
    return float(STABLE_UP_TO / omega) if omega > 0 else np.inf


def numerical_gain(problem: Problem, dt_s: float, shared_demag: bool) -> float:
    """Return the energy that the scheme feeds to the shortest waves, over what damping takes.

    In a step, to leading order in theta = omega dt, Runge-Kutta of fourth order takes the share
    theta^6 / 72 of a wave's energy; a demagnetising field that is extrapolated from the middles of
    two steps feeds it (gamma0 Ms / omega) theta^4 / 6, at most; damping takes 2 alpha theta. The
    waves are hotter than they should be by about the gain, or colder where it is negative.
    """
    theta = _fastest_mode_per_s(problem) * dt_s
    if theta == 0:
        return 0.0
    demag = problem.gamma0.max() * problem.Ms.max() * dt_s / theta
    fed = demag * theta**4 / 6 if problem.demag and shared_demag else 0.0
    return float((fed - theta**6 / 72) / (2 * problem.alpha[problem.Ms > 0].min() * theta))


def check_step(problem: Problem, dt_s: float, shared_demag: bool, noisy: bool) -> None:
    """Raise `InputError` if a step is unstable, or gives the shortest waves another temperature."""
    if dt_s > longest_step_s(problem):
        problem_words = f"a step of {dt_s * 1e15:g} fs is unstable for these cells"
    elif noisy and abs(gain := numerical_gain(problem, dt_s, shared_demag)) > LARGEST_GAIN:
        problem_words = (
            f"a step of {dt_s * 1e15:g} fs {'heats' if gain > 0 else 'cools'} the shortest waves "
            f"by {abs(gain):.0%} at this damping"
        )
    else:
        return
    good_s = min(dt_s, longest_step_s(problem))
    while noisy and abs(numerical_gain(problem, good_s, shared_demag)) > LARGEST_GAIN / 2:
        good_s *= 0.95
    remedy = f"stay below {good_s * 1e15:.0f} fs"
    if shared_demag and abs(numerical_gain(problem, dt_s, False)) < LARGEST_GAIN:
        remedy += ", or set numerics.demag_evaluations to 4"
    raise InputError(problem_words, where="numerics.time_step_fs", remedy=remedy)


def _fastest_mode_per_s(problem: Problem) -> float:
    terms = terms_of(problem, np.float64)
    local = (
        2 * np.abs(terms.exchange).sum(axis=1),
        np.abs(terms.anisotropy),
        3 * np.abs(terms.anisotropy_4),
        2 * np.abs(terms.cubic),
        np.linalg.norm(terms.H, axis=0),
    )
    field = sum(part.max(initial=0.0) for part in local) + problem.Ms.max() * problem.demag
    return float(problem.gamma0.max() * field)
