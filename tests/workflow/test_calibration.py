"""A wire that is calibrated to measured counts, by the rule and as jobs of one's own."""

import json
import shlex

import pytest
import yaml
from typer.testing import CliRunner

from dwsynapse.io.errors import InputError
from dwsynapse.study.reading import block_text, over_defaults, read_study
from micromag.cli import app
from tests.micromag.tiny_wire import TINY
from tests.workflow.small_study import COUNTS, STUDY, TINY_WIRE, run, write_study

TARGET = "field_mT,n_trials,n_passed\n45,40,4\n60,40,22\n75,40,37\n"
CALIBRATE = {
    "target": "target.csv",
    "vary": ["notch.covered_fraction=0.55:0.65"],
    "max_trials": 128,
    "trials_per_wire": 16,
}


def study_of(calibrate):
    wire = {**TINY_WIRE, "networks": False, "calibrate": calibrate}
    return {**STUDY, "devices": {**STUDY["devices"], "tiny-wire": wire}}


def test_a_wire_is_calibrated_on_request(tmp_path):
    (tmp_path / "target.csv").write_text(TARGET)
    write_study(tmp_path, study_of(CALIBRATE))
    run(tmp_path, "--", "calibrate-tiny-wire")
    folder = tmp_path / "results/tiny-wire/calibration"
    levels = json.loads((folder / "levels.json").read_text())["levels"]
    assert [row["level"] for row in levels] == ["nanoseconds", "calibrated"]
    found = json.loads((folder / "calibration.json").read_text())
    assert found["simulations"]["trials"] == 128
    assert list(found["parameters"]) == ["wire.notch.covered_fraction"]
    assert {"best-wire.yaml", "calibration.svg"} <= {path.name for path in folder.iterdir()}


def test_a_device_of_the_study_may_be_the_target(tmp_path):
    write_study(tmp_path, study_of(CALIBRATE | {"target": "tiny-wire"}))
    assert "calibration" not in run(tmp_path, "-n")
    said = run(tmp_path, "-n", "--", "calibrate-tiny-wire")
    assert "input: results/tiny-wire/config/device.yaml, results/tiny-wire/counts.csv" in said


def test_a_calibration_made_before_and_its_wire_are_taken_over(tmp_path):
    calibrate = CALIBRATE | {"shipped": "before", "wire": "lab"}
    (tmp_path / "target.csv").write_text(TARGET)
    (made := tmp_path / "before").mkdir()
    (made / "calibration.json").write_text("{}")
    write_study(tmp_path, study_of(calibrate))
    said = run(tmp_path, "-n", "--", "calibrate-tiny-wire")
    assert "before/calibration.json, results/lab/device.json" in said
    assert "rule calibrate:" not in said
    assert "results/tiny-wire/calibration/levels.svg" in run(tmp_path, "-n")
    # Wires as fabricated are those of that calibration, too.
    spread = {"spread": ["notch.covered_fraction=0.01"]}
    write_study(tmp_path, study_of(calibrate | spread))
    said = run(tmp_path, "-n", "--", "design-tiny-wire")
    assert "input: before/calibration.json" in said
    assert "rule calibrate:" not in said
    (made / "calibration.json").unlink()
    missing = "error: before/calibration.json: no such file; correct calibrate.shipped"
    assert missing in run(tmp_path, "-n", status=1)


def test_a_wanted_curve_leads_to_the_accuracy_of_wires_as_fabricated(tmp_path):
    (tmp_path / "wanted.yaml").write_text("{floor: 0, h0_mT: 60, delta_per_mT: 0.2}")
    design = {"target": "wanted.yaml", "spread": ["notch.covered_fraction=0.01"]}
    write_study(tmp_path, study_of(CALIBRATE | design))
    said = run(tmp_path, "-n", "--", "design-tiny-wire")
    for rule in ("calibrate", "fabricate", "train_fabricated", "plan_fabricated"):
        assert f"rule {rule}:" in said
    assert "results/tiny-wire/fabricated/spread.svg" in said
    assert "rule levels:" not in said


def test_a_wrong_table_is_refused_before_anything_runs(tmp_path):
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(study_of(CALIBRATE | {"target": "lab"})))
    (tmp_path / "lab.csv").write_text(COUNTS)
    assert "error: lab.csv: header: no column 'n_trials'" in run(tmp_path, "-n", status=1)


@pytest.mark.parametrize(
    ("calibrate", "says"),
    [
        ({"wire": "noone"}, "has an unknown device 'noone' as its wire; choose"),
        ({"wire": "quick-track"}, "has the wire 'quick-track', a track; choose"),
        ({"vary": ["covered_fracton=0.5:0.7"]}, "did you mean wire.notch.covered_fraction?"),
        ({"vary": ["covered_fraction=0.5:0.99"]}, "choose ranges within which the config"),
        ({"vary": ["covered_fraction=0.6"]}, "neither a range nor a value"),
        ({"target": "quick-track"}, "the target 'quick-track', a track; choose a device"),
        ({"target": "pulsed"}, "the target 'pulsed', whose curve is against a current; choose a"),
        ({"wire": "pulsed"}, "the wire 'pulsed', whose curve is against a current; choose a"),
    ],
)
def test_what_cannot_be_calibrated_is_refused_with_the_study(calibrate, says):
    pulse = {"resistance_ohm": 1000, "duration_ns": 1}
    pulsed = {"source": "measurement", "counts": "pulsed.csv", "read_pulse": pulse}
    study = {"devices": {"quick-wire": {"calibrate": CALIBRATE | calibrate}, "pulsed": pulsed}}
    with pytest.raises(InputError, match="calibrate of quick-wire") as error:
        read_study(over_defaults(study), "study.yaml")
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_fewer_trials_than_the_first_round_has_are_refused_with_the_study():
    study = {"devices": {"quick-wire": {"calibrate": CALIBRATE | {"max_trials": 127}}}}
    says = "quick-wire.calibrate: max_trials is 127, fewer trials than the 128 of the first round"
    with pytest.raises(InputError, match=f"{says}; give 128 or more, or fewer trials_per_wire$"):
        read_study(over_defaults(study), "study.yaml")


@pytest.mark.slow
def test_wires_simulated_as_jobs_of_their_own_give_the_same_calibration(tmp_path):
    config, target = tmp_path / "tiny.yaml", tmp_path / "target.csv"
    config.write_text(block_text(TINY))
    target.write_text(TARGET)

    def calibrate(folder, *options):
        words = ["calibrate", "--config", config, "--target", target, "--out", tmp_path / folder]
        words += ["--vary", "covered_fraction=0.55:0.65", "--max-trials", 256]
        words += ["--trials-per-wire", 32, *options]
        result = CliRunner().invoke(app, list(map(str, words)))
        assert result.exit_code == 0, result.output
        return result.stdout.splitlines()

    numbers = []
    for commands in (calibrate("jobs", "--plan-only") for _ in range(3)):
        numbers.append(len(commands))
        for command in reversed(commands):
            dwsynapse, micromag, *words = shlex.split(command)
            assert (dwsynapse, micromag) == ("dwsynapse", "micromag")
            CliRunner().invoke(app, words, catch_exceptions=False)
    assert numbers == [8, 1, 0]
    calibrate("whole")
    for name in ("calibration.json", "best-wire.yaml", "calibration.svg"):
        one, other = ((tmp_path / f / name).read_bytes() for f in ("jobs", "whole"))
        assert one == other, name
