"""Geometry, walls and ends of the declared wire: against closed forms and other computations."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dwsynapse.io.errors import InputError
from dwsynapse.study import Material, Notch, Protocol, SimulatedDevice, Wall, Wire, read_block
from dwsynapse.study.reading import block_text
from micromag import wire_figure
from micromag.engine.fields_and_energies import fields_A_per_m
from micromag.engine.problem import Problem
from micromag.engine.thermal_noise import trial_key, wire_words
from micromag.sample.continued_ends import continuation_field_A_per_m
from micromag.sample.wall import initial_wall, variant_of, vortices
from micromag.sample.wire import cell_centres_nm, declare, in_notch, material_shares
from micromag.trials.locator import Locator
from micromag.trials.lockstep.scheduler import run_trials
from micromag.trials.referee import Trial
from micromag.trials.relaxed_walls import read_walls, relaxed_walls, write_walls
from micromag.trials.wall_relaxation import relax
from tests.micromag.tiny_wire import assert_refused_in_one_line

# A wire wide and thick enough for vortex walls, in few cells.
VORTEX = SimulatedDevice(
    wire=Wire(
        length_nm=1000,
        width_nm=200,
        thickness_nm=25,
        cell_nm=(6.25, 6.25, 25),
        ends="continued",
        notch=Notch(centre_nm=650, opening_nm=75),
    ),
    wall=Wall(kind="vortex", chirality="drawn", polarity="drawn"),
    protocol=Protocol(release_distance_nm=250, passed_beyond_nm=120, notch_zone_nm=100),
)


def notched(**notch):
    """Return the empty cells of a 400 nm wide wire with 2 nm cells."""
    wire = Wire(
        length_nm=1600,
        width_nm=400,
        cell_nm=(2, 2, 5),
        notch=Notch(centre_nm=800, opening_nm=120, **notch),
    )
    return in_notch(*cell_centres_nm(wire), wire.notch, wire.width_nm)


@pytest.mark.parametrize("edges", ["both", "top", "bottom"])
@pytest.mark.parametrize(
    ("shape", "share"), [("V", 1 / 2), ("rectangle", 1.0), ("half-circle", np.pi / 4)]
)
def test_notches_have_the_area_of_their_shape(shape, share, edges):
    empty = notched(shape=shape, edges=edges, covered_fraction=0.6)
    # 120 nm along the edge times 60 % of 400 nm, whichever edges it is shared by.
    assert 4 * empty.sum() == pytest.approx(share * 120 * 240, rel=0.01)
    assert 2 * empty.sum(axis=1).max() == pytest.approx(240, abs=4)
    assert 2 * empty.any(axis=1).sum() == pytest.approx(120, abs=4)


def test_notches_are_on_the_edges_they_should():
    both, top, bottom = (notched(edges=edges) for edges in ("both", "top", "bottom"))
    np.testing.assert_array_equal(both, both[:, ::-1])
    np.testing.assert_array_equal(top, bottom[:, ::-1])
    assert bottom[:, 0].any()
    assert not bottom[:, -1].any()


@pytest.mark.parametrize("fraction", [0.52, 0.6, 0.68])
def test_smooth_edges_take_what_is_drawn_of_each_cell(fraction):
    """To the points that a cell is divided into, but for cells with less than a tenth left."""
    wire = Wire(smooth_edges=True, notch=Notch(covered_fraction=fraction))
    device = SimulatedDevice(wire=wire)
    shares = material_shares(device)
    assert 25 * (1 - shares).sum() == pytest.approx(0.5 * 48 * fraction * 80, rel=0.03)
    assert (((shares > 0) & (shares < 1)).sum() > 8) & (shares[shares > 0].min() >= 0.1)
    problem = Problem.of(declare(device))
    Ms = problem.Ms.reshape(problem.cells)[..., 0]
    np.testing.assert_allclose(Ms / Ms.max(), shares, atol=1e-12)


def test_the_quick_wire_keeps_its_cells():
    """The V notches of the first version, row by row from the edge inwards."""
    empty = ~material_shares(SimulatedDevice()).astype(bool)
    assert list(empty.sum(axis=0)) == [8, 6, 4, 2, 0, 0, 0, 0, 0, 0, 0, 0, 2, 4, 6, 8]


@pytest.mark.parametrize(
    ("block", "key", "says"),
    [
        ("wire: {notch: {shape: star}}", "wire.notch.shape", "'V', 'rectangle' or 'half-circle'"),
        ("wire: {notch: {edges: left}}", "wire.notch.edges", "'both', 'top' or 'bottom'"),
        ("wire: {notch: {shape: rectangle, opening_nm: 4}}", "wire", "smaller than a cell"),
        ("wire: {notch: {shape: rectangle, covered_fraction: 0.05}}", "wire", "would vanish"),
        ("wire: {notch: {shape: half-circle, opening_nm: 5}}", "wire", "raise notch.opening_nm"),
        ("wire: {notch: {edges: top, covered_fraction: 0.9}}", "wire", "less than two cells"),
        ("wire: {thickness_nm: 12}", "wire", "do not tile thickness_nm = 12"),
        ("wire: {ends: open}", "wire.ends", "'free' or 'continued'"),
        ("wall: {kind: vortex}", "wall", "set wall.chirality and wall.polarity"),
        ("wall: {chirality: clockwise}", "wall", "up or down or drawn"),
        ("wall: {polarity: up}", "wall", "the polarity none"),
        ("material: {preset: iron}", "material.preset", "'permalloy' or 'cofeb'"),
        ("material: {gilbert_damping: 0}", "material.gilbert_damping", "at least 1e-06"),
    ],
)
def test_bad_geometry_is_reported_in_one_line(tmp_path, block, key, says):
    assert_refused_in_one_line(tmp_path, block, key, says)


def test_presets_and_what_replaces_their_numbers():
    assert Material().numbers[:3] == (8e5, 1.3e-11, 0.02)
    cofeb = Material(preset="cofeb", gilbert_damping=0.01).numbers
    assert cofeb[:3] == (1.25e6, 1.5e-11, 0.01)
    assert "doi.org" in cofeb.citation
    problem = Problem.of(declare(SimulatedDevice(material=Material(preset="cofeb"))))
    assert problem.Ms.max() == pytest.approx(1.25e6)
    np.testing.assert_allclose(problem.A, 1.5e-11)
    np.testing.assert_allclose(problem.alpha, 0.004)


def rectangle_field_A_per_m(points_nm, edges_y_nm, edges_z_nm, sigma):
    """Return H_x at points of a uniformly charged rectangle at x = 0: its solid angle."""
    x, y, z = points_nm
    total = 0.0
    for (i, b), (j, c) in itertools.product(enumerate(edges_y_nm), enumerate(edges_z_nm)):
        u, v = b - y, c - z
        total += (-1) ** (i + j) * np.arctan2(u * v, x * np.sqrt(x**2 + u**2 + v**2))
    return sigma / (4 * np.pi) * total


def test_continued_ends_are_charged_rectangles_averaged_over_cells():
    cells, cell_nm = (5, 4, 2), (6.0, 5.0, 8.0)
    field = continuation_field_A_per_m(cells, tuple(1e-9 * d for d in cell_nm), 8e5)
    nodes, weights = np.polynomial.legendre.leggauss(12)
    axes = [
        (np.arange(n)[:, None] + (1 + nodes) / 2) * d for n, d in zip(cells, cell_nm, strict=True)
    ]
    x, y, z = np.meshgrid(*(axis.reshape(-1) for axis in axes), indexing="ij")
    expected = rectangle_field_A_per_m((x, y, z), (0, 20), (0, 16), 8e5)
    expected -= rectangle_field_A_per_m((30 - x, y, z), (0, 20), (0, 16), 8e5)
    expected = expected.reshape(5, 12, 4, 12, 2, 12)
    mean = np.einsum("aibjck,i,j,k->abc", expected, weights, weights, weights) / 8
    np.testing.assert_allclose(field[0], mean, atol=2e-5 * 8e5)
    # No charge lies inside, so the flux out of the grid's sides is what enters at its ends; the
    # field across vanishes on the axis and points away from it, as from two positive charges.
    np.testing.assert_allclose(field[1], -field[1, :, ::-1], atol=1e-6)
    assert (field[1, :, -1] > 0).all()


def test_continued_ends_cancel_the_charges_of_uniform_halves():
    """Far from the wall a continued wire is like the middle of an endless one: hardly any field."""
    ends = {}
    for kind in ("free", "continued"):
        device = SimulatedDevice(wire=Wire(ends=kind))
        problem = Problem.of(declare(device))
        x = np.repeat(np.arange(128), 16)
        m = np.stack([np.where(x < 64, 1.0, -1.0), 0 * x, 0 * x])
        fields = fields_A_per_m(problem, m)
        ends[kind] = (fields["demag"] + fields["zeeman"])[0].reshape(128, 16)[0].mean() / 8e5
    assert ends["free"] < -0.2
    assert abs(ends["continued"]) < 0.01


def straight(device):
    """Return a wire without its notch, as numbers."""
    problem = Problem.of(declare(device))
    return Problem(**{**vars(problem), "Ms": np.full_like(problem.Ms, problem.Ms.max())})


def test_a_wall_stays_where_it_is_in_a_continued_wire_only():
    """Off the middle; in 0.5 ns, at a damping of 0.5, it drifts 0.02 nm, with free ends over 10."""
    drift_nm = {}
    for ends in ("free", "continued"):
        wire = VORTEX.wire.model_copy(update={"ends": ends})
        problem = straight(VORTEX.model_copy(update={"wire": wire}))
        x_nm, y_nm = cell_centres_nm(wire)
        start = initial_wall("vortex", "clockwise", "up", x_nm - 375, y_nm, 200)
        m = np.moveaxis(start, -1, 0).reshape(3, -1)
        m = relax(problem, relax(problem, m))
        drift_nm[ends] = Locator(problem).position_nm(m[..., None])[0] - 375
    assert drift_nm["free"] < -5
    assert abs(drift_nm["continued"]) < 1


@pytest.fixture(scope="module")
def vortex_walls():
    """Return the four variants of a vortex wall, relaxed, and their positions."""
    return relaxed_walls(VORTEX)


def test_vortex_walls_relax_to_what_was_asked(vortex_walls):
    walls, positions_nm = vortex_walls
    assert len(set(VORTEX.wall.variants)) == 4
    # The notch, 250 nm away, draws them 11 nm in this time.
    np.testing.assert_allclose(positions_nm, 400, atol=20)
    for wall, variant in zip(walls, VORTEX.wall.variants, strict=True):
        (vortex,) = vortices(wall.reshape(3, 160, 32), VORTEX.wire.cell_nm)
        assert vortex[2:] == variant
        assert vortex.x_nm == pytest.approx(400, abs=40)
        assert vortex.y_nm == pytest.approx(100, abs=40)


def test_variants_relaxed_together_are_those_relaxed_alone(vortex_walls):
    system = declare(VORTEX, variant=2)
    problem = Problem.of(system)
    alone = relax(problem, problem.unit_vectors(system.m))
    np.testing.assert_array_equal(alone, vortex_walls[0][2])


def test_walls_survive_their_file(tmp_path, vortex_walls):
    problem = Problem.of(declare(VORTEX))
    write_walls(tmp_path / "wall.omf", VORTEX, vortex_walls[0])
    back = read_walls(tmp_path / "wall.omf", VORTEX, problem)
    np.testing.assert_allclose(back, vortex_walls[0], atol=1e-7)
    fixed = VORTEX.model_copy(
        update={"wall": Wall(kind="vortex", chirality="clockwise", polarity="up")}
    )
    with pytest.raises(InputError, match=r"12 components where the config has 3"):
        read_walls(tmp_path / "wall.omf", fixed, problem)


def test_vortices_are_counted_and_transverse_walls_have_none():
    x, y = np.meshgrid(np.arange(16.0) - 7.5, np.arange(12.0) - 5.5, indexing="ij")
    vortex = np.stack([-y, x, np.full_like(x, -1)])
    assert [v[2:] for v in vortices(vortex, (2, 2, 2))] == [("counterclockwise", "down")]
    antivortex = np.stack([-y, -x, np.zeros_like(x)])
    assert vortices(antivortex, (2, 2, 2)) == []
    wall = initial_wall("transverse", "down", "none", np.arange(-50.0, 50, 2), np.arange(40), 40)
    assert vortices(np.moveaxis(wall, -1, 0), (2, 2, 2)) == []
    assert wall[25, 20, 1] == pytest.approx(-1)


def test_a_vortex_wall_that_is_not_stable_is_reported():
    narrow = SimulatedDevice(
        wire=Wire(width_nm=20, notch=Notch(covered_fraction=0.5, opening_nm=40)),
        wall=Wall(kind="vortex", chirality="clockwise", polarity="up"),
    )
    with pytest.raises(InputError, match=r"wall.kind: a vortex wall .* relaxed to a wall with no"):
        relaxed_walls(narrow)


def test_variants_are_drawn_evenly_and_apart_from_the_noise():
    """4000 draws of 4: chi-squared of the counts; a false alarm in 1000 for another seed."""
    draws = np.array([variant_of(VORTEX.wall, 5, replica) for replica in range(4000)])
    assert stats.chisquare(np.bincount(draws, minlength=4)).pvalue > 1e-3
    words = np.array([trial_key(5, replica)[0] % 4 for replica in range(4000)])
    table = np.histogram2d(draws, words, bins=4)[0]
    assert stats.chi2_contingency(table).pvalue > 1e-3
    assert draws[7] == variant_of(VORTEX.wall, 5, 7)
    assert {variant_of(Wall(), 5, replica) for replica in range(9)} == {0}


def test_trials_start_from_their_own_variant():
    """A wall that is drawn starts where its variant was put, whatever lane it runs in."""
    device = SimulatedDevice(wall=Wall(chirality="drawn"))
    problem = Problem.of(declare(device))
    # Stand-ins for the two variants that are decided at once: behind the notch, and before it.
    x = np.repeat((np.arange(128) + 0.5) * 5, 16)
    walls = np.stack(
        [np.stack([np.where(x < place, 1.0, -1.0), 0 * x, 0 * x]) for place in (450.0, 160.0)]
    )
    results = []
    trials = [Trial(0.0, replica) for replica in range(6)]
    short = device.model_copy(
        update={"protocol": device.protocol.model_copy(update={"window_ns": 0.004})}
    )
    run_trials(short, problem, walls, trials, seed=1, on_result=results.append)
    for result in results:
        words = wire_words(device)
        passed = variant_of(device.wall, 1, result.trial.replica, *words) == 0
        assert result.verdict.outcome == ("passed" if passed else "undecided")


def test_a_config_with_every_option_survives_its_file(tmp_path):
    (tmp_path / "d.yaml").write_text(block_text(VORTEX))
    assert read_block(tmp_path / "d.yaml", SimulatedDevice) == VORTEX


def test_figure_of_a_wide_wire(tmp_path, vortex_walls):
    table = pd.DataFrame(
        {
            "field_mT": [30.0, 30.0],
            "replica": [0, 1],
            "seed": [3, 3],
            "outcome": ["passed", "undecided"],
            "decided_at_ns": [0.02, 0.02],
        }
    )
    problem = Problem.of(declare(VORTEX))
    wire_figure.draw(tmp_path / "wire.svg", VORTEX, problem, vortex_walls[0], table)
    assert "2 simulated trials at 30 mT" in (tmp_path / "wire.svg").read_text()
