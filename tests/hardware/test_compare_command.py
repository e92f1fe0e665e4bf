"""Two devices compared on the command line: counts where both have them, curves otherwise."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import dwsynapse as dw
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import provenance, read_json
from dwsynapse.study import Fitting
from fitting.comparison.devices.calibration_prior import CalibrationPrior
from fitting.comparison.devices.devices_compared import BothCounts, compare_devices
from fitting.comparison.devices.same_within_calibration import (
    common_settings,
    same_within_calibration,
)
from fitting.forms import Logistic
from fitting.make_device import device_from_counts
from hardware.cli import app
from tests.hardware.small_task import DEVICE

TRUTH = Logistic(floor=0.02, h0_mT=4.63, delta_per_mT=2.73)
FIELDS_mT = np.linspace(2.5, 7.5, 11)
SETTINGS = Fitting(simulations=19, draws=50)


def table(seed, curve=TRUTH, n_trials=300):
    passed = np.random.default_rng(seed).binomial(n_trials, curve.probability(FIELDS_mT))
    return pd.DataFrame({"field_mT": FIELDS_mT, "n_trials": n_trials, "n_passed": passed})


def lab(folder, name, curve, settings=SETTINGS, field="field_mT"):
    """Write counts and the device fitted to them."""
    (folder / name).mkdir()
    counts = table(len(name), curve)
    counts.rename(columns={"field_mT": field}).to_csv(folder / f"{name}.csv", index=False)
    device = device_from_counts(
        counts,
        settings,
        name=name,
        source="measurement",
        seed=1,
        path=name,
        provenance=provenance("hardware", inputs=[folder / f"{name}.csv"]),
    )
    device.write(folder / name / "device.json")
    return folder / name / "device.json"


@pytest.fixture
def labs(tmp_path):
    (tmp_path / "hardware.yaml").write_text("field_offset_sd_mT: 0.1\n")
    lab(tmp_path, "one", TRUTH)
    lab(tmp_path, "shifted", dataclasses.replace(TRUTH, h0_mT=5.63))
    lab(tmp_path, "leaky", dataclasses.replace(TRUTH, floor=0.3))
    return tmp_path


def compare(folder, a, b, *options):
    devices = ("--device", folder / a / "device.json", "--reference", folder / b / "device.json")
    arguments = ("compare", *devices, "--config", folder / "hardware.yaml", "--out", folder / "out")
    ran = CliRunner().invoke(app, [str(x) for x in (*arguments, *options)], catch_exceptions=False)
    return ran, read_json(folder / "out" / "comparison.json", "comparison", 1)


def test_counts_are_found_by_what_the_device_was_made_of(labs):
    ran, content = compare(labs, "one", "shifted")
    assert content["compared"] == "counts"
    assert content["verdict"] == "different"
    assert "same curve" in content["because_of"]
    offset = content["calibration"]["offset"]
    assert offset["offset_mT"]["low"] < 1.0 < offset["offset_mT"]["high"]
    assert offset["p_value"] > 0.01
    assert content["calibration"]["known_beforehand"]["offset_sd_mT"] == pytest.approx(0.1 * 2**0.5)
    assert "one and shifted: different (by their counts)" in ran.output
    assert "different (by " in (labs / "out" / "comparison.svg").read_text()


def test_no_calibration_changes_a_floor(labs):
    ran, content = compare(labs, "one", "leaky")
    assert content["verdict"] == "different"
    assert "difference in floor" in content["because_of"]
    for kind in ("offset", "offset_and_scale"):
        assert content["calibration"][kind]["p_value"] < 1e-6
    assert "the curves still differ" in ran.output


def test_curves_are_compared_where_counts_are_gone_or_others(labs):
    (labs / "shifted.csv").unlink()
    (labs / "shifted" / "counts.csv").write_text((labs / "one.csv").read_text())
    ran, content = compare(labs, "one", "shifted")
    assert content["compared"] == "curves"
    assert content["why_no_counts"] == "no counts of shifted"
    assert content["verdict"] == "different"
    offset = content["calibration"]["offset"]["offset_mT"]
    assert offset["value"] == pytest.approx(1.0, abs=0.15)  # Four of its standard deviations.
    assert "no counts of shifted" in ran.output


def test_columns_of_a_table_are_named_or_the_curves_are_compared(labs):
    lab(labs, "odd", TRUTH, field="B_set")
    _, content = compare(labs, "odd", "one")
    assert "need --columns" in content["why_no_counts"]
    _, content = compare(labs, "odd", "one", "--columns", "A:field_mT=B_set")
    assert content["compared"] == "counts"
    assert content["verdict"] == "not distinguished"
    with pytest.raises(InputError, match=r"odd\.csv"):
        compare(labs, "odd", "one", "--counts", labs / "odd.csv")


def test_a_published_device_is_compared_by_its_curve(labs):
    DEVICE.write(labs / "leaky" / "device.json")
    _, content = compare(labs, "one", "leaky")
    assert content["compared"] == "curves"
    assert content["calibration"]["offset"]["offset_mT"]["low"] is not None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ("--counts", "leaky.csv"),
            "--counts: not the counts that one was fitted to, .*one.csv, or",
        ),
        (("--reference-counts", "one.csv"), "--reference-counts: leaky is a published curve"),
        (("--counts", "one.csv"), "--counts: no counts of leaky are there"),
        (("--counts", "none.csv"), "none.csv: no such file"),
    ],
)
def test_counts_of_another_device_and_alone_are_refused(labs, options, message):
    dataclasses.replace(DEVICE, name="leaky").write(labs / "leaky" / "device.json")
    with pytest.raises(InputError, match=message):
        compare(labs, "one", "leaky", options[0], labs / options[1])


def test_floors_that_are_fixed_to_other_values_differ(tmp_path):
    (tmp_path / "hardware.yaml").write_text("images: 1\n")
    for name, floor in (("low", 0.02), ("high", 0.3)):
        given = SETTINGS.model_copy(update={"floor": floor})
        lab(tmp_path, name, dataclasses.replace(TRUTH, floor=floor), given)
    _, content = compare(tmp_path, "low", "high")
    assert content["verdict"] == "different"
    assert "difference in floor" in content["because_of"]


def fitted(seed, source="measurement", **settings):
    asked = SETTINGS.model_copy(update=settings)
    return device_from_counts(table(seed), asked, name="w", source=source, seed=1, path="w")


def test_fields_of_a_simulation_are_exact():
    measured, simulated = fitted(1), fitted(2, "simulation")
    for pair, n in (
        ((measured, measured), 2),
        ((measured, simulated), 1),
        ((simulated, simulated), 0),
    ):
        prior = CalibrationPrior.between(*pair, 0.1, 0.02)
        assert prior.offset_sd_mT == pytest.approx(0.1 * np.sqrt(n))
        assert prior.scale_sd == pytest.approx(0.02 * np.sqrt(n))


def test_an_offset_within_the_calibration_is_no_difference_and_beyond_it_is():
    tables = table(3), table(4).assign(field_mT=FIELDS_mT + 0.25)
    models = fitted(3), fitted(4)
    settings = common_settings(*models, 0.95)
    p_values = {
        sd: same_within_calibration(
            tables, ("a", "b"), models, settings, CalibrationPrior(sd)
        ).test.p_value
        for sd in (0.0, 0.2)
    }
    assert p_values[0.0] < 1e-4
    assert p_values[0.2] > 0.05


def test_counts_that_scatter_more_are_not_taken_for_another_curve():
    rng, alarms = np.random.default_rng(5), 0
    for _ in range(10):
        tables = []
        for _ in range(2):
            p = rng.beta(
                *(TRUTH.probability(FIELDS_mT) * 19, TRUTH.probability(FIELDS_mT) * -19 + 19)
            )
            tables.append(table(0).assign(n_passed=rng.binomial(300, p)))
        models = [
            device_from_counts(
                t, Fitting(simulations=199), name=n, source="simulation", seed=1, path=n
            )
            for t, n in zip(tables, "ab", strict=True)
        ]
        both = BothCounts((tables[0], tables[1]), ("a", "b"))
        content = compare_devices(*models, both, 0.05, 0.95, CalibrationPrior())
        assert content["tests"][0]["p_value_method"].startswith("F,")
        alarms += content["verdict"] == "different"
    # More than 4 of 10 at 5 % has probability 6e-5.
    assert alarms <= 4


def test_a_step_without_counts_determines_no_scale_and_says_so(labs):
    lab(labs, "step", dataclasses.replace(TRUTH, floor=0.0, delta_per_mT=1e4))
    (labs / "step.csv").unlink()
    ran, content = compare(labs, "one", "step")
    assert content["calibration"]["offset_and_scale"]["scale"]["high"] is None
    assert "  offset and scale: not determined, as the width of a step is not\n" in ran.output
    assert "∞" not in ran.output


def test_counts_against_another_drive_than_the_devices_are_refused():
    currents = table(1).rename(columns={"field_mT": "current_uA"})
    device = dw.fit(table(2), name="fitted")
    with pytest.raises(InputError, match="reference_counts: not the counts that fitted was"):
        dw.compare(device, device, counts=table(2), reference_counts=currents)
    earlier = dataclasses.replace(device, provenance={})
    with pytest.raises(InputError, match="against a current"):
        dw.compare(earlier, earlier, counts=table(2), reference_counts=currents)
    with pytest.raises(InputError, match="paper is a published curve, fitted to no counts here"):
        dw.compare(DEVICE, device, counts=table(2), reference_counts=table(2))
