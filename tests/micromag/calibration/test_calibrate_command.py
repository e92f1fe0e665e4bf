"""The command: its files, what it keeps, and what it refuses."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import typer
import yaml
from scipy.special import expit
from tqdm import tqdm
from typer.testing import CliRunner

from dwsynapse.io.contracts import COUNTS, TRIALS
from dwsynapse.io.errors import InputError
from dwsynapse.study import SimulatedDevice
from dwsynapse.study.reading import block_text, over_defaults, read_study
from fitting.cli import app as fitting_app
from fitting.device import DeviceModel
from micromag.calibration.calibrate_command import calibrate_command
from micromag.calibration.target import read_target
from micromag.wires.wire_folder import WireFolder
from tests.micromag.tiny_wire import TINY

VARY = ["covered_fraction=0.5:0.7", "gilbert_damping=0.02+-0.004"]
FIELDS_MT = (6.0, 7.0, 8.0, 9.0)


@pytest.fixture
def files(tmp_path):
    """Return a config and counts."""
    config, counts = tmp_path / "tiny.yaml", tmp_path / "counts.csv"
    config.write_text(block_text(TINY))
    rows = {"field_mT": FIELDS_MT, "n_trials": [200] * 4, "n_passed": [12, 50, 140, 190]}
    COUNTS.write(counts, pd.DataFrame(rows), {})
    return config, counts


@pytest.fixture
def formula(monkeypatch):
    """Let a formula simulate wires; return a list of those that were simulated."""
    made = []

    def counts(self, threads, bar):
        if not (kept := self.path / "formula.json").is_file():
            made.append(self.path.name)
            notch, alpha = self.device.wire.notch, self.device.material.numbers.gilbert_damping
            field = np.array(list(self.trials))
            f = 1.8 * (field - 7.5 - 15 * (notch.covered_fraction - 0.6) + 50 * (alpha - 0.02))
            n = np.array(list(self.trials.values()))
            rng = np.random.default_rng(int(self.path.name, 16))
            self.path.mkdir(parents=True)
            kept.write_text(json.dumps(rng.binomial(n, expit(f)).tolist()))
        n = list(self.trials.values())
        passed = json.loads(kept.read_text())
        table = {"field_mT": list(self.trials), "n_trials": n, "n_passed": passed}
        return pd.DataFrame(table).assign(n_undecided=0)

    monkeypatch.setattr(WireFolder, "counts", counts)
    return made


def run(files, out, vary=VARY, **options):
    config, counts = files
    calibrate_command(
        config, counts, vary, out, **{"max_trials": 1800, "discrepancy": 0.0, **options}
    )


def test_a_calibration_writes_its_results_and_a_stopped_one_continues(files, formula, tmp_path):
    run(files, tmp_path / "whole")
    whole = list(formula)

    formula.clear()
    run(files, tmp_path / "parts", max_trials=1200)
    first = list(formula)
    run(files, tmp_path / "parts")
    for name in ("calibration.json", "best-wire.yaml", "rounds/2.json", "calibration.svg"):
        one, other = ((tmp_path / f / name).read_bytes() for f in ("whole", "parts"))
        assert one == other, name
    assert set(whole) <= set(formula)
    assert len(formula) == len(set(formula))
    # The best wire of the shorter calibration is another one.
    assert len(set(first) - set(whole)) == 1

    content = json.loads((tmp_path / "whole/calibration.json").read_text())
    assert content["verdict"] == "explained"
    found = content["parameters"]["wire.notch.covered_fraction"]
    assert 0.5 <= found["low"] < found["mean"] < found["high"] <= 0.7
    assert found["prior"] == {"kind": "uniform", "low": 0.5, "high": 0.7}
    assert np.shape(content["draws"]) == (400, 2)
    assert content["simulations"]["trials"] == 96 * content["simulations"]["wires"]
    assert set(content["provenance"]["inputs"].values())
    best = tmp_path / "whole/best-wire.yaml"
    study = read_study(over_defaults(yaml.safe_load(best.read_text())), best)
    values = content["best_wire"]["values"]
    device = study.devices["calibrated"]
    assert device.wire.notch.covered_fraction == values["wire.notch.covered_fraction"]
    assert device.wire.length_nm == TINY.wire.length_nm


def test_wires_can_be_simulated_elsewhere(files, formula, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(WireFolder, "prepare", lambda self: None)
    with pytest.raises(typer.Exit):
        run(files, tmp_path / "out", plan_only=True)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 12
    assert all(re.match(r"dwsynapse micromag simulate --config \S+device.yaml", x) for x in lines)
    assert not formula


def test_a_wire_is_simulated_once(tmp_path, capsys):
    wire = WireFolder(TINY, {10.0: 3, 20.0: 2}, tmp_path, seed=3)
    with tqdm(disable=True) as bar:
        counts = wire.counts(1, bar)
        trials = wire.path / "trials.csv"
        written = trials.stat().st_mtime_ns
        pd.testing.assert_frame_equal(wire.counts(1, bar), counts)
    assert trials.stat().st_mtime_ns == written
    assert (counts["n_trials"] + counts["n_undecided"]).tolist() == [3, 2]
    assert TRIALS.read(trials)["replica"].tolist() == [0, 1, 2, 3, 4]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("vary", "says"),
    [
        (["notch.covered_fracton=0.5:0.7"], "did you mean wire.notch.covered_fraction?"),
        (["covered_fraction=0.7:0.5"], "a range from its higher end to its lower"),
        (["covered_fraction=0.6:0.6"], "an empty range"),
        (["covered_fraction=0.6"], "neither a range nor a value"),
        (["covered_fraction=0.6+-0"], "no uncertainty"),
        (["covered_fraction"], "is no parameter with its range"),
        (["covered_fraction=0.5:0.99"], "no wire with wire.notch.covered_fraction=0.99 (the notch"),
        (["covered_fraction=0.5:0.6", "notch.covered_fraction=0.5:0.7"], "is given twice"),
        (["sd_nm=0:1", "gilbert_damping=0:1"], "gilbert_damping=0 (must be at least 1e-06"),
        (["anisotropy_J_per_m3=0:100"], "several parameters are named 'anisotropy_J_per_m3'"),
    ],
)
def test_wrong_parameters_are_refused_in_one_line(files, tmp_path, vary, says):
    with pytest.raises(InputError) as error:
        run(files, tmp_path / "out", vary)
    assert says in str(error.value)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("field_mT,n_passed\n1,2\n", "no column 'n_trials'"),
        ("current_uA,n_trials,n_passed\n1,2,1\n2,2,2\n", "counts against a current"),
        ("field_mT,n_trials,n_passed\n1,2,1\n", "counts at one field only"),
        ("field_mT,n_trials,n_passed\n1,2,0\n2,2,0\n", "no wall passed"),
        ("field_mT,n_trials,n_passed\n6,50,45\n7,50,30\n8,50,5\n", "passing falls with the field"),
        ('{"format": "dwsynapse-device", "format_version": 1, "drive": "current"}', "by a current"),
        (
            '{"format": "dwsynapse-device", "format_version": 1, "source": "published"}',
            "floor: must be a valid number (found None) (2 more errors follow); give the curve as",
        ),
        (
            '{"format": "dwsynapse-device", "format_version": 1, "source": "published", '
            '"parameters": {"floor": 0.1}}',
            "parameters.floor: ",
        ),
    ],
)
def test_wrong_targets_are_refused_in_one_line(files, tmp_path, table, says):
    target = tmp_path / f"target.{'json' if table.startswith('{') else 'csv'}"
    target.write_text(table)
    with pytest.raises(InputError) as error:
        run((files[0], target), tmp_path / "out")
    assert str(error.value).startswith(f"{target}: ")
    assert says in str(error.value)


def test_rows_of_several_devices_are_taken_together_with_a_note(tmp_path, capsys):
    target = tmp_path / "both.csv"
    rows = ["A,6,50,5,0", "A,7,50,20,0", "B,6,50,15,4", "B,7,50,30,0"]
    target.write_text("\n".join(["device,field_mT,n_trials,n_passed,n_undecided", *rows]))
    counts = read_target(target)
    assert counts.to_numpy().tolist() == [[6, 100, 20], [7, 100, 50]]
    says = capsys.readouterr().err
    assert "the column 'device' (A, B) is ignored, and its rows are taken together" in says
    assert "n_trials is taken as the decided trials, 4 undecided not among them" in says


@pytest.mark.parametrize(
    ("curve", "says"),
    [
        ("{h0_mT: 7, steepness: 2, floor: 0}", "wanted.yaml: delta_per_mT: "),
        ("{h0_mT: 7, delta_per_mT: -2, floor: 0}", "delta_per_mT: must be greater than 0"),
        ("{h0_mT: 7, delta_per_mT: 2, floor: 1}", "floor: must be less than 1"),
        ("{h0_mT: 7, delta_per_mT: 2, floor: 0.999}", "floor: every one of 200 walls passes"),
        (
            "{h0_mT: 7, delta_per_mT: 1e-4, floor: 0}",
            "delta_per_mT: it rises over fields 1e+04 mT apart, up to",
        ),
        (
            "{h0_mT: 7, delta_per_mT: 1e5, floor: 0}",
            "delta_per_mT: it rises over fields 1e-05 mT apart, up to",
        ),
    ],
)
def test_wrong_wanted_curves_are_refused_in_one_line(files, tmp_path, curve, says):
    target = tmp_path / "wanted.yaml"
    target.write_text(curve)
    with pytest.raises(InputError) as error:
        run((files[0], target), tmp_path / "out")
    assert says in str(error.value)
    assert "give the curve as in {floor: 0, h0_mT: 7, delta_per_mT: 2}" in str(error.value)


def test_a_target_whose_fields_are_in_tesla_is_refused(tmp_path):
    table = {"field_mT": [0.005, 0.01], "n_trials": [100, 100], "n_passed": [3, 50]}
    COUNTS.write(counts := tmp_path / "counts.csv", pd.DataFrame(table), {})
    wanted = tmp_path / "wanted.yaml"
    wanted.write_text("{h0_mT: 0.01, delta_per_mT: 1500, floor: 0}")
    for target in (counts, wanted):
        with pytest.raises(
            InputError, match=r"fields up to 0\.01\d* mT, less .*; give fields in mT"
        ):
            read_target(target)


@pytest.mark.parametrize(
    ("spread", "says"),
    [
        ("opening_nm=1", "wire.notch.opening_nm does not vary; give its range, too"),
        ("covered_fraction=0.3", "is no standard deviation; give wire.notch.covered_fraction=SD"),
        ("covered_fraction=wide", "is no standard deviation"),
        ("covered=0.01", "did you mean wire.notch.covered_fraction"),
    ],
)
def test_wrong_spreads_are_refused_in_one_line(files, tmp_path, spread, says):
    with pytest.raises(InputError, match="--spread: ") as error:
        run(files, tmp_path / "out", spread=[spread])
    assert says in str(error.value)


def test_a_spread_is_given_once(files, tmp_path):
    twice = ["covered_fraction=0.01", "notch.covered_fraction=0.02"]
    with pytest.raises(
        InputError, match=r"--spread: wire\.notch\.covered_fraction has two spreads"
    ):
        run(files, tmp_path / "out", spread=twice)


def test_a_wanted_curve_gives_a_wire_and_how_its_curve_spreads(files, tmp_path, formula):
    wanted, out = tmp_path / "wanted.yaml", tmp_path / "out"
    wanted.write_text("{h0_mT: 7.8, delta_per_mT: 1.8, floor: 0}")
    options = {"vary": ["covered_fraction=0.5:0.7"], "spread": ["covered_fraction=0.01"]}
    run((files[0], wanted), out, **options, max_trials=2400)
    found = json.loads((out / "calibration.json").read_text())
    assert found["verdict"] == "explained"
    # The formula's centre is at 7.5 mT + 15 mT (c - 0.6), and its steepness is 1.8 per mT. Of 2400
    # trials, and counts as of 200 walls at a field, centre and steepness are known to some percent.
    best = found["best_wire"]["values"]["wire.notch.covered_fraction"]
    assert best == pytest.approx(0.62, abs=0.008)
    made = found["fabrication"]
    assert made["spread"] == {"wire.notch.covered_fraction": 0.01}
    assert made["nominal"]["h0_mT"] == pytest.approx(7.5 + 15 * (best - 0.6), abs=0.1)
    assert made["nominal"]["delta_per_mT"] == pytest.approx(1.8, rel=0.15)
    assert made["sd"]["h0_mT"] == pytest.approx(0.15, rel=0.2)
    assert made["largest_misfit"] < 0.03
    # The fields reach 2.2 mT to either side, 15 standard deviations.
    assert made["centre_outside_share"] == 0
    assert len(made["wires"]["h0_mT"]) == 400
    assert "as fabricated, 95 %" in (out / "calibration.svg").read_text()

    result = CliRunner().invoke(
        fitting_app, ["fabricated", str(out / "calibration.json"), "--out", str(tmp_path / "made")]
    )
    assert result.exit_code == 0, result.output
    device = DeviceModel.read(tmp_path / "made/device.json")
    assert device.curve.h0_mT == made["nominal"]["h0_mT"]
    assert device.draws[:, 1].tolist() == made["wires"]["h0_mT"]


def test_too_few_trials_are_refused(files, tmp_path):
    with pytest.raises(InputError, match="--max-trials: 500 trials, fewer than the first round"):
        run(files, tmp_path / "out", max_trials=500)


def test_a_device_model_leads_to_its_counts(files, tmp_path, capsys):
    from dwsynapse.io.files import sha256
    from micromag.calibration.target import counts_file

    device = tmp_path / "device.json"
    origin = {"inputs": {"elsewhere/counts.csv": sha256(files[1])}}
    content = {"format": "dwsynapse-device", "format_version": 1, "provenance": origin}
    device.write_text(json.dumps(content))
    assert counts_file(device) == files[1]
    assert capsys.readouterr().err == ""
    device.write_text(json.dumps(content | {"nuisances": {"missed": {}}}))
    assert counts_file(device) == files[1]
    assert "device.json: missed of its fit left out: counts are" in capsys.readouterr().err
    files[1].unlink()
    with pytest.raises(InputError, match="its counts are no longer there"):
        counts_file(device)


def test_cells_follow_a_thickness_that_varies(files):
    from dwsynapse.study.wires.varied_wires import VariedWires

    wires = VariedWires.of(TINY, ["thickness_nm=4:6"], Path("tiny.yaml"))
    device = wires.wire(np.array([0.5]))
    assert isinstance(device, SimulatedDevice)
    assert (device.wire.thickness_nm, device.wire.cell_nm) == (5.5, (5.0, 5.0, 5.5))


def test_a_distance_of_release_that_may_be_a_range_can_vary(files):
    from dwsynapse.study.wires.varied_wires import VariedWires

    wires = VariedWires.of(TINY, ["release_distance_nm=75:85"], Path("tiny.yaml"))
    assert wires.wire(np.array([1.0])).protocol.release_distance_nm == 85
