"""Correct logs are accepted, also with what is stated of a bench, in part, or too short."""

import dataclasses

import numpy as np
import pytest
from scipy.stats import kstest

from dwsynapse.io.errors import InputError
from hardware.instruments.virtual_laboratory import run_program
from hardware.verification.log_verification import verify
from tests.hardware.small_task import (
    DEVICE,
    SETTINGS,
    images_of,
    laboratory_run,
    manifest_of,
)
from tests.hardware.verification.judged_logs import (
    IMAGES,
    LABELS,
    PIXELS,
    PROGRAM,
    TESTS,
    failed,
    synapses_of,
    verdicts,
    verification,
)


def test_correct_logs_fail_as_rarely_as_claimed():
    p_values = {name: [] for name in TESTS}
    alarms = 0
    for seed in range(60):
        log, manifest = laboratory_run(PROGRAM, DEVICE, PIXELS, LABELS, seed)
        tests = verdicts(log, manifest, significance=0.1, seed=seed)
        alarms += bool(failed(tests))
        for name in p_values:
            p_values[name].append(tests[name]["p_value"])
    # At most 10 % of correct logs may raise an alarm; more than 14 of 60 has probability 5e-4.
    assert alarms <= 14
    for name in TESTS:
        # No smaller than uniform p-values: each fails for less than one set of seeds in a thousand.
        assert kstest(p_values[name], "uniform", alternative="greater").pvalue > 1e-3
    for name in ("synapse counts", "worst synapses", "neuron sums"):
        # And no larger, for tests that need all of their part of the significance.
        assert kstest(p_values[name], "uniform", alternative="less").pvalue > 1e-3


def test_too_few_reads_are_not_called_consistent_and_it_says_how_many_do():
    pixels, labels = PIXELS[:1], LABELS[:1]
    log, manifest = laboratory_run(PROGRAM, DEVICE, pixels, labels, seed=6)
    few = log[log["out"] == 0]
    settings = SETTINGS.model_copy(update={"images": 1, "tolerance_mT": 0.05})
    content = verify(PROGRAM, DEVICE, few, manifest, images_of(pixels, labels), settings, seed=9)
    assert content["verdict"]["verdict"] == "not enough data"
    needed = content["verdict"]["needs_reads"]
    # The standard deviation of the centre of n reads is about 1 / sqrt(n 0.2 Delta^2).
    z = 2.576 + 0.842
    assert needed == pytest.approx((z / 0.05) ** 2 / (0.2 * 2.73**2), rel=0.5)


def test_the_order_of_reads_is_told_where_times_are_known():
    log, manifest = laboratory_run(PROGRAM, DEVICE, PIXELS, LABELS, seed=9)
    as_programmed = {"programmed": "interleaved", "images": len(LABELS), "as_programmed": 1.0}
    assert verification(log, manifest)["order_of_reads"] == as_programmed
    lost = verification(log.drop(index=[3, 5]), manifest)["order_of_reads"]
    assert lost == as_programmed
    backwards = log.assign(timestamp_s=-log["timestamp_s"])
    assert verification(backwards, manifest)["order_of_reads"]["as_programmed"] == 0.0
    untimed = log.drop(columns="timestamp_s")
    assert verification(untimed, manifest)["order_of_reads"]["as_programmed"] is None


def test_wires_that_differ_as_declared_and_jitter_that_is_not_measured_are_no_defects():
    """Both are larger than the tests would stand if they were not stated."""
    settings = SETTINGS.model_copy(
        update={"significance": 0.1, "images": len(LABELS), "wire_spread_mT": 0.2}
    )
    exact = SETTINGS.model_copy(update={"field_noise_sd_mT": 0.2})
    alarms = []
    for seed in range(20):
        shifts_mT = np.random.default_rng([8, seed]).normal(0, 0.2, PROGRAM.fields_mT.shape)
        wires = dataclasses.replace(PROGRAM, fields_mT=PROGRAM.fields_mT - shifts_mT)
        log = run_program(wires, DEVICE, PIXELS, exact, key=(8, seed))
        log["field_set_mT"] = PROGRAM.fields_mT[synapses_of(log)]
        log = log.drop(columns="field_measured_mT")
        for known, jitter_mT in (
            (settings, 0.2),
            (settings.model_copy(update={"wire_spread_mT": 0.0}), 0.0),
        ):
            manifest = dataclasses.replace(
                manifest_of(PROGRAM, log, LABELS), instrument={"field_noise_sd_mT": jitter_mT}
            )
            content = verify(PROGRAM, DEVICE, log, manifest, IMAGES, known, seed=9)
            alarms.append(content["verdict"]["alarm"])
    # At 10 %, seven or more of 20 have probability 2e-3.
    assert sum(alarms[::2]) < 7
    assert all(alarms[1::2])


def test_the_fitted_centres_of_wires_that_differ_are_no_correlation_of_their_reads():
    """Few reads of a wire, which its centre follows: they scatter against each other about it."""
    pixels, labels = PIXELS[:4], LABELS[:4]
    settings = SETTINGS.model_copy(update={"images": 4, "wire_spread_mT": 0.2})
    p_values = []
    for seed in range(40):
        shifts_mT = np.random.default_rng([9, seed]).normal(0, 0.2, PROGRAM.fields_mT.shape)
        wires = dataclasses.replace(PROGRAM, fields_mT=PROGRAM.fields_mT - shifts_mT)
        log = run_program(wires, DEVICE, pixels, SETTINGS, key=(9, seed))
        moved_mT = PROGRAM.fields_mT[synapses_of(log)] - log["field_set_mT"]
        log["field_set_mT"] += moved_mT
        log["field_measured_mT"] += moved_mT
        images, manifest = images_of(pixels, labels), manifest_of(PROGRAM, log, labels)
        content = verify(PROGRAM, DEVICE, log, manifest, images, settings, seed=9)
        p_values.append(content["tests"][TESTS.index("read correlation")]["p_value"])
    # Fails for two sets of seeds in a thousand.
    assert kstest(p_values, "uniform").pvalue > 2e-3


def test_wrong_outcomes_that_the_manifest_states_are_no_defect():
    log, manifest = laboratory_run(PROGRAM, DEVICE, PIXELS, LABELS, seed=8)
    wrong = np.random.default_rng(8).random(len(log)) < 0.05
    log["outcome"] = log["outcome"] ^ wrong
    stated = {"false_pass": {"k": 50, "n": 1000}, "false_pin": {"k": 50, "n": 1000}}
    manifest = manifest_of(PROGRAM, log, LABELS)
    assert verification(log, manifest)["verdict"]["alarm"]
    known = dataclasses.replace(manifest, instrument=stated)
    assert not verification(log, known)["verdict"]["alarm"]


def test_logs_in_part_and_without_fields_or_times_are_tested_as_far_as_they_go():
    log, manifest = laboratory_run(PROGRAM, DEVICE, PIXELS, LABELS, seed=7)
    lost = np.random.default_rng(7).random(len(log)) < 0.0005
    part = log[~lost].drop(columns=["field_measured_mT", "timestamp_s"])
    tests = {test["test"]: test for test in verification(part, manifest)["tests"]}
    assert set(tests) == set(TESTS) - {"fields measured"}
    assert not failed(tests)
    # An image that lacks single reads is classified by the others, as its draws are.
    assert tests["accuracy"]["n"] == len(LABELS)
    short = log[(log["image"] > 9) | (log["read"] < 2)]
    table = verification(short, manifest)["accuracy"]
    assert [row["n_images"] for row in table] == [80, 80, 70, 70]


def test_the_same_seed_gives_the_same_verdicts():
    log, manifest = laboratory_run(PROGRAM, DEVICE, PIXELS, LABELS, seed=6)
    assert verdicts(log, manifest) == verdicts(log, manifest)


def test_fields_in_another_unit_at_which_nothing_is_left_to_chance_are_reported():
    log, manifest = laboratory_run(PROGRAM, DEVICE, PIXELS[:3], LABELS, seed=1)
    log["field_measured_mT"] *= 10  # Oe
    with pytest.raises(InputError, match=r"column field_measured_mT: at the .* is certain"):
        verdicts(log, manifest)
