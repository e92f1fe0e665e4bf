"""Programs whose reading ends early: what is read, and that their logs are verified as such."""

import dataclasses

import numpy as np
import pytest

from dwsynapse.study.bench import EarlyExit, Laboratory
from hardware.early_reading import early_reading
from hardware.instruments.virtual_laboratory import run_program
from hardware.logs.program_checks import checked_log
from hardware.manifest import Manifest
from hardware.program import Program
from hardware.programming.bench_estimate import estimate
from hardware.programming.simulated_correct import simulated_correct
from hardware.proof.virtual_experiments import Case, virtual_log
from hardware.proof.virtual_run import Subject
from hardware.verification.log_verification import verify
from network.cost.inference_cost import Cost
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


def test_no_read_that_is_not_made_is_called_missing(capsys):
    checked = checked_log(early_log(7), "log.csv", EARLY, PIXELS, synthetic=True)
    assert checked.attrs["notes"] == []
    assert "have no outcome" not in capsys.readouterr().err


def test_the_estimate_and_the_accuracy_on_the_grid_are_those_of_early_exit():
    found = estimate(EARLY, DEVICE, PIXELS, Cost(50, 3e-7), seed=1)
    made = [len(early_log(seed)) for seed in range(20)]
    # Six standard deviations of a run, known from 20: Student's t has 1e-5 beyond.
    assert found["operations"] == pytest.approx(np.mean(made), abs=6 * np.std(made, ddof=1))
    p = np.asarray(DEVICE.curve.probability(EARLY.fields_mT), dtype=np.float32)[None]
    hasty = dataclasses.replace(EARLY, early_exit=EarlyExit(risk=0.5))
    early, every = (
        simulated_correct(program, DEVICE, p, PIXELS, LABELS, seed=1)[0].mean()
        for program in (hasty, EVERY)
    )
    assert 0.5 < early < every


def test_experiments_of_a_proof_make_the_reads_that_their_outcomes_ask_for():
    subject = Subject(EARLY, DEVICE, images_of(PIXELS, LABELS), SETTINGS)
    lengths = set()
    for experiment in range(3):
        log = virtual_log(subject, Case(len(LABELS)), 1, experiment)
        _, tests = verdict(log)
        assert tests["early exit"]["verdict"] == "consistent"
        assert tests["early exit"]["n"] == len(LABELS)
        lengths.add(len(log))
    assert len(lengths) == 3


@pytest.mark.parametrize(
    ("fault", "some_whole"), [("undecided", False), ("dropped", False), ("dropped", True)]
)
def test_undecided_and_missing_reads_are_no_other_program(fault, some_whole):
    share = 0.001 if some_whole else 0.02
    lossy = SETTINGS.model_copy(update={"laboratory": Laboratory(**{fault: share})})
    log = run_program(EARLY, DEVICE, PIXELS, lossy, key=(6,))
    found, tests = verdict(log[log["outcome"].notna()])
    assert found["accuracy"][0]["n_images"] == len(LABELS)
    assert not found["verdict"]["alarm"]
    if some_whole:
        assert tests["early exit"]["verdict"] == "consistent"
        assert 10 < tests["early exit"]["n"] < len(LABELS)
    else:
        assert "early exit" not in tests
        assert any("every image lacks reads" in note for note in found["notes"])


@pytest.mark.parametrize("whole_neurons", [1, 5, 8])
@pytest.mark.parametrize("more", [0, 9])
def test_a_log_that_ends_within_an_image_is_no_other_program(whole_neurons, more):
    log, last = early_log(8), len(LABELS) - 1
    reads = whole_neurons * int(PIXELS[last].sum()) + more
    log = log.iloc[: log.index[log["image"] == last][reads]]
    found, tests = verdict(log)
    assert log["image"].max() == last
    assert tests["early exit"]["n"] == last
    assert found["accuracy"][0]["n_images"] == last
    assert not found["verdict"]["alarm"]


def test_images_that_are_whole_are_predicted_whatever_others_lack():
    log = early_log(9)
    half = log[(log["image"] >= 40) | (log.index % 2 == 0)]
    accuracies = []
    for some in (half, log[log["image"] >= 40]):
        (row,) = verdict(some)[0]["accuracy"]
        assert row["n_images"] == 40
        accuracies.append(row["predicted"])
    # Of 40 images and 400 draws each.
    assert accuracies[0] == pytest.approx(accuracies[1], abs=6 * (0.25 / 16_000) ** 0.5)
