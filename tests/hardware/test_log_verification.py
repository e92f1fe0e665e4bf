"""Each test catches the defect it is for, and accepts correct logs."""

import dataclasses

import numpy as np
import pytest
from scipy.stats import kstest

from dwsynapse.io.errors import InputError
from fitting.forms import Logistic
from hardware.verification.log_verification import verify
from tests.hardware.small_task import DEVICE, laboratory_run, make_task, manifest_of

PROGRAM, PIXELS, LABELS = make_task()
TESTS = ["synapse counts", "neuron sums", "accuracy"]


def verdicts(log, manifest, significance=0.01, seed=9):
    content = verify(PROGRAM, DEVICE, log, manifest, LABELS, significance, seed)
    assert [test["test"] for test in content["tests"]] == TESTS
    return {test["test"]: test for test in content["tests"]}


def failed(tests):
    return {name for name, test in tests.items() if test["verdict"] == "inconsistent"}


def test_correct_logs_fail_as_rarely_as_claimed(monkeypatch):
    monkeypatch.setattr("hardware.verification.synapse_pass_counts.SIMULATIONS", 99)
    monkeypatch.setattr("hardware.verification.laboratory_accuracy.SIMULATIONS", 99)
    p_values = {name: [] for name in TESTS}
    alarms = 0
    for seed in range(60):
        log, manifest = laboratory_run(PROGRAM, DEVICE, PIXELS, LABELS, seed)
        tests = verdicts(log, manifest, significance=0.1, seed=seed)
        alarms += bool(failed(tests))
        for name in TESTS:
            p_values[name].append(tests[name]["p_value"])
    # At most 10 % of correct logs may raise an alarm; more than 14 of 60 has probability 5e-4.
    assert alarms <= 14
    for name in ("synapse counts", "neuron sums"):
        # Uniform p-values: each fails for one set of seeds in a thousand.
        assert kstest(p_values[name], "uniform").pvalue > 1e-3
    # The accuracies of few images are lumpy, so that their p-values are not quite uniform: of 300
    # other logs 26 % had one below 0.25, and 15 % one above 0.85. Half of 60 or more do so with
    # binomial probability 5e-5 and less than 1e-9.
    assert 0.25 < np.median(p_values["accuracy"]) < 0.85


def test_a_drifted_device_is_caught():
    curve = Logistic(DEVICE.curve.floor, DEVICE.curve.h0_mT + 0.15, DEVICE.curve.delta_per_mT)
    drifted = dataclasses.replace(DEVICE, curve=curve)
    log, manifest = laboratory_run(PROGRAM, drifted, PIXELS, LABELS, seed=1)
    tests = verdicts(log, manifest)
    assert {"synapse counts", "neuron sums"} <= failed(tests)
    details = tests["synapse counts"]["details"]
    # The drift is read off the passes: within four standard deviations, and 5 % for the curve's
    # bend, which a shift to first order leaves out.
    tolerance = 4 * details["equivalent_field_shift_sd_mT"] + 0.05 * 0.15
    assert details["equivalent_field_shift_mT"] == pytest.approx(-0.15, abs=tolerance)


def test_a_stuck_synapse_is_caught_and_named():
    log, _ = laboratory_run(PROGRAM, DEVICE, PIXELS, LABELS, seed=2)
    out, in_ = np.unravel_index(np.argmin(np.abs(PROGRAM.fields_mT - 5)), PROGRAM.fields_mT.shape)
    log.loc[(log["out"] == out) & (log["in"] == in_), "outcome"] = 0
    tests = verdicts(log, manifest_of(PROGRAM, log, LABELS))
    assert "synapse counts" in failed(tests)
    worst = tests["synapse counts"]["details"]["worst_synapse"]
    assert (worst["out"], worst["in"]) == (out, in_)


def test_swapped_outcomes_are_caught():
    log, _ = laboratory_run(PROGRAM, DEVICE, PIXELS, LABELS, seed=3)
    log["outcome"] = 1 - log["outcome"]
    assert failed(verdicts(log, manifest_of(PROGRAM, log, LABELS))) == set(TESTS)


def test_correlated_reads_are_caught_by_the_neuron_sums():
    log, _ = laboratory_run(PROGRAM, DEVICE, PIXELS, LABELS, seed=4)
    # A detector that keeps its first answer: all reads of a synapse and image are the same.
    log["outcome"] = log.groupby(["image", "out", "in"])["outcome"].transform("first")
    assert "neuron sums" in failed(verdicts(log, manifest_of(PROGRAM, log, LABELS)))


def test_a_wrong_bias_in_the_laboratory_is_caught_by_the_accuracy_alone():
    log, _ = laboratory_run(PROGRAM, DEVICE, PIXELS, LABELS, seed=5)
    wrong = dataclasses.replace(PROGRAM, biases=np.array([5.0, 0, 0, 0, 0]) + PROGRAM.biases)
    assert failed(verdicts(log, manifest_of(wrong, log, LABELS))) == {"accuracy"}


def test_the_same_seed_gives_the_same_verdicts():
    log, manifest = laboratory_run(PROGRAM, DEVICE, PIXELS, LABELS, seed=6)
    assert verdicts(log, manifest) == verdicts(log, manifest)


def test_fields_in_another_unit_at_which_nothing_is_left_to_chance_are_reported():
    log, manifest = laboratory_run(PROGRAM, DEVICE, PIXELS[:3], LABELS, seed=1)
    log["field_measured_mT"] *= 10  # Oe
    with pytest.raises(InputError, match=r"column field_measured_mT: at the .* is certain"):
        verdicts(log, manifest)
