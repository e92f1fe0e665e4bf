"""Whether the program ran, and all of it: fields, images, accuracies."""

import dataclasses

import numpy as np
import pytest
from scipy.stats import kstest

from dwsynapse.io.errors import InputError
from hardware.log import read_log, write_log
from hardware.verification.log_verification import verify
from tests.hardware.small_task import (
    DEVICE,
    SETTINGS,
    images_of,
    laboratory_run,
    manifest_of,
)
from tests.hardware.verification.judged_logs import (
    LABELS,
    PIXELS,
    PROGRAM,
    TESTS,
    failed,
    verdicts,
    verification,
)


def laboratory_outcomes(log, seed):
    p = DEVICE.curve.probability(log["field_measured_mT"].to_numpy(float))
    return (np.random.default_rng(seed).random(len(log)) < p).astype(int)


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


def test_fields_measured_that_are_all_negative_are_called_so_where_nothing_passes_there():
    log, _ = laboratory_run(PROGRAM, DEVICE, PIXELS, LABELS, seed=7)
    log["field_measured_mT"] *= -1
    without_floor = dataclasses.replace(DEVICE, curve=DEVICE.curve.with_values({"floor": 0.0}))
    settings, stated = SETTINGS, manifest_of(PROGRAM, log, LABELS)
    with pytest.raises(InputError, match=r"fields measured are all negative .*reverse their sign"):
        verify(PROGRAM, without_floor, log, stated, images_of(PIXELS, LABELS), settings, 1)


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


@pytest.mark.slow
def test_images_left_out_at_random_fail_as_rarely_as_claimed():
    p_values = []
    for seed in range(40):
        log, _ = laboratory_run(PROGRAM, DEVICE, PIXELS[:40], LABELS[:40], seed)
        left_out = np.random.default_rng(seed).choice(40, 10, replace=False)
        kept = log[~log["image"].isin(left_out)]
        settings = SETTINGS.model_copy(update={"images": 40})
        manifest = manifest_of(PROGRAM, kept, LABELS)
        images = images_of(PIXELS[:40], LABELS[:40])
        content = verify(PROGRAM, DEVICE, kept, manifest, images, settings, seed=seed)
        p_values.append(content["tests"][TESTS.index("images delivered")]["p_value"])
    # Fails for one set of seeds in a thousand.
    assert kstest(p_values, "uniform", alternative="greater").pvalue > 1e-3


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
