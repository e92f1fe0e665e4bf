"""Each test catches the defect it is for, and accepts correct logs."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest

from dwsynapse.io.errors import InputError
from dwsynapse.study import Fitting
from fitting.forms import Logistic
from fitting.make_device import device_from_counts
from hardware.instruments.virtual_laboratory import run_program
from hardware.log import read_log, write_log
from hardware.verification.curve_scores import CurveScores
from hardware.verification.log_tests.same_curve import same_curve
from hardware.verification.log_verification import verify
from hardware.verification.nuisances import Nuisances
from hardware.verification.reads import Reads
from tests.hardware.small_task import (
    DEVICE,
    SETTINGS,
    images_of,
    laboratory_run,
    make_task,
    manifest_of,
)

PROGRAM, PIXELS, LABELS = make_task()
IMAGES = images_of(PIXELS, LABELS)
OF_SYNAPSES = ["synapse counts", "worst synapses", "read correlation", "drift", "copied reads"]
OF_CLASSES = ["neuron sums", "accuracy", "images classified", "confusion"]
TESTS = ["same curve", *OF_SYNAPSES, *OF_CLASSES, "fields measured", "images delivered"]


def curve_and_test(device, log, settings):
    reads = Reads.of(log, PROGRAM)
    fitted = Nuisances().curve_in_log(device, reads, settings)
    return fitted.curve, same_curve(CurveScores(reads, fitted), 0.2, 0.01)


def verification(log, manifest, significance=0.01, seed=9):
    settings = SETTINGS.model_copy(update={"significance": significance, "images": len(LABELS)})
    return verify(PROGRAM, DEVICE, log, manifest, IMAGES, settings, seed)


def verdicts(log, manifest, significance=0.01, seed=9):
    content = verification(log, manifest, significance, seed)
    assert [test["test"] for test in content["tests"]] == TESTS
    return {test["test"]: test for test in content["tests"]}


def laboratory_outcomes(log, seed):
    p = DEVICE.curve.probability(log["field_measured_mT"].to_numpy(float))
    return (np.random.default_rng(seed).random(len(log)) < p).astype(int)


def failed(tests):
    return {name for name, test in tests.items() if test["verdict"] == "inconsistent"}


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
        # No smaller than uniform p-values (those of sums about a curve fitted to the same log are
        # larger): each fails for less than one set of seeds in a thousand.
        assert kstest(p_values[name], "uniform", alternative="greater").pvalue > 1e-3


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


def synapses_of(log):
    return log["out"].to_numpy(int), log["in"].to_numpy(int)


def at_fields(log, fields_mT, seed):
    """Return a log whose reads were made at other fields than it says."""
    p = DEVICE.curve.probability(fields_mT)
    return log.assign(outcome=(np.random.default_rng(seed).random(len(log)) < p).astype(int))


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


def test_accuracies_are_those_of_the_log_whatever_the_manifest_states():
    log, manifest = laboratory_run(PROGRAM, DEVICE, PIXELS, LABELS, seed=5)
    assert verification(log, manifest)["accuracy_stated"]["as_the_log"]
    wrong = dataclasses.replace(PROGRAM, biases=np.array([5.0, 0, 0, 0, 0]) + PROGRAM.biases)
    content = verification(log, stated := manifest_of(wrong, log, LABELS))
    assert content["accuracy_stated"] == {"accuracy": list(stated.accuracy), "as_the_log": False}
    assert [row["accuracy"] for row in content["accuracy"]] == list(manifest.accuracy)


def test_a_bench_that_is_stuck_at_a_field_is_caught_by_the_fields_alone():
    log, _ = laboratory_run(PROGRAM, DEVICE, PIXELS, LABELS, seed=7)
    stuck_mT = PROGRAM.fields_mT.mean()
    log["field_measured_mT"] = stuck_mT
    passes = np.random.default_rng(7).random(len(log)) < DEVICE.curve.probability(stuck_mT)
    log["outcome"] = passes.astype(int)
    tests = verdicts(log, manifest_of(PROGRAM, log, LABELS))
    assert failed(tests) == {"fields measured"}
    assert tests["fields measured"]["details"]["scale_minus_1"] == pytest.approx(-1)


def test_negative_fields_that_a_probe_measured_are_judged_and_not_refused(tmp_path):
    log, _ = laboratory_run(PROGRAM, DEVICE, PIXELS, LABELS, seed=7)
    log.loc[log["out"] == 0, "field_measured_mT"] *= -1
    write_log(tmp_path / "log.parquet", log)
    back = read_log(tmp_path / "log.parquet", PROGRAM, PIXELS, synthetic=True)
    assert "fields measured" in failed(verdicts(back, manifest_of(PROGRAM, back, LABELS)))


def test_a_bench_that_is_always_off_is_caught_by_more_than_its_calibration_explains():
    log, _ = laboratory_run(PROGRAM, DEVICE, PIXELS, LABELS, seed=8)
    p_values = []
    for offset_mT in (0.0, 0.1, 0.2, 0.4):
        off = log.assign(field_measured_mT=log["field_measured_mT"] + offset_mT)
        off["outcome"] = laboratory_outcomes(off, seed=8)
        test = verdicts(off, manifest_of(PROGRAM, off, LABELS))["fields measured"]
        assert test["effect_size"] == pytest.approx(offset_mT, abs=0.01)
        p_values.append(test["p_value"])
    # With an uncertainty of 0.1 mT, one, two and four standard deviations.
    assert p_values == pytest.approx([1.0, 0.61, 0.135, 3.4e-4], rel=0.15)


def test_a_log_without_its_misread_images_is_caught_and_one_that_stopped_early_is_not():
    log, _ = laboratory_run(PROGRAM, DEVICE, PIXELS, LABELS, seed=9)
    sums = log.groupby(["image", "out"])["outcome"].sum().unstack().to_numpy()
    misread = np.flatnonzero(PROGRAM.predictions(sums, PROGRAM.reads) != LABELS)
    assert len(misread) > 3
    chosen = log[~log["image"].isin(misread)]
    test = verdicts(chosen, manifest_of(PROGRAM, chosen, LABELS))["images delivered"]
    assert test["verdict"] == "inconsistent"
    assert test["details"] == {"missing": len(misread), "first_missing": misread[0]}
    early = log[log["image"] < 60]
    test = verdicts(early, manifest_of(PROGRAM, early, LABELS))["images delivered"]
    assert test["verdict"] == "consistent"
    assert test["effect_size"] == 20 / 80


def test_a_log_of_easier_images_than_those_promised_is_caught():
    outputs = PIXELS @ DEVICE.curve.probability(PROGRAM.fields_mT).T + PROGRAM.biases
    own = np.take_along_axis(outputs, LABELS[:, None], axis=1)[:, 0]
    np.put_along_axis(outputs, LABELS[:, None], -np.inf, axis=1)
    hardest_first = np.argsort(own - outputs.max(axis=1), kind="stable")
    pixels, labels = PIXELS[hardest_first], LABELS[hardest_first]
    log, _ = laboratory_run(PROGRAM, DEVICE, pixels, labels, seed=10)
    others = log[log["image"] >= 60]
    for n_promised in (20, len(LABELS)):
        settings = SETTINGS.model_copy(update={"images": n_promised})
        manifest = manifest_of(PROGRAM, others, labels)
        images = images_of(pixels, labels)
        content = verify(PROGRAM, DEVICE, others, manifest, images, settings, seed=9)
        test = content["tests"][TESTS.index("images delivered")]
        assert test["verdict"] == "inconsistent"
        assert "random choices" in test["p_value_method"]


def test_the_same_seed_gives_the_same_verdicts():
    log, manifest = laboratory_run(PROGRAM, DEVICE, PIXELS, LABELS, seed=6)
    assert verdicts(log, manifest) == verdicts(log, manifest)


def test_fields_in_another_unit_at_which_nothing_is_left_to_chance_are_reported():
    log, manifest = laboratory_run(PROGRAM, DEVICE, PIXELS[:3], LABELS, seed=1)
    log["field_measured_mT"] *= 10  # Oe
    with pytest.raises(InputError, match=r"column field_measured_mT: at the .* is certain"):
        verdicts(log, manifest)
