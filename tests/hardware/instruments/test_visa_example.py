"""The bench of the documents, on simulated instruments."""

import dataclasses
import re
import shutil
import sys
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import read_json, sha256
from dwsynapse.study.bench import FieldSinusoid
from hardware.cli import app
from hardware.instruments.visa.visa_bench import VisaBench
from hardware.kerr_loops.synthetic_loops import Setup, synthetic_loops
from network.images.prepared_images import PIXELS, Images
from tests.hardware.instruments.expected_messages import (
    BY_VOLTAGE,
    EXAMPLE,
    Expected,
    ExpectedInstrument,
    bench,
    pixels_of,
    program_of,
)
from tests.hardware.small_task import DEVICE, make_task


@pytest.fixture
def example(tmp_path):
    """Return a folder with the example of the documents and a program for it."""
    shutil.copytree(EXAMPLE, tmp_path, dirs_exist_ok=True)
    program, pixels, labels = make_task(n_in=PIXELS[0])
    pixels[:, 20:] = 0
    Images(pixels, labels, pixels, labels).write(tmp_path / "images.npz")
    DEVICE.write(tmp_path / "device.json")
    hashed = dataclasses.replace(program, device_sha256=sha256(tmp_path / "device.json"))
    hashed.write(tmp_path / "program.csv")
    (tmp_path / "hardware.yaml").write_text("images: 3\nreads: 4\n")
    return tmp_path


def run(folder):
    files = {"program": "csv", "device": "json", "images": "npz"}
    words = [w for name, end in files.items() for w in (f"--{name}", folder / f"{name}.{end}")]
    words += ["--config", folder / "hardware.yaml", "--out", folder / "run"]
    words += ["--bench", f"visa:{folder / 'my-bench.yaml'}"]
    return CliRunner().invoke(app, ["run", *map(str, words)], catch_exceptions=False)


def test_the_example_of_the_documents_runs_on_simulated_instruments(example):
    assert run(example).exit_code == 0
    manifest = read_json(example / "run" / "manifest.json", "manifest", 1)
    assert manifest["synthetic"] is True
    assert manifest["instrument"]["instruments"]["magnet"] == "SIMULATED,MAGNET,2,0"
    assert manifest["instrument"]["coil_sha256"] == sha256(example / "coil.csv")
    log = pd.read_parquet(example / "run" / "inference_log.parquet")
    pixels = Images.read(example / "images.npz").test_pixels[:3]
    assert len(log) == pixels.sum() * 5 * 4
    # The simulated probe answers the voltage, to 1e-5 V.
    np.testing.assert_allclose(log["field_measured_mT"], log["field_set_mT"], atol=3e-5)
    assert (log["outcome"] == 1).all()


def test_the_example_with_a_sinusoidal_field_sends_what_it_says():
    """Its digitiser gives loops of volts, one for each read."""
    path, sent = EXAMPLE / "sinusoidal-bench.yaml", []
    loops = synthetic_loops(24, Setup(signal_to_noise=30), seed=1, field_set_mT=4.6)
    points = iter([v for pair in zip(loops.field_mT / 10, loops.signal, strict=True) for v in pair])

    class Answering(ExpectedInstrument):
        def write(self, message):
            sent.append(message)

        def query(self, message):
            sent.append(message)
            return "25" if "DEL?" in message else "some name"

        def query_binary_values(self, message, **_):
            sent.append(message)
            return next(points).astype(np.float32)

    instruments = VisaBench(
        VisaBench.read(path).settings,
        path,
        lambda given: Answering(given.resource, Expected([])),
        sleep=lambda seconds: None,
    )
    program = program_of([4.6], reads=24, wave=FieldSinusoid(amplitude_mT=8, frequency_Hz=37))
    log = instruments.measure(program, pixels_of([1]))
    # The rising branch of coil.csv is 2 V - 0.2 mT: -3.9 to 4.1 V, and 2.4 V at 4.6 mT.
    assert sent[7:12] == ["FUNC SIN", "FREQ 37.0000", "VOLT 4.0000", "VOLT:OFFS 0.1000", "OUTP ON"]
    delay_s = np.arcsin(2.3 / 4) / (2 * np.pi * 37) + 25e-6
    expected = [
        "MEAS:DEL? CH2",
        f"PULS:DEL {delay_s:.9f}",
        "INIT",
        "OUTP ON",
        "CURV? CH2",
        "CURV? CH1",
    ]
    assert sent[12:18] == expected
    assert sent[18:23] == expected[1:]
    decided = log["outcome"].notna()
    assert decided.mean() > 0.8
    known = np.array([outcome == "passed" for outcome in loops.outcome])
    assert (log["outcome"] == known)[decided].all()
    assert instruments.instrument()["field_noise_sd_mT"] == 0.05


def test_an_instrument_that_does_not_answer_is_told(example):
    path = example / "my-bench.yaml"
    path.write_text(path.read_text().replace("GPIB0::8", "GPIB0::23"))
    message = r"my-bench\.yaml: pulse_generator\.identify, setup: the answer to '\*IDN\?' is '': em"
    with pytest.raises(InputError, match=message):
        run(example)


def test_an_error_that_an_instrument_reports_ends_the_session(example):
    path = example / "my-bench.yaml"
    path.write_text(path.read_text().replace('"VOLT {voltage_V', '"VOLD {voltage_V'))
    message = r"magnet\.check, image 0, .*: the answer to 'SYST:ERR\?' is '-113,\"Undefined header"
    with pytest.raises(InputError, match=message):
        run(example)
    assert b"images 0" not in (example / "run" / "inference_log.session").read_bytes()


def test_a_file_that_simulates_no_instruments_is_told_in_few_words(example):
    path = example / "my-bench.yaml"
    path.write_text(path.read_text().replace("simulated-instruments.yaml", "program.csv"))
    with pytest.raises(InputError, match="library: no VISA library") as caught:
        run(example)
    assert "Traceback" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.skipif(bool(find_spec("pyvisa_py")), reason="PyVISA-py is installed")
def test_a_library_that_is_not_installed_says_how_to(example):
    path = example / "my-bench.yaml"
    path.write_text(re.sub("(?m)^library: .*$", 'library: "@py"', path.read_text()))
    with pytest.raises(InputError, match=r"no VISA library '@py'.*pip install 'dwsynapse\[visa\]'"):
        run(example)


def test_an_instrument_that_cannot_be_opened_is_told(tmp_path):
    class Off(Expected):
        def open(self, instrument):
            raise OSError("no such device")

    message = r"pulse_generator\.resource: 'P' cannot be opened \(no such device\)"
    with pytest.raises(InputError, match=message):
        bench(tmp_path, Off([]), magnet=BY_VOLTAGE).measure(program_of([4.0]), pixels_of([1]))


def test_without_pyvisa_the_command_says_how_to_get_it(example, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyvisa", None)
    with pytest.raises(InputError, match=r"pip install 'dwsynapse\[visa\]'"):
        run(example)
