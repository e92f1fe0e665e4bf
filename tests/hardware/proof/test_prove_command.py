"""The rates of verdicts, as the command counts, keeps, draws and writes them."""

import dataclasses
import json
import signal
import subprocess
import sys
import time

import pytest
from scipy.stats import binomtest
from typer.testing import CliRunner

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import read_json, sha256
from hardware.cli import app
from hardware.proof import virtual_experiments
from hardware.proof.virtual_experiments import Judged
from network.images.prepared_images import PIXELS, Images
from tests.hardware.small_task import DEVICE, make_task


@pytest.fixture
def task(tmp_path):
    program, pixels, labels = make_task(n_in=PIXELS[0])
    Images(pixels, labels, pixels, labels).write(tmp_path / "images.npz")
    DEVICE.write(tmp_path / "device.json")
    program = dataclasses.replace(program, device_sha256=sha256(tmp_path / "device.json"))
    program.write(tmp_path / "program.csv")
    (tmp_path / "hardware.yaml").write_text("images: 10\nreads: 4\nsignificance: 0.05\n")
    return tmp_path


def words(folder, *more):
    named = {"program": "program.csv", "device": "device.json", "images": "images.npz"}
    given = [w for option, name in named.items() for w in (f"--{option}", folder / name)]
    given += ["--config", folder / "hardware.yaml", "--out", folder / "proof", *more]
    return ["prove", *map(str, given)]


def prove(folder, *more):
    return CliRunner().invoke(app, words(folder, *more), catch_exceptions=False)


def content_of(folder):
    return read_json(folder / "proof" / "prove.json", "proof", 1)


def said(subject, case, seed, experiment):
    """Say of one in ten faithful devices that they drift, of half of the others what is planted."""
    if case.defect is None:
        if experiment % 10:
            return Judged("consistent", False, None)
        return Judged("inconsistent", True, "drift")
    if experiment % 2:
        return Judged("not enough data", False, None)
    if experiment % 4:
        return Judged("inconsistent", True, "offset")
    return Judged("equivalent within the tolerance", True, case.defect.name)


def test_shares_are_those_of_the_verdicts_with_their_intervals(task, monkeypatch):
    monkeypatch.setattr(virtual_experiments, "judge", said)
    output = prove(task, "--experiments", "20", "--defects", "stuck wire,drift").stdout
    content = content_of(task)
    low, high = binomtest(4, 40).proportion_ci(0.95, method="wilson")
    alarm = content["false_alarm"]
    assert [alarm[key] for key in ("rate", "low", "high", "n")] == [0.1, low, high, 40]
    assert alarm["diagnoses"] == {"drift": 4}
    low, high = binomtest(2, 20).proportion_ci(0.95, method="wilson")
    assert set(alarm["by_log"]) == {"small", "full"}
    assert [alarm["by_log"]["full"][key] for key in ("rate", "low", "high")] == [0.1, low, high]
    assert content["logs"]["small"]["images"] == 1
    assert content["logs"]["full"]["images"] == 10
    assert content["synthetic"] is True
    assert len(content["defects"]) == 2 * 3 * 2
    row = content["defects"][0]
    assert (row["defect"], row["size"], row["unit"], row["log"]) == (
        "drift",
        0.05,
        "mT from end to end",
        "small",
    )
    assert (row["power"]["rate"], row["named"]["rate"], row["named"]["n"]) == (0.5, 0.5, 10)
    assert row["verdicts"] == {
        "equivalent within the tolerance": 5,
        "not enough data": 10,
        "inconsistent": 5,
    }
    assert row["diagnoses"] == {"drift": 5, "offset": 5}
    figure = (task / "proof" / "prove.svg").read_text()
    assert "drift, 0.05 mT from end to end" in figure
    assert "synthetic" in figure
    assert "| stuck wire | 10 synapses | 50\u00a0% (30 to 70) | 50\u00a0% (24 to 76) |" in output


def test_a_faithful_device_is_seldom_called_inconsistent_and_a_broken_one_always(task):
    prove(task, "--experiments", "12", "--defects", "another program")
    content = content_of(task)
    # At 5 % at most, six or more of 24 false alarms have probability 0.001.
    assert content["false_alarm"]["rate"] < 6 / 24
    whole = [r for r in content["defects"] if r["size"] == 1 and r["log"] == "full"]
    assert whole[0]["power"]["rate"] == 1


def test_an_interrupted_proof_goes_on_where_it_was(task, monkeypatch):
    made = []

    def until(limit):
        def judge(subject, case, seed, experiment):
            if len(made) == limit:
                raise InputError("stop")
            made.append(case.key)
            return said(subject, case, seed, experiment)

        monkeypatch.setattr(virtual_experiments, "judge", judge)

    options = ("--experiments", "15", "--defects", "drift")
    until(40)
    with pytest.raises(InputError, match="stop"):
        prove(task, *options)
    assert not (task / "proof" / "prove.json").exists()
    assert len(list((task / "proof" / "prove.cases").iterdir())) == 2
    until(-1)
    prove(task, *options)
    assert len(made) == 40 + (8 - 2) * 15
    assert not (task / "proof" / "prove.cases").exists()
    first = (task / "proof" / "prove.json").read_bytes()
    prove(task, *options)
    assert (task / "proof" / "prove.json").read_bytes() == first


def test_cases_of_another_config_are_made_again(task, monkeypatch):
    monkeypatch.setattr(virtual_experiments, "judge", said)
    prove(task, "--experiments", "3", "--defects", "none")
    kept = task / "proof" / "prove.cases"
    kept.mkdir()
    case = {
        "fingerprint": "of another",
        "judged": [Judged("inconsistent", True, "offset")._asdict()] * 3,
    }
    content = {"format": "dwsynapse-proof-case", "format_version": 1, **case}
    (kept / "10-none.json").write_text(json.dumps(content))
    result = prove(task, "--experiments", "3", "--defects", "none")
    assert "of another program, device, config, images, seed or code" in result.stderr
    assert content_of(task)["false_alarm"]["diagnoses"] == {"drift": 2}
    kept.mkdir()
    (kept / "10-none.json").write_text("{")
    with pytest.raises(InputError, match=r"10-none\.json: not valid JSON.*; correct it"):
        prove(task, "--experiments", "3", "--defects", "none")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--defects", "rust"), r"--defects: no defect 'rust'; choose from none, offset, slope"),
        (("--defects", "drift", "--out", "{}/device.json"), r"device\.json: is a file"),
    ],
)
def test_bad_options_are_reported(task, more, message):
    with pytest.raises(InputError, match=message):
        prove(task, *(word.format(task) for word in more))


def test_more_images_than_there_are_is_reported(task):
    (task / "hardware.yaml").write_text("images: 81\n")
    with pytest.raises(InputError, match=r"images\.npz: hardware\.images: 81 images requested, of"):
        prove(task)


def test_ctrl_c_ends_all_processes_with_one_line(task):
    command = [
        sys.executable,
        "-m",
        "hardware",
        *words(task, "--experiments", "20", "--threads", "2"),
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    kept = task / "proof" / "prove.cases"
    while not kept.exists() and process.poll() is None:
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGINT
    assert "stopped by SIGINT" in errors
    assert "Traceback" not in errors
    assert not (task / "proof" / "prove.json").exists()


def test_a_file_in_place_of_the_folder_of_cases_is_refused_before_the_work(task, monkeypatch):
    monkeypatch.setattr(virtual_experiments, "judge", None)
    (task / "proof").mkdir()
    (task / "proof" / "prove.cases").write_text("mine")
    with pytest.raises(InputError, match=r"prove\.cases: not a folder.*; move or remove it"):
        prove(task, "--experiments", "2")
    assert (task / "proof" / "prove.cases").read_text() == "mine"
