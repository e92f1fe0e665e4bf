"""The equation of motion and its integration, for all replicas of a lane group in lockstep.

dm/dt = -gamma0 / (1 + alpha^2) [m x H + alpha m x (m x H)], the Landau-Lifshitz form, by the
classical Runge-Kutta scheme of fourth order. The thermal field is drawn once per step and held
through its stages (Stratonovich), and m is brought back to unit length after the step.

The demagnetising field, by far the dearest term, is slow beside exchange. Where the equation says
so it is computed once per step, in the middle, and extrapolated from two middles to the beginning
and the end of the step: second order in time instead of fourth for this term alone.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import DTypeLike, NDArray

from micromag.demag import DemagKernel, DemagWork, demag_field, demag_kernel, demag_work
from micromag.lanes import aligned_zeros, load, load_vector, sqrt, store, store_vector
from micromag.noise import add_normal_field
from micromag.problem import BOLTZMANN_J_PER_K, MU0, Problem
from micromag.terms import Terms, cubic_field, exchange_field, terms_of, uniaxial_field
from workflow.errors import InputError

_WEIGHTS = (1 / 6, 1 / 3, 1 / 3, 1 / 6)
_NEXT_STAGE = (0.5, 0.5, 1.0, 0.0)
_TIME = (0.0, 0.5, 0.5, 1.0)


class Equation(NamedTuple):
    """Everything about a problem that its replicas share; read only.

    Parameters
    ----------
    terms, kernel
        Local terms of the field, and the demagnetising tensor where `demag`.
    gamma_dt, damping_dt
        gamma0 / (1 + alpha^2) times the time step, in m/A, and alpha times that, shape (cells,);
        `gamma_dt` is 0 where moments do not precess.
    shared_demag
        Whether the demagnetising field is computed once per step instead of in every stage.
    thermal_A_per_m
        Standard deviation of each component of the thermal field, shape (cells,).
    """

    terms: Terms
    kernel: DemagKernel
    demag: bool
    shared_demag: bool
    gamma_dt: NDArray[np.floating]
    damping_dt: NDArray[np.floating]
    thermal_A_per_m: NDArray[np.floating]


class State(NamedTuple):
    """The replicas of a lane group and the work space of a step.

    Shapes, without the lanes at the end: `m`, stages, slope and thermal (3, cells); `demag`, the
    fields in the middle of the last two steps, (2, 3, cells); `applied`, the field at the
    beginning of the step, and `applied_rate`, by how much it grows in a step, (3,); key (2,), step
    (1,). `newest`, shape (1,) without lanes, tells which of the two fields is the later one.
    `stretch`, (1,), adds up (|m|^2 - 1)^2 over cells and steps before m is brought back to unit
    length: it is tiny unless the scheme is about to lose its footing.
    """

    m: NDArray[np.floating]
    stage: NDArray[np.floating]
    next_stage: NDArray[np.floating]
    slope: NDArray[np.floating]
    thermal: NDArray[np.floating]
    demag: NDArray[np.floating]
    newest: NDArray[np.intp]
    applied: NDArray[np.floating]
    applied_rate: NDArray[np.floating]
    key: NDArray[np.uint32]
    step: NDArray[np.uint32]
    stretch: NDArray[np.floating]
    work: DemagWork


def equation_of(
    problem: Problem, dt_s: float, dtype: DTypeLike, *, shared_demag: bool = False
) -> Equation:
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
        shared_demag,
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
        np.abs(terms.uniaxial[0]) + 3 * np.abs(terms.uniaxial[1]),
        2 * np.abs(terms.cubic[0]),
        np.linalg.norm(terms.H, axis=0),
    )
    field = sum(part.max(initial=0.0) for part in local) + problem.Ms.max() * problem.demag
    omega = problem.gamma0.max() * field
    return float(2 * np.sqrt(2) / omega) if omega > 0 else np.inf


def thermal_field_A_per_m(problem: Problem, dt_s: float) -> NDArray[np.float64]:
    """Return sqrt(2 alpha kB T / (mu0 gamma0 Ms V dt)) of each cell, shape (cells,).

    The standard deviation that lets the Landau-Lifshitz-Gilbert equation relax to Boltzmann's
    distribution (Brown, Phys. Rev. 130, 1677 (1963)); 0 where nothing moves.
    """
    energy_J = 2 * problem.alpha * BOLTZMANN_J_PER_K * problem.temperature_K
    divisor = MU0 * problem.gamma0 * problem.Ms * problem.cell_volume_m3 * dt_s
    return np.sqrt(np.divide(energy_J, divisor, out=np.zeros_like(divisor), where=divisor > 0))


def state_of(problem: Problem, dtype: DTypeLike) -> State:
    """Return a lane group at rest, with m, applied field, keys and steps still zero."""
    vectors = {
        name: aligned_zeros((3, problem.Ms.size), dtype)
        for name in ("m", "stage", "next_stage", "slope", "thermal")
    }
    return State(
        **vectors,
        demag=aligned_zeros((2, 3, problem.Ms.size), dtype),
        newest=np.zeros(1, np.intp),
        applied=aligned_zeros((3,), dtype),
        applied_rate=aligned_zeros((3,), dtype),
        key=aligned_zeros((2,), np.uint32),
        step=aligned_zeros((1,), np.uint32),
        stretch=aligned_zeros((1,), dtype),
        work=demag_work(problem.cells, dtype),
    )


@njit(cache=True, nogil=True)
def advance(state, equation, steps):  # type: ignore[no-untyped-def]
    """Take a number of steps with all replicas of a lane group.

    Parameters
    ----------
    state
        `State`; `m`, `applied`, `step` and the demagnetising fields are changed in place. Where
        these are shared, both hold the field of `m` before a trial's first step.
    equation
        `Equation`.
    steps
        Number of steps.
    """
    noisy = equation.thermal_A_per_m.max() > 0
    for _ in range(steps):
        if noisy:
            add_normal_field(state.key, state.step, equation.thermal_A_per_m, state.thermal)
        runge_kutta_stage(state.m, state, equation, 0, state.stage)
        runge_kutta_stage(state.stage, state, equation, 1, state.next_stage)
        runge_kutta_stage(state.next_stage, state, equation, 2, state.stage)
        runge_kutta_stage(state.stage, state, equation, 3, state.m)
        for component in range(3):
            applied = load(state.applied, component) + load(state.applied_rate, component)
            store(state.applied, component, applied)
        for lane in range(state.step.shape[1]):
            state.step[0, lane] += 1


@njit(cache=True, nogil=True)
def _demag_of_stage(m, state, equation, number):  # type: ignore[no-untyped-def]
    """Compute the demagnetising field where this stage needs it; return the weights of the two."""
    if not equation.demag:
        return 0.0, 0.0
    compute, ahead = True, 0.0
    if equation.shared_demag:
        compute = number == 1
        # From the middles at -1/2 and -3/2 to 0, or at 1/2 and -1/2 to 1.
        ahead = 0.5 if number in (0, 3) else 0.0
    if compute:
        target = state.demag[1 - state.newest[0]]
        demag_field(m, equation.terms.Ms, equation.kernel, state.work, target)
        state.newest[0] = 1 - state.newest[0]
    return 1.0 + ahead, -ahead


@njit(cache=True, nogil=True)
def runge_kutta_stage(m, state, equation, number, target):  # type: ignore[no-untyped-def]
    """Compute one stage at `m` and write the next one, or the step's result, to `target`."""
    weight, ahead, last, time = _WEIGHTS[number], _NEXT_STAGE[number], number == 3, _TIME[number]
    newer, older = _demag_of_stage(m, state, equation, number)
    newer_field, older_field = state.demag[state.newest[0]], state.demag[1 - state.newest[0]]
    ax = load(state.applied, 0) + load(state.applied_rate, 0) * time
    ay = load(state.applied, 1) + load(state.applied_rate, 1) * time
    az = load(state.applied, 2) + load(state.applied_rate, 2) * time
    # Named before the loop: looking an array up in a tuple costs as much as a cell's exchange.
    Ms, exchange, neighbours, uniaxial, cubic, H = equation.terms
    has_uniaxial, has_cubic, has_static = uniaxial.size > 0, cubic.size > 0, H.size > 0
    gamma_dt, damping_dt = equation.gamma_dt, equation.damping_dt
    start, slope, thermal, stretch = state.m, state.slope, state.thermal, load(state.stretch, 0)
    for cell in range(m.shape[1]):
        if Ms[cell] == 0:
            continue
        mx, my, mz = load_vector(m, cell)
        fx, fy, fz = load_vector(thermal, cell)
        hx, hy, hz = ax + fx, ay + fy, az + fz
        fx, fy, fz = exchange_field(m, exchange, neighbours, cell)
        hx, hy, hz = hx + fx, hy + fy, hz + fz
        if has_uniaxial:
            fx, fy, fz = uniaxial_field(uniaxial, cell, mx, my, mz)
            hx, hy, hz = hx + fx, hy + fy, hz + fz
        if has_cubic:
            fx, fy, fz = cubic_field(cubic, cell, mx, my, mz)
            hx, hy, hz = hx + fx, hy + fy, hz + fz
        if has_static:
            hx, hy, hz = hx + H[0, cell], hy + H[1, cell], hz + H[2, cell]
        if newer != 0:
            fx, fy, fz = load_vector(newer_field, cell)
            hx, hy, hz = hx + fx * newer, hy + fy * newer, hz + fz * newer
        if older != 0:
            fx, fy, fz = load_vector(older_field, cell)
            hx, hy, hz = hx + fx * older, hy + fy * older, hz + fz * older
        kx, ky, kz = torque(mx, my, mz, hx, hy, hz, gamma_dt[cell], damping_dt[cell])
        sx, sy, sz = kx * weight, ky * weight, kz * weight
        if number > 0:
            fx, fy, fz = load_vector(slope, cell)
            sx, sy, sz = sx + fx, sy + fy, sz + fz
        bx, by, bz = load_vector(start, cell)
        if last:
            square, bx, by, bz = unit_vector(bx + sx, by + sy, bz + sz)
            stretch = stretch + (square - 1.0) * (square - 1.0)
            store_vector(target, cell, bx, by, bz)
        else:
            store_vector(slope, cell, sx, sy, sz)
            store_vector(target, cell, bx + kx * ahead, by + ky * ahead, bz + kz * ahead)
    store(state.stretch, 0, stretch)


@njit(cache=True, nogil=True)
def unit_vector(x, y, z):  # type: ignore[no-untyped-def]
    """Return the square of a vector's length and its direction."""
    square = x * x + y * y + z * z
    per_length = 1.0 / sqrt(square)
    return square, x * per_length, y * per_length, z * per_length


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
