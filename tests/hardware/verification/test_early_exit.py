"""Programs whose reading ends early: what is read, and that their logs are verified as such."""

import dataclasses

import numpy as np
import pytest

from dwsynapse.study.bench import EarlyExit
from hardware.early_reading import early_reading
from hardware.instruments.virtual_laboratory import run_program
from hardware.manifest import Manifest
from hardware.program import Program
from hardware.verification.log_verification import verify
from tests.hardware.small_task import DEVICE, SETTINGS, images_of, make_task

READS = 8
EVERY, PIXELS, LABELS = make_task()
EVERY = dataclasses.replace(EVERY, reads=READS)
EARLY = dataclasses.replace(EVERY, early_exit=EarlyExit(risk=0.1))
SETTINGS = SETTINGS.model_copy(update={"images": len(LABELS), "reads": READS})
MANIFEST = Manifest("a bench", True, "0" * 64, "0" * 64)


def early_log(seed):
    return run_program(EARLY, DEVICE, PIXELS, SETTINGS, key=(seed,))


def verdict(log, seed=1):
    found = verify(EARLY, DEVICE, log, MANIFEST, images_of(PIXELS, LABELS), SETTINGS, seed)
    return found, {test["test"]: test for test in found["tests"]}


def test_reads_after_a_class_is_dropped_are_not_made_and_the_others_stay():
    whole = run_program(EVERY, DEVICE, PIXELS, SETTINGS, key=(1,))
    log = early_log(1)
    assert 0.2 < len(log) / len(whole) < 0.95
    pd_keys = ["image", "out", "in", "read"]
    same = whole.merge(log, on=pd_keys, suffixes=("", "_early"))
    assert len(same) == len(log)
    assert (same["outcome"] == same["outcome_early"]).all()
    # Every class has its first pass, and a class has its passes without a gap.
    first = log[log["read"] == 0].groupby(["image", "out"]).size()
    assert len(first) == len(LABELS) * len(EARLY.biases)
    last = log.groupby(["image", "out"])["read"].agg(["max", "nunique"])
    assert (last["max"] + 1 == last["nunique"]).all()


def test_the_program_keeps_it(tmp_path):
    EARLY.write(tmp_path / "program.csv")
    read = Program.read(tmp_path / "program.csv")
    assert read.early_exit == EARLY.early_exit
    assert read.content_sha256 != EVERY.content_sha256
    assert read.fingerprint == EVERY.fingerprint


@pytest.mark.slow
def test_correct_logs_are_consistent_as_often_as_claimed():
    settings = SETTINGS.model_copy(update={"significance": 0.1})
    alarms = 0
    for seed in range(30):
        log, images = early_log(seed), images_of(PIXELS, LABELS)
        found = verify(EARLY, DEVICE, log, MANIFEST, images, settings, seed)
        alarms += found["verdict"]["alarm"]
    # At 10 %, nine or more of 30 have probability 2e-3.
    assert alarms < 9


def test_the_accuracy_is_that_of_early_exit():
    log = early_log(2)
    sums = np.zeros((len(LABELS), READS, len(EARLY.biases)), dtype=np.int64)
    np.add.at(sums, (log["image"], log["read"], log["out"]), log["outcome"])
    classes = early_reading(EARLY, DEVICE, PIXELS, sums).classes
    (row,) = verdict(log)[0]["accuracy"]
    assert row["accuracy"] == pytest.approx((classes == LABELS).mean())


def test_a_log_that_was_read_on_or_ended_by_hand_is_no_early_exit():
    whole = run_program(EVERY, DEVICE, PIXELS, SETTINGS, key=(3,))
    found, tests = verdict(whole)
    assert tests["early exit"]["verdict"] == "inconsistent"
    assert tests["early exit"]["effect_size"] > 0.5
    assert found["verdict"]["verdict"] == "inconsistent"


def test_reads_that_copy_the_first_break_its_risk_and_are_found():
    """The bound of early exit assumes independent reads."""
    whole = run_program(EVERY, DEVICE, PIXELS, SETTINGS, key=(4,))
    first = whole.groupby(["image", "out", "in"])["outcome"].transform("first")
    copied = np.random.default_rng(4).random(len(whole)) < 0.3
    whole["outcome"] = whole["outcome"].where(~copied, first)
    sums = np.zeros((len(LABELS), READS, len(EARLY.biases)), dtype=np.int64)
    np.add.at(sums, (whole["image"], whole["read"], whole["out"]), whole["outcome"])
    made = early_reading(EARLY, DEVICE, PIXELS, sums).made
    log = whole[whole["read"].to_numpy() < made[whole["image"], whole["out"]]]
    found, tests = verdict(log)
    assert tests["read correlation"]["verdict"] == "inconsistent"
    assert tests["early exit"]["verdict"] == "consistent"
    assert found["verdict"]["diagnosis"]["name"] == "correlated reads"
