"""A device that drifted: found in a log of the virtual bench, refitted, and its program shifted."""

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from dwsynapse.io.detection_errors import DetectionErrors, Rate
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import read_json, sha256
from fitting.comparison.devices.counts_of_device import counts_of as counts_fitted_to
from fitting.comparison.new_counts.reads_needed import offset_sd_by_reads
from fitting.comparison.new_counts.refitted_device import refitted
from fitting.device import DeviceModel
from fitting.device.content_hash import content_sha256
from hardware.cli import app
from hardware.instruments.virtual_laboratory import VirtualBench, accuracy_by_reads, run_program
from hardware.log import read_log, write_log
from hardware.manifest import Manifest
from hardware.program import Program
from hardware.recalibration.moved_program import moved_program
from hardware.recalibration.predicted_accuracy import _points, predicted_accuracies
from network.images.prepared_images import PIXELS, Images
from tests.hardware.recalibration.drifting_task import drifted, drifting_task
from tests.hardware.small_task import DEVICE, SETTINGS

DRIFT_mT = 0.3
FIELDS_mT = np.linspace(2.5, 7.5, 11)


def counts_of(device, seed, n_trials):
    passed = np.random.default_rng(seed).binomial(n_trials, device.curve.probability(FIELDS_mT))
    return pd.DataFrame({"field_mT": FIELDS_mT, "n_trials": n_trials, "n_passed": passed})


def refit(counts, device=DEVICE, drift_sd_mT=1.0, **told):
    asked = {"name": "now", "source": "measurement", "data": "counts", "seed": 1, "draws": 200}
    return refitted(device, counts, drift_sd_mT, 0.0, **asked, **told)


@pytest.fixture
def bench(tmp_path):
    """Write a program, and the log of a device that drifted since."""
    program, pixels, labels = drifting_task(PIXELS[0])
    Images(pixels, labels, pixels, labels).write(tmp_path / "images.npz")
    DEVICE.write(tmp_path / "device.json")
    made = dataclasses.replace(program, device_sha256=sha256(tmp_path / "device.json"))
    made.write(tmp_path / "program.csv")
    (tmp_path / "hardware.yaml").write_text("images: 20\nreads: 4\nfield_scale_sd: 0\n")
    settings = SETTINGS.model_copy(update={"images": 20})
    log = VirtualBench(drifted(DRIFT_mT), settings, 1).run(made, pixels[:20])
    write_with_manifest(tmp_path, log)
    return tmp_path


def write_with_manifest(folder, log):
    write_log(folder / "log.parquet", log)
    manifest = Manifest(
        "virtual",
        True,
        sha256(folder / "program.csv"),
        sha256(folder / "log.parquet"),
        instrument={"field_step_mT": 0.1},
    )
    manifest.write(folder / "manifest.json")


def recalibrate(folder, *options, out="now"):
    common = ("--program", "program.csv", "--device", "device.json", "--config", "hardware.yaml")
    paths = [o if o.startswith("--") else folder / o for o in (*common, *options)]
    arguments = ("recalibrate", *paths, "--out", folder / out)
    return CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)


LOG = ("--log", "log.parquet", "--manifest", "manifest.json", "--images", "images.npz")


def test_a_drift_is_found_in_a_log_and_the_program_follows(bench):
    before = {name: (bench / name).read_bytes() for name in ("device.json", "program.csv")}
    ran = recalibrate(bench, *LOG)
    assert ran.exit_code == 0, ran.output
    content = read_json(bench / "now" / "recalibration.json", "recalibration", 1)
    offset = content["offset"]
    assert offset["low"] < DRIFT_mT < offset["high"]
    assert offset["high"] - offset["low"] < 0.1
    assert content["synthetic"] is True
    accuracy = content["accuracy"]
    assert accuracy["drifted"]["loss"] > 0.2
    assert abs(accuracy["shifted"]["loss"]) < 0.02
    assert accuracy["advice"] == "shift the fields"
    device = DeviceModel.read(bench / "now" / "device.json")
    assert device.source == "simulation"
    program = Program.read(bench / "now" / "program.csv", bench / "now" / "device.json")
    moved = program.fields_mT - Program.read(bench / "program.csv").fields_mT
    np.testing.assert_allclose(moved, 0.3, atol=1e-9)
    assert program.device_content_sha256 == content_sha256(bench / "now" / "device.json")
    for name, content in before.items():
        assert (bench / name).read_bytes() == content
    figure = (bench / "now" / "recalibration.svg").read_text()
    assert "paper to paper-recalibrated (synthetic log)" in figure
    assert "shift the fields" in figure


def test_new_counts_take_the_place_of_a_log(bench):
    counts_of(drifted(DRIFT_mT), 1, 200).to_csv(bench / "new.csv", index=False)
    ran = recalibrate(bench, "--new-counts", "new.csv")
    content = read_json(bench / "now" / "recalibration.json", "recalibration", 1)
    assert content["offset"]["low"] < DRIFT_mT < content["offset"]["high"]
    assert content["accuracy"] is None
    assert "give --images" in ran.output
    new = DeviceModel.read(bench / "now" / "device.json")
    assert new.source == "measurement"
    # Neither the program nor the new counts alone are what it was fitted to.
    assert counts_fitted_to(bench / "now" / "device.json", new) is None


def test_counts_far_off_are_not_taken_for_unchanged(bench):
    """As with fields in Oe that are named mT: no slope leads there from the device's curve."""
    counts = counts_of(DEVICE, 1, 400)
    counts.assign(field_mT=10 * FIELDS_mT).to_csv(bench / "new.csv", index=False)
    words = r"the curve moved by \+4\d(\.\d)? mT, to fields at which walls .* unit of the fields"
    with pytest.raises(InputError, match=words):
        recalibrate(bench, "--new-counts", "new.csv")
    assert not (bench / "now").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "either --log with --manifest, or --new-counts"),
        (("--log", "log.parquet"), "either --log with --manifest, or --new-counts"),
        (LOG[:4], "checked against the images"),
        ((*LOG, "--columns", "field_mT=x"), "--columns: the columns of a log are named in its"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_written(bench, options, words):
    with pytest.raises(InputError, match=words):
        recalibrate(bench, *options)
    assert not (bench / "now").exists()


def test_the_old_files_are_not_overwritten(bench):
    with pytest.raises(InputError, match="is also an input"):
        recalibrate(bench, *LOG, out=".")


def test_accuracy_is_regained_on_the_virtual_bench():
    program, pixels, labels = drifting_task()
    log = run_program(program, drifted(DRIFT_mT), pixels[:10], SETTINGS, key=(1,))
    counts = log.groupby("field_set_mT")["outcome"].agg(["size", "sum"]).reset_index()
    counts.columns = ["field_mT", "n_trials", "n_passed"]
    found = refit(counts)
    moved = moved_program(program, found.offset.value, found.device, 0.1)
    runs = {
        "before": (program, DEVICE),
        "drifted": (program, drifted(DRIFT_mT)),
        "shifted": (moved, drifted(DRIFT_mT)),
    }
    accuracy = {
        name: accuracy_by_reads(p, run_program(p, d, pixels, SETTINGS, key=(2,)), labels)[-1]
        for name, (p, d) in runs.items()
    }
    assert accuracy["drifted"] < accuracy["before"] - 0.1
    assert accuracy["shifted"] > accuracy["before"] - 0.08  # Two standard errors of 200 images.


def test_the_offset_is_covered_and_its_error_is_as_predicted():
    n_trials, covered, values = 20, 0, []
    for seed in range(40):
        found = refit(counts_of(drifted(DRIFT_mT), [3, seed], n_trials))
        covered += found.offset.low <= DRIFT_mT <= found.offset.high
        values.append(found.offset.value)
    # Fewer than 33 of 40 at 95 % has probability 0.3 %.
    assert covered >= 33
    needed = offset_sd_by_reads(DEVICE, FIELDS_mT, np.full(11, 1 / 11), 1.0, 0.0)
    predicted = np.interp(np.log(11 * n_trials), np.log(needed["reads"]), needed["offset_sd_mT"])
    # The standard deviation of 40 values is known to 11 %.
    assert np.std(values) == pytest.approx(predicted, rel=0.35)
    assert needed["needed"]["0.1"] < needed["needed"]["0.02"]


def test_what_was_known_of_the_curve_narrows_the_offset():
    counts = counts_of(drifted(DRIFT_mT), 4, 20)
    vague = dataclasses.replace(
        DEVICE, intervals={"floor": (0.0, 0.3), "h0_mT": (4.0, 5.2), "delta_per_mT": (1.5, 4.5)}
    )
    sds = [refit(counts, device).offset.sd for device in (DEVICE, vague)]
    assert sds[0] < sds[1]


def test_detection_errors_of_the_log_are_not_taken_for_a_floor():
    seen = dataclasses.replace(DEVICE.curve, floor=0.0219 * 0.94 + 0.03, lapse=0.03)
    counts = counts_of(dataclasses.replace(DEVICE, curve=seen), 5, 2000)
    errors = DetectionErrors(Rate(30, 1000), Rate(30, 1000))
    told, untold = refit(counts, detection=errors), refit(counts)
    assert abs(told.offset.value) < abs(untold.offset.value) + 0.02
    assert told.p_value > 0.01 > untold.p_value


def test_a_single_read_gives_no_advice_but_to_measure_more(bench):
    (bench / "new.csv").write_text("field_mT,n_trials,n_passed\n5,1,1\n")
    ran = recalibrate(bench, "--new-counts", "new.csv", "--images", "images.npz")
    content = read_json(bench / "now" / "recalibration.json", "recalibration", 1)
    assert content["offset"]["low"] < 0 < content["offset"]["high"]
    assert content["accuracy"]["advice"] == "measure more reads"
    assert "(1 read)" in ran.output


def test_another_floor_asks_for_training_again(bench):
    worse = drifted(0.0, floor=0.5)
    counts_of(worse, 6, 500).to_csv(bench / "new.csv", index=False)
    vague = dataclasses.replace(
        DEVICE, intervals={"floor": (0.0, 0.9), "h0_mT": (4.0, 5.2), "delta_per_mT": (1.5, 4.5)}
    )
    vague.write(bench / "device.json")
    program, _, _ = drifting_task(PIXELS[0])
    made = dataclasses.replace(program, device_sha256=sha256(bench / "device.json"))
    made.write(bench / "program.csv")
    ran = recalibrate(bench, "--new-counts", "new.csv", "--images", "images.npz")
    content = read_json(bench / "now" / "recalibration.json", "recalibration", 1)
    assert content["accuracy"]["advice"] == "train again"
    assert "train again: " in ran.output


@pytest.mark.parametrize(
    ("of", "advice"), [("log", "verify this log first"), ("counts", "check these counts first")]
)
def test_a_dead_bench_gets_no_shifted_program(bench, of, advice):
    if of == "log":
        _, pixels, _ = drifting_task(PIXELS[0])
        program = Program.read(bench / "program.csv")
        log = read_log(bench / "log.parquet", program, pixels, synthetic=True)
        write_with_manifest(bench, log.assign(outcome=np.int8(1)))
        options = LOG
    else:
        counts_of(DEVICE, 1, 200).assign(n_passed=200).to_csv(bench / "new.csv", index=False)
        options = ("--new-counts", "new.csv", "--images", "images.npz")
    (bench / "now").mkdir()
    (bench / "now" / "program.csv").write_text("# format: dwsynapse-program 1, of no record\n")
    ran = recalibrate(bench, *options)
    assert f"note: {bench}/now/program.csv is not of this run, and stays" in ran.stderr
    assert ran.stdout.startswith(f"{advice}: more has changed than the fields (p ")
    assert "shift the fields" not in ran.output
    assert {path.name for path in (bench / "now").iterdir()} == {
        "device.json",
        "program.csv",
        "recalibration.json",
        "recalibration.svg",
    }
    content = read_json(bench / "now" / "recalibration.json", "recalibration", 1)
    assert content["program"] is None
    assert content["accuracy"]["advice"] == advice


def log_with_fields(folder, measured_mT, acting_mT):
    """Log the undrifted device at fields that are so far from those set, and are read as such."""
    program, pixels, _ = drifting_task(PIXELS[0])
    log = read_log(folder / "log.parquet", program, pixels, synthetic=True)
    set_mT = log["field_set_mT"].to_numpy(float)
    rng = np.random.default_rng(7)
    passed = rng.random(len(log)) < DEVICE.curve.probability(set_mT + acting_mT)
    read_mT = set_mT + measured_mT + rng.normal(0, 0.03, len(log))
    log = log.assign(outcome=passed.astype(np.int8), field_measured_mT=read_mT.astype(np.float32))
    write_with_manifest(folder, log)


@pytest.mark.parametrize(("acting_mT", "shifted_mT"), [(0.0, 0.0), (0.15, -0.15)])
def test_fields_that_are_set_follow_not_those_that_are_read(bench, acting_mT, shifted_mT):
    """A probe that is off by a little needs no shift, a supply the opposite one."""
    log_with_fields(bench, 0.15, acting_mT)
    (bench / "hardware.yaml").write_text("images: 20\nreads: 4\nfield_step_mT: 0.01\n")
    ran = recalibrate(bench, *LOG)
    content = read_json(bench / "now" / "recalibration.json", "recalibration", 1)
    # 8000 reads know the curve to 0.01 mT.
    assert content["offset"]["value"] == pytest.approx(0.15 - acting_mT, abs=0.05)
    assert content["program"]["shifted_by_mT"] == pytest.approx(shifted_mT, abs=0.05)
    accuracy = content["accuracy"]
    assert (accuracy["drifted"]["loss"] > 0.05) == (acting_mT > 0), ran.output
    assert abs(accuracy["shifted"]["loss"]) < 0.05


@pytest.mark.parametrize("acting_mT", [0.0, 0.8])
def test_fields_measured_far_from_those_set_get_no_shifted_program(bench, acting_mT):
    log_with_fields(bench, 0.8, acting_mT)
    ran = recalibrate(bench, *LOG)
    words = r"verify this log first: the fields measured are not those set \(p .*by \+0.8 mT"
    assert re.match(words, ran.stdout)
    assert not (bench / "now/program.csv").exists()
    content = read_json(bench / "now" / "recalibration.json", "recalibration", 1)
    assert content["fields_measured_minus_set_mT"] == pytest.approx(0.8, abs=0.01)


def advice_of(n_images, n_trials, tolerance=0.02):
    program, pixels, labels = drifting_task()
    found = refit(counts_of(drifted(DRIFT_mT), 1, n_trials))
    moved = moved_program(program, found.offset.value, found.device, 0.1)
    shown = pixels[:n_images], labels[:n_images]
    return predicted_accuracies(program, moved, (DEVICE, found.device), *shown, tolerance, 1)


def test_few_images_are_not_blamed_on_the_reads():
    few = advice_of(n_images=10, n_trials=2000)
    assert few["advice"] == "simulate more images"
    assert "10 images (hardware.images) leave that open" in few["why"]
    assert advice_of(n_images=200, n_trials=2000)["advice"] == "shift the fields"


@pytest.mark.parametrize(
    ("loss", "words"), [(0.013, "loses 1.3"), (-0.013, "gains 1.3"), (-0.0001, "loses 0.0")]
)
def test_a_negative_loss_is_a_gain(loss, words):
    assert _points(loss) == f"{words} points"


def test_counts_against_another_drive_are_refused():
    counts = counts_of(DEVICE, 1, 20).rename(columns={"field_mT": "current_uA"})
    with pytest.raises(InputError, match="against a field and the new counts against a current"):
        refit(counts)
