"""The faults of the virtual laboratory: each does what its setting says, and nothing else."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from dwsynapse.io.errors import InputError
from dwsynapse.study import Hardware
from dwsynapse.study.bench import FieldSinusoid
from hardware.instruments.virtual_laboratory import VirtualBench, accuracy_by_reads, run_program
from hardware.schedule import Schedule
from tests.hardware.small_task import DEVICE, make_task

WAVE = FieldSinusoid(amplitude_mT=8, frequency_Hz=37)
KEY = (1, 2)
EVERYTHING = {
    "trigger_jitter_sd_us": 10,
    "drift_mT": 0.3,
    "drift_time_s": 50,
    "calibrate_every_s": 20,
    "calibration_sd_mT": 0.05,
    "false_pass": 0.02,
    "false_pin": 0.02,
    "undecided": 0.01,
    "dropped": 0.01,
    "wire_place_sd_mT": 0.1,
    "wire_steepness_sd": 0.1,
    "day_offset_sd_mT": 0.1,
    "hours_per_day": 0.01,
}


def run(faults, pixels=None, schedule=None, **settings):
    """Return the program and its log in a laboratory with these faults."""
    program, shown, _ = make_task()
    program = dataclasses.replace(program, schedule=schedule or Schedule(sinusoid=WAVE))
    instrument = Hardware(reads=4, laboratory=faults, **settings)
    return program, run_program(
        program, DEVICE, shown[:40] if pixels is None else pixels, instrument, KEY
    )


def differences(sound, faulty):
    """Return the columns in which two logs of the same reads differ."""
    return {name for name in sound if not sound[name].equals(faulty[name])}


def within(share, expected, n, sds=4):
    """Whether a share of n is as expected, within four standard errors (6e-5)."""
    return abs(share - expected) < sds * np.sqrt(expected * (1 - expected) / n)


def test_jitter_moves_the_field_by_the_slope_of_the_sinusoid_there():
    _, log = run({"trigger_jitter_sd_us": 20}, field_noise_sd_mT=0.0)
    moved_mT = log["field_measured_mT"] - log["field_set_mT"]
    slope = 2e-6 * np.pi * 37 * np.sqrt(8**2 - log["field_set_mT"] ** 2)
    z = moved_mT / (slope * 20)
    # The standard error of a standard deviation of 16 000 values is 0.6 %.
    assert z.std() == pytest.approx(1, abs=0.03)
    assert abs(z.mean()) < 0.04


def test_jitter_without_a_sinusoidal_field_is_refused():
    with pytest.raises(InputError, match=r"trigger_jitter_sd_us: .*give hardware\.field_sinusoid"):
        run({"trigger_jitter_sd_us": 20}, schedule=Schedule(order="sequential"))


def test_heating_drifts_and_calibration_on_the_fly_takes_it_back():
    faults = {"drift_mT": 0.5, "drift_time_s": 60.0}
    _, log = run(faults, field_noise_sd_mT=0.0)
    drift_mT = log["field_measured_mT"] - log["field_set_mT"]
    expected_mT = 0.5 * (1 - np.exp(-log["timestamp_s"] / 60))
    np.testing.assert_allclose(drift_mT, expected_mT, atol=2e-6)  # 32-bit fields
    _, log = run({**faults, "calibrate_every_s": 5.0}, field_noise_sd_mT=0.0)
    left_mT = log["field_measured_mT"] - log["field_set_mT"]
    assert left_mT.min() + 1e-6 >= 0
    # At most what five seconds of the first heating add.
    assert 0.03 < left_mT.max() < 0.5 * 5 / 60
    _, log = run({"calibrate_every_s": 1.0, "calibration_sd_mT": 0.1}, field_noise_sd_mT=0.0)
    errors_mT = (log["field_measured_mT"] - log["field_set_mT"]).round(5)
    each = errors_mT.groupby((log["timestamp_s"] // 1).astype(int)).agg(["first", "nunique"])
    # 32-bit fields round the error of one calibration differently at different fields.
    assert each["nunique"].max() <= 3
    assert each["first"].std() == pytest.approx(0.1, rel=0.2)


def test_wrong_and_missing_outcomes_have_their_shares():
    program, sound = run({})
    _, log = run({"false_pass": 0.03, "false_pin": 0.01})
    assert differences(sound, log) == {"outcome"}
    wrong = (log["outcome"] != sound["outcome"]).groupby(sound["outcome"])
    assert within(wrong.mean()[0], 0.03, wrong.size()[0])
    assert within(wrong.mean()[1], 0.01, wrong.size()[1])
    _, log = run({"undecided": 0.02})
    lost = log["outcome"].isna()
    assert within(lost.mean(), 0.02, len(log))
    assert (log["outcome"] == sound["outcome"])[~lost].all()
    _, log = run({"dropped": 0.02})
    assert within(len(log) / len(sound), 0.98, len(sound))
    kept = sound.merge(log.drop(columns="outcome"))
    pd.testing.assert_frame_equal(kept, log.reset_index(drop=True), check_dtype=False)
    labels = make_task()[2]
    assert np.isfinite(accuracy_by_reads(program, log, labels)).all()


def test_wires_differ_by_synapse_and_days_by_day():
    many = np.repeat(make_task()[1][:1], 400, axis=0)
    _, log = run({"wire_place_sd_mT": 1.0}, many)
    p = log.groupby(["out", "in"])["outcome"].mean().clip(0.03, 0.999)
    fields_mT = log.groupby(["out", "in"])["field_measured_mT"].mean()
    shifts_mT = fields_mT - [DEVICE.curve.field_mT(value) for value in p]
    assert shifts_mT.std() == pytest.approx(1.0, abs=0.35)  # about 100 wires; far ones are cut
    _, sound = run({}, many)
    assert differences(sound, log) == {"outcome"}
    _, log = run({"day_offset_sd_mT": 1.0, "hours_per_day": 0.05}, many)
    days = (log["timestamp_s"] // 86400).astype(int)
    assert days.nunique() > 10
    assert ((log["timestamp_s"] % 86400) < 180).all()
    passed = log["outcome"].groupby(days).mean()
    # Of 9000 reads each, the means of sound days vary by 0.005.
    assert passed.std() > 0.05


def test_a_bench_that_measures_no_field_logs_none():
    _, sound = run({})
    _, log = run({"measures_field": False})
    pd.testing.assert_frame_equal(sound.drop(columns="field_measured_mT"), log)


def test_outcomes_may_be_decided_from_loops():
    pixels = make_task()[1][:6]
    _, sound = run({}, pixels)
    _, log = run({"loops_signal_to_noise": 8.0}, pixels)
    lost = log["outcome"].isna()
    assert 0 < lost.mean() < 0.1
    # At this ratio 0.1 % of the decided loops are wrong (docs/hardware.md).
    assert (log["outcome"] != sound["outcome"])[~lost].mean() < 0.01


@pytest.mark.parametrize("order", ["interleaved", "sequential", "randomised"])
def test_an_image_has_the_same_reads_whatever_is_shown_after_it_or_alone(order):
    program, pixels, _ = make_task()
    program = dataclasses.replace(program, schedule=Schedule(sinusoid=WAVE, order=order))
    bench = VirtualBench(DEVICE, Hardware(reads=4, laboratory=EVERYTHING), 5)
    whole = bench.measure(program, pixels[:6])
    (alone,) = bench.image_logs(program, pixels[:4], [3])
    same = whole[whole["image"] == 3].reset_index(drop=True)
    pd.testing.assert_frame_equal(same, alone.reset_index(drop=True))
    assert (np.diff(whole["timestamp_s"]) > 0).all()
    assert whole.attrs["synthetic"] is True


def test_the_order_of_reads_changes_only_when_they_are_made():
    _, sound = run({})
    for order in ("sequential", "randomised"):
        _, log = run({}, schedule=Schedule(sinusoid=WAVE, order=order))
        keys = ["image", "read", "out", "in"]
        again = log.sort_values(keys, ignore_index=True)
        assert differences(sound, again) == {"timestamp_s"}
        assert (np.diff(log["timestamp_s"]) > 0).all()


def test_images_without_pixels_that_are_on_have_no_reads():
    pixels = make_task()[1][:3].copy()
    pixels[1] = 0
    for faults in ({}, EVERYTHING, {"loops_signal_to_noise": 20}):
        _, log = run(faults, pixels)
        assert set(log["image"]) == {0, 2}


def test_the_manifest_names_the_faults():
    assert "faults" not in VirtualBench(DEVICE).instrument()
    settings = Hardware(laboratory={"drift_mT": 0.2})
    assert VirtualBench(DEVICE, settings).instrument()["faults"] == {"drift_mT": 0.2}
    jitter = Hardware(field_sinusoid=WAVE, laboratory={"trigger_jitter_sd_us": 30})
    # 2 pi 37 Hz 8 mT 30 us = 0.0558 mT, with the noise of 0.03 mT.
    stated_mT = VirtualBench(DEVICE, jitter).instrument()["field_noise_sd_mT"]
    assert stated_mT == pytest.approx(0.0633, abs=1e-4)
