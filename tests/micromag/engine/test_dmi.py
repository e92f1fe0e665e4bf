"""The Dzyaloshinskii-Moriya interaction: OOMMF's fields, the bend at an edge, Boltzmann's law."""

from pathlib import Path

import numpy as np
import pytest
from scipy import integrate

from micromag.engine.constants import BOLTZMANN_J_PER_K
from micromag.engine.equation_of_motion import advance, equation_of, state_of
from micromag.engine.fields_and_energies import energies_J, fields_A_per_m
from micromag.engine.lanes import LANES
from micromag.engine.problem import Problem
from micromag.engine.terms.dmi import CLASSES
from micromag.engine.thermal_noise import trial_key

DATA = Path(__file__).parents[2] / "data" / "oommf"


@pytest.mark.parametrize(
    "crystal_class", ["T", "Cnv_x", "Cnv_y", "Cnv_z", "D2d_x", "D2d_y", "D2d_z"]
)
def test_fields_and_energies_are_those_of_oommf(crystal_class):
    reference = np.load(DATA / "dmi.npz")
    problem = Problem(
        cells=reference["m"].shape[:3],
        cell_m=tuple(reference["cell"]),
        Ms=reference["Ms"].reshape(-1),
        D=float(reference["D"]),
        crystal_class=crystal_class,
        demag=False,
    )
    material = problem.Ms > 0
    m = np.moveaxis(reference["m"], -1, 0).reshape(3, -1) * material
    expected = np.moveaxis(reference[f"H_{crystal_class}"], -1, 0).reshape(3, -1)
    found = fields_A_per_m(problem, m)["dmi"]
    largest = np.abs(expected).max()
    np.testing.assert_allclose(found[:, material], expected[:, material], atol=1e-9 * largest)
    energy_J = float(reference[f"E_{crystal_class}"])
    assert energies_J(problem, m)["dmi"] == pytest.approx(energy_J, rel=1e-9, abs=0)


def test_names_that_ubermag_gave_up_mean_what_they_meant():
    assert CLASSES["Cnv"] is CLASSES["Cnv_z"]
    assert CLASSES["D2d"] is CLASSES["D2d_z"]
    assert CLASSES["O"] is CLASSES["T"]


@pytest.mark.parametrize("axis", [0, 1])
def test_m_bends_at_an_edge_as_the_boundary_condition_says(axis):
    # dm/dn = D / 2A at the edge, and the first integral of the uniform film behind it,
    # theta' = -sin(theta) / delta, give sin(theta) = delta D / 2A there (Rohart and Thiaville,
    # Eq. 13), and tan(theta / 2) falls off as exp(-x / delta).
    A, K, D, cell_m, n = 1.3e-11, 9.8e4, 0.5e-3, 1e-9, 150
    cells = (n, 1, 1) if axis == 0 else (1, n, 1)
    problem = Problem(cells, (cell_m,) * 3, np.full(n, 8e5), A=A, K=K, D=D, alpha=1.0, demag=False)
    state, equation = state_of(problem, np.float64), equation_of(problem, 1e-14, np.float64)
    state.m[:] = np.array([[0.0], [0.0], [1.0]])[..., None]
    advance(state, equation, 25_000)
    m = state.m[..., 0]
    delta_m = np.sqrt(A / K)
    edge = np.tan(np.arcsin(delta_m * D / (2 * A)) / 2)
    theta = 2 * np.arctan(edge * np.exp(-(np.arange(5) + 0.5) * cell_m / delta_m))
    # With D > 0 m leans outwards where it points up: D (m.grad mz - mz div m) falls so. Cells of a
    # twelfth of delta leave 1 %.
    np.testing.assert_allclose(m[axis, -1:-6:-1], np.sin(theta), rtol=0.015)
    np.testing.assert_allclose(m[axis, :5], -np.sin(theta), rtol=0.015)
    assert np.abs(m[1 - axis]).max() < 1e-3


def test_pairs_of_spins_have_boltzmanns_mean_energy():
    # Pairs of cells without exchange, apart from one another: E = c y.(m1 x m2), so that with
    # k = c / kB T the partition function is the integral of sinh(k s) / (k s), s = sqrt(1 - y^2).
    pairs, D, T, cell_m = 150, 2e-3, 300.0, 2e-9
    Ms = np.full(3 * pairs, 8e5)
    Ms[2::3] = 0
    problem = Problem(
        (3 * pairs, 1, 1),
        (cell_m,) * 3,
        Ms,
        D=D,
        alpha=0.5,
        temperature_K=T,
        demag=False,
    )
    k = D * cell_m**2 / (BOLTZMANN_J_PER_K * T)
    s = lambda y: np.sqrt(1 - y**2)  # noqa: E731
    partition = integrate.quad(lambda y: np.sinh(k * s(y)) / (k * s(y)), 0, 1)[0]
    slope = integrate.quad(
        lambda y: np.cosh(k * s(y)) / k - np.sinh(k * s(y)) / (k**2 * s(y)), 0, 1
    )[0]
    expected = -slope / partition
    state, equation = state_of(problem, np.float64), equation_of(problem, 1e-13, np.float64)
    state.m[0] = (Ms > 0)[:, None]
    state.key[:] = np.stack([trial_key(3, lane) for lane in range(LANES)], axis=1)
    advance(state, equation, 1000)
    means = []
    for _ in range(40):
        advance(state, equation, 100)
        energies = [energies_J(problem, state.m[..., lane])["dmi"] for lane in (0, 5, 10, 15)]
        means.append(np.mean(energies) / (pairs * BOLTZMANN_J_PER_K * T * k))
    assert k > 1  # far from both limits
    # 24 000 pairs, at most as independent as they look: 0.36 / sqrt(24 000) = 0.0023 each; four
    # standard errors of the means of the 40 times, correlated or not, stay below 0.02.
    assert np.mean(means) == pytest.approx(expected, abs=0.02)
