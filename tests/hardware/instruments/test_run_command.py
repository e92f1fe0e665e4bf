"""`hardware run`: on any bench, to the end, however often it is interrupted."""

import dataclasses
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import read_json, sha256
from dwsynapse.study.bench import FieldSinusoid
from hardware.cli import app
from hardware.program import Program
from hardware.schedule import Schedule
from network.images.prepared_images import PIXELS, Images
from tests.hardware.small_task import DEVICE, make_task

ROOT = Path(__file__).parents[3]


@pytest.fixture
def study(tmp_path):
    program, pixels, labels = make_task(n_in=PIXELS[0])
    Images(pixels, labels, pixels, labels).write(tmp_path / "images.npz")
    DEVICE.write(tmp_path / "device.json")
    dataclasses.replace(program, device_sha256=sha256(tmp_path / "device.json")).write(
        tmp_path / "program.csv"
    )
    (tmp_path / "hardware.yaml").write_text("images: 40\nreads: 4\n")
    return tmp_path


def words(folder, out, *more):
    files = {"program": "csv", "device": "json", "images": "npz"}
    given = [w for name, end in files.items() for w in (f"--{name}", folder / f"{name}.{end}")]
    return [
        str(w) for w in ("run", *given, "--config", folder / "hardware.yaml", "--out", out, *more)
    ]


def run(folder, out, *more):
    return CliRunner().invoke(app, words(folder, out, *more), catch_exceptions=False)


def test_a_killed_run_goes_on_and_gives_the_same_files(study):
    run(study, study / "whole")
    session = study / "killed" / "inference_log.session"
    # It kills itself in the middle of a block: a kill from outside comes at a random time.
    code = (
        "import hardware.instruments.session as s, os\n"
        "append, s.STORED_AFTER_S = s.append, 0\n"
        "def dies(file, image, log):\n"
        "    if image == 7: file.write(b'images 7 to'); file.flush(); os.kill(os.getpid(), 9)\n"
        "    append(file, image, log)\n"
        "s.append = dies\n"
        "from hardware.cli import app\n"
        "app()\n"
    )
    killed = [sys.executable, "-c", code, *words(study, study / "killed")]
    assert subprocess.run(killed, cwd=ROOT, capture_output=True).returncode == -signal.SIGKILL
    assert session.exists()
    assert not (study / "killed" / "manifest.json").exists()
    run(study, study / "killed")
    for name in ("inference_log.parquet", "manifest.json"):
        assert sha256(study / "killed" / name) == sha256(study / "whole" / name)
    assert not session.exists()


def test_settings_that_change_the_numbers_start_no_session_half_way(study):
    out = study / "out"
    run(study, out, "--seed", 1)
    other = study / "other"
    other.mkdir()
    session = json.dumps({"format": "dwsynapse-session", "format_version": 1, "seed": 9}) + "\n"
    (other / "inference_log.session").write_text(session)
    with pytest.raises(InputError, match="an unfinished session with another"):
        run(study, other, "--seed", 1)


def test_a_replay_of_a_run_is_that_run(study):
    run(study, study / "first")
    log = study / "first" / "inference_log.parquet"
    run(study, study / "again", "--bench", f"replay:{log}")
    first, again = (
        read_json(study / n / "manifest.json", "manifest", 1) for n in ("first", "again")
    )
    assert again["synthetic"] is True
    assert again["laboratory"] == "virtual laboratory"
    assert again["accuracy"] == first["accuracy"]
    assert str(log) in again["provenance"]["inputs"]


def test_a_log_in_which_every_image_lacks_reads_is_verified(study):
    faults = "{undecided: 0.05, dropped: 0.2, measures_field: false, drift_mT: 0.1}"
    (study / "hardware.yaml").write_text(f"images: 20\nreads: 4\nlaboratory: {faults}\n")
    run(study, study)
    given = ["verify", *words(study, study)[1:], "--log", str(study / "inference_log.parquet")]
    given += ["--manifest", str(study / "manifest.json")]
    CliRunner().invoke(app, given, catch_exceptions=False)
    content = read_json(study / "verification.json", "verification", 1)
    assert content["synthetic"] is True
    assert content["accuracy"] == []
    assert "no image has all of its reads" in (study / "accuracy.svg").read_text()


@pytest.mark.parametrize("of_config", ["", "field_sinusoid: {amplitude_mT: 9, frequency_Hz: 90}"])
def test_the_jitter_stated_is_that_in_the_sinusoid_of_the_program(study, of_config):
    program = Program.read(study / "program.csv")
    wave = FieldSinusoid(amplitude_mT=8, frequency_Hz=37)
    dataclasses.replace(program, schedule=Schedule(sinusoid=wave)).write(study / "program.csv")
    faults = "{trigger_jitter_sd_us: 30, measures_field: false}"
    (study / "hardware.yaml").write_text(f"images: 5\nlaboratory: {faults}\n{of_config}\n")
    run(study, study)
    stated = read_json(study / "manifest.json", "manifest", 1)["instrument"]
    # 2 pi 37 Hz 8 mT 30 us = 0.0558 mT, with the noise of 0.03 mT.
    assert stated["field_noise_sd_mT"] == pytest.approx(0.0633, abs=1e-4)


def test_a_measured_log_is_never_replaced(study):
    run(study, study)
    content = json.loads((study / "manifest.json").read_text())
    (study / "manifest.json").write_text(json.dumps({**content, "synthetic": False}))
    before = sha256(study / "inference_log.parquet")
    with pytest.raises(
        InputError, match=r"manifest\.json: the manifest of a log that was measured"
    ):
        run(study, study, "--seed", 4)
    assert sha256(study / "inference_log.parquet") == before


@pytest.mark.parametrize("bench", ["visa", "replay:", "real", "virtual:x"])
def test_what_is_no_bench_is_refused(study, bench):
    with pytest.raises(InputError, match=r"--bench: .* is no bench; give virtual"):
        run(study, study, "--bench", bench)
