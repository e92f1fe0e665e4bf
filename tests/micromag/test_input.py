"""What is brought to the commands of micromagnetics from outside: walls, plans, options."""

import json
import re

import discretisedfield as df
import numpy as np
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from dwsynapse.io.contracts import PLAN, TRIALS
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import provenance, require_output
from dwsynapse.study import Material, Notch, SimulatedDevice, Study, Wire
from dwsynapse.study.reading import block_text
from micromag.barriers.depinning_branch import depinning_branch
from micromag.barriers.notch_barriers import barriers
from micromag.cli import app, plan
from micromag.engine.problem import Problem
from micromag.engine_speed import measure
from micromag.sample.wire import declare
from micromag.trials.lockstep.scheduler import ensemble_of
from micromag.trials.relaxed_walls import check_walls, read_walls, relaxed_walls, write_walls
from micromag.trials.survival import followable
from micromag.trials.wall_exists import require_wall
from tests.micromag.tiny_wire import TINY, assert_refused_in_one_line


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
    PLAN.write(tmp_path / "plan.csv", pd.DataFrame(rows), provenance("micromag"))
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


def test_a_wall_with_a_mesh_in_nm_is_taken(wall, tmp_path):
    problem, path = wall
    field = df.Field.from_file(path)
    region = df.Region(p1=(0, 0, 0), p2=1e9 * np.array(field.mesh.region.pmax), units=["nm"] * 3)
    mesh = df.Mesh(region=region, n=field.mesh.n)
    df.Field(mesh, nvdim=3, value=field.array).to_file(tmp_path / "theirs.ovf")
    found = read_walls(tmp_path / "theirs.ovf", TINY, problem)
    np.testing.assert_array_equal(found, read_walls(path, TINY, problem))


def test_a_wall_in_a_wire_of_other_edges_is_named_as_such(tmp_path):
    """All of Ms in the cells at smooth edges is as good as their share of it."""
    device = TINY.model_copy(update={"wire": TINY.wire.model_copy(update={"smooth_edges": True})})
    problem = Problem.of(declare(device))
    write_walls(path := tmp_path / "wall.omf", device, relaxed_walls(device)[0])
    field = df.Field.from_file(path)
    Ms = np.linalg.norm(field.array, axis=-1, keepdims=True)
    share = Ms / Ms.max()
    directions = field.array / np.where(Ms > 0, Ms, 1)
    df.Field(field.mesh, nvdim=3, value=8e5 * directions).to_file(tmp_path / "whole.ovf")
    found = read_walls(tmp_path / "whole.ovf", device, problem)
    np.testing.assert_allclose(found, read_walls(path, device, problem), atol=1e-6)
    stairs = np.where(share > 0.6, 8e5 * directions, 0)
    df.Field(field.mesh, nvdim=3, value=stairs).to_file(tmp_path / "stairs.ovf")
    says = r"no magnetisation in \d+ cells of \d+ .* the notch or the edges are others"
    with pytest.raises(InputError, match=says):
        read_walls(tmp_path / "stairs.ovf", device, problem)


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
        (past_the_notch, r"the wall is at x = 22\d nm, and the notch begins at 120 nm"),
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
    says = "not a whole OVF file; relax" if kept else "the file is empty; give a relaxed wall"
    problem, path = wall
    (tmp_path / "w.omf").write_bytes(path.read_bytes()[:kept])
    with pytest.raises(InputError, match=rf"w\.omf: {says}"):
        read_walls(tmp_path / "w.omf", TINY, problem)


def test_the_description_of_a_wall_is_no_wall(tmp_path):
    (tmp_path / "wall.json").write_text('{"format": "dwsynapse-wall"}')
    with pytest.raises(InputError, match=r"wall'\), where a relaxed wall \(OVF\) is wanted"):
        check_walls(tmp_path / "wall.json", tmp_path / "device.yaml")


def test_a_wall_of_a_wire_of_another_size_is_refused(wall, tmp_path):
    problem, path = wall
    field = df.Field.from_file(path)
    longer = df.Mesh(p1=(0, 0, 0), p2=(640e-9, 40e-9, 5e-9), n=field.mesh.n)
    df.Field(longer, nvdim=3, value=field.array).to_file(tmp_path / "w.omf")
    with pytest.raises(InputError, match=r"edges in nm where the config has \(320"):
        read_walls(tmp_path / "w.omf", TINY, problem)


def test_a_plan_whose_rows_share_replicas_is_refused(tmp_path):
    rows = {"field_mT": [4.0, 2.0, 3.0], "n_trials": [3, 5, 1], "first_replica": [4, 0, 9]}
    with pytest.raises(InputError, match="row 4: another row has the same replicas"):
        PLAN.write(tmp_path / "plan.csv", pd.DataFrame(rows), {})


def test_a_field_that_the_sinusoid_does_not_reach_is_refused(folder):
    block = TINY.model_dump() | {"sampling": {"first_fields_mT": [1, 2]}}
    block["protocol"]["field"] = {"shape": "sinusoid", "amplitude_mT": 2.5, "frequency_MHz": 50}
    (folder / "device.yaml").write_text(block_text(type(TINY).model_validate(block)))
    rows = {"field_mT": [2.0, 20.0], "n_trials": [1, 1], "first_replica": [0, 1]}
    PLAN.write(folder / "plan.csv", pd.DataFrame(rows), provenance("micromag"))
    with pytest.raises(InputError, match=r"plan\.csv: column field_mT: a field of 20 mT, where"):
        simulate(folder)


def test_walls_are_seen_often_enough_to_be_pinned(tmp_path):
    block = "numerics: {observe_every_ps: 700}\nprotocol: {window_ns: 3, pinned_after_ns: 0.6}"
    says = "locates a wall fewer than 10 times in the 0.6 ns after which it is pinned"
    assert_refused_in_one_line(tmp_path, block, "", says)


@pytest.mark.parametrize(
    ("out", "says"),
    [
        ("plan.csv", "plan.csv: is also an input or another output; choose another --out"),
        (".", "is a folder, not a file"),
        ("plan.csv/trials.csv", "plan.csv: is a file, not a folder"),
    ],
)
def test_an_output_is_refused_before_anything_is_simulated(folder, out, says):
    plan = (folder / "plan.csv").read_text()
    with pytest.raises(InputError, match=says):
        simulate(folder, out=out)
    assert (folder / "plan.csv").read_text() == plan


def run(folder, words):
    """Run a command on the tiny wire, given as its words but for the usual files."""
    command, *options = words.split()
    files = {"survive": ["out.csv"], "barriers": ["out.csv"], "relax": ["out.omf"]}
    given = ["--config", str(folder / "device.yaml")]
    if "--out" not in options:
        given += [w for file in files.get(command, []) for w in ("--out", str(folder / file))]
    return CliRunner().invoke(app, [command, *given, *options])


SURVIVE = "survive --replicas 1 --window-ns 2 --seed 1 --field-mT 8"


@pytest.mark.parametrize(
    "words",
    [
        f"{SURVIVE} --window-ns inf",
        f"{SURVIVE} --window-ns 1e30",
        f"{SURVIVE} --settle-ns nan",
        f"{SURVIVE} --replicas 1000000000000",
        f"{SURVIVE} --threads 1000000000",
        f"{SURVIVE} --seed -1",
        f"{SURVIVE} --seed 4294967296",
        f"{SURVIVE} --first-replica 99999999999999999999",
        "depinning --resolution-mT nan",
        "depinning --resolution-mT 1e30",
        "barriers --field-mT 8 --beyond-nm inf",
        "barriers --field-mT 8 --path-images 1000000000",
        "bench --replicas 1000000000000",
    ],
)
def test_options_beyond_their_limits_are_refused_at_once(folder, words):
    result = run(folder, words)
    assert result.exit_code == 2
    assert "Invalid value for" in result.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (f"{SURVIVE},nan", "--field-mT: 'nan' is not a number from 0 to 10000; give"),
        (f"{SURVIVE} --field-mT 1e30", "'1e30' is not a number from 0 to 10000"),
        ("bench --field-mT inf", "'inf' is not a number from 0 to 10000"),
        ("barriers --field-mT 1e30", "is not a number from 0 to 10000"),
        ("barriers --field-mT 8 --out taken.csv", "taken.svg: is a folder, not a file"),
        ("barriers --field-mT 8 --out out.svg", "out.svg: is also an input or another output"),
        ("relax --out taken.omf", "taken.json: is a folder, not a file"),
        (
            "relax --out wall.txt",
            r"wall.txt: its name does not end in .omf or .ovf; choose another --out",
        ),
        ("relax --out wall", "wall: its name does not end in .omf"),
        ("barriers --field-mT 8 --out /dev/null/x/out.csv", "/dev/null: is a file, not a folder"),
    ],
)
def test_calls_that_would_fail_at_their_end_are_refused_at_once(folder, monkeypatch, words, says):
    monkeypatch.chdir(folder)
    for name in ("taken.svg", "taken.json"):
        (folder / name).mkdir()
    result = run(folder, words)
    assert isinstance(result.exception, InputError)
    assert re.search(says, str(result.exception))


def test_an_output_in_a_folder_that_takes_no_files_is_refused(tmp_path, monkeypatch):
    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", refuse)
    with pytest.raises(InputError, match="cannot be written to; choose another --out"):
        require_output(tmp_path / "new" / "out.csv")


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("2,1000000000000,0", "column n_trials: must be at most 1000000"),
        ("2,1e30,0", "column n_trials: must be a whole number"),
        ("1e30,1,0", "column field_mT: must be at most 10000"),
        ("2,1,9000000000000000000", "column first_replica: must be a whole number below"),
        ("2,1,5000000000", "column first_replica: must be at most 4294967295"),
    ],
)
def test_a_plan_beyond_its_limits_is_refused(folder, rows, says):
    (folder / "plan.csv").write_text(f"field_mT,n_trials,first_replica\n{rows}\n")
    with pytest.raises(InputError, match=rf"plan\.csv: row 2, {says}"):
        simulate(folder)


def test_a_field_of_bench_that_the_sinusoid_does_not_reach_is_refused():
    field = {"shape": "sinusoid", "amplitude_mT": 15, "frequency_MHz": 50}
    block = TINY.model_dump() | {"sampling": {"first_fields_mT": [1, 2]}}
    block["protocol"]["field"] = field
    with pytest.raises(InputError, match="--field-mT: a field of 20 mT, where the sinusoid"):
        measure(SimulatedDevice.model_validate(block), replicas=1, threads=1, field_mT=20)


def test_bench_measures_at_each_field(folder):
    output = run(folder, "bench --replicas 1 --threads 1 --field-mT 25,20 --field-mT 20").output
    assert [json.loads(line)["field_mT"] for line in output.splitlines()] == [25, 20]


def test_noise_that_would_repeat_is_refused(wall):
    problem, path = wall
    protocol = TINY.protocol.model_copy(update={"window_ns": 1e6})
    numerics = TINY.numerics.model_copy(update={"time_step_fs": 100})
    device = TINY.model_copy(update={"protocol": protocol, "numerics": numerics})
    with pytest.raises(InputError, match="a window of 1e\\+10 steps, and the noise repeats after"):
        ensemble_of(device, problem, read_walls(path, TINY, problem), seed=1)


@pytest.mark.parametrize(
    ("seeds", "says"),
    [((1, 2), "trials of several seeds"), ((1, 1), "replica 1 of seed 1 occurs twice")],
)
def test_trials_that_do_not_belong_together_are_not_drawn(folder, seeds, says):
    columns = "field_mT,replica,seed,outcome,decided_at_ns,wall_position_nm,engine"
    rows = [f"8,{seed},{seed},passed,0.3,200,embedded" for seed in seeds]
    (folder / "trials.csv").write_text("\n".join([columns, *rows]) + "\n")
    words = f"draw --wall {folder}/wall.omf --out {folder}/wire.svg {folder}/trials.csv"
    assert says in str(run(folder, words).exception)


def test_trials_of_another_wire_are_not_drawn(folder):
    names = [column.name for column in TRIALS.columns if column.required]
    rows = pd.DataFrame([(8, 1, 1, "passed", 0.3, 200, "embedded")], columns=names)
    TRIALS.write(folder / "trials.csv", rows, {"sample_sha256": "of another"})
    words = f"draw --wall {folder}/wall.omf --out {folder}/wire.svg {folder}/trials.csv"
    assert "trials.csv: walls in another sample" in str(run(folder, words).exception)


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("material.saturation_magnetisation_A_per_m", 1e30, "at most 4000000"),
        ("material.saturation_magnetisation_A_per_m", 800, "at least 1000"),
        ("material.exchange_stiffness_J_per_m", 1e3, "at most 1e-09"),
        ("material.gilbert_damping", 1e-300, "at least 1e-06"),
        ("material.anisotropy_J_per_m3", -1e30, "at least -100000000"),
        ("wire.length_nm", 1e15, "at most 1000000"),
        ("wire.thickness_nm", 5e9, "at most 10000"),
        ("disorder.roughness.correlation_nm", 1e-9, "at least 1 "),
        ("disorder.grains.size_nm", 1e-3, "at least 1 "),
        ("disorder.grains.anisotropy_J_per_m3", 1e30, "at most 100000000"),
        ("protocol.temperature_K", 1e9, "at most 2000"),
        ("protocol.window_ns", 1e9, "at most 1000000"),
        ("protocol.notch_zone_nm", 1e-12, "at least 1 "),
        ("numerics.time_step_fs", 1e-12, "at least 1 "),
        ("numerics.observe_every_ps", 1e-12, "at least 0.001"),
        ("sampling.trials_per_round", 10**12, "at most 1000000"),
        ("sampling.rounds", 10**12, "at most 1000"),
        ("sampling.field_step_mT", 1e300, "at most 1000"),
    ],
)
def test_numbers_beyond_what_is_physical_are_refused_by_their_key(tmp_path, key, value, says):
    block = value
    for part in reversed(key.split(".")):
        block = {part: block}
    says = f"{says.strip()} (found {value})"
    assert_refused_in_one_line(tmp_path, yaml.safe_dump(block), key, f"must be {says}")


@pytest.mark.parametrize(
    ("block", "key", "says"),
    [
        ("wire: {cell_nm: [5, 5, 1.0e-6]}", "wire.cell_nm.2", "at least 0.1"),
        ("wire: {cell_nm: [160, 5, 5]}", "wire", "cells 160 nm long do not resolve a wall"),
        ("material: {anisotropy_axis: [1.0e-200, 0, 0]}", "material", "give it a direction"),
        ("material: {anisotropy_axis: [1.0e+300, 0, 0]}", "material.anisotropy_axis.0", "at most"),
        ("sampling: {first_fields_mT: [1.0e+30, 2]}", "sampling.first_fields_mT.0", "at most"),
        ("sampling: {first_fields_mT: [5]}", "sampling.first_fields_mT", "2 or more entries"),
        ("wire: {width_nm: 80,5}", "wire", "5 is not a key; a decimal point is a dot"),
        ("material: {gilbert_damping: yes}", "material", "gilbert_damping must not be true"),
        ("sampling: {rounds: no}", "sampling", "rounds must not be false"),
        ("wire: {width_nm: 80}\nwire: {length_nm: 640}", "", "the key wire is given twice"),
        ("wire: " + "[" * 1500 + "]" * 1500, "", "nested too deeply"),
    ],
)
def test_odd_blocks_are_refused_in_one_line(tmp_path, block, key, says):
    assert_refused_in_one_line(tmp_path, block, key, says)


@pytest.mark.parametrize(
    "material",
    [
        {"preset": "permalloy"},
        {"preset": "cofeb", "anisotropy_J_per_m3": 1.2e6, "anisotropy_axis": [0, 0, 1]},
        # Ordered FePt; the iron garnet of spin-wave guides; SmCo5.
        {"saturation_magnetisation_A_per_m": 1.1e6, "anisotropy_J_per_m3": 6.6e6},
        {
            "saturation_magnetisation_A_per_m": 1.4e5,
            "exchange_stiffness_J_per_m": 3.6e-12,
            "gilbert_damping": 3e-5,
        },
        {"saturation_magnetisation_A_per_m": 8.6e5, "anisotropy_J_per_m3": 1.7e7},
    ],
)
def test_materials_that_exist_are_within_the_limits(material):
    taken = Material.model_validate(material).model_dump(mode="json")
    assert material.items() <= taken.items()


def test_a_wire_of_100_micrometres_is_within_the_limits():
    notch = Notch(centre_nm=5e4, opening_nm=240)
    wire = Wire(length_nm=1e5, width_nm=400, thickness_nm=50, cell_nm=(5, 5, 50), notch=notch)
    assert wire.cells == (20_000, 80, 1)


@pytest.mark.parametrize(
    ("block", "key", "says"),
    [
        ("saturation_magnetisation_A_per_m: 1000", "material", "no wall fits into 320 nm of wire"),
        ("exchange_stiffness_J_per_m: 1e-14", "protocol.temperature_K", "at 300 K noise destroys"),
    ],
)
def test_a_material_without_walls_is_refused_before_anything_is_simulated(block, key, says):
    """Relaxation would take an hour at such a stiffness, and trials would be those of noise."""
    material = Material.model_validate(yaml.safe_load(block))
    with pytest.raises(InputError, match=f"^{key}: .*{says}"):
        relaxed_walls(TINY.model_copy(update={"material": material}))
    require_wall(TINY)


def test_cells_larger_than_the_exchange_length_are_noted_or_refused(capsys, monkeypatch):
    """5.7 nm in permalloy, 3.9 nm in cofeb; 1.4 nm where sqrt(A / K) is that short."""
    monkeypatch.setattr("dwsynapse.io.notes._told", set())

    def check(cell_nm, **material):
        wire = Wire(length_nm=1200, width_nm=120, cell_nm=(cell_nm, cell_nm, 5))
        require_wall(SimulatedDevice(wire=wire, material=Material(**material)))
        return capsys.readouterr().err

    for device in Study().devices.values():
        if isinstance(device, SimulatedDevice):
            require_wall(device)
    assert check(5) + check(5, preset="cofeb") == ""
    assert "note: wire.cell_nm: cells of 10 nm, and the exchange length is 5.7 nm" in check(10)
    assert check(10) == ""  # said once
    assert "exchange length is 1.4 nm" in check(5, anisotropy_J_per_m3=6.6e6)
    with pytest.raises(InputError, match=r"^wire.cell_nm: cells of 24 nm.*take cells of 5.7 nm"):
        check(24)


@pytest.mark.parametrize(
    "compute",
    [
        depinning_branch,
        lambda device: next(barriers(device, [5.0])),
        lambda device: followable(device, window_ns=5.0),
    ],
)
def test_no_pinned_wall_is_looked_for_in_coarse_cells(compute):
    wire = Wire(length_nm=1200, width_nm=120, cell_nm=(24, 24, 5))
    with pytest.raises(InputError, match=r"^wire.cell_nm: cells of 24 nm"):
        compute(SimulatedDevice(wire=wire))


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ("numerics: {time_step_fs: 5000}", "numerics.time_step_fs: a step of 5000 fs is unstable"),
        ("wire: {cell_nm: [40, 5, 5]}", "wire.cell_nm: cells of 40 nm"),
    ],
)
def test_no_plan_is_written_for_trials_that_cannot_run(tmp_path, block, says):
    config, out = tmp_path / "d.yaml", tmp_path / "plan.csv"
    config.write_text(f"source: simulation\n{block}\n")
    with pytest.raises(InputError, match=says):
        plan(config, out)
    assert not out.exists()
