"""Rough edges and grains: their statistics, and that a seed fixes them."""

import numpy as np
import pytest
from scipy import stats

from dwsynapse.io.errors import InputError
from dwsynapse.study import Disorder, Grains, Notch, Roughness, SimulatedDevice, Wire
from micromag.engine.problem import Problem
from micromag.sample.disorder import edge_displacements_nm, grain_map, within_edges
from micromag.sample.wire import declare, material_shares
from tests.micromag.tiny_wire import assert_refused_in_one_line

ROUGH = Roughness(sd_nm=3.0, correlation_nm=20.0)
GRAINY = Grains(
    size_nm=20.0, saturation_sd=0.2, anisotropy_J_per_m3=5e3, anisotropy_sd=0.1, axes="any"
)


def disordered(**disorder):
    return SimulatedDevice(disorder=Disorder(**disorder))


def test_edges_are_a_gaussian_process():
    """Points five correlation lengths apart are independent, and so are the two edges.

    400 points of each edge: Kolmogorov-Smirnov against the normal distribution, a false alarm in
    1000 for another seed; correlations of 800 pairs within 4 standard errors (1 in 15 000 each).
    """
    x_nm = np.arange(400) * 100.0
    d = edge_displacements_nm(ROUGH, 1, x_nm)
    assert stats.kstest(d.reshape(-1) / 3.0, "norm").pvalue > 1e-3
    near = edge_displacements_nm(ROUGH, 1, x_nm + 10.0)
    rho = np.mean(d * near) / 9
    assert rho == pytest.approx(np.exp(-((10 / 20) ** 2)), abs=4 / np.sqrt(800))
    assert np.mean(d[0] * d[1]) / 9 == pytest.approx(0, abs=4 / np.sqrt(400))


def test_a_seed_fixes_the_edges_for_any_cells_and_length():
    x_nm = np.arange(0.0, 640, 5)
    d = edge_displacements_nm(ROUGH, 7, x_nm)
    np.testing.assert_allclose(
        edge_displacements_nm(ROUGH, 7, np.arange(0, 800, 2.5))[:, :256:2], d
    )
    assert not np.allclose(edge_displacements_nm(ROUGH, 8, x_nm), d)


def test_rough_edges_take_cells_and_smooth_ones_none():
    x_nm, y_nm = np.arange(0.5, 2000), np.arange(0.5, 80)
    assert within_edges(Roughness(), 0, x_nm, y_nm, 80).all()
    inside = within_edges(ROUGH, 0, x_nm, y_nm, 80)
    bottom_nm, top_nm = edge_displacements_nm(ROUGH, 0, x_nm)
    lost_nm = (~inside).sum(axis=1)
    np.testing.assert_allclose(lost_nm, bottom_nm.clip(0) + top_nm.clip(0), atol=1)
    quick = material_shares(disordered(roughness=ROUGH))
    assert quick.sum() < material_shares(SimulatedDevice()).sum()


def test_edges_that_cut_the_wire_are_reported():
    with pytest.raises(InputError, match=r"disorder.roughness.sd_nm: .* cut the wire at x = "):
        declare(disordered(roughness=Roughness(sd_nm=30)))


def test_grains_have_the_size_and_the_spreads_they_should():
    """About 2500 grains inside a square of 1 um.

    Their number is Poisson's, and means and spreads are within 4 standard errors (a false alarm in
    15 000 each).
    """
    x_nm = np.arange(1.0, 1000, 2)
    grains = grain_map(GRAINY, 5, x_nm, x_nm)
    n = len(np.unique(grains.grain))
    # Grains cut by the sides are counted, too: about one per 20 nm of perimeter, half of each out.
    assert n == pytest.approx(2500 + 0.5 * 200, abs=4 * np.sqrt(2600) + 100)
    many = len(grains.saturation)
    assert grains.saturation.min() > 0
    assert grains.saturation.mean() == pytest.approx(1, abs=4 * 0.2 / np.sqrt(many))
    assert grains.saturation.std() == pytest.approx(0.2, rel=4 * 1.1 / np.sqrt(2 * many))
    assert grains.anisotropy.std() == pytest.approx(0.1, rel=4 * 1.1 / np.sqrt(2 * many))
    # Uniform on the sphere: every component is uniform between -1 and 1 (Archimedes).
    for component in grains.axis.T:
        assert stats.kstest(component, "uniform", args=(-1, 2)).pvalue > 1e-3
    flat = grain_map(GRAINY.model_copy(update={"axes": "in-plane"}), 5, x_nm, x_nm)
    assert not flat.axis[:, 2].any()
    np.testing.assert_array_equal(flat.grain, grains.grain)


def test_grain_boundaries_are_as_long_as_those_of_random_voronoi_cells():
    """A line meets 4 / (pi size) boundaries per length (Moller 1989), two in 2 nm hardly ever.

    Their length in 2500 grains varies by about 1 %; 6 % is allowed.
    """
    x_nm = np.arange(1.0, 1000, 2)
    grain = grain_map(GRAINY, 2, x_nm, x_nm).grain
    for crossed in (grain[1:] != grain[:-1], grain[:, 1:] != grain[:, :-1]):
        assert crossed.mean() == pytest.approx(2 * 4 / (np.pi * 20), rel=0.06)


def test_the_declared_wire_has_its_grains():
    device = disordered(seed=4, grains=GRAINY)
    problem = Problem.of(declare(device))
    K, index = np.unique(problem.K[problem.Ms > 0], return_inverse=True)
    # 128 grains of 20 nm on 640 x 80 nm, and some 30 more that its edges cut.
    assert 100 < len(K) < 220
    for grain in range(len(K)):
        Ms = problem.Ms[problem.Ms > 0][index == grain]
        np.testing.assert_allclose(Ms, Ms[0])
    assert problem.K.mean() == pytest.approx(5e3, rel=0.1)
    np.testing.assert_allclose(np.linalg.norm(problem.axis, axis=0), 1)
    again = Problem.of(declare(device))
    np.testing.assert_array_equal(again.Ms, problem.Ms)
    other = Problem.of(declare(disordered(seed=5, grains=GRAINY)))
    assert not np.array_equal(other.Ms, problem.Ms)


def test_layers_share_their_grains_and_edges():
    wire = Wire(thickness_nm=10, notch=Notch())
    device = SimulatedDevice(wire=wire, disorder=Disorder(roughness=ROUGH, grains=GRAINY))
    Ms = Problem.of(declare(device)).Ms.reshape(128, 16, 2)
    np.testing.assert_array_equal(Ms[..., 0], Ms[..., 1])


def test_without_disorder_the_wire_is_uniform():
    problem = Problem.of(declare(SimulatedDevice()))
    np.testing.assert_allclose(problem.Ms[problem.Ms > 0], 8e5)
    assert not problem.K.any()


@pytest.mark.parametrize(
    ("block", "key", "says"),
    [
        ("disorder: {roughness: {sd_nm: -1}}", "disorder.roughness.sd_nm", "at least 0"),
        ("disorder: {grains: {saturation_sd: 0.5}}", "disorder.grains.saturation_sd", "less than"),
        ("disorder: {grains: {axes: up}}", "disorder.grains.axes", "'in-plane' or 'any'"),
        (
            "material: {anisotropy_J_per_m3: 1}\ndisorder: {grains: {anisotropy_J_per_m3: 1}}",
            "",
            "set material.anisotropy_J_per_m3 or disorder.grains.anisotropy_J_per_m3 to 0",
        ),
    ],
)
def test_bad_disorder_is_reported_in_one_line(tmp_path, block, key, says):
    assert_refused_in_one_line(tmp_path, block, key, says)
