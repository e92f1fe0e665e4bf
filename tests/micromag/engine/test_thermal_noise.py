"""The counter-based generator and the temperature it produces."""

import numpy as np
import pytest
from numba import njit
from scipy import stats

from dwsynapse.study import Material, Numerics, Protocol, SimulatedDevice
from micromag.engine.constants import BOLTZMANN_J_PER_K, MU0
from micromag.engine.equation_of_motion import advance, equation_of, state_of
from micromag.engine.lanes import LANES, aligned_zeros, load, store
from micromag.engine.problem import Problem
from micromag.engine.terms.demag.demag_field import demag_field
from micromag.engine.thermal_noise import add_normal_field, philox, trial_key, wire_words
from micromag.engine.timestep import thermal_step_s


@njit
def philox_of(counter, key, out):
    c0, c1, c2, c3 = load(counter, 0), load(counter, 1), load(counter, 2), load(counter, 3)
    words = philox(c0, c1, c2, c3, load(key, 0), load(key, 1))
    for i in range(4):
        store(out, i, words[i])


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        (0, 0, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        (0xFFFFFFFF, 0xFFFFFFFF, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    ],
)
def test_philox_gives_the_known_answers_of_random123(counter, key, expected):
    counters, keys, out = (aligned_zeros((n,), np.uint32) for n in (4, 2, 4))
    counters[:], keys[:] = counter, key
    philox_of(counters, keys, out)
    assert all(tuple(out[:, lane]) == expected for lane in range(LANES))


def noise(seed, replicas, step=0, cells=4096, words=()):
    key, steps = aligned_zeros((2,), np.uint32), aligned_zeros((1,), np.uint32)
    key[:] = np.array([trial_key(seed, r, *words) for r in replicas]).T
    steps[:] = step
    field = aligned_zeros((3, cells), np.float32)
    add_normal_field(key, steps, np.ones(cells, np.float32), field)
    return field


def test_noise_is_normal_and_uncorrelated():
    field = noise(1, range(LANES)).astype(float)
    n = field.size
    # Each bound is four standard errors: a false alarm in 16 000 for each.
    assert abs(field.mean()) < 4 / np.sqrt(n)
    assert abs(field.var() - 1) < 4 * np.sqrt(2 / n)
    assert abs(stats.kurtosis(field.reshape(-1))) < 4 * np.sqrt(24 / n)
    assert stats.kstest(field.reshape(-1), "norm").pvalue > 1e-4
    for other in (noise(1, range(LANES), step=1), np.roll(field, 1, 0), np.roll(field, 1, 1)):
        assert abs(np.mean(field * other)) < 4 / np.sqrt(n)
        assert abs(np.mean((field**2 - 1) * (other.astype(float) ** 2 - 1))) < 8 / np.sqrt(n)


def test_wires_of_one_study_have_noise_of_their_own():
    """The noise of near-identical wires is uncorrelated: four standard errors, 1 in 16 000."""
    wire = SimulatedDevice()
    other = SimulatedDevice(material=Material(saturation_magnetisation_A_per_m=8.04e5))
    fields = [noise(1, range(LANES), words=wire_words(device)) for device in (wire, other)]
    correlation = np.mean(fields[0].astype(float) * fields[1])
    assert abs(correlation) < 4 / np.sqrt(fields[0].size)
    common = Numerics(noise="common")
    assert wire_words(SimulatedDevice(numerics=common)) == ()


def test_noise_does_not_depend_on_how_a_wall_is_observed():
    wire = SimulatedDevice()
    protocol, numerics = Protocol(window_ns=4, pinned_after_ns=2), Numerics(observe_every_ps=4)
    seen = SimulatedDevice(protocol=protocol, numerics=numerics)
    assert wire_words(seen) == wire_words(wire)
    hotter = SimulatedDevice(protocol=Protocol(temperature_K=301))
    assert wire_words(hotter) != wire_words(wire)


def test_noise_depends_on_seed_and_replica_and_not_on_the_lane():
    field = noise(1, range(LANES))
    moved = noise(1, reversed(range(LANES)))
    np.testing.assert_array_equal(field[..., ::-1], moved)
    assert not np.any(np.all(field[..., :1] == field[..., 1:], axis=(0, 1)))
    assert np.mean(field == noise(2, range(LANES))) < 1e-3


def thermal_state(problem, dt_s, equilibrate_s, seed=7, shared_demag=False):
    """Return a lane group magnetised along the field, after some time at finite temperature."""
    equation = equation_of(problem, dt_s, np.float32, shared_demag=shared_demag)
    state = state_of(problem, np.float32)
    state.m[:] = (problem.H / np.linalg.norm(problem.H, axis=0))[..., None]
    for field in state.demag:
        demag_field(state.m, equation.terms.Ms, equation.kernel, state.work, field)
    state.key[:] = np.array([trial_key(seed, r) for r in range(LANES)]).T
    advance(state, equation, round(equilibrate_s / dt_s))
    return state, equation


def test_independent_spins_follow_langevin_and_boltzmann():
    T, cells, volume = 300.0, (24, 24, 1), 1.25e-25
    xi = 3.0
    H = xi * BOLTZMANN_J_PER_K * T / (MU0 * 8e5 * volume)
    problem = Problem(
        cells, (5e-9,) * 3, np.full(576, 8e5), H=(0, 0, H), alpha=0.5, temperature_K=T, demag=False
    )
    # The slowest relaxation takes about 1 / (alpha gamma0 H) = 0.1 ns: 1 ns forgets the start. The
    # longest step that drivers take by themselves; ten times as long, the mean is 5 % too large.
    state, _ = thermal_state(problem, thermal_step_s(problem), 1e-9)
    mz = state.m[2].reshape(-1).astype(float)
    langevin = 1 / np.tanh(xi) - 1 / xi
    spread = np.sqrt(1 - 2 * langevin / xi - langevin**2)
    # Four standard errors of 9216 independent spins: a false alarm in 16 000; 0.013.
    assert abs(mz.mean() - langevin) < 4 * spread / np.sqrt(mz.size)
    boltzmann = stats.kstest(mz, lambda z: (np.exp(xi * z) - np.exp(-xi)) / (2 * np.sinh(xi)))
    assert boltzmann.pvalue > 1e-4


@pytest.mark.parametrize(
    ("temperature_K", "alpha", "demag"),
    [(50.0, 0.1, False), (300.0, 0.1, False), (300.0, 0.02, True)],
)
def test_thermometer_in_a_correlated_system_reads_the_temperature_set(temperature_K, alpha, demag):
    """Read kB T = sum |mu m x H|^2 / (2 sum mu m.H), H without the spin's own part.

    From the mean of the Laplacian of the energy on the sphere of each spin (Ma, Dudarev, Semenov
    and Woo, Phys. Rev. E 82, 031111 (2010)). With the demagnetising field it is computed once per
    step, as the workflow does; the part of a cube by itself is -Ms m / 3.
    """
    n, H = 32 if not demag else 24, 2e5
    problem = Problem(
        (n, n, 1),
        (5e-9,) * 3,
        np.full(n * n, 8e5),
        A=1.3e-11,
        H=(H, 0, 0),
        alpha=alpha,
        temperature_K=temperature_K,
        demag=demag,
    )
    dt_s = Numerics().time_step_fs * 1e-15 if demag else 2.5e-13
    state, equation = thermal_state(problem, dt_s, 3e-10, shared_demag=demag)
    readings, demag_field_A_per_m = [], aligned_zeros((3, n * n), np.float32)
    for _ in range(30):
        advance(state, equation, round(1e-11 / dt_s))
        m = state.m.astype(float).reshape(3, n, n, LANES)
        field = np.zeros_like(m)
        field[0] = H
        weight = 2 * problem.A.max() / (MU0 * 8e5 * 25e-18)
        field[:, 1:] += weight * m[:, :-1]
        field[:, :-1] += weight * m[:, 1:]
        field[:, :, 1:] += weight * m[:, :, :-1]
        field[:, :, :-1] += weight * m[:, :, 1:]
        if demag:
            demag_field(
                state.m, equation.terms.Ms, equation.kernel, state.work, demag_field_A_per_m
            )
            field += demag_field_A_per_m.reshape(m.shape) + m * 8e5 / 3
        moment = MU0 * 8e5 * problem.cell_volume_m3
        torque = np.sum(np.cross(m, field, axis=0) ** 2)
        readings.append(moment * torque / (2 * BOLTZMANN_J_PER_K * np.sum(m * field)))
    # The statistical error of the mean over 16 replicas and 30 times is below 0.8 %; the step
    # changes the temperature of the shortest waves by about 1 %.
    assert np.mean(readings) == pytest.approx(temperature_K, rel=0.03)
