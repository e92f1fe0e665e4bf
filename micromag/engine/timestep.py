"""How long a time step may be: for stability, energy, and the temperature of the shortest waves."""

from itertools import chain

import numpy as np

from dwsynapse.io.errors import InputError
from micromag.engine.constants import BOLTZMANN_J_PER_K, MU0
from micromag.engine.problem import Problem
from micromag.engine.terms import TERMS

LARGEST_GAIN = 0.25
"""Of the shortest waves, either way."""
LARGEST_GAIN_OF_LONGER = 0.5
"""Of longer waves, some of all. Half of it is below `LARGEST_GAIN`, so that steps below a named one
are accepted."""
STABLE_UP_TO = 2 * np.sqrt(2)
"""Largest omega dt at which Runge-Kutta of fourth order is stable."""
ENERGY_LOST_PER_NS = 1e-3
"""Share of a wave's energy that the scheme may take in a nanosecond."""
CELLS_PER_WAVE = 4
"""Cells per wavelength of the shortest waves for which that holds."""
TURNED_BY_NOISE = 0.01
"""Largest variance of the angle by which noise turns a moment in a step, rad^2, around each axis.
Means of independent moments are off by half of it (Langevin's, alpha = 0.5)."""


def longest_step_s(problem: Problem) -> float:
    """Return the step at which the scheme turns unstable for the fastest mode of a problem.

    The fastest mode alternates from cell to cell: omega = gamma0 [8 A / (mu0 Ms) sum(1/d^2) + Ms +
    2 K / (mu0 Ms) + H].
    """
    omega = fastest_mode_per_s(problem)
    return float(STABLE_UP_TO / omega) if omega > 0 else np.inf


def energy_keeping_step_s(problem: Problem, cells_per_wave: float = CELLS_PER_WAVE) -> float:
    """Return the step up to which the scheme leaves the energy of waves alone.

    In a step Runge-Kutta of fourth order leaves |g|^2 = 1 - theta^6 / 72 + theta^8 / 576 of the
    energy of a wave, theta = omega dt: a loss at the rate l = omega^6 dt^5 / 72. Damping takes
    energy at the rate G = 2 alpha omega / (1 + alpha^2) anyway, so that after a time t the energy
    is off by exp(-G t) (1 - exp(-l t)) <= l min(t, 1 / (e G)) of what it was at first. The step
    keeps this below `ENERGY_LOST_PER_NS` at all times up to 1 ns.

    Parameters
    ----------
    problem
        The wire; where nothing precesses there are no waves.
    cells_per_wave
        Cells per wavelength, along all axes at once, of the shortest waves that count.
    """
    omega = fastest_mode_per_s(problem, cells_per_wave)
    if omega == 0 or not np.any(problem.precession):
        return np.inf
    alpha = problem.alpha[problem.Ms > 0].min()
    damping_per_s = 2 * alpha * omega / (1 + alpha**2)
    loss_per_s = ENERGY_LOST_PER_NS * max(1e9, np.e * damping_per_s)
    return float((72 * loss_per_s / omega) ** (1 / 5) / omega)


def thermal_step_s(problem: Problem) -> float:
    """Return the step up to which the scheme leaves the temperature of a problem alone.

    In damped cells the numerical gain stays at half of what `check_step` refuses; undamped ones
    have no bath, and there even the shortest waves keep their energy. Noise, which is held through
    a step, turns no moment far: by angles of the variance 2 alpha gamma0 kB T dt / [(1 + alpha^2)
    mu0 Ms V]. Small moments without neighbours need that.
    """
    theta = (144 * _weakest_damping(problem) * LARGEST_GAIN / 2) ** (1 / 5)
    step_s = float(theta / fastest_mode_per_s(problem))
    if (per_s := _turned_by_noise_per_s(problem)) > 0:
        step_s = min(step_s, TURNED_BY_NOISE / per_s)
    if problem.alpha[problem.Ms > 0].min() > 0:
        return step_s
    return min(step_s, energy_keeping_step_s(problem, 2))


def numerical_gain(problem: Problem, dt_s: float, shared_demag: bool) -> float:
    """Return the energy that the scheme feeds to the shortest waves, over what damping takes.

    In a step, to leading order in theta = omega dt, Runge-Kutta of fourth order takes the share
    theta^6 / 72 of a wave's energy; a demagnetising field that is extrapolated from the middles of
    two steps feeds it gamma0 Ms dt theta^3 / 6, at most; damping takes 2 alpha theta. The
    waves are hotter than they should be by about the gain, or colder where it is negative. Cells
    without damping have no temperature to keep and do not count.
    """
    return _gain(problem, dt_s, shared_demag, fastest_mode_per_s(problem) * dt_s)


def gain_of_longer_waves(problem: Problem, dt_s: float, shared_demag: bool) -> float:
    """Return the numerical gain of the waves that are heated most: the shortest, or longer ones.

    In longer steps what the shortest waves gain and lose may cancel; the gain of all is largest at
    theta^3 = 24 gamma0 Ms dt / 5.
    """
    most = (24 * _fed(problem, dt_s, shared_demag) / 5) ** (1 / 3)
    return _gain(problem, dt_s, shared_demag, min(most, fastest_mode_per_s(problem) * dt_s))


def check_step(problem: Problem, dt_s: float, shared_demag: bool, noisy: bool, where: str) -> None:
    """Raise `InputError` if a step is unstable, or gives waves another temperature.

    `where` names the setting of the step.
    """
    step = f"a step of {dt_s * 1e15:g} fs"
    gain = numerical_gain(problem, dt_s, shared_demag)
    of_longer = gain_of_longer_waves(problem, dt_s, shared_demag)
    if dt_s > longest_step_s(problem):
        problem_words = f"{step} is unstable for these cells"
    elif noisy and abs(gain) > LARGEST_GAIN:
        verb = "heats" if gain > 0 else "cools"
        problem_words = f"{step} {verb} the shortest waves by {abs(gain):.0%} at this damping"
    elif noisy and of_longer > LARGEST_GAIN_OF_LONGER:
        problem_words = f"{step} heats short waves by up to {of_longer:.0%} at this damping"
    else:
        return
    good_s = min(dt_s, longest_step_s(problem))
    while noisy and not (
        abs(numerical_gain(problem, good_s, shared_demag)) <= LARGEST_GAIN / 2
        and gain_of_longer_waves(problem, good_s, shared_demag) <= LARGEST_GAIN_OF_LONGER / 2
    ):
        good_s *= 0.95
    remedy = f"stay below {good_s * 1e15:.4g} fs"
    stable = dt_s <= longest_step_s(problem)
    if shared_demag and stable and abs(numerical_gain(problem, dt_s, False)) < LARGEST_GAIN:
        remedy += ", or set numerics.demag_evaluations to 4"
    raise InputError(problem_words, where=where, remedy=remedy)


def fastest_mode_per_s(problem: Problem, cells_per_wave: float = 2) -> float:
    """Return a bound of the angular frequency of waves with that many cells per wavelength."""
    parts = (term.bounds_A_per_m(problem, cells_per_wave) for term in TERMS)
    return float(problem.gamma0.max() * sum(chain.from_iterable(parts)))


def _gain(problem: Problem, dt_s: float, shared_demag: bool, theta: float) -> float:
    fed = _fed(problem, dt_s, shared_demag) * theta**2 / 6
    return float((fed - theta**5 / 72) / (2 * _weakest_damping(problem)))


def _fed(problem: Problem, dt_s: float, shared_demag: bool) -> float:
    """Return by how much a demagnetising field turns a moment in a step, where it is shared."""
    if not (problem.demag and shared_demag):
        return 0.0
    return float(problem.gamma0.max() * problem.Ms.max() * dt_s)


def _turned_by_noise_per_s(problem: Problem) -> float:
    """Return by how much the variance of the angle grows with time, where noise turns most."""
    magnetic = problem.Ms > 0
    alpha, gamma0, Ms = (values[magnetic] for values in (problem.alpha, problem.gamma0, problem.Ms))
    moments = MU0 * Ms * problem.cell_volume_m3
    rates = 2 * alpha * gamma0 * BOLTZMANN_J_PER_K * problem.temperature_K
    return float((rates / moments / (1 + alpha**2)).max())


def _weakest_damping(problem: Problem) -> float:
    return float(problem.alpha[(problem.Ms > 0) & (problem.alpha > 0)].min(initial=np.inf))
