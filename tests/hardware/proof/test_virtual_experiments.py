"""Virtual experiments have the statistics of the virtual laboratory, and are reproducible."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2, kstest

from dwsynapse.study.bench import Laboratory
from fitting.forms import Logistic
from hardware.instruments.virtual_laboratory import run_program
from hardware.log import ORDER
from hardware.proof.planted_defects import DEFECTS
from hardware.proof.virtual_experiments import Case, experiments, judge, virtual_log
from hardware.proof.virtual_run import Subject, Truth, manifest_of
from hardware.schedule import Schedule
from hardware.verification import log_verification
from tests.hardware.small_task import DEVICE, SETTINGS, images_of, make_task

PROGRAM, PIXELS, LABELS = make_task()
N_IMAGES = 20
EXACT = SETTINGS.model_copy(
    update={"images": N_IMAGES, "field_offset_sd_mT": 0.0, "field_scale_sd": 0.0}
)
SUBJECT = Subject(PROGRAM, DEVICE, images_of(PIXELS, LABELS), EXACT)
PLANNED = ["image", "out", "in", "read", "field_set_mT", "timestamp_s"]


def test_a_log_has_the_reads_of_the_virtual_laboratory_in_its_order_and_types():
    log = virtual_log(SUBJECT, Case(N_IMAGES), seed=1, experiment=0)
    slow = run_program(PROGRAM, DEVICE, PIXELS[:N_IMAGES], EXACT, key=(1,))
    pd.testing.assert_frame_equal(log[PLANNED], slow[PLANNED])
    assert list(log) == list(slow)
    assert log.dtypes.to_dict() == slow.dtypes.to_dict()
    assert log.attrs == slow.attrs | {"undecided": 0}


def test_a_log_follows_the_order_of_the_program_and_lacks_fields_that_are_not_measured():
    schedule = Schedule(order="randomised", order_seed=4)
    program = dataclasses.replace(PROGRAM, schedule=schedule)
    unmeasured = EXACT.model_copy(update={"laboratory": Laboratory(measures_field=False)})
    subject = dataclasses.replace(SUBJECT, program=program, settings=unmeasured)
    log = virtual_log(subject, Case(N_IMAGES), seed=1, experiment=0)
    slow = run_program(program, DEVICE, PIXELS[:N_IMAGES], unmeasured, key=(1,))
    slow = slow.sort_values(ORDER, ignore_index=True)
    pd.testing.assert_frame_equal(log.drop(columns="outcome"), slow.drop(columns="outcome"))
    assert (np.diff(log["timestamp_s"].to_numpy()[subject.reads.in_time]) > 0).all()


@pytest.mark.parametrize("fast", [True, False])
def test_both_make_logs_of_the_same_statistics(fast):
    noise, z = [], []
    passes = expected = variance = 0
    for seed in range(20):
        if fast:
            log = virtual_log(SUBJECT, Case(N_IMAGES), 1, seed)
        else:
            log = run_program(PROGRAM, DEVICE, PIXELS[:N_IMAGES], EXACT, key=(seed,))
        measured_mT = log["field_measured_mT"].to_numpy(float)
        noise.append((measured_mT - log["field_set_mT"]) / EXACT.field_noise_sd_mT)
        p = DEVICE.curve.probability(measured_mT)
        z.append((log["outcome"].sum() - p.sum()) / np.sqrt((p * (1 - p)).sum()))
        synapse = log["out"].to_numpy(int) * PIXELS.shape[1] + log["in"]
        passes += np.bincount(synapse, log["outcome"])
        expected += np.bincount(synapse, p)
        variance += np.bincount(synapse, p * (1 - p))
    # Each fails for one set of seeds in a thousand; the published digits are open by less than a
    # tenth of a standard deviation of these counts.
    assert kstest(np.concatenate(noise), "norm").pvalue > 1e-3
    assert kstest(z, "norm").pvalue > 1e-3
    read = variance > 0
    statistic = ((passes - expected)[read] ** 2 / variance[read]).sum()
    assert chi2.sf(statistic, read.sum()) > 1e-3


def test_an_experiment_depends_on_seed_case_and_number_only():
    first = virtual_log(SUBJECT, Case(N_IMAGES), 1, 3)
    pd.testing.assert_frame_equal(first, virtual_log(SUBJECT, Case(N_IMAGES), 1, 3))
    for seed, n in ((1, 4), (2, 3)):
        other = virtual_log(SUBJECT, Case(N_IMAGES), seed, n)
        assert (first["outcome"] != other["outcome"]).any()


def test_the_truth_is_drawn_from_what_is_known():
    rng = np.random.default_rng(5)
    truths = [Truth.drawn(DEVICE, SETTINGS, rng) for _ in range(400)]
    for name, (low, high) in DEVICE.intervals.items():
        values = np.array([getattr(truth.curve, name) for truth in truths])
        assert kstest((values - low) / (high - low), "uniform").pvalue > 1e-3
    offsets_mT = np.array([truth.offset_mT for truth in truths])
    assert kstest(offsets_mT / SETTINGS.field_offset_sd_mT, "norm").pvalue > 1e-3
    scales = np.array([truth.scale for truth in truths])
    assert kstest(scales / SETTINGS.field_scale_sd, "norm").pvalue > 1e-3
    draws = np.array([[0.01, 4.5, 2.5], [0.03, 4.7, 2.9]])
    fitted = dataclasses.replace(DEVICE, draws=draws)
    bench = np.array([(truth.bench_offset_mT, truth.bench_scale) for truth in truths])
    sds = SETTINGS.field_offset_sd_mT, SETTINGS.field_scale_sd
    assert min(kstest(values, "norm").pvalue for values in (bench / sds).T) > 1e-3
    # Of the probe it knows nothing: four standard deviations of a correlation of 400.
    assert abs(np.corrcoef(bench[:, 0], offsets_mT)[0, 1]) < 0.2
    unmeasured = SETTINGS.model_copy(update={"laboratory": Laboratory(measures_field=False)})
    assert Truth.drawn(DEVICE, unmeasured, rng).bench_offset_mT == 0
    curves = {Truth.drawn(fitted, SETTINGS, rng).curve for _ in range(40)}
    assert curves == {Logistic(*map(float, draw)) for draw in draws}


def test_an_offset_of_the_calibration_moves_the_curve_that_the_log_shows():
    """The log of a bench that is off looks like that of another curve at the fields measured."""
    settings = EXACT.model_copy(update={"field_offset_sd_mT": 2.0})
    subject = dataclasses.replace(SUBJECT, settings=settings)
    case = Case(N_IMAGES)
    for experiment in range(3):
        rng = np.random.default_rng([7, case.number, experiment])
        truth = Truth.drawn(DEVICE, settings, rng)
        log = virtual_log(subject, case, 7, experiment)
        p = truth.curve.probability(log["field_measured_mT"].to_numpy(float) - truth.offset_mT)
        z = (log["outcome"].sum() - p.sum()) / np.sqrt((p * (1 - p)).sum())
        assert abs(truth.offset_mT) > 0.1  # Of these seeds.
        assert abs(z) < 4  # Beyond it for one in 16 000.


def test_the_fields_measured_are_off_those_set_as_far_as_the_calibration_leaves_open():
    settings = EXACT.model_copy(update={"field_offset_sd_mT": 1.0, "field_scale_sd": 0.1})
    subject = dataclasses.replace(SUBJECT, settings=settings)
    case = Case(N_IMAGES)
    truth = Truth.drawn(DEVICE, settings, np.random.default_rng([7, case.number, 0]))
    log = virtual_log(subject, case, 7, 0)
    scale, offset_mT = np.polyfit(log["field_set_mT"], log["field_measured_mT"], 1)
    # Ten standard deviations of a line through 8900 fields that scatter by 0.03 mT.
    assert scale == pytest.approx(1 + truth.bench_scale, abs=0.01)
    assert offset_mT + 4.63 * (scale - 1) == pytest.approx(
        truth.bench_offset_mT + 4.63 * truth.bench_scale, abs=0.004
    )


def test_wires_differ_as_far_as_is_declared_and_the_manifest_states_the_jitter():
    counts = []
    for spread_mT in (0.0, 0.5):
        settings = EXACT.model_copy(update={"wire_spread_mT": spread_mT, "field_noise_sd_mT": 0.01})
        subject = dataclasses.replace(SUBJECT, settings=settings)
        log = virtual_log(subject, Case(N_IMAGES), 1, 0)
        p = DEVICE.curve.probability(log["field_measured_mT"].to_numpy(float))
        synapse = log["out"].to_numpy(int) * PIXELS.shape[1] + log["in"]
        away = np.bincount(synapse, log["outcome"]) - np.bincount(synapse, p)
        counts.append((away**2).sum() / (p * (1 - p)).sum())
        assert manifest_of(subject, log).instrument == {"field_noise_sd_mT": 0.01}
    # Of 250 synapses: five standard deviations of the mean of squares, each about 2^0.5.
    assert abs(counts[0] - 1) < 5 * np.sqrt(2 / 250)
    assert counts[1] > 3


def test_the_numbers_do_not_depend_on_the_number_of_processes():
    cases = [Case(2), Case(N_IMAGES)]
    found = []
    for processes in (1, 2):
        made = experiments(SUBJECT, cases, 12, seed=1, processes=processes)
        found.append(sorted((m.case.key, m.first, m.judged) for m in made))
    assert found[0] == found[1]
    assert [len(judged) for _, _, judged in found[0]] == [10, 2, 10, 2]
    assert found[0][0][2][3] == judge(SUBJECT, Case(N_IMAGES), 1, 3)


def test_verdict_alarm_and_diagnosis_are_those_of_the_verification(monkeypatch):
    found = []

    def verify(*arguments):
        found.append(log_verification.verify(*arguments)["verdict"])
        return {"verdict": found[-1]}

    monkeypatch.setattr("hardware.proof.virtual_experiments.verify", verify)
    permuted = next(d for d in DEFECTS if d.name == "another program")
    for case in (Case(N_IMAGES), Case(N_IMAGES, permuted, 1.0)):
        one = judge(SUBJECT, case, 1, 0)
        assert (one.verdict, one.alarm) == (found[-1]["verdict"], found[-1]["alarm"])
        assert one.diagnosis == (found[-1]["diagnosis"] or {}).get("name")
    assert [one["alarm"] for one in found] == [False, True]
