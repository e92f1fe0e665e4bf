"""Each defect is caught by its test, named, and measured; what it leaves valid is told."""

import dataclasses

import numpy as np
import pytest

from hardware.verification.log_verification import verify
from tests.hardware.small_task import (
    DEVICE,
    SETTINGS,
    laboratory_run,
    manifest_of,
)
from tests.hardware.verification.judged_logs import (
    IMAGES,
    LABELS,
    PIXELS,
    PROGRAM,
    at_fields,
    failed,
    synapses_of,
    verdicts,
    verification,
)


def stuck(log):
    out, in_ = np.unravel_index(np.argmin(np.abs(PROGRAM.fields_mT - 5)), PROGRAM.fields_mT.shape)
    stuck = (log["out"] == out) & (log["in"] == in_)
    return log.assign(outcome=log["outcome"].where(~stuck, 0))


def swapped(log):
    fields_mT = PROGRAM.fields_mT.copy()
    highest = np.unravel_index(fields_mT.argmax(), fields_mT.shape)
    lowest = np.unravel_index(fields_mT.argmin(), fields_mT.shape)
    fields_mT[highest], fields_mT[lowest] = fields_mT[lowest], fields_mT[highest]
    return at_fields(log, fields_mT[synapses_of(log)], 3)


def another_program(log):
    fields_mT = np.random.default_rng(4).permutation(PROGRAM.fields_mT.ravel())
    return at_fields(log, fields_mT.reshape(PROGRAM.fields_mT.shape)[synapses_of(log)], 4)


def wires_that_differ(log):
    shifts_mT = np.random.default_rng(5).normal(0, 0.1, PROGRAM.fields_mT.shape)
    return at_fields(log, (PROGRAM.fields_mT - shifts_mT)[synapses_of(log)], 5)


def drifting(log):
    drift_mT = np.linspace(-0.1, 0.1, len(log))
    return at_fields(log, PROGRAM.fields_mT[synapses_of(log)] - drift_mT, 6)


def first_answer_kept(log):
    first = log.groupby(["image", "out", "in"])["outcome"].transform("first")
    kept = np.random.default_rng(7).random(len(log)) < 0.3
    return log.assign(outcome=log["outcome"].where(~kept, first))


def copied(log):
    outcome = log["outcome"].to_numpy().copy()
    outcome[20_000:20_200] = outcome[3_000:3_200]
    return log.assign(outcome=outcome)


def steeper(log):
    curve = dataclasses.replace(DEVICE.curve, delta_per_mT=1.2 * DEVICE.curve.delta_per_mT)
    p = curve.probability(log["field_measured_mT"].to_numpy(float))
    return log.assign(outcome=(np.random.default_rng(8).random(len(log)) < p).astype(int))


def in_reverse(log):
    return log.assign(outcome=1 - log["outcome"])


@pytest.mark.parametrize(
    ("defect", "name", "test", "size", "within"),
    [
        (stuck, "stuck wire", "worst synapses", 1, 0),
        (swapped, "swapped synapses", "worst synapses", 1, 0),
        (another_program, "another program", "synapse counts", 100, 10),
        (wires_that_differ, "wires that differ", "synapse counts", 0.1, 0.03),
        (drifting, "drift", "drift", 0.2, 0.1),
        (first_answer_kept, "correlated reads", "read correlation", 0.195, 0.04),
        (copied, "copied reads", "copied reads", 200, 5),
        (steeper, "slope", "same curve", 20, 10),
        (in_reverse, "outcomes reversed", "accuracy", 1, 0),
    ],
)
def test_a_defect_is_caught_named_and_measured(defect, name, test, size, within):
    log, _ = laboratory_run(PROGRAM, DEVICE, PIXELS, LABELS, seed=2)
    log = defect(log)
    content = verification(log, manifest_of(PROGRAM, log, LABELS))
    tests = {found["test"]: found for found in content["tests"]}
    assert test in failed(tests)
    assert content["verdict"]["verdict"] == "inconsistent"
    assert content["verdict"]["diagnosis"]["name"] == name
    assert name in content["verdict"]["why"]
    # Some four standard deviations for those that are estimated.
    assert content["verdict"]["diagnosis"]["size"] == pytest.approx(size, abs=within)


@pytest.mark.parametrize(
    ("defect", "name"),
    [(another_program, "another program"), (first_answer_kept, "correlated reads")],
)
def test_what_is_wrong_with_few_reads_of_a_synapse_is_not_taken_for_their_correlation(defect, name):
    """Eight reads of a synapse at most: those of another field agree with each other as well."""
    log, _ = laboratory_run(PROGRAM, DEVICE, PIXELS[:2], LABELS[:2], seed=2)
    log = defect(log)
    manifest = manifest_of(PROGRAM, log, LABELS[:2])
    settings = SETTINGS.model_copy(update={"images": 2})
    verdict = verify(PROGRAM, DEVICE, log, manifest, IMAGES, settings, seed=9)["verdict"]
    assert verdict["diagnosis"]["name"] == name


def test_a_stuck_synapse_is_listed():
    log, _ = laboratory_run(PROGRAM, DEVICE, PIXELS, LABELS, seed=2)
    log = stuck(log)
    listed = verdicts(log, manifest_of(PROGRAM, log, LABELS))["worst synapses"]["details"]["worst"]
    nearest = np.argmin(np.abs(PROGRAM.fields_mT - 5))
    place = np.unravel_index(nearest, PROGRAM.fields_mT.shape)
    assert (listed[0]["out"], listed[0]["in"]) == place
    assert listed[0]["passes"] == 0


def test_outcomes_in_reverse_are_caught_by_sums_and_classes():
    log, _ = laboratory_run(PROGRAM, DEVICE, PIXELS, LABELS, seed=3)
    log = in_reverse(log)
    caught = failed(verdicts(log, manifest_of(PROGRAM, log, LABELS)))
    assert caught >= {"synapse counts", "neuron sums", "accuracy", "confusion"}


def test_a_log_that_scatters_too_little_is_caught():
    log, _ = laboratory_run(PROGRAM, DEVICE, PIXELS, LABELS, seed=4)
    p = DEVICE.curve.probability(log["field_measured_mT"].to_numpy(float))
    # Every synapse passes as often as it should on average, as in numbers that were made up.
    due = log.assign(p=p).groupby(["out", "in"])["p"].cumsum()
    log["outcome"] = (np.floor(due + 0.5) - np.floor(due - p + 0.5)).astype(int)
    tests = verdicts(log, manifest_of(PROGRAM, log, LABELS))
    assert "synapse counts" in failed(tests)
    assert tests["synapse counts"]["effect_size"] < 0.5


def test_a_clear_difference_within_the_tolerance_does_not_matter():
    log, _ = laboratory_run(PROGRAM, DEVICE, PIXELS, LABELS, seed=5)
    log = steeper(log)
    settings = SETTINGS.model_copy(update={"tolerance_mT": 0.2, "tolerance_accuracy": 0.2})
    manifest = manifest_of(PROGRAM, log, LABELS)
    content = verify(PROGRAM, DEVICE, log, manifest, IMAGES, settings, seed=9)
    assert content["verdict"]["alarm"]
    assert content["verdict"]["verdict"] == "equivalent within the tolerance"
    assert {q["key"]: q["answer"] for q in content["questions"]}["e"] == "no"


@pytest.mark.parametrize("defect", [stuck, first_answer_kept, copied])
def test_what_breaks_the_intervals_is_equivalent_to_nothing(defect):
    log, _ = laboratory_run(PROGRAM, DEVICE, PIXELS, LABELS, seed=2)
    log = defect(log)
    wide = SETTINGS.model_copy(update={"tolerance_mT": 5.0, "tolerance_accuracy": 0.9})
    manifest = manifest_of(PROGRAM, log, LABELS)
    content = verify(PROGRAM, DEVICE, log, manifest, IMAGES, wide, seed=9)
    assert content["verdict"]["verdict"] == "inconsistent"
