"""Paths of least energy and their barriers, against closed forms and a numerical landscape."""

import json

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from typer.testing import CliRunner

from dwsynapse.io.contracts import BARRIERS
from dwsynapse.io.errors import InputError
from dwsynapse.study.reading import block_text
from micromag.barriers import notch_barriers
from micromag.barriers.kept_barriers import KeptBarriers
from micromag.barriers.minimum_energy_path import minimum_energy_path
from micromag.barriers.notch_barriers import PinnedWire, barriers
from micromag.cli import app
from micromag.engine.constants import MU0
from micromag.engine.fields_and_energies import Fields, energies_J
from micromag.engine.problem import Problem
from tests.micromag.tiny_wire import TINY

MS, K, EDGE_M = 8e5, 4e4, 1e-8
H_K = 2 * K / (MU0 * MS)
KV = K * EDGE_M**3


def macrospin(h, angle):
    """Return one moment, easy along x, in a field h H_K at an angle from -x in the plane."""
    field = h * H_K * np.array([-np.cos(angle), np.sin(angle), 0])
    return Problem(
        cells=(1, 1, 1),
        cell_m=(EDGE_M,) * 3,
        Ms=np.array([MS]),
        K=K,
        axis=(1.0, 0.0, 0.0),
        H=field,
        demag=False,
    )


def directions(angles):
    """Return unit vectors in the plane, shape (angles, 3, 1)."""
    angles = np.asarray(angles)
    return np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1)[..., None]


@pytest.mark.parametrize("h", [0.0, 0.2, 0.5, 0.8])
def test_a_moment_against_the_field_has_stoner_and_wohlfarths_barrier(h):
    """K V (1 - h)^2, to the square of the angle that the torque left can leave."""
    start, via, end = directions([0.0, 1.5, np.pi])
    path = minimum_energy_path(macrospin(h, 0.0), start, end, via=via[None], converged_A_per_m=1)
    assert path.barrier_J == pytest.approx(KV * (1 - h) ** 2, rel=1e-6, abs=0)
    assert path.m[path.saddle, 0, 0] == pytest.approx(h, abs=1e-3)
    np.testing.assert_allclose(np.linalg.norm(path.m, axis=1), 1, atol=1e-12)


@pytest.mark.parametrize(("h", "angle"), [(0.1, 0.3), (0.3, 0.8), (0.4, 1.2)])
def test_a_moment_in_an_oblique_field(h, angle):
    """Against the landscape in the plane of axis and field, through which the lowest path goes."""

    def energy_J(turned):
        return KV * (np.sin(turned) ** 2 + 2 * h * np.cos(turned + angle))

    def extremum(sign, low, high):
        options = {"xatol": 1e-10}
        found = minimize_scalar(
            lambda t: sign * energy_J(t) / KV, bounds=(low, high), method="bounded", options=options
        )
        return found.x

    # By hand from coarse plots: a minimum near 0, the ridge near 90 degrees, a minimum near 180.
    start, ridge, end = extremum(1, -0.6, 0.6), extremum(-1, 0.6, 2.2), extremum(1, 2.2, 3.8)
    # The guess leaves the plane: the path must come back to it.
    side = np.array([[np.cos(1.5), np.sin(1.5) * 0.8, np.sin(1.5) * 0.6]])[..., None]
    path = minimum_energy_path(
        macrospin(h, angle), *directions([start, end]), via=side, converged_A_per_m=1
    )
    assert path.barrier_J == pytest.approx(energy_J(ridge) - energy_J(start), rel=1e-6, abs=0)
    assert abs(path.m[:, 2]).max() < 1e-3


def test_without_climbing_the_barrier_is_that_of_the_highest_image():
    """Of 16 images on half a turn the highest is within 6 degrees of the saddle: 1 % at most."""
    start, via, end = directions([0.0, 1.5, np.pi])
    path = minimum_energy_path(macrospin(0.2, 0.0), start, end, via=via[None], climbing=False)
    assert path.barrier_J < KV * 0.64
    assert path.barrier_J == pytest.approx(KV * 0.64, rel=0.02, abs=0)
    np.testing.assert_allclose(np.diff(path.lengths), np.pi / 15, rtol=1e-3)


def test_paths_that_cannot_be_found_say_why():
    start, via, end = directions([0.0, 1.5, np.pi])
    with pytest.raises(InputError, match="half a turn"):
        minimum_energy_path(macrospin(0.2, 0.0), start, end)
    with pytest.raises(InputError, match=r"did not converge: after 3 steps a torque of"):
        minimum_energy_path(macrospin(0.2, 0.0), start, end, via=via[None], most_steps=3)
    with pytest.raises(InputError, match=r"no ridge .* highest at the end"):
        minimum_energy_path(macrospin(0.0, 0.0), start, via)


def test_fields_and_energies_of_many_states_are_those_of_each():
    """More states than the engine has lanes, with terms of second and fourth order."""
    rng = np.random.default_rng(4)
    problem = Problem(
        cells=(3, 2, 1),
        cell_m=(5e-9,) * 3,
        Ms=np.array([0.0, *rng.uniform(4e5, 8e5, 5)]),
        A=1e-11,
        K=1e4,
        K2=2e4,
        cubic_K=-3e4,
        H=rng.normal(scale=1e5, size=3),
    )
    m = rng.normal(size=(19, 3, 6)) * (problem.Ms > 0)
    m /= np.linalg.norm(m, axis=1, keepdims=True).clip(1e-9)
    H, energy_J = Fields(problem).of_states(m)
    for i in (0, 15, 16, 18):
        np.testing.assert_allclose(H[i], Fields(problem).total_A_per_m(m[i]), rtol=1e-12)
        assert energy_J[i] == pytest.approx(
            sum(energies_J(problem, m[i]).values()), rel=1e-12, abs=0
        )


@pytest.fixture(scope="module")
def tiny_barriers(tmp_path_factory):
    """Return the tiny wire's barriers at three fields: as computed, and as the command writes."""
    return list(barriers(TINY, [14.0, 10.0], beyond_nm=70, n_images=8))


def test_a_walls_barrier_falls_with_the_field(tiny_barriers):
    low, high = tiny_barriers
    assert (low.field_mT, high.field_mT) == (10.0, 14.0)
    assert low.barrier_J > high.barrier_J > 0
    for barrier in tiny_barriers:
        # The wall goes from the notch, at 160 nm, over one ridge to the other side of it.
        assert (np.diff(barrier.positions_nm) > 0).all()
        assert barrier.positions_nm[0] == pytest.approx(165, abs=10)
        assert barrier.positions_nm[-1] > 210
        climb = np.diff(barrier.energies_J)
        assert (climb[: barrier.saddle] > 0).all()
        assert (climb[barrier.saddle :] < 0).all()
    assert low.positions_nm[0] < high.positions_nm[0]


def test_the_slope_of_the_barrier_is_the_way_from_the_wall_to_the_saddle(tiny_barriers):
    """dE/dB = -2 Ms V_per_length (x_saddle - x_pinned): both ends of the barrier are stationary.

    By trapezoid between two fields; what the curve bends by in between is within 10 %.
    """
    low, high = tiny_barriers
    area_m2 = 40e-9 * 5e-9
    way_m = [(b.positions_nm[b.saddle] - b.positions_nm[0]) * 1e-9 for b in tiny_barriers]
    slope = (high.barrier_J - low.barrier_J) / 4e-3
    assert slope == pytest.approx(-2 * 8e5 * area_m2 * np.mean(way_m), rel=0.1, abs=0)


@pytest.fixture
def config(tmp_path):
    """Return a file with the tiny wire's block."""
    (tmp_path / "device.yaml").write_text(block_text(TINY))
    return tmp_path / "device.yaml"


def called(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)), catch_exceptions=False)


def test_the_command_writes_barriers_and_their_figure(config, tiny_barriers):
    out = config.with_name("barriers.csv")
    # 14 mT has a barrier; at 30 mT no wall stays at the notch.
    options = ("--field-mT", "30,14", "--beyond-nm", 70, "--path-images", 8)
    done = called("barriers", "--config", config, "--out", out, *options)
    assert done.exit_code == 0
    # No terminal reads it: the bar at its beginning and at its end.
    assert done.stderr.count("\r") <= 3
    table = BARRIERS.read(out)
    assert table["field_mT"].tolist() == [14, 30]
    # Followed from another field, the wall comes to rest within the torque that may be left.
    assert table["barrier_J"][0] == pytest.approx(tiny_barriers[1].barrier_J, rel=1e-3, abs=0)
    assert table["barrier_J"][1] == 0
    assert table["pinned_position_nm"].isna().tolist() == [False, True]
    assert "field (mT)" in out.with_suffix(".svg").read_text()
    with pytest.raises(InputError, match="--field-mT: 'low' is not a number from 0 to"):
        called("barriers", "--config", config, "--out", out, "--fields", "14,low")


def test_the_command_prints_the_static_depinning_field(config):
    done = called("depinning", "--config", config, "--resolution-mT", 1)
    found = json.loads(done.output)
    assert found["resolution_mT"] == 1
    # The field is too high by at most the resolution.
    assert PinnedWire(TINY).pinned(found["depinning_field_mT"] - 1.01) is not None
    (barrier,) = barriers(TINY, [found["depinning_field_mT"] + 1])
    assert barrier.barrier_J == 0
    assert barrier.pinned is None


LIGHT = ("--beyond-nm", 70, "--path-images", 8)


@pytest.mark.parametrize("fails", [InputError("it does not converge"), KeyboardInterrupt()])
def test_fields_that_were_finished_before_one_failed_are_not_computed_again(
    config, monkeypatch, capsys, fails
):
    """The rerun has the bytes of a run without a failure, and computes the last field alone."""
    whole, out = config.with_name("whole.csv"), config.with_name("barriers.csv")
    called("barriers", "--config", config, "--out", whole, "--field-mT", "14,15,16", *LIGHT)
    searched, search = [], notch_barriers.minimum_energy_path

    def failing(problem, *args, **options):
        searched.append(round(problem.H[0, 0] * MU0 * 1e3, 3))
        if len(searched) == 3:
            raise fails
        return search(problem, *args, **options)

    monkeypatch.setattr(notch_barriers, "minimum_energy_path", failing)
    command = ["barriers", "--config", config, "--out", out, "--field-mT", "14,15,16", *LIGHT]
    with pytest.raises((InputError, KeyboardInterrupt, SystemExit)):
        raise called(*command).exception
    assert called(*command).exit_code == 0
    assert searched == [14, 15, 16, 16]
    assert out.read_bytes() == whole.read_bytes()
    assert [path.name for path in config.parent.glob("*.done.*")] == []


def test_kept_barriers_are_those_of_the_same_lower_fields(tiny_barriers):
    """A wall is followed through them: behind a field that is left out, all is computed."""
    low, high = tiny_barriers
    taken = list(barriers(TINY, [10.0], beyond_nm=70, n_images=8, kept=[low, high]))
    assert taken == [low]
    (computed,) = barriers(TINY, [14.0], beyond_nm=70, n_images=8, kept=[low, high])
    assert computed is not high


def test_kept_barriers_that_are_damaged_or_of_other_options_are_put_aside(
    tiny_barriers, tmp_path, capsys
):
    out, origin = tmp_path / "barriers.csv", {"code": "a", "code_version": "1"}
    kept = KeptBarriers(out, origin, beyond_nm=70)
    for barrier in tiny_barriers:
        kept.add(barrier)
    again = KeptBarriers(out, {**origin, "code_version": "2"}, beyond_nm=70).read()
    assert [barrier.barrier_J for barrier in again] == [b.barrier_J for b in tiny_barriers]
    assert KeptBarriers(out, origin, beyond_nm=71).read() == []
    assert "kept as barriers.done.npz.other" in capsys.readouterr().err
    out.with_suffix(".done.npz").write_bytes(b"PK")
    assert KeptBarriers(out, origin, beyond_nm=70).read() == []
    assert "damaged" in capsys.readouterr().err


def test_a_path_that_is_not_found_says_at_which_field_and_which_option_helps(config):
    # 20 nm behind the notch the energy still rises.
    command = ["barriers", "--config", config, "--out", config.with_name("b.csv")]
    with pytest.raises(InputError, match=r"at 10 mT: no ridge .*--beyond-nm"):
        raise called(*command, "--field-mT", 10, "--beyond-nm", 6).exception
