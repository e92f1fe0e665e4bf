"""Two curves compared: intervals that cover, and rounding that is not taken for statistics."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from dwsynapse.io.number_format import MIN_P_VALUE, number
from fitting.comparison.devices.device_comparison import compare
from fitting.device import DeviceModel
from fitting.forms import Logistic
from fitting.inference.fit import fit_curve
from fitting.inference.fit_problem import FitProblem
from tests.hardware.small_task import DEVICE

FIELDS_mT = np.arange(2.0, 8.0, 0.5)


def measured(rng, n_trials=60):
    n_passed = rng.binomial(n_trials, DEVICE.curve.probability(FIELDS_mT))
    counts = pd.DataFrame({"field_mT": FIELDS_mT, "n_trials": n_trials, "n_passed": n_passed})
    fit = fit_curve(FitProblem.of(counts), 0.95, "counts.csv")
    return DeviceModel(
        *("wire", "measurement", fit.curve, fit.intervals, "profile", (2, 8)), confidence=0.95
    )


@pytest.mark.slow
def test_differences_cover_zero_as_often_as_claimed_for_two_samples_of_one_curve():
    rng = np.random.default_rng(1)
    covered = dict.fromkeys(
        (f"difference in {name}" for name in ("h0_mT", "delta_per_mT", "floor")), 0
    )
    alarms = 0
    for _ in range(100):
        content = compare(measured(rng), measured(rng), significance=0.05, confidence=0.95)
        for test in content["tests"]:
            covered[test["test"]] += test["details"]["low"] <= 0 <= test["details"]["high"]
        alarms += any(test["verdict"] == "different" for test in content["tests"])
    # 95 +- 2.2 of 100; fewer than 87 has probability 5e-4. More than 13 alarms: 4e-4.
    assert min(covered.values()) >= 87
    assert alarms <= 13


def test_a_shifted_curve_is_reported_with_its_shift():
    device = measured(np.random.default_rng(2), n_trials=1000)
    shifted = dataclasses.replace(
        DEVICE,
        curve=dataclasses.replace(DEVICE.curve, h0_mT=4.78),
        intervals={**DEVICE.intervals, "h0_mT": (4.775, 4.785)},
    )
    h0, delta, floor = compare(device, shifted, significance=0.01, confidence=0.95)["tests"]
    assert floor["verdict"] == "not distinguished"
    assert h0["verdict"] == "different"
    assert h0["details"]["low"] < -0.15 < h0["details"]["high"] < 0
    assert delta["verdict"] == "not distinguished"
    bound = max(abs(delta["details"]["low"]), abs(delta["details"]["high"]))
    assert delta["details"]["within"] == f"within {number(bound, 2)} 1/mT"


def test_rounding_widens_the_interval_in_full():
    device = measured(np.random.default_rng(3))
    exact = {name: (value, value) for name, value in DEVICE.curve.values().items()}
    narrow = compare(device, dataclasses.replace(DEVICE, intervals=exact), 0.01, 0.95)
    wide = compare(device, DEVICE, 0.01, 0.95)
    for a, b, rounding in zip(narrow["tests"], wide["tests"], (0.005, 0.005, 0.00005), strict=True):
        assert a["details"]["low"] - b["details"]["low"] == pytest.approx(rounding)
        assert b["details"]["high"] - a["details"]["high"] == pytest.approx(rounding)
        assert b["p_value"] >= a["p_value"]


@pytest.mark.parametrize(
    ("shift_mT", "verdict"), [(0.009, "not distinguished"), (0.011, "different")]
)
def test_published_curves_agree_within_rounding_or_not_at_all(shift_mT, verdict):
    h0_mT = DEVICE.curve.h0_mT + shift_mT
    other = dataclasses.replace(
        DEVICE,
        curve=dataclasses.replace(DEVICE.curve, h0_mT=h0_mT),
        intervals={**DEVICE.intervals, "h0_mT": (h0_mT - 0.005, h0_mT + 0.005)},
    )
    assert compare(DEVICE, other, 0.01, 0.95)["tests"][0]["verdict"] == verdict


def test_a_rejected_fit_is_compared_with_the_scatter_that_it_leaves():
    # Deviance 79 on 7 degrees of freedom: variances are 11 times what the curve claims.
    device = measured(np.random.default_rng(4), n_trials=1000)
    test = {"test": "overdispersion", "statistic": 11.0, "p_value": 0.001, "meaning": ""}
    goodness = {"deviance": 79.0, "degrees_of_freedom": 7, "p_value": 0.001, "tests": [test]}
    rejected = dataclasses.replace(device, goodness_of_fit=goodness)
    h0_mT = device.curve.h0_mT + 3 * np.ptp(device.intervals["h0_mT"])
    shifted = dataclasses.replace(
        DEVICE, curve=dataclasses.replace(DEVICE.curve, h0_mT=h0_mT), intervals={}
    )
    shifted.intervals.update({n: (v, v) for n, v in shifted.curve.values().items()})
    plain, scaled = (compare(d, shifted, 0.01, 0.95)["tests"][0] for d in (device, rejected))
    assert scaled["statistic"] == pytest.approx(plain["statistic"] / np.sqrt(11))
    assert plain["p_value"] == MIN_P_VALUE
    assert scaled["p_value"] == pytest.approx(2 * student.sf(scaled["statistic"], 7))
    assert compare(rejected, shifted, 0.01, 0.95)["fit_badges"] == {
        "wire": "fit: rejected by overdispersion",
        DEVICE.name: None,
    }


def device_of(values, **intervals):
    """Return a measured device whose counts bound h0, Delta, and the shares with intervals."""
    curve = Logistic.of({"floor": 0.0, "h0_mT": 5.0, "delta_per_mT": 2.0, "lapse": 0.0} | values)
    bounds = {"h0_mT": (4.9, 5.1), "delta_per_mT": (1.8, 2.2)} | intervals
    return DeviceModel("wire", "measurement", curve, bounds, "profile", (2, 8), confidence=0.95)


def test_floors_and_lapses_are_compared_unless_both_are_given():
    plain = device_of({}, floor=(0.0, 0.0))
    tests = {t["test"]: t for t in compare(plain, plain, 0.01, 0.95)["tests"]}
    assert list(tests) == ["difference in h0_mT", "difference in delta_per_mT"]
    fitted = device_of({"lapse": 0.2}, floor=(0.0, 0.03), lapse=(0.17, 0.23))
    tests = {t["test"]: t for t in compare(fitted, plain, 0.01, 0.95)["tests"]}
    floor, lapse = tests["difference in floor"], tests["difference in lapse"]
    assert floor["verdict"] == "not distinguished"
    assert floor["details"]["within"] == "within 0.03"
    assert lapse["verdict"] == "different"
    assert lapse["details"]["low"] == pytest.approx(0.17)
    assert lapse["details"]["high"] == pytest.approx(0.23)


def test_a_difference_without_bound_is_reported_by_its_interval():
    steep = device_of({}, delta_per_mT=(1.8, None), floor=(0.0, 0.0))
    _, delta = compare(steep, steep, 0.01, 0.95)["tests"]
    assert delta["verdict"] == "not distinguished"
    assert delta["details"]["within"] == "within (−∞, ∞) 1/mT"
