"""Curves against a current or a duration: the numbers of a field, under names of their own."""

import json
import re
from functools import cache

import pytest
import yaml
from typer.testing import CliRunner

import hardware.cli
from dwsynapse.drives import DRIVES
from dwsynapse.io.contracts import PLAN, table_of_drive
from dwsynapse.io.errors import InputError
from fitting.cli import app
from fitting.counts.laboratory_tables import read_counts
from fitting.device import DeviceModel
from tests.fitting.counts.written_tables import read

CURRENT, DURATION = DRIVES["current"], DRIVES["duration"]
ROWS = "3,50,1\n3.5,50,4\n4,50,9\n4.5,50,22\n5,50,37\n5.5,50,46\n6,50,49\n7,50,50\n"
# Passing that falls again, scatter, and a rise outside of the range: all notes and warnings.
POOR = "3,50,1\n4,50,30\n5,50,2\n6,50,45\n7,50,20\n8,50,44\n"
LOW = "3,50,1\n3.5,50,0\n4,50,4\n4.5,50,12\n"
STRAY = re.compile(r"(?<![A-Za-z])mT(?![A-Za-z])|[Ff]ields?(?![A-Za-z])")
"""What nothing about a current says."""
SETTINGS = {"draws": 50, "simulations": 19}


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    path = tmp_path_factory.mktemp("settings") / "fitting.yaml"
    path.write_text(yaml.safe_dump(SETTINGS))
    return path


def written(folder, column, rows=ROWS, name="wire"):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.csv"
    path.write_text(f"{column},n_trials,n_passed\n{rows}")
    return path


def run(*arguments, room=app):
    found = CliRunner().invoke(room, [str(a) for a in arguments])
    if isinstance(found.exception, InputError):
        return f"error: {found.exception}"
    if found.exception and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found.output


def without_origin(folder):
    """Return the contents of all files of a folder, without what they were made from."""
    contents = {}
    for path in sorted(folder.iterdir()):
        if not path.is_file():
            continue
        text = path.read_text()
        if path.suffix == ".json":
            content = json.loads(text)
            content.pop("provenance", None)
            text = json.dumps(content, indent=1)
        contents[path.name] = re.sub(r"(?m)^# provenance.*\n", "", text)
    return contents


def all_of(folder, column, settings, rows=ROWS):
    """Return what every command prints and writes for a table of that column."""
    a, b = written(folder, column, rows), written(folder, column, rows[:-8] + "7.5,50,47\n", "next")
    unit = column.rpartition("_")[2]
    printed = [
        run("fit", a, "--config", settings, "--out", folder / "fit"),
        run("fit", b, "--config", settings, "--out", folder / "other"),
        run("next", a, "--trials", 50, "--out", folder / "next" / "plan.csv"),
        run("next", a, "--trials", 50, f"--step-{unit}", 0.25, f"--highest-{unit}", 9),
        run("next", a, "--trials", 9, "--figure", folder / "next" / "design.svg"),
        run("compare", a, b, "--config", settings, "--out", folder / "tables"),
    ]
    (folder / "hardware.yaml").write_text("field_offset_sd_mT: 0\nfield_scale_sd: 0\n")
    devices = [folder / name / "device.json" for name in ("fit", "other")]
    if all(device.is_file() for device in devices):
        compared = ("compare", "--device", devices[0], "--reference", devices[1])
        options = ("--config", folder / "hardware.yaml", "--out", folder / "devices")
        printed.append(run(*compared, *options, room=hardware.cli.app))
    files = {}
    for made in ("fit", "next", "tables", "devices"):
        if (folder / made).is_dir():
            files |= {f"{made}/{name}": t for name, t in without_origin(folder / made).items()}
    return "\n".join(printed).replace(str(folder), ""), files


@pytest.fixture(scope="module")
def every_command(tmp_path_factory, settings):
    """Return what every command prints and writes for a table, which tests share."""

    @cache
    def run_all(column, rows=ROWS):
        return all_of(tmp_path_factory.mktemp(column), column, settings, rows)

    return run_all


@pytest.mark.parametrize("drive", [CURRENT, DURATION], ids=["current", "duration"])
def test_a_renamed_table_gives_the_same_numbers_in_every_command(every_command, drive):
    printed, files = every_command("field_mT")
    printed_here, files_here = every_command(drive.column)
    # All forms but those of a barrier in a field are compared: AIC weights are of fewer forms.
    forms = re.compile(r"  neel-brown-.*\n|weight [\d.]+")
    assert forms.sub("", drive.said(printed)) == forms.sub("", printed_here)
    assert files.keys() == files_here.keys()
    assert {"fit/device.json", "fit/curve.svg", "tables/curves.json", "devices/comparison.json"} < (
        files.keys()
    )
    for name in ("fit/device.json", "tables/curves.json", "devices/comparison.json"):
        a, b = drive.document(json.loads(files[name])), json.loads(files_here[name])
        for key in ("forms", "drive", "drive_unit"):
            a.pop(key, None), b.pop(key, None)
        assert a == b, name
    assert drive.said(files["next/plan.csv"]) == files_here["next/plan.csv"]


@pytest.mark.parametrize("rows", [ROWS, POOR, LOW], ids=["good", "poor", "low"])
def test_nothing_about_a_current_says_field_or_mT(every_command, rows):
    printed, files = every_command("current_uA", rows)
    assert "uA" in printed
    assert not STRAY.findall(printed), printed
    for name, text in files.items():
        assert not STRAY.findall(text), name
    if rows == ROWS:
        assert "pulse current (µA)" in files["fit/curve.svg"]
        assert "µA" in files["tables/comparison.svg"]


def test_a_device_is_read_back_as_it_was_written(tmp_path, settings):
    table = written(tmp_path, "duration_ns")
    run("fit", table, "--config", settings, "--out", tmp_path / "wire")
    device = DeviceModel.read(tmp_path / "wire" / "device.json")
    assert device.drive is DURATION
    assert device.field_range_mT == (3, 7)
    device.write(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (
        tmp_path / "wire" / "device.json"
    ).read_bytes()


def test_a_device_with_keys_of_two_drives_or_of_an_unknown_one_is_refused(tmp_path, settings):
    run("fit", written(tmp_path, "current_uA"), "--config", settings, "--out", tmp_path / "wire")
    path = tmp_path / "wire" / "device.json"
    good = path.read_text()
    for old, new, problem in (
        ('"current_range_uA"', '"field_range_mT"', "keys or units of another drive"),
        ('"drive_unit": "uA"', '"drive_unit": "mA"', "keys or units of another drive"),
        ('"drive": "current"', '"drive": "voltage"', "unknown drive 'voltage'"),
        ('"unit": "1/uA"', '"unit": "1/ns"', "unit: must be 1/uA"),
        ('"current_range_uA"', '"range"', "current_range_uA: no such key"),
    ):
        path.write_text(good.replace(old, new))
        with pytest.raises(InputError, match=problem):
            DeviceModel.read(path)


@pytest.mark.parametrize(
    ("header", "column", "factor"),
    [
        ("current_uA", "current_uA", 1),
        ("I (mA)", "current_uA", 1e3),
        ("Pulse current [µA]", "current_uA", 1),
        ("current_nA", "current_uA", 1e-3),
        ("pulse width (ps)", "duration_ns", 1e-3),
        ("Duration (us)", "duration_ns", 1e3),
    ],
)
def test_columns_are_known_with_their_units(tmp_path, header, column, factor):
    table = read(tmp_path, f"{header},n_trials,n_passed,{header[:1]}note\n5,10,2,a\n6,10,7,b\n")
    assert list(table) == [column, "n_trials", "n_passed"]
    assert table[column].tolist() == pytest.approx([5 * factor, 6 * factor])


def test_a_row_of_units_the_spread_and_single_trials_are_read(tmp_path):
    table = read(tmp_path, "current,n,n_passed\nuA,,\n5,10,2\n6,10,7\n")
    assert table["current_uA"].tolist() == [5, 6]
    table = read(tmp_path, "current_uA,current_sd_uA,n,n_passed\n5,0.1,10,2\n6,0.2,10,7\n")
    assert table["current_sd_uA"].tolist() == [0.1, 0.2]
    table = read(tmp_path, "duration_ns,outcome\n1,passed\n1,pinned\n2,passed\n")
    assert table["n_passed"].tolist() == [1, 1]
    table = read_counts(tmp_path / "lab.csv", {"duration_ns": "duration_ns"})
    assert next(iter(table)) == "duration_ns"


def test_a_column_in_the_users_words_is_assigned_to_a_drive(tmp_path):
    path = tmp_path / "lab.csv"
    path.write_text("I_set (mA),field_mT,n_trials,n_passed\n5,1,10,2\n6,1,10,7\n")
    table = read_counts(path, {"current": "I_set (mA)"})
    assert table["current_uA"].tolist() == [5000, 6000]


def test_what_drives_a_coil_next_to_a_field_is_ignored_as_ever(tmp_path):
    table = read(tmp_path, "field_mT,current_A,duration_s,n,n_passed\n5,1,1,10,2\n6,1,1,10,7\n")
    assert list(table) == ["field_mT", "n_trials", "n_passed"]


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        (
            "field_mT,current_uA",
            "columns of several drives: 'field_mT', 'current_uA'; keep the one",
        ),
        ("current_uA,duration_ns", "columns of several drives.*--columns current_uA=current_uA"),
        ("current_uA,field_sd_mT", "columns of several drives"),
        ("current_uA,current_mA", "are both columns of current"),
        ("voltage_V,x", "no field column.*current_uA or duration_ns"),
    ],
)
def test_two_drives_or_none_are_refused_in_one_line(tmp_path, header, problem):
    with pytest.raises(InputError, match=problem):
        read(tmp_path, f"{header},n,n_passed\n5,0.1,10,2\n6,0.1,10,7\n")


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ("-5,10,2\n6,10,7\n", "column current_uA: must be at least 0.*the current counts along"),
        ("5,10,2\n,10,7\n", "write the current in each row"),
        ("2e5,10,2\n3e5,10,7\n", "a current of 300000 uA: no wall .* as in current_uA"),
        (
            "1,9,0\n2,9,1\n3,9,2\n900,9,3\n901,9,4\n902,9,9\n",
            "currents from 1 to 3 uA and from 900",
        ),
        ("1e-10,9,0\n2,9,1\n", "a current below 1e-9 uA"),
    ],
)
def test_errors_of_a_table_are_about_its_current(tmp_path, rows, problem):
    with pytest.raises(InputError, match=problem) as raised:
        read(tmp_path, f"current_uA,n_trials,n_passed\n{rows}")
    assert not STRAY.findall(str(raised.value).replace(str(tmp_path), ""))


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ("5,10,2\n6,10,7\n", "2 different currents cannot determine 3 parameters"),
        (
            "5,10,9\n6,10,5\n7,10,5\n8,10,0\n",
            "passing does not rise with the current from 5 to 8 uA",
        ),
        ("5,10,0\n6,10,0\n7,10,0\n8,10,0\n", "no wall passed at any current"),
    ],
)
def test_counts_that_determine_no_curve_are_refused_about_their_current(tmp_path, rows, problem):
    found = run("fit", written(tmp_path, "current_uA", rows), "--out", tmp_path / "wire")
    assert problem in found
    assert not STRAY.findall(found.replace(str(tmp_path), ""))


def test_a_form_of_a_field_is_refused_for_a_current(tmp_path):
    table = written(tmp_path, "current_uA")
    for command in (
        ("fit", table, "--out", tmp_path / "wire"),
        ("next", table, "--trials", 9),
        ("compare", table, written(tmp_path, "current_uA", name="b"), "--out", tmp_path / "ab"),
    ):
        found = run(*command, "--form", "neel-brown-3/2")
        assert "does not hold for a current; choose logistic, probit, cloglog" in found


@pytest.mark.parametrize("form", ["probit", "cloglog"])
def test_other_forms_hold_for_a_current(tmp_path, settings, form):
    table = written(tmp_path, "current_uA")
    options = ("--form", form, "--config", settings, "--out", tmp_path / "wire")
    assert "_uA" in run("fit", table, *options)
    device = DeviceModel.read(tmp_path / "wire" / "device.json")
    assert (device.curve.form, device.drive) == (form, CURRENT)
    assert [f["form"] for f in device.forms] == ["logistic", "probit", "cloglog"]


def test_tables_and_devices_of_different_drives_are_not_compared(tmp_path, settings):
    a, b = written(tmp_path, "current_uA"), written(tmp_path, "field_mT", name="b")
    found = run("compare", a, b, "--out", tmp_path / "ab")
    assert "curves of different drives cannot be compared" in found
    for table, name in ((a, "wire"), (b, "b")):
        run("fit", table, "--config", settings, "--out", tmp_path / name)
    (tmp_path / "hardware.yaml").write_text("significance: 0.05\n")
    devices = [tmp_path / name / "device.json" for name in ("wire", "b")]
    compared = ("compare", "--device", devices[0], "--reference", devices[1])
    options = ("--config", tmp_path / "hardware.yaml", "--out", tmp_path / "devices")
    found = run(*compared, *options, room=hardware.cli.app)
    assert "wire against a current and b against a field" in found


def test_an_option_in_the_unit_of_another_drive_is_refused(tmp_path):
    table = written(tmp_path, "current_uA")
    found = run("next", table, "--trials", 9, "--step-mT", 0.1)
    assert "--step-mT: the counts are against a current; give --step-uA" in found
    assert "give --highest-mT" in run(
        "next", written(tmp_path, "field_mT", name="b"), "--trials", 9, "--highest-ns", 9
    )
    found = run("fit", table, "--nucleation-field-mT", 9, "--out", tmp_path / "wire")
    assert "the walls are driven by a current; leave it out" in found


def test_the_next_pulses_are_a_plan_in_the_column_of_the_drive(tmp_path):
    table, plan = written(tmp_path, "duration_ns"), tmp_path / "plan.csv"
    run("next", table, "--trials", 30, "--step-ns", 0.5, "--out", plan)
    rows = table_of_drive(PLAN, DURATION).read(plan)
    assert rows["n_trials"].sum() == 30
    assert (rows["duration_ns"] / 0.5 % 1 == 0).all()
