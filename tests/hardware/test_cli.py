"""The commands of the hardware room, as a user types them, from trained fields to verdicts."""

import dataclasses
import json
import shutil

import numpy as np
import pytest
from typer.testing import CliRunner

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import read_json, sha256
from hardware.cli import app
from network import trained_model
from network.images.prepared_images import PIXELS, Images
from network.trained_model import ExportedNetwork, TrainedModel, TrainingRecord
from tests.hardware.small_task import DEVICE, make_task

READS = 3


def invoke(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)


@pytest.fixture
def study(tmp_path):
    program, pixels, labels = make_task(n_in=PIXELS[0])
    Images(pixels, labels, pixels, labels).write(tmp_path / "images.npz")
    DEVICE.write(tmp_path / "device.json")
    record = TrainingRecord(0.001, 1, True, (1.0,))
    networks = [
        ExportedNetwork(rule, reads, program.fields_mT, program.biases, record)
        for rule, reads in (("stochastic", 1), ("mean-field-limit", None), ("perceptron", None))
    ]
    # Fields in another order, which the matrix puts right.
    order = np.roll(np.arange(len(program.biases)), 1)
    mixing = np.eye(len(order))[np.argsort(order)]
    fields_mT = program.fields_mT[order]
    mixed = ExportedNetwork("mixed-sums", 1, fields_mT, program.biases, record, mixing)
    networks = (*networks, mixed)
    device_hash = sha256(tmp_path / "device.json")
    trained_model.write(tmp_path / "m.json", TrainedModel("paper", device_hash, 0, 1, networks))
    (tmp_path / "hardware.yaml").write_text(f"images: 20\nreads: {READS}\n")
    return tmp_path


def common(folder):
    return ("--device", folder / "device.json", "--config", folder / "hardware.yaml")


def run_all(folder, rule="stochastic"):
    images = ("--images", folder / "images.npz", "--seed", 1)
    program = ("--program", folder / "program.csv")
    model = (folder / "m.json",)
    invoke("program", *model, "--rule", rule, *common(folder), "--out", folder)
    invoke("run", *program, *common(folder), *images, "--out", folder)
    verify = ("verify", *program, *common(folder), *images, *model, "--out", folder)
    log = ("--log", folder / "inference_log.parquet", "--manifest", folder / "manifest.json")
    invoke(*verify, *log)
    return (*verify, *log)


def test_models_of_another_device_may_be_left_out(study):
    verify = run_all(study, "stochastic")
    model = json.loads((study / "m.json").read_text())
    model["device"] |= {"sha256": "0" * 64, "content_sha256": "0" * 64}
    (study / "m.json").write_text(json.dumps(model))
    with pytest.raises(InputError, match="leave the models out"):
        invoke(*verify)


def test_a_network_whose_sums_are_mixed_runs_and_is_verified(study):
    shares = []
    for rule in ("stochastic", "mixed-sums"):
        run_all(study, rule)
        content = read_json(study / "verification.json", "verification", 1)
        assert content["network"]["rule"] == rule
        # Fixed seeds; a correct log of another seed fails once in a hundred.
        assert not content["verdict"]["alarm"]
        assert rule in (study / "accuracy.svg").read_text()
        shares.append([row["predicted"] for row in content["accuracy"]])
    # Both are the same network, but for the order of the neurons; of 999 simulations with 20 images
    # each, a mean has a standard error of at most 0.0036, five of which are allowed (6e-7).
    np.testing.assert_allclose(*shares, atol=0.018 * 2**0.5)


def test_a_program_says_what_it_takes_and_what_the_grid_costs(study):
    (study / "hardware.yaml").write_text(f"images: 20\nreads: {READS}\nfield_step_mT: 2\n")
    words = ("program", study / "m.json", *common(study), "--out", study)
    assert invoke(*words).stdout == ""
    with pytest.raises(InputError, match=r"--energy-per-read-J: .*give --images too"):
        invoke(*words, "--energy-per-read-J", 2.0)
    said = invoke(*words, "--images", study / "images.npz", "--energy-per-read-J", 2.0).stdout
    content = read_json(study / "program.json", "program-biases", 1)
    reads = Images.read(study / "images.npz").test_pixels[:20].sum() * 5 * READS
    assert content["estimate"]["operations"] == reads
    assert content["estimate"]["energy_J"] == 2 * reads
    assert f"{reads:,} reads" in said
    lost = content["quantisation"]
    assert lost["images"] == 20
    assert lost["low"] <= lost["loss"] <= lost["high"]
    assert f"a loss of {100 * lost['loss']:.2f} points" in said


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("reads_per_s: 1e-308", r"hardware\.reads_per_s: .* never end"),
        ("reads: 1000000", r"images\.npz: hardware\.images, hardware\.reads: .* to log"),
    ],
)
def test_what_no_bench_could_run_is_refused_before_anything_is_written(study, settings, message):
    (study / "hardware.yaml").write_text(f"images: 20\n{settings}\n")
    given = ("program", study / "m.json", *common(study), "--images", study / "images.npz")
    with pytest.raises(InputError, match=message):
        invoke(*given, "--out", study / "new")
    refused = invoke(*given, "--energy-per-read-J", 1e308, "--out", study / "new")
    assert refused.exit_code == 2
    assert not (study / "new").exists()


def change_manifest(folder, key, value):
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, key: value}))


def test_from_a_trained_model_to_verdicts_that_say_they_are_synthetic(study):
    run_all(study)
    assert read_json(study / "manifest.json", "manifest", 1)["synthetic"] is True
    content = read_json(study / "verification.json", "verification", 1)
    assert content["synthetic"] is True
    assert [row["reads_test"] for row in content["accuracy"]] == [1, 2, READS]
    # Fixed seeds; a correct log of another seed fails once in a hundred.
    assert {test["verdict"] for test in content["tests"]} == {"consistent"}
    assert set(content["references"]) == {"mean-field-limit", "perceptron"}
    assert "virtual laboratory (synthetic)" in (study / "accuracy.svg").read_text()
    assert "virtual laboratory (synthetic)" in (study / "verification.svg").read_text()
    page = (study / "verification.html").read_text()
    assert page.count("<svg") == 2
    for words in ("consistent", "synthetic", *(q["question"] for q in content["questions"])):
        assert words in page


def test_notes_on_a_log_are_printed_and_on_the_page(study):
    """A read is undecided in all images: none says whether early exit was followed."""
    (study / "hardware.yaml").write_text(
        f"images: 20\nreads: {READS}\nearly_exit: {{risk: 0.1, knows: curve}}\n"
        "laboratory: {undecided: 0.05}\n"
    )
    verify = [*run_all(study)]
    # A process says each note on a file once.
    log = verify[verify.index("--log") + 1]
    verify[verify.index("--log") + 1] = shutil.copy(log, study / "copy.parquet")
    said = invoke(*verify).stderr
    page = (study / "verification.html").read_text()
    notes = read_json(study / "verification.json", "verification", 1)["notes"]
    assert len(notes) == 2
    for note in notes:
        assert note in said
        assert f"Note: {note}." in page


def test_the_same_seed_gives_the_same_log_and_verdicts(study):
    run_all(study)
    first = [sha256(study / name) for name in ("inference_log.parquet", "verification.json")]
    run_all(study)
    assert first == [
        sha256(study / name) for name in ("inference_log.parquet", "verification.json")
    ]


def test_a_log_of_another_program_is_refused(study):
    verify = run_all(study)
    change_manifest(study, "program_content_sha256", "1" * 64)
    with pytest.raises(InputError, match="another program"):
        invoke(*verify)


@pytest.mark.parametrize(
    ("option", "given", "message"),
    [
        ("--log", "program.csv", r"program\.csv: a program table: expected format .*inference-log"),
        ("--log", "images.npz", r"images\.npz: a file of numpy arrays \(npz\), where an inference"),
        (
            "--manifest",
            "device.json",
            r"device\.json: .*'dwsynapse-manifest', found 'dwsynapse-dev",
        ),
        (
            "--manifest",
            "program.csv",
            r"program\.csv: a table \(format 'dwsynapse-program 1'\), wh",
        ),
        (
            "--program",
            "m.json",
            r"m\.json: a JSON file \(format 'dwsynapse-network'\), where a prog",
        ),
        ("--program", "counts.csv", r"counts\.csv: header: no column 'out'"),
        (
            "--device",
            "manifest.json",
            r"manifest\.json: .*'dwsynapse-device', found 'dwsynapse-man",
        ),
        ("--device", "images.npz", r"images\.npz: a file of numpy arrays .* where a device file"),
        ("--device", "counts.csv", r"counts\.csv: not valid JSON.*give a device file \(JSON\)"),
        (
            "--device",
            "other.json",
            r"other\.json: device 'other' is not the one that .*program\.csv "
            r"was made for.*expected .*device\.json, ",
        ),
        ("--images", "program.csv", r"program\.csv: a table .*, where a file of prepared images"),
        ("--images", ".", r"is a folder, not a file; make it by"),
        ("--config", "device.json", r"device\.json: a JSON file .* where a config file \(YAML\)"),
    ],
)
def test_a_file_in_the_place_of_another_is_called_what_it_is(study, option, given, message):
    verify = list(run_all(study))
    dataclasses.replace(DEVICE, name="other").write(study / "other.json")
    (study / "counts.csv").write_text("field_mT,n_trials,n_passed\n5,9,1\n")
    verify[verify.index(option) + 1] = study / given
    with pytest.raises(InputError, match=message) as caught:
        invoke(*verify)
    assert given in str(caught.value) or given == "."


def test_a_synthetic_log_cannot_be_passed_off_as_measured(study):
    verify = run_all(study)
    change_manifest(study, "synthetic", False)
    with pytest.raises(InputError, match=r"inference_log\.parquet: metadata, synthetic: True"):
        invoke(*verify)


def test_more_images_than_there_are_is_reported(study):
    run_all(study)
    (study / "hardware.yaml").write_text("images: 5000\n")
    with pytest.raises(InputError, match=r"images\.npz: hardware\.images: 5000 images requested"):
        run_all(study)


def test_a_log_without_rows_or_with_too_many_is_refused_before_it_is_made(study):
    (study / "hardware.yaml").write_text("images: 80\nreads: 1000000\n")
    with pytest.raises(InputError, match=r"reads to log, not 1 to 1000000000: .* request fewer"):
        run_all(study)
    (study / "hardware.yaml").write_text(f"images: 20\nreads: {READS}\n")
    images = Images.read(study / "images.npz")
    dataclasses.replace(images, test_pixels=0 * images.test_pixels).write(study / "images.npz")
    with pytest.raises(InputError, match=r"images\.npz: hardware.*: 0 reads to log"):
        run_all(study)


def test_curves_are_compared(study):
    other = dataclasses.replace(DEVICE, name="other")
    other.write(study / "other.json")
    invoke("compare", *common(study), "--reference", study / "other.json", "--out", study)
    content = read_json(study / "comparison.json", "comparison", 1)
    assert [test["effect_size"] for test in content["tests"]] == [0, 0, 0]
    figure = (study / "comparison.svg").read_text()
    assert "paper (published)" in figure
    assert "paper minus other:" in figure
    assert "Δ: +0 1/mT [−0.161, +0.161]," in figure
    assert "not distinguished, within 0.16 1/mT" in figure
    assert np.isfinite(content["tests"][0]["statistic"])
