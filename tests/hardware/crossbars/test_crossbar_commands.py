"""The commands of crossbars as a user types them, from a trained one to a verdict."""

import json

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from typer.testing import CliRunner

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import write_json
from dwsynapse.study.crossbar import Carry, Crossbar
from fitting.response.response_content import KIND, VERSION
from fitting.response.response_table import ResponseTable
from hardware.cli import app
from hardware.crossbars.programming_log import ProgrammingManifest
from network.crossbar.model import trained_crossbar
from network.crossbar.model.crossbar_layers import CrossbarLayer
from network.crossbar.model.trained_crossbar import CrossbarRecord, ResponseOrigin, TrainedCrossbar
from tests.hardware.crossbars.small_crossbar import LOW_S, RANGE_S, response

SHAPE = 2, 2, 9, 6
CONFIG = Crossbar(hidden=(), weight_limits=(1.0,), carry=Carry(), devices=2, epochs=1)


def invoke(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)


@pytest.fixture
def crossbar(tmp_path):
    """Write a crossbar of 9 x 6 weights with two digits, of two kinds of device."""
    table = response()
    table.write(tmp_path / "response.npz", {})
    rng = np.random.default_rng(4)
    layer = CrossbarLayer(
        np.zeros(SHAPE[2:], np.float32),
        1.25,
        rng.uniform(0.1, 0.9, SHAPE).astype(np.float32),
        rng.integers(1, 3, SHAPE, dtype=np.uint8),
    )
    made = TrainedCrossbar(
        ResponseOrigin.of(tmp_path / "response.npz", table),
        0,
        1,
        CONFIG,
        (layer,),
        LOW_S * np.array([1, 0.9, 1.2]),
        (LOW_S + RANGE_S) * np.array([1, 1.1, 1.3]),
        CrossbarRecord(0.01, 1, 10, None, (0.5,)),
    )
    trained_crossbar.write(tmp_path / "crossbar0.json", made)
    return made


def chain(folder, *options):
    """Program, run and verify; return the verification."""
    given = "--response", folder / "response.npz"
    invoke("program-crossbar", folder / "crossbar0.json", *given, "--out", folder)
    program = "--program", folder / "crossbar_program.csv"
    invoke("run-crossbar", *program, *given, "--out", folder, *options)
    log = folder / ("programming_log.csv" if "--csv" in options else "programming_log.parquet")
    named = "--programming-log", log, "--manifest", folder / "manifest.json"
    said = invoke("verify-crossbar", *program, *given, *named, "--out", folder)
    return json.loads((folder / "crossbar_verification.json").read_text()), said.output


def test_a_crossbar_goes_from_training_to_a_verdict(tmp_path, crossbar):
    """Each device gets the conductance that it was trained to."""
    verification, said = chain(tmp_path, "--csv", "--read-noise-S", 3e-8)
    assert verification["verdict"]["verdict"] in ("consistent", "not enough data"), said
    assert verification["synthetic"]
    assert "verdict: " in said
    program = pd.read_csv(tmp_path / "crossbar_program.csv", comment="#")
    assert len(program) == np.prod(SHAPE)
    place = program[(program.row == 8) & (program.column == 5) & (program.side == "minus")]
    trained_S = crossbar.conductances_S(0)[:, 1, 8, 5]
    assert_allclose(place.sort_values("digit")["conductance_S"], trained_S)
    final = pd.read_csv(tmp_path / "final_conductances.csv", comment="#")
    away = np.abs(final["conductance_S"] - program["conductance_S"])
    # Half the mean step, and four standard deviations of a reading.
    tolerance = json.loads((tmp_path / "crossbar_program.json").read_text())["tolerance"]
    assert (away <= tolerance * (program["high_S"] - program["low_S"]) + 1.2e-7).mean() > 0.99
    page = (tmp_path / "crossbar_verification.html").read_text()
    assert "synthetic" in page
    assert "<svg" in page


def test_a_log_is_of_the_same_rows_that_newer_code_wrote(tmp_path, crossbar):
    chain(tmp_path)
    program, log = tmp_path / "crossbar_program.csv", tmp_path / "programming_log.parquet"
    text = program.read_text()
    program.write_text(text.replace('"code"', '"other code"', 1))
    ProgrammingManifest.read(tmp_path / "manifest.json", program, log)
    # A manifest of one's own may not state the rows: what it then needs is said.
    manifest = tmp_path / "manifest.json"
    content = json.loads(manifest.read_text())
    rows = content.pop("program_rows_sha256")
    manifest.write_text(json.dumps(content))
    with pytest.raises(InputError, match=f"same program again, add program_rows_sha256: {rows} to"):
        ProgrammingManifest.read(manifest, program, log)
    manifest.write_text(json.dumps(content | {"program_rows_sha256": rows}))
    ProgrammingManifest.read(manifest, program, log)
    program.write_text(text.rsplit("\n", 2)[0] + "\n")
    with pytest.raises(InputError, match="of another program than"):
        ProgrammingManifest.read(manifest, program, log)


def test_the_next_program_starts_where_the_last_one_ended(tmp_path, crossbar):
    """From there the same conductances need no pulses."""
    chain(tmp_path)
    out = tmp_path / "again"
    said = invoke(
        *("program-crossbar", tmp_path / "crossbar0.json"),
        *("--response", tmp_path / "response.npz", "--out", out),
        *("--walls-at", tmp_path / "final_conductances.csv", "--loop", "open"),
    )
    # A wall within half the mean step may still be nearer after a step that is smaller there.
    assert "216 devices: " in said.output
    assert np.abs(pd.read_csv(out / "crossbar_program.csv", comment="#")["pulses"]).max() <= 1


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        (["0,1e-5"], "1 conductances for 216 devices"),
        (
            [f"{n},1.5e-5" for n in range(215)] + ["215,15"],
            "row 217.*15 S is far outside the range",
        ),
    ],
)
def test_a_state_of_other_devices_or_units_is_refused(tmp_path, crossbar, rows, line):
    """Siemens where a column says so."""
    (tmp_path / "state.csv").write_text("\n".join(["device,conductance_S", *rows, ""]))
    given = "--response", tmp_path / "response.npz", "--walls-at", tmp_path / "state.csv"
    with pytest.raises(InputError, match=line):
        invoke("program-crossbar", tmp_path / "crossbar0.json", *given, "--out", tmp_path)


def test_virtual_walls_move_by_a_response_of_few_pulses_itself(tmp_path, crossbar):
    """The scatter of its pulses is no part of what they do: a log without a fault showed less."""
    table = ResponseTable.read(tmp_path / "response.npz")
    few = {"n_pulses": [10] * len(table.conductances_S)}
    bins = {"conductance_S": table.conductances_S.tolist(), "up": few, "down": few}
    write_json(tmp_path / "response.json", KIND, VERSION, {"bins": bins})
    verification, said = chain(tmp_path)
    assert verification["verdict"]["alarm"] is False, said
    assert verification["response"]["known_by_pulses"] is None
    assert any("virtual" in note for note in verification["notes"])


def test_a_defect_is_a_result(tmp_path, crossbar):
    """A fifth of the walls does not move."""
    verification, said = chain(tmp_path, "--stuck", 0.2)
    assert verification["verdict"]["verdict"] == "inconsistent"
    failed = {t["test"] for t in verification["tests"] if t["verdict"] == "inconsistent"}
    assert {"worst devices", "final conductances"} <= failed
    assert "inconsistent (" in said


def test_ideal_updates_have_no_program(tmp_path, crossbar):
    """They were on no devices."""
    ideal = CONFIG.model_copy(update={"update": "ideal"})
    layer = CrossbarLayer(np.zeros(SHAPE[2:], np.float32), 1.25)
    made = TrainedCrossbar(**{**vars(crossbar), "config": ideal, "layers": (layer,)})
    trained_crossbar.write(tmp_path / "ideal.json", made)
    with pytest.raises(InputError, match="was trained by ideal updates"):
        invoke(
            *("program-crossbar", tmp_path / "ideal.json"),
            *("--response", tmp_path / "response.npz", "--out", tmp_path),
        )


def test_noise_in_another_unit_is_refused(tmp_path, crossbar):
    """It would take pulses until memory ends."""
    chain(tmp_path, "--csv")
    given = "--response", tmp_path / "response.npz", "--out", tmp_path / "again"
    program = "--program", tmp_path / "crossbar_program.csv"
    path = tmp_path / "manifest.json"
    stated = json.loads(path.read_text())
    stated["instrument"]["read_noise_sd_S"] = 1.0
    path.write_text(json.dumps(stated))
    log = "--programming-log", tmp_path / "programming_log.csv", "--manifest", path
    says = "read_noise_sd_S: 1 S, where the range of a device is .* give the standard deviation"
    with pytest.raises(InputError, match=rf"manifest.json: instrument.{says}"):
        invoke("verify-crossbar", *program, *log, *given)
    with pytest.raises(InputError, match=r"--read-noise-S: 1 S, where the range of a device"):
        invoke("run-crossbar", *program, "--read-noise-S", 1, *given)
