"""The equation of motion on tensors: for a GPU and the thousands of replicas that it needs.

Equation, scheme and noise are those of `micromag.engine.equation_of_motion`, so that trajectories
agree with the lane engine's up to rounding. A vector field is a tuple of its components x, y and z,
each of shape (replicas, cells).
"""

from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor

from micromag.engine.equation_of_motion import NEXT_STAGE, TIME, WEIGHTS, Equation
from micromag.engine.gpu.demag_field import TorchDemag
from micromag.engine.gpu.fusion import fused
from micromag.engine.gpu.thermal_noise import Vector, normal_field
from micromag.engine.local_terms import KERNEL_TERMS, Terms
from micromag.engine.problem import Problem
from micromag.engine.terms import CURRENT_TERMS, LOCAL_TERMS
from micromag.engine.terms.precession_and_damping import torque

# The lane engine's own formulas, as plain Python functions.
_torque, _mirrors = torque.py_func, tuple(term.mirror() for term in LOCAL_TERMS)
_current_mirrors = tuple(term.mirror() for term in CURRENT_TERMS)


@dataclass
class TorchState:
    """The replicas.

    Parameters
    ----------
    m
        Unit vectors.
    demag
        The newer and the older of two demagnetising fields in A/m. Where it is computed once per
        step, both are that of `m` before a trial's first step.
    applied, applied_rate
        Field along x in A/m at the beginning of the step, and by how much it grows in a step,
        shape (replicas, 1).
    current
        By what the declared currents are multiplied, shape (replicas, 1).
    key, step
        What the noise is drawn from, see `normal_field`.
    stretch
        Sum of (|m|^2 - 1)^2 over cells and steps before m is brought back to unit length, shape
        (replicas,).
    """

    m: Vector
    demag: tuple[Vector, Vector]
    applied: Tensor
    applied_rate: Tensor
    current: Tensor
    key: Tensor
    step: Tensor
    stretch: Tensor


class Coefficients(NamedTuple):
    """What a stage needs to know of the problem.

    Parameters
    ----------
    terms
        `Terms` with tensors in it.
    gamma_dt, damping_dt, shared_demag, driven
        As in `Equation`.
    empty
        Which cells have no material, shape (cells,).
    """

    terms: Any
    gamma_dt: Tensor
    damping_dt: Tensor
    shared_demag: bool
    driven: bool
    empty: Tensor


class Surroundings(NamedTuple):
    """The fields of a step that do not follow from m: parts of `TorchState`, and the noise."""

    demag: tuple[Vector, Vector]
    thermal: Vector
    applied: Tensor
    applied_rate: Tensor
    current: Tensor


class Integrator:
    """Takes steps with all replicas of a problem.

    Parameters
    ----------
    equation, problem
        The equation of motion as the lane engine has it, and the problem that it is of.
    device
        Where to compute.
    at_once
        Replicas whose demagnetising field is computed at once, see `TorchDemag`.
    """

    def __init__(self, equation: Equation, problem: Problem, device: torch.device, at_once: int):
        self._coefficients = coefficients_of(equation, device)
        self._demag = TorchDemag(problem, device, at_once)
        stages = (1,) if equation.shared_demag else (0, 1, 2, 3)
        self._demag_stages = stages if equation.demag else ()
        self._thermal = torch.as_tensor(equation.thermal_A_per_m, device=device)
        self._noisy = equation.noisy
        self._normal_field = fused(normal_field, device)
        self._stage, self._last_stage = fused(stage, device), fused(last_stage, device)

    def advance(self, state: TorchState, steps: int) -> None:
        """Take a number of steps; nothing is read back from the device."""
        for _ in range(steps):
            self._step(state)

    def _step(self, state: TorchState) -> None:
        m, slope = state.m, state.m
        thermal: Vector = (self._thermal[None],) * 3
        if self._noisy:
            thermal = self._normal_field(state.key, state.step, self._thermal)
        for number in range(4):
            if number in self._demag_stages:
                state.demag = self._demag(m), state.demag[0]
            around = Surroundings(
                state.demag, thermal, state.applied, state.applied_rate, state.current
            )
            if number < 3:
                m, slope = self._stage(number, m, state.m, slope, around, self._coefficients)
        state.m, stretch = self._last_stage(m, state.m, slope, around, self._coefficients)
        state.stretch = state.stretch + stretch
        state.applied = state.applied + state.applied_rate
        state.step = state.step + 1


def coefficients_of(equation: Equation, device: torch.device) -> Coefficients:
    """Return an equation of motion as tensors on a device."""
    as_tensor, terms = partial(torch.as_tensor, device=device), equation.terms
    local = {term.name: term.tensors(getattr(terms, term.name), as_tensor) for term in KERNEL_TERMS}
    return Coefficients(
        Terms(Ms=as_tensor(terms.Ms), **local),
        as_tensor(equation.gamma_dt),
        as_tensor(equation.damping_dt),
        equation.shared_demag,
        equation.driven,
        as_tensor(terms.Ms == 0),
    )


def stage(
    number: int,
    m: Vector,
    start: Vector,
    slope: Vector,
    around: Surroundings,
    coefficients: Coefficients,
) -> tuple[Vector, Vector]:
    """Compute one of the first three stages of a step.

    Parameters
    ----------
    number
        Which stage, from 0.
    m, start
        Unit vectors at this stage and at the beginning of the step.
    slope
        Weighted sum of the increments of the stages before; not used in the first.
    around, coefficients
        Fields that do not follow from m, and what a stage needs to know of the problem.

    Returns
    -------
    tuple
        m at the next stage, and the weighted sum with this stage's increment.
    """
    increments = _increments(number, m, around, coefficients)
    ahead, weight = NEXT_STAGE[number], WEIGHTS[number]
    x, y, z = (b + k * ahead for b, k in zip(start, increments, strict=True))
    if number == 0:
        sx, sy, sz = (k * weight for k in increments)
    else:
        sx, sy, sz = (s + k * weight for s, k in zip(slope, increments, strict=True))
    return (x, y, z), (sx, sy, sz)


def last_stage(
    m: Vector, start: Vector, slope: Vector, around: Surroundings, coefficients: Coefficients
) -> tuple[Vector, Tensor]:
    """Compute the fourth stage, see `stage`; return unit vectors and `TorchState.stretch`."""
    increments = _increments(3, m, around, coefficients)
    x, y, z = (b + (s + k * WEIGHTS[3]) for b, s, k in zip(start, slope, increments, strict=True))
    square = torch.where(coefficients.empty, 1.0, x * x + y * y + z * z)
    per_length = 1.0 / torch.sqrt(square)
    stretch = ((square - 1.0) * (square - 1.0)).sum(dim=1)
    return (x * per_length, y * per_length, z * per_length), stretch


def _increments(number: int, m: Vector, around: Surroundings, coefficients: Coefficients) -> Vector:
    """Return dt dm/dt at a stage."""
    hx, hy, hz = (torch.zeros_like(part) for part in m)
    for add_field in _mirrors:
        hx, hy, hz = add_field(m, coefficients.terms, slice(None), *m, hx, hy, hz)
    hx = hx + (around.applied + around.applied_rate * TIME[number])
    if coefficients.driven:
        current = tuple(torch.zeros_like(part) for part in m)
        for add_field in _current_mirrors:
            current = add_field(m, coefficients.terms, slice(None), *m, *current)
        hx, hy, hz = (h + c * around.current for h, c in zip((hx, hy, hz), current, strict=True))
    demag = around.demag[0]
    if coefficients.shared_demag and number in (0, 3):
        # From the middles at -1/2 and -3/2 to 0, or at 1/2 and -1/2 to 1.
        dx, dy, dz = (1.5 * newer - 0.5 * older for newer, older in zip(*around.demag, strict=True))
        demag = dx, dy, dz
    hx, hy, hz = (h + d + t for h, d, t in zip((hx, hy, hz), demag, around.thermal, strict=True))
    kx, ky, kz = _torque(*m, hx, hy, hz, coefficients.gamma_dt, coefficients.damping_dt)
    return kx, ky, kz
