"""What is brought to the commands of micromagnetics from outside: walls, plans, options."""

import discretisedfield as df
import numpy as np
import pandas as pd
import pytest
from micromag_setup import TINY, assert_refused_in_one_line
from typer.testing import CliRunner

from config.files import block_text
from micromag.cli import app
from micromag.problem import Problem
from micromag.released import read_walls, relaxed_walls, write_walls
from micromag.wire import declare
from workflow.contracts import PLAN
from workflow.errors import InputError
from workflow.files import provenance


@pytest.fixture(scope="module")
def wall(tmp_path_factory):
    """Return the tiny wire as numbers, and the file of its relaxed wall."""
    path = tmp_path_factory.mktemp("wall") / "wall.omf"
    write_walls(path, TINY, relaxed_walls(TINY)[0])
    return Problem.of(declare(TINY)), path


@pytest.fixture
def folder(tmp_path, wall):
    (tmp_path / "wall.omf").write_bytes(wall[1].read_bytes())
    (tmp_path / "device.yaml").write_text(block_text(TINY))
    rows = {"field_mT": [2.0], "n_trials": [1], "first_replica": [0]}
    PLAN.write(tmp_path / "plan.csv", pd.DataFrame(rows), provenance())
    return tmp_path


def simulate(folder, **changes):
    files = {"config": "device.yaml", "wall": "wall.omf", "plan": "plan.csv", "out": "trials.csv"}
    paths = [w for name, file in (files | changes).items() for w in (f"--{name}", folder / file)]
    command = ["simulate", *map(str, paths), "--seed", "1"]
    return CliRunner().invoke(app, command, catch_exceptions=False)


@pytest.mark.parametrize("representation", ["txt", "bin4", "bin8"])
@pytest.mark.parametrize("unit_vectors", [True, False])
def test_a_wall_of_another_program_is_taken(wall, tmp_path, representation, unit_vectors):
    problem, path = wall
    field = df.Field.from_file(path)
    value = field.array / (8e5 if unit_vectors else 1)
    theirs = df.Field(field.mesh, nvdim=3, value=value)
    theirs.to_file(tmp_path / "theirs.ovf", representation=representation)
    expected = read_walls(path, TINY, problem)
    # Four bytes hold seven digits.
    np.testing.assert_allclose(
        read_walls(tmp_path / "theirs.ovf", TINY, problem), expected, atol=1e-6
    )


def uniform(m):
    return np.where(np.abs(m).sum(axis=-1, keepdims=True) > 0, [8e5, 0, 0], 0)


def three_walls(m):
    turned = m.copy()
    turned[5:9] *= -1
    return turned


def past_the_notch(m):
    """Return an abrupt wall at the right end of the notch."""
    x = np.arange(len(m))[:, None, None, None]
    return np.where(x < 45, 1, -1) * uniform(m)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (uniform, "0 walls where one head-to-head wall is expected"),
        (three_walls, "3 walls where one"),
        (lambda m: -m, "a tail-to-tail wall where one"),
        (past_the_notch, r"the wall lies at x = 22\d nm, and the notch begins at 120 nm"),
        (lambda m: 2 * m, "vectors between 1.6e\\+06 and 1.6e\\+06 long.*has 8e\\+05 A/m"),
        (lambda m: np.where(m > 7e5, np.nan, m), "values that are not finite"),
    ],
)
def test_what_is_not_one_wall_before_the_notch_is_refused(wall, tmp_path, change, says):
    problem, path = wall
    field = df.Field.from_file(path)
    df.Field(field.mesh, nvdim=3, value=change(field.array)).to_file(tmp_path / "w.omf")
    with pytest.raises(InputError, match=rf"w\.omf: {says}.*; "):
        read_walls(tmp_path / "w.omf", TINY, problem)


@pytest.mark.parametrize("kept", [0, 40, 600, 2000, -3000])
def test_a_damaged_wall_is_refused(wall, tmp_path, kept):
    problem, path = wall
    (tmp_path / "w.omf").write_bytes(path.read_bytes()[:kept])
    with pytest.raises(InputError, match=r"w\.omf: not a whole OVF file; relax"):
        read_walls(tmp_path / "w.omf", TINY, problem)


def test_a_wall_of_a_wire_of_another_size_is_refused(wall, tmp_path):
    problem, path = wall
    field = df.Field.from_file(path)
    longer = df.Mesh(p1=(0, 0, 0), p2=(640e-9, 40e-9, 5e-9), n=field.mesh.n)
    df.Field(longer, nvdim=3, value=field.array).to_file(tmp_path / "w.omf")
    with pytest.raises(InputError, match=r"edges in nm where the config has \(320"):
        read_walls(tmp_path / "w.omf", TINY, problem)


def test_a_plan_whose_rows_share_replicas_is_refused(tmp_path):
    rows = {"field_mT": [4.0, 2.0, 3.0], "n_trials": [3, 5, 1], "first_replica": [4, 0, 9]}
    with pytest.raises(InputError, match="row 4: replicas of this row are those of another"):
        PLAN.write(tmp_path / "plan.csv", pd.DataFrame(rows), {})


def test_a_field_that_the_sinusoid_does_not_reach_is_refused(folder):
    block = TINY.model_dump() | {"sampling": {"first_fields_mT": [1, 2]}}
    block["protocol"]["field"] = {"shape": "sinusoid", "amplitude_mT": 2.5, "frequency_MHz": 50}
    (folder / "device.yaml").write_text(block_text(type(TINY).model_validate(block)))
    rows = {"field_mT": [2.0, 20.0], "n_trials": [1, 1], "first_replica": [0, 1]}
    PLAN.write(folder / "plan.csv", pd.DataFrame(rows), provenance())
    with pytest.raises(InputError, match=r"plan\.csv: column field_mT: a field of 20 mT, where"):
        simulate(folder)


def test_walls_are_seen_often_enough_to_be_pinned(tmp_path):
    block = "numerics: {observe_every_ps: 700}\nprotocol: {window_ns: 3, pinned_after_ns: 0.6}"
    says = "sees a wall less than 10 times in the 0.6 ns after which it is pinned"
    assert_refused_in_one_line(tmp_path, block, "", says)


@pytest.mark.parametrize(
    ("out", "says"),
    [
        ("plan.csv", "plan.csv: is an input as well; choose another --out"),
        (".", "is a folder, not a file"),
        ("plan.csv/trials.csv", "plan.csv: is a file, not a folder"),
    ],
)
def test_an_output_is_refused_before_anything_is_simulated(folder, out, says):
    plan = (folder / "plan.csv").read_text()
    with pytest.raises(InputError, match=says):
        simulate(folder, out=out)
    assert (folder / "plan.csv").read_text() == plan


@pytest.mark.parametrize(
    "words",
    [
        ["survive", "--field-mT", "nan", "--replicas", "1", "--window-ns", "2", "--seed", "1"],
        ["survive", "--field-mT", "8", "--replicas", "1", "--window-ns", "inf", "--seed", "1"],
        ["depinning", "--resolution-mT", "nan"],
        ["barriers", "--fields", "8", "--beyond-nm", "inf"],
        ["bench", "--field-mT", "nan"],
    ],
)
def test_numbers_that_are_not_finite_are_refused_at_once(folder, words):
    command, *options = words
    given = ["--config", folder / "device.yaml"]
    if command in ("survive", "barriers"):
        given += ["--out", folder / "out.csv"]
    result = CliRunner().invoke(app, [command, *map(str, given), *options])
    assert result.exit_code == 2
    assert "Invalid value for" in result.output
