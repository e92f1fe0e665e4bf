"""The equation of motion without noise: closed forms, conservation, muMAG standard problem 4."""

import re
from pathlib import Path

import numpy as np
import pytest

from dwsynapse.io.errors import InputError
from micromag.engine.constants import MU0
from micromag.engine.equation_of_motion import advance, equation_of, state_of
from micromag.engine.fields_and_energies import energies_J, fields_A_per_m
from micromag.engine.problem import Problem
from micromag.engine.timestep import check_step, longest_step_s

DATA = Path(__file__).parents[2] / "data" / "oommf"


def run(problem, m, dt_s, steps, dtype=np.float64):
    """Return m after some steps in all lanes, shape (3, cells, LANES)."""
    state = state_of(problem, dtype)
    state.m[:] = m[..., None]
    advance(state, equation_of(problem, dt_s, dtype), steps)
    return state.m


def rough_film(cells=(16, 8, 1), **changes):
    rng = np.random.default_rng(5)
    n = int(np.prod(cells))
    m = rng.normal(size=(3, n)) + np.array([[4.0], [0.0], [0.0]])
    problem = Problem(cells=cells, cell_m=(5e-9,) * 3, Ms=np.full(n, 8e5), A=1.3e-11, **changes)
    return problem, m / np.linalg.norm(m, axis=0)


def test_macrospin_precesses_and_relaxes_as_the_closed_form_says():
    H, alpha, duration_s, dt_s = 1e5, 0.1, 2e-10, 1e-13
    problem = Problem(
        (1, 1, 1), (5e-9,) * 3, np.array([8e5]), H=(0, 0, H), alpha=alpha, demag=False
    )
    m = run(problem, np.array([[1.0], [0.0], [0.0]]), dt_s, round(duration_s / dt_s))[:, 0, 0]
    # In a field along z: phi = omega t and m_z = tanh(alpha omega t) from m = x.
    omega_t = problem.gamma0[0] * H / (1 + alpha**2) * duration_s
    expected_z = np.tanh(alpha * omega_t)
    across = np.sqrt(1 - expected_z**2)
    expected = [across * np.cos(omega_t), across * np.sin(omega_t), expected_z]
    np.testing.assert_allclose(m, expected, atol=1e-8)


def test_energy_is_conserved_without_damping_and_lost_with_it():
    duration_s, dt_s = 5e-11, 1e-13
    energies = {}
    for alpha in (0.0, 0.02):
        problem, m = rough_film(alpha=alpha, H=(0, 3e4, 0))
        end = run(problem, m, dt_s, round(duration_s / dt_s))[..., 0]
        energies[alpha] = sum(energies_J(problem, end).values())
        start = sum(energies_J(problem, m).values())
        np.testing.assert_allclose(np.linalg.norm(end, axis=0), 1, atol=1e-14)
    assert energies[0.0] == pytest.approx(start, rel=1e-4, abs=0)
    assert energies[0.02] < start - 0.3 * abs(start)


def test_the_scheme_is_of_fourth_order():
    problem, m = rough_film(alpha=0.02)
    ends = {steps: run(problem, m, 4e-12 / steps, steps)[..., 0] for steps in (20, 40, 640)}
    errors = [np.abs(ends[steps] - ends[640]).max() for steps in (20, 40)]
    # Halving the step divides the error by 2^4; 11 would already exclude third order.
    assert errors[0] / errors[1] > 11


def test_a_shared_demagnetising_field_is_of_second_order():
    problem, m = rough_film(alpha=0.02)
    exact = run(problem, m, 5e-15, 800)[..., 0]
    errors = []
    for steps in (20, 40):
        equation = equation_of(problem, 4e-12 / steps, np.float64, shared_demag=True)
        state = state_of(problem, np.float64)
        state.m[:] = m[..., None]
        state.demag[:] = fields_A_per_m(problem, m)["demag"][..., None]
        advance(state, equation, steps)
        errors.append(np.abs(state.m[..., 0] - exact).max())
    # Halving the step divides the error by 2^2; 3 would already exclude first order.
    assert errors[0] / errors[1] > 3


def test_single_precision_follows_double():
    problem, m = rough_film(alpha=0.02, H=(0, 3e4, 0))
    single, double = (run(problem, m, 2.5e-13, 200, t)[..., 0] for t in (np.float32, np.float64))
    np.testing.assert_allclose(single, double, atol=1e-4)


@pytest.mark.parametrize(("number", "field_mT"), [(1, (-24.6, 4.3, 0.0)), (2, (-35.5, -6.3, 0.0))])
def test_mumag_standard_problem_4(number, field_mT):
    start = np.load(DATA / "sp4_m0.npy")
    reference = np.loadtxt(DATA / f"sp4_field{number}.csv", delimiter=",", skiprows=1)
    problem = Problem(
        cells=start.shape[:3],
        cell_m=(5e-9, 5e-9, 3e-9),
        Ms=np.full(start[..., 0].size, 8e5),
        A=1.3e-11,
        H=tuple(1e-3 * b / MU0 for b in field_mT),
        alpha=0.02,
        gamma0=2.211e5,
    )
    state = state_of(problem, np.float32)
    state.m[:] = np.moveaxis(start, -1, 0).reshape(3, -1, 1)
    equation = equation_of(problem, 1e-12, np.float32)
    means = []
    for _ in reference:
        advance(state, equation, 5)
        means.append(state.m[..., 0].mean(axis=1))
    # Both solvers agree to 2e-5 at a step of 0.5 ps; 1e-3 is a tenth of what published solutions
    # of the problem differ by.
    np.testing.assert_allclose(means, reference[:, 1:], atol=1e-3)


def test_a_step_beyond_the_stability_bound_is_refused():
    problem, _ = rough_film()
    with pytest.raises(
        InputError, match=r"time_step_fs: a step of 2000 fs is unstable.*stay below"
    ):
        equation_of(problem, 2e-12, np.float32)
    assert 1e-12 < longest_step_s(problem) < 2e-12


def test_a_step_that_would_heat_the_short_waves_is_refused():
    # CoFeB damps little: what an extrapolated demagnetising field feeds to the waves stays there.
    cofeb = Problem(
        (8, 8, 1), (5e-9,) * 3, np.full(64, 1.25e6), A=1.5e-11, alpha=0.004, temperature_K=300.0
    )
    with pytest.raises(
        InputError, match=r"400 fs heats the shortest waves by 7.%.*evaluations to 4"
    ):
        equation_of(cofeb, 4e-13, np.float32, shared_demag=True)
    equation_of(cofeb, 4e-13, np.float32)
    equation_of(cofeb, 1.9e-13, np.float32, shared_demag=True)
    with pytest.raises(InputError, match=r"800 fs cools the shortest waves"):
        equation_of(cofeb, 8e-13, np.float32)


@pytest.mark.parametrize("dt_fs", [500, 700, 900, 1000, 1100, 1500])
def test_steps_below_the_one_that_is_named_are_all_accepted(dt_fs):
    """Near 900 fs what the shortest waves gain and lose cancels; longer ones are heated."""
    garnet = Problem(
        (8, 8, 1), (1e-8,) * 3, np.full(64, 1.4e5), A=3.7e-12, alpha=5e-4, temperature_K=300.0
    )
    words = "heats short waves by up to" if dt_fs == 900 else "the shortest waves by"
    with pytest.raises(InputError, match=words) as refused:
        check_step(garnet, dt_fs * 1e-15, True, True, "dt")
    longest_fs = float(re.search(r"below ([\d.]+) fs", str(refused.value))[1])
    for share in (0.999, 0.9, 0.7, 0.5):
        check_step(garnet, share * longest_fs * 1e-15, True, True, "dt")


def test_noise_without_precession_is_refused():
    problem, _ = rough_film(alpha=0.5, precession=False, temperature_K=300.0)
    with pytest.raises(InputError, match=r"without precession"):
        equation_of(problem, 1e-13, np.float32)
