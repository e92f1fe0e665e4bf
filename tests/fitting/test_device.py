"""A wrong value in a device model is reported in one line, with its key."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import sha256
from dwsynapse.study import Fitting
from fitting.design.fit_advice import advice
from fitting.device import DeviceModel
from fitting.device.content_hash import content_sha256, is_same_device
from fitting.fit_report import report
from fitting.make_device import device_from_counts
from tests.hardware.small_task import DEVICE


def write_altered(path, keys, value):
    """Write a sound model with one value, found by its keys, put in place of another."""
    DEVICE.write(path)
    content = json.loads(path.read_text())
    inner = content
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = value
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("keys", "value", "message"),
    [
        ("parameters h0_mT value", "nan", "parameters.h0_mT.value: must be a valid number"),
        ("parameters h0_mT high", "inf", "parameters.h0_mT.high: must be a valid number"),
        ("parameters h0_mT value", 5.0, "parameters.h0_mT: value must be between low and high"),
        ("parameters h0_mT value", "far", "parameters.h0_mT.value: must be a valid number"),
        ("parameters h0_mT unit", "T", "parameters.h0_mT.unit: must be mT"),
        ("parameters delta_per_mT unit", "1/T", "parameters.delta_per_mT.unit: must be 1/mT"),
        ("parameters floor", [1, 1, 1], "parameters.floor: value must be at least 0 and below 1"),
        ("parameters floor", [-0.1, -1, 0], "parameters.floor: value must be at least 0"),
        ("parameters delta_per_mT", [-1, -2, 1], "parameters.delta_per_mT: value must be above 0"),
        ("field_range_mT", [9, 1], "field_range_mT: must go from a lower to a higher field"),
        ("field_range_mT", [0, "inf"], "field_range_mT.1: must be a valid number"),
        ("source", "dream", "source: must be 'simulation', 'measurement' or 'published'"),
        ("form", "spline", "missing or unknown 'spline'"),
        ("nucleation_field_mT", "nan", "nucleation_field_mT: must be a valid number"),
        ("confidence", 95, "confidence: must be above 0 and below 1"),
        ("parameters h0_mT high", 10**400, "parameters.h0_mT.high: must be a valid number"),
        ("parameters h0_mT high", 1e200, "parameters.h0_mT: value, low and high must be below"),
        ("draws", [[0.1, "nan", 2.0]], "draws.0.1: must be a valid number"),
        ("draws", [[0.1, 2.0]], "every row of draws must have 3 numbers"),
        ("draws", [[-0.1, 4.6, 2.0]], "draws: floor and lapse must be at least 0"),
        ("draws", [[0.1, 4.6, -2.0]], "draws: delta_per_mT must be above 0"),
        ("covariance", [["inf"]], "covariance.0.0: must be a valid number"),
        ("covariance", [[1, 0, 0]], "covariance: must have a row for each of the 3 parameters"),
        ("name", ["wire"], "name: must be a valid string"),
        ("nuisances", None, "nuisances: must be a valid dictionary"),
        ("goodness_of_fit", {}, "goodness_of_fit.deviance: no such key"),
    ],
)
def test_each_wrong_value_names_its_key(tmp_path, keys, value, message):
    path = tmp_path / "device.json"
    place = keys.split()
    if place[0] == "parameters" and isinstance(value, list):
        best, low, high = value
        unit = DEVICE.curve.units()[place[1]]
        value = {"value": best, "low": low, "high": high, "unit": unit}
    write_altered(path, place, value)
    with pytest.raises(InputError) as caught:
        DeviceModel.read(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_bands_that_cannot_be_are_refused():
    values = DEVICE.curve.values()
    drawn = replace(DEVICE, draws=np.array([[values[name] for name in DEVICE.intervals]]))
    assert drawn.band([5.0], 0.9) == pytest.approx(drawn.band(np.array([5.0]), 0.9))
    with pytest.raises(InputError, match="confidence: 95 is not between 0 and 1"):
        drawn.band([5.0], 95)
    with pytest.raises(InputError, match="probability: 50 is not between"):
        drawn.field_at(50, 0.95)
    with pytest.raises(InputError, match="no draws of its curve"):
        replace(DEVICE, draws=np.empty((0, 3))).band(np.array([5.0]), 0.95)


def test_a_sound_model_reads_back(tmp_path):
    DEVICE.write(tmp_path / "device.json")
    assert DeviceModel.read(tmp_path / "device.json").curve == DEVICE.curve


def test_open_ends_are_null_and_read_back(tmp_path):
    counts = pd.DataFrame({"field_mT": [4.0, 5, 6], "n_trials": 50, "n_passed": [0, 50, 50]})
    settings = Fitting(simulations=9, draws=50, fields_at=(0.5, 0.001))
    device = device_from_counts(
        counts, settings, name="step", source="measurement", seed=1, path="counts.csv"
    )
    device.write(tmp_path / "device.json")
    assert '"high": null' in (tmp_path / "device.json").read_text()
    again = DeviceModel.read(tmp_path / "device.json")
    low, high = again.intervals["delta_per_mT"]
    assert low > 1
    assert high is None
    value, least, most = again.place_and_steepness()["h0_mT"]
    assert 4 < least < value < most < 5
    middle, hardly = again.fields_at
    assert 4 < middle["low"] <= middle["field_mT"] <= middle["high"] < 5
    assert hardly["low"] is None  # Many drawn floors are higher.
    assert "> 7.8" in report(again)
    assert advice(device, counts, settings)[-1].startswith("measure next at")


def test_a_device_is_the_same_whatever_made_it(tmp_path):
    made = {
        "first": DEVICE,
        "again": replace(DEVICE, provenance={"code_version": "another"}),
        "other": replace(DEVICE, curve=DEVICE.curve.with_values({"h0_mT": 4.64})),
    }
    paths = {name: tmp_path / f"{name}.json" for name in made}
    for name, device in made.items():
        device.write(paths[name])
    first = sha256(paths["first"]), content_sha256(paths["first"])
    assert is_same_device(paths["again"], *first)
    assert not is_same_device(paths["other"], *first)
    # Models of earlier versions know the hash of the file alone.
    assert is_same_device(paths["first"], first[0], None)
    assert not is_same_device(paths["again"], first[0], None)
