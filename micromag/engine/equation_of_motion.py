"""The equation of motion and its integration, for all replicas of a lane group in lockstep.

dm/dt = -gamma0 / (1 + alpha^2) [m x H + alpha m x (m x H)], the Landau-Lifshitz form, by the
classical Runge-Kutta scheme of fourth order. The thermal field is drawn once per step and held
through its stages (Stratonovich), and m is brought back to unit length after the step.

The demagnetising field, by far the costliest term, changes slowly compared with exchange. Where the
equation says so it is computed once per step, in the middle, and extrapolated from two middles to
the beginning and the end of the step: second order in time instead of fourth for this term alone.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from dwsynapse.io.errors import InputError
from micromag.engine.constants import BOLTZMANN_J_PER_K, MU0
from micromag.engine.lanes import aligned_zeros, kernel, load, sqrt, store
from micromag.engine.local_terms import current_field, has_current, local_field, terms_of
from micromag.engine.problem import Problem
from micromag.engine.terms.demag.demag_field import (
    DemagKernel,
    DemagWork,
    demag_field,
    demag_kernel,
    demag_work,
)
from micromag.engine.terms.precession_and_damping import rates_of_turning, torque
from micromag.engine.thermal_noise import add_normal_field
from micromag.engine.timestep import check_step

WEIGHTS = (1 / 6, 1 / 3, 1 / 3, 1 / 6)
NEXT_STAGE = (0.5, 0.5, 1.0, 0.0)
TIME = (0.0, 0.5, 0.5, 1.0)


class Equation(NamedTuple):
    """Everything about a problem that its replicas share; read only.

    Parameters
    ----------
    terms, kernel
        `Terms`, the local terms of the field, and the demagnetising tensor where `demag`.
    gamma_dt, damping_dt
        By what torque is multiplied in a time step, see `rates_of_turning`, shape (cells,).
    shared_demag
        Whether the demagnetising field is computed once per step instead of in every stage.
    thermal_A_per_m
        Standard deviation of each component of the thermal field, shape (cells,).
    noisy
        Whether any is above 0.
    driven
        Whether currents flow.
    """

    terms: Any
    kernel: DemagKernel
    demag: bool
    shared_demag: bool
    gamma_dt: NDArray[np.floating]
    damping_dt: NDArray[np.floating]
    thermal_A_per_m: NDArray[np.floating]
    noisy: bool
    driven: bool


class State(NamedTuple):
    """The replicas of a lane group and the work space of a step.

    Shapes, without the lanes at the end: `m`, stages, slope and thermal (3, cells); `demag`, the
    fields in the middle of the last two steps, (2, 3, cells); `applied`, the field at the
    beginning of the step, and `applied_rate`, by how much it grows in a step, (3,); `current`, by
    what the declared currents are multiplied, (1,); key (2,), step (1,). `newest`, shape (1,)
    without lanes, tells which of the two fields is the later one. `stretch`, (1,), adds up
    (|m|^2 - 1)^2 over cells and steps before m is brought back to unit length: it is tiny unless
    the scheme is about to fail.
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
    current: NDArray[np.floating]
    key: NDArray[np.uint32]
    step: NDArray[np.uint32]
    stretch: NDArray[np.floating]
    work: DemagWork


def equation_of(
    problem: Problem,
    dt_s: float,
    dtype: DTypeLike,
    *,
    shared_demag: bool = False,
    where: str = "numerics.time_step_fs",
) -> Equation:
    """Return the equation of motion of a problem for a fixed time step, which `where` sets.

    Raises
    ------
    InputError
        If the step is unstable or gives waves another temperature (`micromag.engine.timestep`), if
        there is noise where moments do not precess, or a temperature but no damping anywhere.
    """
    thermal_A_per_m = thermal_field_A_per_m(problem, dt_s)
    noisy = bool(thermal_A_per_m.any())
    if problem.temperature_K > 0 and not noisy:
        raise InputError(
            f"{problem.temperature_K:g} K without damping: there is no thermal field",
            where="dynamics",
            remedy="add Damping, or set the temperature to 0",
        )
    check_step(problem, dt_s, shared_demag, noisy, where)
    if np.any((problem.precession == 0) & (thermal_A_per_m > 0)):
        raise InputError(
            "without precession the thermal field gives another temperature",
            where="dynamics",
            remedy="add Precession, or set the temperature to 0",
        )
    gamma_dt, damping_dt = rates_of_turning(problem, dt_s)
    terms = terms_of(problem, dtype)
    return Equation(
        terms,
        demag_kernel(problem, dtype),
        problem.demag,
        shared_demag,
        gamma_dt.astype(dtype),
        damping_dt.astype(dtype),
        thermal_A_per_m.astype(dtype),
        noisy,
        has_current(terms),
    )


def thermal_field_A_per_m(problem: Problem, dt_s: float) -> NDArray[np.float64]:
    """Return sqrt(2 alpha kB T / (mu0 gamma0 Ms V dt)) of each cell, shape (cells,).

    The standard deviation that lets the Landau-Lifshitz-Gilbert equation relax to Boltzmann's
    distribution (Brown, Phys. Rev. 130, 1677 (1963)); 0 where nothing moves.
    """
    energy_J = 2 * problem.alpha * BOLTZMANN_J_PER_K * problem.temperature_K
    divisor = MU0 * problem.gamma0 * problem.Ms * problem.cell_volume_m3 * dt_s
    moves = (divisor > 0) & ~problem.fixed
    return np.sqrt(np.divide(energy_J, divisor, out=np.zeros_like(divisor), where=moves))


def state_of(problem: Problem, dtype: DTypeLike) -> State:
    """Return a lane group at rest, with m, applied field, keys and steps still zero.

    Currents flow as declared.
    """
    vectors = {
        name: aligned_zeros((3, problem.Ms.size), dtype)
        for name in ("m", "stage", "next_stage", "slope", "thermal")
    }
    current = aligned_zeros((1,), dtype)
    current[:] = 1
    return State(
        **vectors,
        demag=aligned_zeros((2, 3, problem.Ms.size), dtype),
        newest=np.zeros(1, np.intp),
        applied=aligned_zeros((3,), dtype),
        applied_rate=aligned_zeros((3,), dtype),
        current=current,
        key=aligned_zeros((2,), np.uint32),
        step=aligned_zeros((1,), np.uint32),
        stretch=aligned_zeros((1,), dtype),
        work=demag_work(problem.cells, dtype),
    )


@kernel
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
    for _ in range(steps):
        if equation.noisy:
            add_normal_field(state.key, state.step, equation.thermal_A_per_m, state.thermal)
        # A number known to the compiler would make it compile each stage for itself.
        for number in range(4):
            source = state.m if number == 0 else state.stage
            target = state.m if number == 3 else state.stage
            if number == 1:
                target = state.next_stage
            elif number == 2:
                source = state.next_stage
            runge_kutta_stage(source, state, equation, number, target)
        for component in range(3):
            applied = load(state.applied, component) + load(state.applied_rate, component)
            store(state.applied, component, applied)
        for lane in range(state.step.shape[1]):
            state.step[0, lane] += 1


@kernel
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


@kernel
def runge_kutta_stage(m, state, equation, number, target):  # type: ignore[no-untyped-def]
    """Compute one stage at `m` and write the next one, or the step's result, to `target`."""
    terms = equation.terms
    weight, ahead, last, time = WEIGHTS[number], NEXT_STAGE[number], number == 3, TIME[number]
    newer, older = _demag_of_stage(m, state, equation, number)
    newer_field, older_field = state.demag[state.newest[0]], state.demag[1 - state.newest[0]]
    ax = load(state.applied, 0) + load(state.applied_rate, 0) * time
    ay = load(state.applied, 1) + load(state.applied_rate, 1) * time
    az = load(state.applied, 2) + load(state.applied_rate, 2) * time
    cells, stretch, current = m.shape[1], load(state.stretch, 0), load(state.current, 0)
    for x in range(cells):
        if terms.Ms[x] == 0:
            continue
        y, z = x + cells, x + 2 * cells
        mx, my, mz = load(m, x), load(m, y), load(m, z)
        hx, hy, hz = local_field(m, terms, x, mx, my, mz)
        hx, hy, hz = hx + ax, hy + ay, hz + az
        if equation.driven:
            cx, cy, cz = current_field(m, terms, x, mx, my, mz)
            hx, hy, hz = hx + cx * current, hy + cy * current, hz + cz * current
        if newer != 0:
            hx = hx + load(newer_field, x) * newer
            hy = hy + load(newer_field, y) * newer
            hz = hz + load(newer_field, z) * newer
        if older != 0:
            hx = hx + load(older_field, x) * older
            hy = hy + load(older_field, y) * older
            hz = hz + load(older_field, z) * older
        hx = hx + load(state.thermal, x)
        hy = hy + load(state.thermal, y)
        hz = hz + load(state.thermal, z)
        kx, ky, kz = torque(mx, my, mz, hx, hy, hz, equation.gamma_dt[x], equation.damping_dt[x])
        if number > 0:
            sx, sy, sz = load(state.slope, x), load(state.slope, y), load(state.slope, z)
        else:
            sx, sy, sz = mx * 0.0, my * 0.0, mz * 0.0
        sx, sy, sz = sx + kx * weight, sy + ky * weight, sz + kz * weight
        bx, by, bz = load(state.m, x), load(state.m, y), load(state.m, z)
        if last:
            bx, by, bz = bx + sx, by + sy, bz + sz
            square = bx * bx + by * by + bz * bz
            stretch = stretch + (square - 1.0) * (square - 1.0)
            per_length = 1.0 / sqrt(square)
            kx, ky, kz = bx * per_length, by * per_length, bz * per_length
        else:
            store(state.slope, x, sx)
            store(state.slope, y, sy)
            store(state.slope, z, sz)
            kx, ky, kz = bx + kx * ahead, by + ky * ahead, bz + kz * ahead
        store(target, x, kx)
        store(target, y, ky)
        store(target, z, kz)
    store(state.stretch, 0, stretch)
