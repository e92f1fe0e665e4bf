"""The equation of motion and its integration, for all replicas of a lane group in lockstep.

dm/dt = -gamma0 / (1 + alpha^2) [m x H + alpha m x (m x H)], the Landau-Lifshitz form, by the
classical Runge-Kutta scheme of fourth order. The thermal field is drawn once per step and held
through its stages (Stratonovich), and m is brought back to unit length after the step.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import DTypeLike, NDArray

from micromag.demag import DemagKernel, DemagWork, demag_field, demag_kernel, demag_work
from micromag.lanes import aligned_zeros, load, sqrt, store
from micromag.noise import add_normal_field
from micromag.problem import BOLTZMANN_J_PER_K, MU0, Problem
from micromag.terms import Terms, local_field, terms_of
from workflow.errors import InputError

_WEIGHTS = (1 / 6, 1 / 3, 1 / 3, 1 / 6)
_NEXT_STAGE = (0.5, 0.5, 1.0, 0.0)


class Equation(NamedTuple):
    """Everything about a problem that its replicas share; read only.

    Parameters
    ----------
    terms, kernel
        Local terms of the field, and the demagnetising tensor where `demag`.
    gamma_dt, damping_dt
        gamma0 / (1 + alpha^2) times the time step, in m/A, and alpha times that, shape (cells,);
        `gamma_dt` is 0 where moments do not precess.
    thermal_A_per_m
        Standard deviation of each component of the thermal field, shape (cells,).
    """

    terms: Terms
    kernel: DemagKernel
    demag: bool
    gamma_dt: NDArray[np.floating]
    damping_dt: NDArray[np.floating]
    thermal_A_per_m: NDArray[np.floating]


class State(NamedTuple):
    """The replicas of a lane group and the work space of a step.

    Shapes, without the lanes at the end: `m`, stages, slope, field and thermal (3, cells), applied
    (3,), key (2,), step (1,).
    """

    m: NDArray[np.floating]
    stage: NDArray[np.floating]
    next_stage: NDArray[np.floating]
    slope: NDArray[np.floating]
    field: NDArray[np.floating]
    thermal: NDArray[np.floating]
    applied: NDArray[np.floating]
    key: NDArray[np.uint32]
    step: NDArray[np.uint32]
    work: DemagWork


def equation_of(problem: Problem, dt_s: float, dtype: DTypeLike) -> Equation:
    """Return the equation of motion of a problem for a fixed time step.

    Raises
    ------
    InputError
        If the step is longer than the scheme is stable for.
    """
    longest_s = longest_step_s(problem)
    if dt_s > longest_s:
        raise InputError(
            f"a step of {dt_s * 1e15:g} fs is unstable for these cells",
            where="numerics.time_step_fs",
            remedy=f"stay below {longest_s * 1e15:.0f} fs, and well below it at finite temperature",
        )
    gamma_dt = problem.gamma0 / (1 + problem.alpha**2) * dt_s
    return Equation(
        terms_of(problem, dtype),
        demag_kernel(problem.cells, problem.cell_m, dtype),
        problem.demag,
        (gamma_dt * problem.precession).astype(dtype),
        (gamma_dt * problem.alpha).astype(dtype),
        thermal_field_A_per_m(problem, dt_s).astype(dtype),
    )


def longest_step_s(problem: Problem) -> float:
    """Return the step at which the scheme turns unstable for the fastest mode of a problem.

    Runge-Kutta of fourth order is stable up to omega dt = 2 sqrt(2); the fastest mode alternates
    from cell to cell: omega = gamma0 [8 A / (mu0 Ms) sum(1/d^2) + Ms + 2 K / (mu0 Ms) + H].
    """
    terms = terms_of(problem, np.float64)
    local = (
        2 * np.abs(terms.exchange).sum(axis=1),
        np.abs(terms.anisotropy),
        3 * np.abs(terms.anisotropy_4),
        2 * np.abs(terms.cubic),
        np.linalg.norm(terms.H, axis=0),
    )
    field = sum(part.max(initial=0.0) for part in local) + problem.Ms.max() * problem.demag
    omega = problem.gamma0.max() * field
    return float(2 * np.sqrt(2) / omega) if omega > 0 else np.inf


def thermal_field_A_per_m(problem: Problem, dt_s: float) -> NDArray[np.float64]:
    """Return sqrt(2 alpha kB T / (mu0 gamma0 Ms V dt)) of each cell, shape (cells,).

    The standard deviation that lets the Landau-Lifshitz-Gilbert equation relax to Boltzmann's
    distribution (Brown, Phys. Rev. 130, 1677 (1963)); 0 where there is no material.
    """
    energy_J = 2 * problem.alpha * BOLTZMANN_J_PER_K * problem.temperature_K
    per_Ms = energy_J / (MU0 * problem.gamma0 * problem.cell_volume_m3 * dt_s)
    return np.sqrt(
        np.divide(per_Ms, problem.Ms, out=np.zeros_like(problem.Ms), where=problem.Ms > 0)
    )


def state_of(problem: Problem, dtype: DTypeLike) -> State:
    """Return a lane group at rest, with m, applied field, keys and steps still zero."""
    vectors = {
        name: aligned_zeros((3, problem.Ms.size), dtype)
        for name in ("m", "stage", "next_stage", "slope", "field", "thermal")
    }
    return State(
        **vectors,
        applied=aligned_zeros((3,), dtype),
        key=aligned_zeros((2,), np.uint32),
        step=aligned_zeros((1,), np.uint32),
        work=demag_work(problem.cells, dtype),
    )


@njit(cache=True, nogil=True)
def advance(state, equation, steps):  # type: ignore[no-untyped-def]
    """Take a number of steps with all replicas of a lane group.

    Parameters
    ----------
    state
        `State`; `m` and `step` are changed in place.
    equation
        `Equation`.
    steps
        Number of steps.
    """
    for _ in range(steps):
        if equation.thermal_A_per_m.max() > 0:
            add_normal_field(state.key, state.step, equation.thermal_A_per_m, state.thermal)
        state.stage[:] = state.m
        source, target = state.stage, state.next_stage
        for number in range(4):
            runge_kutta_stage(source, state, equation, number, target)
            source, target = target, source
        _normalise(source, equation.terms.Ms, state.m)
        for lane in range(state.step.shape[1]):
            state.step[0, lane] += 1


@njit(cache=True, nogil=True)
def runge_kutta_stage(m, state, equation, number, target):  # type: ignore[no-untyped-def]
    """Compute one stage of the Runge-Kutta step at `m` and write the next stage to `target`."""
    terms = equation.terms
    if equation.demag:
        demag_field(m, terms.Ms, equation.kernel, state.work, state.field)
    cells = m.shape[1]
    ax, ay, az = load(state.applied, 0), load(state.applied, 1), load(state.applied, 2)
    weight, ahead, last = _WEIGHTS[number], _NEXT_STAGE[number], number == 3
    for x in range(cells):
        if terms.Ms[x] == 0:
            continue
        y, z = x + cells, x + 2 * cells
        mx, my, mz = load(m, x), load(m, y), load(m, z)
        hx, hy, hz = local_field(m, terms, x, mx, my, mz)
        hx = hx + ax + load(state.field, x) + load(state.thermal, x)
        hy = hy + ay + load(state.field, y) + load(state.thermal, y)
        hz = hz + az + load(state.field, z) + load(state.thermal, z)
        kx, ky, kz = torque(mx, my, mz, hx, hy, hz, equation.gamma_dt[x], equation.damping_dt[x])
        for i, k in ((x, kx), (y, ky), (z, kz)):
            total = k * weight if number == 0 else load(state.slope, i) + k * weight
            store(state.slope, i, total)
            store(target, i, load(state.m, i) + (total if last else k * ahead))


@njit(cache=True, nogil=True)
def torque(mx, my, mz, hx, hy, hz, gamma_dt, damping_dt):  # type: ignore[no-untyped-def]
    """Return dt dm/dt = -gamma_dt m x H - damping_dt m x (m x H)."""
    px, py, pz = mz * hy - my * hz, mx * hz - mz * hx, my * hx - mx * hy
    dx, dy, dz = my * pz - mz * py, mz * px - mx * pz, mx * py - my * px
    return (
        px * gamma_dt + dx * damping_dt,
        py * gamma_dt + dy * damping_dt,
        pz * gamma_dt + dz * damping_dt,
    )


@njit(cache=True, nogil=True)
def _normalise(source, Ms, target):  # type: ignore[no-untyped-def]
    cells = source.shape[1]
    for x in range(cells):
        if Ms[x] == 0:
            continue
        y, z = x + cells, x + 2 * cells
        mx, my, mz = load(source, x), load(source, y), load(source, z)
        length = sqrt(mx * mx + my * my + mz * mz)
        store(target, x, mx / length)
        store(target, y, my / length)
        store(target, z, mz / length)
