"""Trials that are shipped: what they are, and that they serve for their own device only."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from dwsynapse.io.contracts import TRIALS
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import read_json
from dwsynapse.study import SimulatedDevice, Study
from dwsynapse.study.devices.sources import ELSEWHERE
from dwsynapse.study.reading import block_text, read_block
from micromag.cli import app
from micromag.trials.shipped_trials import take_over

ROOT = Path(__file__).parents[2]
ELLIS_WIRE = Study().devices["ellis-wire"]
ELLIS_WIRE_FOLDER = ROOT / ELLIS_WIRE.shipped


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a device and one file of its trials."""
    (tmp_path / "device.yaml").write_text(block_text(SimulatedDevice(), exclude=ELSEWHERE))
    (tmp_path / "trials.csv").write_text("trials\n")
    return tmp_path


def test_trials_are_taken_over_for_their_own_device(folder):
    (folder / "same.yaml").write_text("source: simulation\n")
    take_over(folder / "same.yaml", folder, {"trials.csv": folder / "copy.csv"})
    assert (folder / "copy.csv").read_text() == "trials\n"


@pytest.mark.parametrize(
    ("block", "key"),
    [
        ("material: {gilbert_damping: 0.01}", "material.gilbert_damping"),
        ("protocol: {field: {shape: ramp, rate_mT_per_ns: 2}}", "protocol.field.shape"),
    ],
)
def test_trials_of_another_device_are_refused(folder, block, key):
    (folder / "other.yaml").write_text(f"source: simulation\n{block}\n")
    with pytest.raises(InputError, match=rf"other.yaml: {key}: .*set shipped to null"):
        take_over(folder / "other.yaml", folder, {"trials.csv": folder / "copy.csv"})
    assert not (folder / "copy.csv").exists()


def test_a_missing_file_is_reported_before_any_is_copied(folder):
    (folder / "same.yaml").write_text("source: simulation\n")
    copies = {name: folder / f"copy of {name}" for name in ("trials.csv", "none.csv")}
    with pytest.raises(InputError, match=r"none.csv: no such file.*put the file back"):
        take_over(folder / "same.yaml", folder, copies)
    assert not [*folder.glob("copy of *")]


@pytest.mark.parametrize(
    ("option", "path", "says"),
    [
        ("--out-trials", "wall.json", r"shipped/wall\.json: is also an input"),
        ("--out-wall", "own.csv", r"own\.csv: is also an input or another output"),
        ("--out-figure", "own.png", r"own\.png: its name does not end in \.svg"),
    ],
)
def test_a_copy_that_cannot_be_written_is_refused_by_the_name_of_its_option(
    folder, monkeypatch, option, path, says
):
    monkeypatch.chdir(folder)
    shipped = folder / "shipped"
    outs = {"--out-trials": "own.csv", "--out-wall": "own.json", "--out-figure": "own.svg"}
    outs[option] = shipped / path if option == "--out-trials" else path
    words = ["shipped", "--config", "device.yaml", "--folder", shipped]
    words += [word for pair in outs.items() for word in pair]
    with pytest.raises(InputError, match=rf"{says}.*; choose another {option}$"):
        CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


def test_the_papers_wire_is_shipped_as_it_is_declared(tmp_path):
    (tmp_path / "device.yaml").write_text(block_text(ELLIS_WIRE, exclude=ELSEWHERE))
    copies = {name: tmp_path / name for name in ("trials.csv", "wall.json", "wire.svg")}
    take_over(tmp_path / "device.yaml", ELLIS_WIRE_FOLDER, copies)
    trials = TRIALS.read(copies["trials.csv"])
    assert set(trials["engine"]) == {"embedded"}
    assert trials["field_mT"].nunique() >= 10
    assert trials.groupby("field_mT").size().min() >= 50
    assert set(trials["outcome"]) == {"passed", "pinned"} | ({"undecided"} & set(trials["outcome"]))
    wall = read_json(copies["wall.json"], "wall", 1)
    assert wall["variants"] == [" ".join(variant) for variant in ELLIS_WIRE.wall.variants]


def test_the_simulated_wire_of_the_paper_is_the_one_it_describes():
    wire = read_block(ELLIS_WIRE_FOLDER / "device.yaml", SimulatedDevice).wire
    assert (wire.width_nm, wire.thickness_nm, wire.notch.covered_fraction) == (400, 54, 0.6)
