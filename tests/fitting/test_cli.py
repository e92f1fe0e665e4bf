"""The commands of the fitting room, as a user types them."""

import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from typer.main import get_command
from typer.testing import CliRunner

from dwsynapse.io.contracts import COUNTS, PLAN
from dwsynapse.io.errors import InputError
from dwsynapse.study import MeasuredDevice
from dwsynapse.study.presets.ellis import ELLIS2023
from fitting.cli import app
from fitting.command_options import settings_of
from fitting.device import DeviceModel
from fitting.make_device import device_from_publication


def invoke(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)


def test_simulated_trials_are_said_to_be_simulated_unasked(tmp_path):
    trials = Path(__file__).parents[2] / "micromag/shipped/ellis-wire/trials.csv"
    (tmp_path / "fitting.yaml").write_text("draws: 50\n")
    result = invoke(
        "fit", trials, "--config", tmp_path / "fitting.yaml", "--out", tmp_path / "wire"
    )
    assert result.stdout.startswith("trials (simulation): ")
    assert DeviceModel.read(tmp_path / "wire" / "device.json").source == "simulation"


def test_a_measured_table_becomes_a_device_and_a_figure(tmp_path):
    # The table as a laboratory would write it: no format line, an extra column, blank lines.
    (tmp_path / "counts.csv").write_text(
        "field_mT,n_trials,n_passed,field_sd_mT,note\n\n3,100,2,0.05,\n4,100,19,0.05,\n"
        "4.5,100,43,0.05,warm\n5,100,74,0.05,\n6,100,98,0.05,\n"
    )
    (tmp_path / "fitting.yaml").write_text("draws: 50\n")
    invoke(
        *("fit", tmp_path / "counts.csv", "--config", tmp_path / "fitting.yaml"),
        *("--name", "wire", "--source", "measurement", "--seed", 1, "--out", tmp_path / "wire"),
        *("--nucleation-field-mT", 10.7),
    )
    device = DeviceModel.read(tmp_path / "wire" / "device.json")
    assert device.source == "measurement"
    assert device.field_range_mT == (3, 6)
    assert device.nucleation_field_mT == 10.7
    assert device.draws.shape == (50, 3)
    figure = (tmp_path / "wire" / "curve.svg").read_text()
    assert "wire (measurement)" in figure
    assert "500 trials" in figure
    assert "undecided" not in figure


COUNTS_TO_7_MT = (
    "field_mT,n_trials,n_passed\n3,100,2\n4,100,19\n4.5,100,43\n5,100,74\n6,100,98\n7,100,100\n"
)


@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_folder_to_write_into_is_refused(tmp_path, monkeypatch, empty):
    (tmp_path / "counts.csv").write_text(COUNTS_TO_7_MT)
    monkeypatch.chdir(tmp_path)
    result = invoke("fit", "counts.csv", "--out", empty)
    assert result.exit_code == 2
    assert "is empty" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["counts.csv"]


@pytest.mark.parametrize(("table", "name"), [("counts", "wire"), ("notch-3", "notch-3")])
def test_a_device_is_called_as_its_table_or_its_folder(tmp_path, table, name):
    (tmp_path / f"{table}.csv").write_text(COUNTS_TO_7_MT)
    (tmp_path / "fitting.yaml").write_text("draws: 50\n")
    command = ["fit", tmp_path / f"{table}.csv", "--config", tmp_path / "fitting.yaml"]
    invoke(*command, "--out", tmp_path / "wire")
    assert DeviceModel.read(tmp_path / "wire" / "device.json").name == name


@pytest.mark.parametrize("field_mT", ["0", "-1", "nan", "inf"])
def test_a_nucleation_field_that_is_none_is_refused_before_the_fit(tmp_path, field_mT):
    (tmp_path / "counts.csv").write_text(COUNTS_TO_7_MT)
    command = ["fit", tmp_path / "counts.csv", "--out", tmp_path / "wire"]
    result = invoke(*command, "--nucleation-field-mT", field_mT)
    assert result.exit_code == 2
    assert "must be above 0 and finite" in result.stderr
    assert not (tmp_path / "wire").exists()


@pytest.mark.parametrize("field_mT", [1.0, 3.0, 4.7, 5.5])
def test_a_nucleation_field_within_the_rise_is_refused_in_one_line(tmp_path, field_mT):
    (tmp_path / "counts.csv").write_text(COUNTS_TO_7_MT)
    command = ["fit", tmp_path / "counts.csv", "--out", tmp_path / "wire"]
    with pytest.raises(InputError, match=r"--nucleation-field-mT .*: walls nucleate at") as error:
        invoke(*command, "--nucleation-field-mT", field_mT)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "wire").exists()


def test_a_nucleation_field_beyond_any_magnet_is_refused(tmp_path):
    (tmp_path / "counts.csv").write_text(COUNTS_TO_7_MT)
    command = ["fit", tmp_path / "counts.csv", "--out", tmp_path / "wire"]
    with pytest.raises(
        InputError, match=r"--nucleation-field-mT .* 1e\+09 mT is beyond any magnet"
    ):
        invoke(*command, "--nucleation-field-mT", "1e9")


def test_counts_above_nucleation_are_taken_where_the_curve_has_risen(tmp_path):
    (tmp_path / "counts.csv").write_text(COUNTS_TO_7_MT)
    (tmp_path / "fitting.yaml").write_text("draws: 50\n")
    command = ["fit", tmp_path / "counts.csv", "--config", tmp_path / "fitting.yaml"]
    invoke(*command, "--out", tmp_path / "wire", "--nucleation-field-mT", 6.5)
    device = DeviceModel.read(tmp_path / "wire" / "device.json")
    assert device.field_grid(0.5).high_mT == 6.0


def test_a_published_curve_that_nucleates_within_its_rise_is_refused():
    wrong = ELLIS2023.model_copy(update={"nucleation_field_mT": 4.6})
    with pytest.raises(InputError, match=r"devices\.paper\.nucleation_field_mT: .* at 4\.6 mT"):
        device_from_publication(wrong, "paper", {})


@pytest.mark.parametrize("field_mT", [0, -1, float("nan"), float("inf")])
def test_a_study_refuses_a_nucleation_field_that_is_none(field_mT):
    with pytest.raises(InputError, match="nucleation_field_mT"):
        MeasuredDevice(source="measurement", counts="c.csv", nucleation_field_mT=field_mT)


def test_undecided_trials_show_on_the_figure(tmp_path):
    (tmp_path / "counts.csv").write_text(
        "field_mT,n_trials,n_passed,n_undecided\n3,100,2,0\n4,98,19,2\n4.5,99,43,1\n6,100,98,0\n"
    )
    (tmp_path / "fitting.yaml").write_text("draws: 50\n")
    invoke(
        *("fit", tmp_path / "counts.csv", "--config", tmp_path / "fitting.yaml"),
        *("--name", "wire", "--source", "simulation", "--seed", 1, "--out", tmp_path),
    )
    assert "(3 more undecided, left out)" in (tmp_path / "curve.svg").read_text()


def test_a_published_device_carries_only_its_rounding(tmp_path):
    (tmp_path / "device.yaml").write_text(yaml.safe_dump(ELLIS2023.model_dump(mode="json")))
    invoke("publish", "--config", tmp_path / "device.yaml", "--name", "e", "--out", tmp_path / "e")
    device = DeviceModel.read(tmp_path / "e" / "device.json")
    assert device.curve.values() == {
        "floor": 0.0219,
        "h0_mT": 4.63,
        "delta_per_mT": 2.73,
        "lapse": 0.0,
    }
    assert device.intervals["h0_mT"] == (4.625, 4.635)
    assert device.interval_kind == "rounding of the published digits"
    assert len(device.draws) == 0
    assert device.covariance is None


def test_publish_refuses_a_device_that_was_not_published(tmp_path):
    measured = MeasuredDevice(source="measurement", counts="counts.csv")
    (tmp_path / "device.yaml").write_text(yaml.safe_dump(measured.model_dump(mode="json")))
    with pytest.raises(InputError, match=r"device\.yaml"):
        invoke("publish", "--config", tmp_path / "device.yaml", "--name", "e", "--out", tmp_path)


def test_next_writes_a_plan(tmp_path):
    counts = pd.DataFrame({"field_mT": [4.0, 5.0, 6.0], "n_trials": 8, "n_passed": [0, 3, 8]})
    COUNTS.write(tmp_path / "counts.csv", counts, {})
    invoke(
        *("next", tmp_path / "counts.csv", "--trials", 30, "--first-replica", 24),
        *("--step-mT", 0.5, "--out", tmp_path / "plan.csv"),
    )
    plan = PLAN.read(tmp_path / "plan.csv")
    assert plan["n_trials"].sum() == 30
    assert (plan["field_mT"] % 0.5 == 0).all()


def test_counting_onto_an_input_is_refused(tmp_path):
    trials = tmp_path / "trials.csv"
    trials.write_text("keep me")
    with pytest.raises(InputError, match="is also an input or another output"):
        invoke("count", trials, "--out", trials)
    assert trials.read_text() == "keep me"


@pytest.mark.parametrize(
    "text",
    [
        "field_mT,n_trials,n_passed\n4,20,1\n5,20,13\n",
        "H (Oe);n;passed\n40;20;0.5\n",
        "# format: dwsynapse-counts 1\nfield_mT,n_trials,n_passed\n4,20,1\n",
        "field_mT,outcome\n4,passed\n",
    ],
)
def test_counting_a_table_of_the_laboratory_is_refused_with_what_takes_it(tmp_path, text):
    (tmp_path / "lab.csv").write_text(text)
    with pytest.raises(
        InputError, match=r"lab\.csv: header: not a table of simulated trials.*fit, com"
    ):
        invoke("count", tmp_path / "lab.csv", "--out", tmp_path / "counts.csv")
    assert not (tmp_path / "counts.csv").exists()


def test_a_poor_fit_is_announced(tmp_path):
    # Passing that falls again at high field, as above Walker breakdown.
    (tmp_path / "counts.csv").write_text(
        "field_mT,n_trials,n_passed\n3,100,2\n4,100,40\n5,100,97\n6,100,98\n7,100,60\n8,100,50\n"
    )
    (tmp_path / "fitting.yaml").write_text("draws: 50\n")
    result = invoke(
        *("fit", tmp_path / "counts.csv", "--config", tmp_path / "fitting.yaml"),
        *("--name", "wire", "--source", "measurement", "--seed", 1, "--out", tmp_path),
    )
    assert "warning: wire: the counts deviate from the curve by more than chance" in result.stderr


def test_bad_counts_end_in_one_line_and_keep_what_was_there(tmp_path):
    (tmp_path / "counts.csv").write_text("field_mT,n_trials,n_passed\n5,10,11\n")
    (tmp_path / "fitting.yaml").write_text("draws: 50\n")
    (tmp_path / "device.json").write_text('{"format": "dwsynapse-device"}')
    command = [sys.executable, "-m", "fitting", "fit", str(tmp_path / "counts.csv")]
    command += ["--config", str(tmp_path / "fitting.yaml"), "--out", str(tmp_path)]
    command += ["--name", "wire", "--source", "measurement", "--seed", "1"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith(f"error: {tmp_path}/counts.csv: row 2: n_passed exceeds")
    assert (tmp_path / "device.json").read_text() == '{"format": "dwsynapse-device"}'


@pytest.mark.parametrize("command", [["fit", "a.csv"], ["compare", "a.csv", "b.csv"]])
def test_an_output_folder_that_is_a_file_is_reported_before_anything_is_computed(
    tmp_path, monkeypatch, command
):
    monkeypatch.chdir(tmp_path)
    for name in ("a.csv", "b.csv"):
        # A defect of the table would be reported later.
        (tmp_path / name).write_text("field_mT,n_trials,n_passed\n5,10,11\n")
    with pytest.raises(InputError, match=r"b\.csv: is a file, not a folder; choose another --out"):
        invoke(*command, "--out", "b.csv")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"simulations": 10**6}, "--simulations: must be at most 100000 (found 1000000); give"),
        ({"at": ["0.5", "1"]}, "--at: must be less than 1 (found 1"),
        ({"at": ["0.5", "nan"]}, "--at: 'nan' is not a number from 0 to 1; give"),
        ({"floor": "0.95"}, "--floor: floor must be a share from 0 to 0.9"),
        ({"floor": "0.5", "lapse": "0.5"}, "--floor, --lapse: floor and lapse together may"),
        ({"lapse": "0.5"}, "--lapse: floor and lapse together may"),
        ({"form": "neel-brown-2"}, "{config}: dwell_s is too short"),
    ],
)
def test_an_error_of_a_setting_names_the_option_that_gave_it(tmp_path, options, says):
    config = tmp_path / "fitting.yaml"
    config.write_text("{floor: 0.45, draws: 50, dwell_s: 1.0e-9}")
    with pytest.raises(InputError) as error:
        settings_of(config, **options)
    assert str(error.value).startswith(says.format(config=config))


def test_the_confidence_is_that_of_the_option(tmp_path):
    (tmp_path / "counts.csv").write_text(COUNTS_TO_7_MT)
    options = ("--confidence", 0.8, "--at", "0.9,0.5", "--at", 0.5, "--out", tmp_path)
    invoke("fit", tmp_path / "counts.csv", *options)
    device = DeviceModel.read(tmp_path / "device.json")
    assert device.confidence == 0.8
    assert [place["probability"] for place in device.fields_at] == [0.9, 0.5]


def test_an_option_wins_over_the_config_and_the_help_says_so(tmp_path):
    config = tmp_path / "fitting.yaml"
    config.write_text("{form: probit, confidence: 0.9}\n")
    settings = settings_of(config, form=None, confidence=0.8)
    assert (settings.form, settings.confidence, settings.simulations) == ("probit", 0.8, 999)
    options = {option.name: option for option in get_command(app).commands["compare"].params}
    assert "options override it" in options["config"].help
    for name, default in {"form": "logistic", "confidence": "0.95", "simulations": "999"}.items():
        assert options[name].show_default == f"--config's, else {default}"


def test_fit_and_next_say_that_a_curve_is_too_flat_for_a_network(tmp_path):
    """As training on it would; counts that rise enough are not noted."""
    table = tmp_path / "counts.csv"
    note = "never leaves 0.05 to 0.95: between 3 and 7 mT it goes from 0.30.* no network trains"
    for passed, flat in (([60, 80, 100, 120, 140], True), ([2, 20, 100, 180, 198], False)):
        rows = [f"{field},200,{k}" for field, k in zip(range(3, 8), passed, strict=True)]
        table.write_text("\n".join(["field_mT,n_trials,n_passed", *rows]))
        for command in (
            ["fit", table, "--out", tmp_path / "wire"],
            ["next", table, "--trials", 10],
        ):
            assert bool(re.search(note, invoke(*command).stderr)) == flat
