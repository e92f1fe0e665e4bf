"""A pinned wall followed to depinning, and its barriers from how its moment runs up to that."""

import json

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar
from typer.testing import CliRunner

from dwsynapse.io.contracts import BARRIERS
from dwsynapse.io.errors import InputError
from dwsynapse.study.reading import block_text
from micromag.barriers.depinning_branch import DepinningBranch, depinning_branch
from micromag.barriers.notch_barriers import PinnedWire, barriers
from micromag.cli import app
from tests.micromag.tiny_wire import TINY


def test_the_moment_of_a_particle_in_a_known_well_gives_its_barrier():
    """Of moment x in a lopsided well, tilted by a field in T: E = well(x) - x B."""

    def well_J(x):
        return np.sin(x) + np.sin(2 * x) / 4 - 0.3 * np.cos(x)

    def force(x):
        return np.cos(x) + np.cos(2 * x) / 2 + 0.3 * np.sin(x)

    steepest = minimize_scalar(lambda x: -force(x), bounds=(-1, 1), method="bounded").x
    critical_T = force(steepest)
    fields_T = critical_T * (1 - 0.2 * np.linspace(1, 0.05, 16) ** 2)

    def at_rest(low, high):
        return np.array([brentq(lambda x, B=B: force(x) - B, low, high) for B in fields_T])

    # The force rises up to the steepest place, where a wall is stable, and falls behind it.
    pinned, saddle = at_rest(-1.5, steepest), at_rest(steepest, 1.5)
    expected_J = well_J(saddle) - well_J(pinned) - (saddle - pinned) * fields_T
    law = DepinningBranch(fields_T * 1e3, pinned, pinned, critical_T * 1002).fitted()
    assert law.critical_mT == pytest.approx(critical_T * 1e3, rel=1e-5)
    assert law.miss < 1e-4
    assert law.barriers_J(fields_T * 1e3) == pytest.approx(expected_J, rel=0.01)


def test_a_moment_that_does_not_bend_has_no_barrier_to_tell():
    """As of a wall that leaves by turning aside, which its moment along the wire hardly shows."""
    fields_mT = 14 * (1 - 0.2 * np.linspace(1, 0.05, 16) ** 2)
    straight = DepinningBranch(fields_mT, 1e-16 * fields_mT, fields_mT, 14.02)
    with pytest.raises(InputError, match=r"does not bend towards 14.02 mT, where"):
        straight.fitted()


@pytest.fixture(scope="module")
def branch():
    return depinning_branch(TINY, from_mT=14.0)


def test_the_barriers_are_those_of_the_paths_over_them(branch):
    """Two ways that share nothing but the energies: the string method has the saddle itself."""
    law = branch.fitted()
    assert branch.fields_mT[-1] < law.critical_mT < branch.depinning_mT
    (over_path,) = barriers(TINY, [20.0], beyond_nm=70, n_images=8)
    assert law.barriers_J(np.array([20.0]))[0] == pytest.approx(over_path.barrier_J, rel=0.1)


def test_the_command_writes_a_table_that_an_extrapolation_takes(tmp_path, monkeypatch, branch):
    (config := tmp_path / "device.yaml").write_text(block_text(TINY))
    monkeypatch.setattr(
        "micromag.barriers.depinning_branch.depinning_branch", lambda *_, **__: branch
    )
    words = ["depinning", "--config", config, "--from-mT", "14", "--out", tmp_path / "d.csv"]
    done = CliRunner().invoke(app, [*map(str, words)])
    found = json.loads(done.stdout)
    assert found["depinning_field_mT"] == branch.depinning_mT
    table = BARRIERS.read(tmp_path / "d.csv")
    assert table["barrier_J"].is_monotonic_decreasing
    assert table["field_mT"].max() < found["depinning_field_mT"]
    assert "on the saddle" in (tmp_path / "d.svg").read_text()


@pytest.mark.parametrize(("n", "depinning_mT"), [(0, 40.0), (6, 16.1)])
def test_a_wall_that_was_followed_at_few_fields_near_depinning_has_no_law(n, depinning_mT):
    fields_mT = np.linspace(15, 16, 6)
    with pytest.raises(InputError, match=f"--resolution-mT: the wall .* after {n} fields near"):
        DepinningBranch(fields_mT, fields_mT, fields_mT, depinning_mT).fitted()


def test_an_error_on_the_way_names_an_option_of_the_command(monkeypatch):
    """Those of `barriers`, which takes fields, are of another command."""
    error = InputError("at 3 mT the wall did not relax", where="--field-mT", remedy="leave it out")

    def unrelaxed(*_):
        raise error

    monkeypatch.setattr(PinnedWire, "pinned", unrelaxed)
    with pytest.raises(InputError, match=r"--from-mT: at 3 mT .* relax; start at another field"):
        depinning_branch(TINY, from_mT=3.0)


def test_a_field_at_which_no_wall_stays_is_refused():
    with pytest.raises(InputError, match=r"--from-mT: no wall stays at the notch at 40 mT; start"):
        depinning_branch(TINY, from_mT=40.0)
