"""A manifest made by one command, from a laboratory's own log to a verdict."""

import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import sha256
from hardware.cli import app
from hardware.log import write_log
from hardware.manifest import Manifest
from network.images.prepared_images import PIXELS, Images
from tests.hardware.small_task import DEVICE, laboratory_run, make_task

PROGRAM, INPUTS, LABELS = make_task(n_in=PIXELS[0])
LOG, _ = laboratory_run(PROGRAM, DEVICE, INPUTS[:6], LABELS, seed=1)


def invoke(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)


@pytest.fixture
def folder(tmp_path):
    PROGRAM.write(tmp_path / "program.csv")
    Images(INPUTS, LABELS, INPUTS, LABELS).write(tmp_path / "images.npz")
    LOG.to_csv(tmp_path / "log.csv", index=False)
    return tmp_path


def command(folder, *options, log="log.csv"):
    """Return the manifest command for a log in a folder."""
    files = ("--program", folder / "program.csv", "--log", folder / log, "--out", folder)
    return ("manifest", *files, "--laboratory-name", "Our lab", *options)


def made(folder, *options, log="log.csv"):
    invoke(*command(folder, *options, log=log))
    return Manifest.read(folder / "manifest.json", folder / "program.csv", folder / log, reads=4)


def test_a_manifest_belongs_to_its_log(folder):
    manifest = made(folder, "--measured", "--images", folder / "images.npz")
    assert (manifest.laboratory, manifest.synthetic, manifest.accuracy) == ("Our lab", False, None)
    assert manifest.log_sha256 == sha256(folder / "log.csv")


def test_columns_units_and_order_are_kept_for_the_verification(folder):
    names = {"field_set_mT": "B (T)", "image": "digit, number"}
    log = LOG.drop(columns="field_measured_mT").sample(frac=1, random_state=1)
    log["field_set_mT"] = log["field_set_mT"].astype(float) / 1000
    log.rename(columns=names).to_csv(folder / "mine.csv", index=False)
    options = ["--measured", "--unordered", "--field-noise-sd-mT", 0.03, "--field-step-mT", 0.1]
    for what, name in names.items():
        options += ["--columns", f"{what}={name}"]
    manifest = made(folder, *options, log="mine.csv")
    assert manifest.columns == names
    assert manifest.order == "unordered"
    assert manifest.instrument == {"field_noise_sd_mT": 0.03, "field_step_mT": 0.1}
    DEVICE.write(folder / "device.json")
    (folder / "hardware.yaml").write_text("images: 6\nreads: 4\n")
    header = json.loads((folder / "program.json").read_text())
    header["device_sha256"] = sha256(folder / "device.json")
    (folder / "program.json").write_text(json.dumps(header))
    given = {
        "--program": "program.csv",
        "--log": "mine.csv",
        "--manifest": "manifest.json",
        "--device": "device.json",
        "--images": "images.npz",
        "--config": "hardware.yaml",
    }
    words = [word for option, name in given.items() for word in (option, folder / name)]
    result = invoke("verify", *words, "--out", folder)
    assert "synapse counts: consistent" in result.output
    content = json.loads((folder / "verification.json").read_text())
    assert content["laboratory"] == "Our lab"
    assert content["synthetic"] is False
    assert content["accuracy_stated"] == {"accuracy": None, "as_the_log": None}


def test_the_same_program_made_again_is_accepted_and_another_is_not(folder):
    invoke(*command(folder, "--measured"))
    replace(PROGRAM, provenance={"code_version": "later"}).write(folder / "program.csv")
    files = folder / "manifest.json", folder / "program.csv", folder / "log.csv"
    assert Manifest.read(*files, reads=4).laboratory == "Our lab"
    replace(PROGRAM, biases=PROGRAM.biases + 1).write(folder / "program.csv")
    with pytest.raises(
        InputError, match=r"program_content_sha256: the log comes from another program"
    ):
        Manifest.read(*files, reads=4)


def test_what_a_log_says_of_itself_needs_no_option(folder):
    log = LOG.copy()
    log.attrs = {"synthetic": True}
    write_log(folder / "log.parquet", log)
    assert made(folder, log="log.parquet").synthetic is True
    with pytest.raises(InputError, match=r"log\.parquet: metadata, synthetic: True where False"):
        invoke(*command(folder, "--measured", log="log.parquet"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), r"log\.csv: does not say whether a device was measured; give --measured"),
        (("--measured", "--columns", "image"), r"'image' is not WHAT=NAME"),
        (("--measured", "--columns", "image=x"), r"no column 'x', which should be image"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_written(folder, options, message):
    with pytest.raises(InputError, match=message):
        invoke(*command(folder, *options))
    assert not (folder / "manifest.json").exists()


def test_a_name_without_letters_is_refused(folder):
    result = invoke(*command(folder, "--measured", "--laboratory-name", " "))
    assert result.exit_code == 2
    assert "--laboratory-name" in result.output
    assert not (folder / "manifest.json").exists()


def test_a_log_without_fields_measured_needs_their_spread(folder):
    LOG.drop(columns="field_measured_mT").to_csv(folder / "log.csv", index=False)
    with pytest.raises(InputError, match=r"instrument\.field_noise_sd_mT: .*--field-noise-sd-mT"):
        invoke(*command(folder, "--measured"))


def test_inputs_that_are_never_read_are_found_with_the_images(folder):
    log = LOG.copy()
    log.loc[7, "in"] = int(np.argmin(INPUTS[0]))
    log["field_set_mT"] = PROGRAM.fields_mT[log["out"], log["in"]]
    log.to_csv(folder / "log.csv", index=False)
    with pytest.raises(InputError, match=r"row 9 .*that input of that image is 0"):
        invoke(*command(folder, "--measured", "--images", folder / "images.npz"))


@pytest.mark.parametrize("option", ["--field-noise-sd-mT", "--field-step-mT", "--field-scale-sd"])
def test_numbers_are_finite(folder, option):
    assert "Invalid value" in invoke(*command(folder, "--measured", option, "nan")).output
