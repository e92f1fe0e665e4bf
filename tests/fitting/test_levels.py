"""A wire's curves at several levels beside the counts that it was calibrated to."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from typer.testing import CliRunner

from dwsynapse.drives import DRIVES, FIELD
from dwsynapse.io.contracts import PREDICTION
from dwsynapse.io.errors import InputError
from fitting.cli import app
from fitting.device import DeviceModel
from fitting.fabricated_device import device_as_fabricated
from fitting.forms import Logistic
from fitting.levels.level import Level
from fitting.levels.levels_figure import draw_levels

FIELDS_MT = np.arange(5.0, 10.5, 0.5)


def counts(h0_mT, delta_per_mT=2.0, n=2000):
    """Return counts that are the expected ones of a curve, rounded."""
    passed = np.round(n * expit(delta_per_mT * (FIELDS_MT - h0_mT)))
    return pd.DataFrame({"field_mT": FIELDS_MT, "n_trials": n, "n_passed": passed.astype(int)})


def write_prediction(path, h0_mT, *, credible):
    content = {"format": "dwsynapse-prediction", "format_version": 1}
    bounds = {"value": h0_mT, "low": h0_mT - 0.2, "high": h0_mT + 0.2}
    path.with_suffix(".json").write_text(json.dumps(content | {"median_field_mT": bounds}))
    field_mT = np.linspace(5, 10, 101)
    p, low, high = (expit(2 * (field_mT - h0_mT - x)) for x in (0, 0.2, -0.2))
    table = {"field_mT": field_mT, "probability": p, "low": low, "high": high, "rate_Hz": 1.0}
    table |= {"barrier_kT": 5.0, "credible": int(credible), "reason": "" if credible else "far"}
    PREDICTION.write(path, pd.DataFrame(table), {})


def verdict(ours, theirs):
    return ours.beside(theirs, 0.3, 0.3)["verdict"]


def test_verdicts_follow_the_intervals():
    curve = pd.DataFrame()
    target = Level("target", curve, (7.0, 6.95, 7.05), (2.0, 1.9, 2.1))
    assert verdict(Level("a", curve, (7.1, 7.0, 7.2), (2.1, 1.9, 2.3)), target) == "agrees"
    assert verdict(Level("b", curve, (7.2, 7.0, 7.4), (2.1, 1.9, 2.3)), target) == "open"
    assert verdict(Level("c", curve, (7.1, None, 7.2), (2.1, 1.9, 2.3)), target) == "open"
    assert verdict(Level("d", curve, (9.0, 8.9, 9.1), (2.0, 1.9, 2.1)), target) == "differs"
    assert verdict(Level("e", curve, (7.1, 7.0, 7.2), (0.7, 0.6, 0.8)), target) == "differs"
    found = Level("f", curve, (7.5, 7.46, 7.54), (4.0, 3.9, 4.1)).beside(target, 0.3, 0.3)
    assert found["difference_mT"]["value"] == pytest.approx(0.5)
    assert found["difference_mT"]["low"] == pytest.approx(0.5 - np.hypot(0.04, 0.05))
    assert found["steepness_ratio"]["value"] == pytest.approx(2)


@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
def test_a_prediction_whose_centre_is_beyond_its_fields_is_open(share):
    table = pd.DataFrame({"field_mT": FIELDS_MT, "probability": share, "low": share, "high": share})
    beyond = Level.of_prediction("dwell", table.assign(credible=True), (None, None, None))
    found = beyond.beside(
        Level("target", pd.DataFrame(), (7.0, 6.9, 7.1), (2.0, 1.9, 2.1)), 0.3, 0.3
    )
    assert found["verdict"] == "open"
    unknown = {"value": None, "low": None, "high": None}
    assert found["h0_mT"] == found["delta_per_mT"] == found["difference_mT"] == unknown


def test_levels_are_compared_with_the_target_of_a_calibration(tmp_path):
    def run(*words):
        result = CliRunner().invoke(app, list(map(str, words)))
        assert result.exit_code == 0, result.output

    counts(9.0).to_csv(tmp_path / "counts.csv", index=False)
    run("fit", tmp_path / "counts.csv", "--source", "simulation", "--out", tmp_path)
    records = [counts(h0_mT).to_dict("records") for h0_mT in (7.0, 7.05)]
    content = {"format": "dwsynapse-calibration", "format_version": 1, "verdict": "explained"}
    content |= {"measured": records[0], "best_wire": {"simulated": records[1]}}
    (tmp_path / "calibration.json").write_text(json.dumps(content))
    words = ["levels", tmp_path / "calibration.json"]
    words += ["--device", tmp_path / "device.json", "--out", tmp_path / "out"]
    for basis, credible in (("barriers", True), ("survival", False)):
        (tmp_path / basis).mkdir()
        write_prediction(table := tmp_path / basis / "prediction.csv", 7.8, credible=credible)
        words += ["--dwell", table.with_suffix(".json")]
    run(*words)
    found = json.loads((tmp_path / "out/levels.json").read_text())["levels"]
    verdicts = {row["level"]: row["verdict"] for row in found}
    assert verdicts == {
        "nanoseconds": "differs",
        "laboratory dwell, from barriers": "differs",
        "laboratory dwell, from survival": "not credible",
        "calibrated": "agrees",
    }
    assert found[1]["h0_mT"]["value"] == pytest.approx(7.8, abs=0.01)
    assert found[1]["h0_mT"]["low"] == pytest.approx(7.6, abs=0.01)
    assert found[1]["delta_per_mT"]["value"] == pytest.approx(2, rel=0.01)
    assert "calibrated: agrees" in (tmp_path / "out/levels.svg").read_text()
    # Of a calibrated wire that is a device, its own trials count.
    run(*words, "--calibrated", tmp_path / "device.json")
    *_, last = json.loads((tmp_path / "out/levels.json").read_text())["levels"]
    assert last["h0_mT"]["value"] == pytest.approx(9.0, abs=0.02)


def test_any_number_of_levels_is_drawn(tmp_path):
    table = pd.DataFrame({"field_mT": FIELDS_MT, "probability": expit(FIELDS_MT - 7)})
    table = table.assign(low=0.0, high=1.0, credible=True)
    levels = [Level.of_prediction(f"dwell {i}", table, (7.0, 6.9, 7.1)) for i in range(7)]
    target = counts(7.0).to_dict("records")
    draw_levels(tmp_path / "levels.svg", "wire", target, levels, ["open"] * 7)
    assert "dwell 6: open" in (tmp_path / "levels.svg").read_text()


def calibration():
    """Return a calibration with a spread of fabrication, as far as this room reads it."""
    rows = counts(7.0).to_dict("records")
    wires = {"floor": [0.1, 0.2], "h0_mT": [7.0, 7.1], "delta_per_mT": [2.0, 2.1]}
    nominal = {"floor": 0.1, "h0_mT": 7.0, "delta_per_mT": 2.0}
    return {
        "format": "dwsynapse-calibration",
        "format_version": 1,
        "verdict": "explained",
        "measured": rows,
        "best_wire": {"simulated": [dict(row) for row in rows]},
        "fabrication": {"field_range_mT": [5.0, 10.0], "nominal": nominal, "wires": wires},
    }


@pytest.mark.parametrize("command", ["levels", "fabricated"])
@pytest.mark.parametrize(
    ("place", "value", "says"),
    [
        ("verdict", None, "verdict: must be a valid string"),
        ("measured", [], "measured: "),
        ("measured.0.n_trials", "many", "measured.0.n_trials: must be a valid number"),
        ("measured.2.n_passed", 1e6, "measured.2: .* n_passed 1e.06 exceeds n_trials 2000"),
        ("best_wire", {}, "best_wire.simulated: no such key"),
        ("best_wire.simulated.1.field_mT", -1, "best_wire.simulated.1.field_mT: must be greater"),
        ("fabrication.field_range_mT", [5.0], "fabrication.field_range_mT: "),
        ("fabrication.field_range_mT", [10.0, 5.0], "fabrication.field_range_mT: .*no lower field"),
        ("fabrication.nominal.floor", 1.5, "fabrication.nominal.floor: must be less than 1"),
        ("fabrication.wires.h0_mT", [7.0], "fabrication.wires: .* lists of 2, 1, 2 numbers"),
        ("fabrication.wires.floor", None, "fabrication.wires.floor: must be a valid list"),
        ("fabrication", "none", "fabrication: "),
    ],
)
def test_a_damaged_calibration_is_one_line_that_names_file_and_key(
    tmp_path, command, place, value, says
):
    content = calibration()
    *above, key = (int(part) if part.isdigit() else part for part in place.split("."))
    block = content
    for part in above:
        block = block[part]
    block[key] = value
    (path := tmp_path / "calibration.json").write_text(json.dumps(content))
    words = [command, path, "--out", tmp_path / "out"]
    words += ["--device", tmp_path / "device.json"] if command == "levels" else []
    with pytest.raises(InputError, match=rf"calibration.json: {says}") as error:
        raise CliRunner().invoke(app, list(map(str, words))).exception
    assert "\n" not in str(error.value)


def test_the_order_of_keys_in_a_calibration_does_not_matter():
    fabrication = calibration()["fabrication"]
    turned = fabrication | {"wires": dict(reversed(fabrication["wires"].items()))}
    expected = [[0.1, 7.0, 2.0], [0.2, 7.1, 2.1]]
    assert device_as_fabricated(turned, "wires", {}).draws.tolist() == expected


@pytest.mark.parametrize(
    ("device", "says"),
    [
        ("current", "--device is for devices driven by a field, not by a current"),
        ("published", "device 'p' has no draws of its curve"),
    ],
)
def test_levels_refuse_a_device_without_a_curve_of_draws_against_the_field(tmp_path, device, says):
    (path := tmp_path / "calibration.json").write_text(json.dumps(calibration()))
    drive = DRIVES["current"] if device == "current" else FIELD
    intervals = {"floor": (0.0, 0.1), "h0_mT": (6.9, 7.1), "delta_per_mT": (1.9, 2.1)}
    curve = Logistic.of({"floor": 0.05, "h0_mT": 7.0, "delta_per_mT": 2.0})
    made = DeviceModel("p", "published", curve, intervals, "rounding", (5.0, 9.0), drive=drive)
    made.write(tmp_path / "device.json")
    words = ["levels", path, "--device", tmp_path / "device.json", "--out", tmp_path / "out"]
    with pytest.raises(InputError, match=says):
        raise CliRunner().invoke(app, list(map(str, words))).exception


def test_a_calibration_without_a_spread_says_what_gives_one(tmp_path):
    content = calibration() | {"fabrication": None}
    (path := tmp_path / "calibration.json").write_text(json.dumps(content))
    words = ["fabricated", str(path), "--out", str(tmp_path / "out")]
    with pytest.raises(InputError, match="no spread of fabrication; give `micromag calibrate`"):
        raise CliRunner().invoke(app, words).exception
    path.write_text(json.dumps(calibration()))
    assert CliRunner().invoke(app, words).exit_code == 0
    assert (tmp_path / "out/device.json").is_file()
