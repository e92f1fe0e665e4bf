"""The curve of a log against that of the device, within what is known of both."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from dwsynapse.study import Fitting
from fitting.forms import Logistic
from fitting.make_device import device_from_counts
from hardware.instruments.virtual_laboratory import run_program
from hardware.verification.curve_scores import CurveScores
from hardware.verification.log_tests.same_curve import same_curve
from hardware.verification.nuisances import Nuisances
from hardware.verification.reads import Reads
from tests.hardware.small_task import (
    DEVICE,
    SETTINGS,
    laboratory_run,
)
from tests.hardware.verification.judged_logs import (
    LABELS,
    PIXELS,
    PROGRAM,
    failed,
    verdicts,
    verification,
)


def curve_and_test(device, log, settings):
    reads = Reads.of(log, PROGRAM)
    fitted = Nuisances().curve_in_log(device, reads, settings)
    return fitted.curve, same_curve(CurveScores(reads, fitted), 0.2, 0.01)


def test_a_shift_beyond_the_tolerance_that_the_calibration_explains_is_left_open():
    curve = Logistic(DEVICE.curve.floor, DEVICE.curve.h0_mT + 0.25, DEVICE.curve.delta_per_mT)
    moved = dataclasses.replace(DEVICE, curve=curve)
    log, manifest = laboratory_run(PROGRAM, moved, PIXELS, LABELS, seed=1)
    found = verification(log, manifest)
    assert not found["verdict"]["alarm"]
    assert found["verdict"]["verdict"] == "not enough data"
    assert "+0.26 mT from the device's" in found["verdict"]["why"]
    assert found["differences"][0]["beyond"]


@pytest.mark.parametrize(("shift_mT", "verdict"), [(0.15, "consistent"), (0.6, "inconsistent")])
def test_a_shifted_curve_is_measured_and_caught_beyond_the_calibration(shift_mT, verdict):
    curve = Logistic(DEVICE.curve.floor, DEVICE.curve.h0_mT + shift_mT, DEVICE.curve.delta_per_mT)
    log, manifest = laboratory_run(
        PROGRAM, dataclasses.replace(DEVICE, curve=curve), PIXELS, LABELS, seed=1
    )
    tests = verdicts(log, manifest)
    # The calibration is known to 0.14 mT: 0.1 mT, and 2 % of 4.63 mT.
    assert failed(tests) == ({"same curve"} if verdict == "inconsistent" else set())
    shift = tests["same curve"]["details"]["shift_of_centre_mT"]
    assert tests["same curve"]["effect_size"] == shift["value"]
    # Four standard deviations: a false alarm in 16 000.
    assert shift["value"] == pytest.approx(shift_mT, abs=4 * shift["sd"])
    assert shift["sd"] < 0.02


def test_a_detector_that_misses_passes_is_no_shift_of_the_field():
    """A doubled floor is found in the floor: it was once reported as a shift of 2.6 mT."""
    curve = Logistic(2 * DEVICE.curve.floor, DEVICE.curve.h0_mT, DEVICE.curve.delta_per_mT)
    low = dataclasses.replace(PROGRAM, fields_mT=PROGRAM.fields_mT - 2.0)
    log = run_program(low, dataclasses.replace(DEVICE, curve=curve), PIXELS, SETTINGS, key=(3,))
    _, result = curve_and_test(DEVICE, log, SETTINGS)
    assert result.p_value < 1e-6
    assert abs(result.effect_size) < 0.5


def test_what_a_fit_leaves_open_is_no_inconsistency():
    """Truths drawn from the posterior of 21 fields of 100 trials, verified with all reads."""
    rng = np.random.default_rng(21)
    fields_mT = np.linspace(2, 8, 21)
    passed = rng.binomial(100, DEVICE.curve.probability(fields_mT))
    counts = pd.DataFrame({"field_mT": fields_mT, "n_trials": 100, "n_passed": passed})
    device = device_from_counts(
        counts, Fitting(), name="wire", source="measurement", seed=1, path="counts.csv"
    )
    exact = SETTINGS.model_copy(update={"field_offset_sd_mT": 0.0, "field_scale_sd": 0.0})
    p_values = []
    for draw in rng.choice(len(device.draws), 40, replace=False):
        truth = device.curve.with_values(
            dict(zip(device.intervals, map(float, device.draws[draw]), strict=True))
        )
        known = dataclasses.replace(device, curve=truth)
        log = run_program(PROGRAM, known, PIXELS, SETTINGS, key=(22, int(draw)))
        p_values.append(curve_and_test(device, log, exact)[1].p_value)
    # At 1 %, two or more of 40 have probability 6 %, five or more 5e-5; the curve as fitted, taken
    # as exact, is rejected in most.
    assert np.sum(np.array(p_values) <= 0.01) < 5
    assert np.median(p_values) > 0.2


def test_a_curve_and_fields_that_are_known_exactly_are_tested_all_the_same():
    exact = dataclasses.replace(
        DEVICE, intervals={name: (value, value) for name, value in DEVICE.curve.values().items()}
    )
    settings = SETTINGS.model_copy(update={"field_offset_sd_mT": 0.0, "field_scale_sd": 0.0})
    p_values = []
    for shift_mT in (0.0, 0.2):
        curve = dataclasses.replace(DEVICE.curve, h0_mT=DEVICE.curve.h0_mT + shift_mT)
        truth = dataclasses.replace(DEVICE, curve=curve)
        log = run_program(PROGRAM, truth, PIXELS, settings, key=(23,))
        found, result = curve_and_test(exact, log, settings)
        assert found.values() == pytest.approx(DEVICE.curve.values())
        p_values.append(result.p_value)
    assert p_values[0] > 1e-3
    assert p_values[1] < 1e-6
