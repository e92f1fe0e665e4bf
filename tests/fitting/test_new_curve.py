"""New counts against a device: what is known of the detector and of the wires is counted."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from dwsynapse.io.detection_errors import DetectionErrors, Rate, stated_errors
from dwsynapse.study import Fitting
from fitting.comparison.new_counts.new_curve import new_curve
from fitting.comparison.new_counts.wire_spread import over_wires
from fitting.forms import Logistic
from fitting.make_device import device_from_counts

TRUTH = Logistic(floor=0.0219, h0_mT=4.63, delta_per_mT=2.73)
FIELDS_mT = np.linspace(2.5, 7.5, 11)
SPREAD_mT = 0.2
N_WIRES, READS = 200, 40


@pytest.fixture(scope="module")
def device():
    passed = np.random.default_rng(1).binomial(500, TRUTH.probability(FIELDS_mT))
    counts = pd.DataFrame({"field_mT": FIELDS_mT, "n_trials": 500, "n_passed": passed})
    fitted = device_from_counts(
        counts, Fitting(simulations=1), name="wire", source="measurement", seed=1, path="counts"
    )
    return replace(fitted, goodness_of_fit=None)


def new_counts(device, seed, false_pass=0.0, false_pin=0.0, spread_mT=0.0):
    """Return reads of a draw of the device, one row per wire."""
    rng = np.random.default_rng(seed)
    values = dict(zip(device.intervals, device.draws[seed], strict=True))
    fields_mT = rng.uniform(3.0, 6.5, N_WIRES)
    acting_mT = fields_mT + rng.normal(0, 0.1) + rng.normal(0, spread_mT, N_WIRES)
    p = device.curve.with_values(values).probability(acting_mT)
    passed = rng.binomial(READS, false_pass + (1 - false_pass - false_pin) * p)
    return pd.DataFrame({"field_mT": fields_mT, "n_trials": READS, "n_passed": passed})


def rejected(device, told, n=60, **made):
    p_values = [
        new_curve(device, new_counts(device, seed, **made), 0.1, 0.0, **told).p_value
        for seed in range(n)
    ]
    return int(np.sum(np.array(p_values) < 0.05))


def test_detection_errors_that_are_stated_are_no_other_curve(device):
    errors = DetectionErrors(Rate(6, 200), Rate(6, 200))
    made = {"false_pass": 0.03, "false_pin": 0.03}
    assert rejected(device, {}, **made) > 20
    # No more than 5 % of 60 but by chance of one in a thousand.
    assert binom.sf(rejected(device, {"detection": errors}, **made) - 1, 60, 0.05) > 1e-3


def test_wires_that_differ_as_declared_are_no_other_curve(device):
    made = {"spread_mT": SPREAD_mT}
    undeclared, declared = (
        rejected(device, told, **made) for told in ({}, {"wire_spread_mT": SPREAD_mT})
    )
    assert undeclared > declared
    assert binom.sf(declared - 1, 60, 0.05) > 1e-3


def test_another_curve_is_still_found(device):
    errors = DetectionErrors(Rate(6, 200), Rate(6, 200))
    counts = new_counts(device, 0, 0.03, 0.03)
    shifted = counts.assign(field_mT=counts["field_mT"] + 0.6)
    found = new_curve(device, shifted, 0.1, 0.0, detection=errors)
    assert found.p_value < 1e-6
    assert found.shifts["centre_mT"][0] == pytest.approx(0.6, abs=0.3)
    assert found.degrees_of_freedom == 4
    assert len(found.point) == len(found.free) == 5
    seen = found.coordinates.curve(found.point).probability(FIELDS_mT)
    np.testing.assert_allclose(found.curve.probability(FIELDS_mT), seen)


def test_the_mean_over_wires_is_that_of_drawn_wires():
    fields_mT = np.array([3.5, 4.63, 5.5])
    places = np.random.default_rng(2).normal(0, SPREAD_mT, (200_000, 1))
    p = TRUTH.probability(fields_mT + places)
    found = over_wires(TRUTH, fields_mT, SPREAD_mT)
    # Four standard errors of the draws.
    np.testing.assert_allclose(found.probability, p.mean(0), atol=4 * p.std(0).max() / 447)
    expected = p.var(0) / (p.mean(0) * (1 - p.mean(0)))
    np.testing.assert_allclose(found.correlation, expected, rtol=0.02)


def test_a_manifest_states_rates_in_three_ways():
    errors = stated_errors(
        {"false_pass": {"k": 3, "n": 100}, "false_pin": {"rate": 0.02, "sd": 0.005}}
    )
    assert errors.false_pass == Rate(3, 100)
    assert errors.false_pin.value == pytest.approx(0.02)
    assert stated_errors({"false_pass": 0.01}).values == pytest.approx(
        {"false_pass": 0.01, "false_pin": 0.0}
    )
    assert stated_errors({"field_step_mT": 0.1}) is None
    assert stated_errors({"false_pass": 0.0, "false_pin": 0.0}) is None
