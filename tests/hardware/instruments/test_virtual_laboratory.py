"""The virtual laboratory runs the program it is given, reproducibly."""

import numpy as np
import pandas as pd
from scipy.stats import kstest

from hardware.instruments.virtual_laboratory import accuracy_by_reads, run_program
from hardware.log import LOG, ORDER, read_log, write_log
from tests.hardware.small_task import DEVICE, SETTINGS, make_task


def test_an_image_has_the_same_reads_whatever_else_is_shown():
    program, pixels, _ = make_task()
    many = run_program(program, DEVICE, pixels[:5], SETTINGS, key=(1, 2))
    few = run_program(program, DEVICE, pixels[:2], SETTINGS, key=(1, 2))
    pd.testing.assert_frame_equal(many[many["image"] < 2], few)
    other = run_program(program, DEVICE, pixels[:2], SETTINGS, key=(2, 2))
    assert (other["outcome"] != few["outcome"]).any()


def test_every_active_input_is_read_as_programmed():
    program, pixels, _ = make_task()
    log = run_program(program, DEVICE, pixels, SETTINGS, key=(1,))
    assert list(log) == [column.name for column in LOG.columns]
    assert len(log) == pixels.sum() * len(program.biases) * program.reads
    assert not log.duplicated(ORDER).any()
    assert (pixels[log["image"], log["in"]] == 1).all()
    np.testing.assert_allclose(
        log["field_set_mT"], program.fields_mT[log["out"], log["in"]], rtol=1e-6
    )
    np.testing.assert_allclose(np.diff(log["timestamp_s"]), 1 / SETTINGS.reads_per_s)


def test_field_noise_and_outcomes_follow_the_model():
    program, pixels, _ = make_task()
    log = run_program(program, DEVICE, pixels, SETTINGS, key=(1,))
    noise = (log["field_measured_mT"] - log["field_set_mT"]) / SETTINGS.field_noise_sd_mT
    # Fails for one seed in a thousand if the noise is Gaussian.
    assert kstest(noise, "norm").pvalue > 1e-3
    p = DEVICE.curve.probability(log["field_measured_mT"].to_numpy(float))
    z = (log["outcome"].sum() - p.sum()) / np.sqrt((p * (1 - p)).sum())
    # Beyond 3.3 standard deviations for one seed in a thousand.
    assert abs(z) < 3.3


def test_accuracies_are_those_of_the_first_reads():
    program, pixels, labels = make_task()
    log = run_program(program, DEVICE, pixels, SETTINGS, key=(1,))
    first = log[log["read"] < 2].groupby(["image", "out"])["outcome"].sum().unstack()
    predicted = np.argmax(first.to_numpy() / 2 + program.biases, axis=1)
    assert accuracy_by_reads(program, log, labels)[1] == np.mean(predicted == labels)


def test_a_stored_log_reads_back_and_says_that_it_is_synthetic(tmp_path):
    program, pixels, _ = make_task()
    log = run_program(program, DEVICE, pixels, SETTINGS, key=(1,))
    write_log(tmp_path / "log.parquet", log)
    assert pd.read_parquet(tmp_path / "log.parquet").attrs["synthetic"] is True
    back = read_log(tmp_path / "log.parquet", program, pixels, synthetic=True)
    pd.testing.assert_frame_equal(back, log, check_dtype=False)
    shuffled = log.sample(frac=1, random_state=1)
    shuffled.to_csv(tmp_path / "log.csv", index=False)
    back = read_log(tmp_path / "log.csv", program, pixels, synthetic=True, ordered=False)
    pd.testing.assert_frame_equal(back, log, check_dtype=False, rtol=1e-6)
