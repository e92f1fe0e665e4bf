"""Each planted defect does what it says, of the size that it says."""

import dataclasses

import numpy as np
import pytest

from hardware.proof.planted_defects import DEFECTS
from hardware.proof.virtual_experiments import Case, virtual_log
from hardware.proof.virtual_run import Subject, VirtualRun
from tests.hardware.small_task import DEVICE, SETTINGS, images_of, make_task

PROGRAM, PIXELS, LABELS = make_task()
SUBJECT = Subject(
    PROGRAM, DEVICE, images_of(PIXELS, LABELS), SETTINGS.model_copy(update={"images": 80})
)
READS = SUBJECT.reads
NAMES = {
    "offset",
    "slope",
    "floor",
    "detection errors",
    "drift",
    "correlated reads",
    "stuck wire",
    "swapped synapses",
    "another program",
    "wires that differ",
    "missing images",
    "fields off",
    "copied reads",
}


def planted(plant, size, passed=None, acting_mT=None):
    """Return a run before and after a defect."""
    run = VirtualRun.start(SUBJECT, DEVICE.curve)
    run.acting_mT = READS.set_mT.copy() if acting_mT is None else acting_mT.copy()
    if passed is None:
        p = DEVICE.curve.probability(READS.set_mT)
        passed = np.random.default_rng(0).random(len(READS)) < p
    run.passed = passed.astype(np.uint8)
    plant(run, size, np.random.default_rng(1))
    return run, passed


def defect(name, unit=""):
    return next(d for d in DEFECTS if d.name == name and unit in d.unit)


def test_there_is_a_defect_for_every_name_of_a_diagnosis():
    assert {d.name for d in DEFECTS} == NAMES
    assert all(len(d.sizes) == 3 and list(d.sizes) == sorted(d.sizes) for d in DEFECTS)
    keys = [Case(80, d, size).key for d in DEFECTS for size in d.sizes]
    assert len(set(keys)) == len(keys)
    assert len({Case(80, d, size).number for d in DEFECTS for size in d.sizes}) == len(keys)


def test_offset_slope_and_drift_move_the_field_that_acts():
    run, _ = planted(defect("offset").plant, 0.2)
    np.testing.assert_allclose(run.acting_mT, READS.set_mT - 0.2)
    run, _ = planted(defect("slope").plant, 0.1)
    np.testing.assert_allclose(run.acting_mT - 4.63, 1.1 * (READS.set_mT - 4.63), atol=1e-12)
    run, _ = planted(defect("drift").plant, 0.2)
    np.testing.assert_allclose(run.acting_mT[[0, -1]] - READS.set_mT[[0, -1]], [0.1, -0.1])


def test_a_floor_is_raised():
    run, _ = planted(defect("floor").plant, 0.02)
    assert run.curve.values() == DEVICE.curve.values() | {"floor": pytest.approx(0.0419)}


def test_wires_that_differ_are_moved_each_by_its_own_distance():
    run, _ = planted(defect("wires that differ").plant, 0.1)
    moved_mT = run.acting_mT - READS.set_mT
    each = [np.ptp(moved_mT[READS.synapse == s]) for s in np.unique(READS.synapse)[:20]]
    np.testing.assert_allclose(each, 0, atol=1e-12)
    # Of 250 synapses: four standard errors.
    assert abs(np.unique(np.round(moved_mT, 12)).mean()) < 4 * 0.1 / np.sqrt(250)
    assert np.unique(np.round(moved_mT, 12)).std() == pytest.approx(0.1, rel=4 / np.sqrt(500))


def test_pairs_of_synapses_are_swapped_and_fields_of_a_program_permuted():
    run, _ = planted(defect("swapped synapses").plant, 3)
    moved = np.unique(READS.synapse[np.abs(run.acting_mT - READS.set_mT) > 1e-9])
    assert 2 <= len(moved) <= 6  # Those of a pair may have the same field.
    fields_mT = PROGRAM.fields_mT.ravel()

    def acting_mT(synapses):
        return [run.acting_mT[READS.synapse == s][0] for s in synapses]

    np.testing.assert_allclose(sorted(acting_mT(moved)), sorted(fields_mT[moved]))
    run, _ = planted(defect("another program").plant, 1)
    every = np.arange(fields_mT.size)
    np.testing.assert_allclose(sorted(acting_mT(every)), sorted(fields_mT))
    assert np.mean(np.abs(np.array(acting_mT(every)) - fields_mT) > 1e-9) > 0.5


def test_detection_errors_turn_outcomes_at_their_rate():
    run, before = planted(defect("detection errors").plant, 0.02)
    # 35 560 reads: four standard errors.
    assert np.mean(run.passed != before) == pytest.approx(0.02, abs=0.003)
    assert set(np.unique(run.passed)) == {0, 1}


def test_correlated_reads_copy_the_read_of_their_synapse_before():
    coins = np.random.default_rng(2).random(len(READS)) < 0.5
    run, before = planted(defect("correlated reads").plant, 0.3, passed=coins)
    order = np.argsort(READS.synapse, kind="stable")
    same = np.diff(READS.synapse[order]) == 0
    repeated = (np.diff(run.passed[order].astype(int)) == 0)[same]
    # Half of the reads that are not copied agree by chance; four standard errors.
    assert repeated.mean() == pytest.approx(0.3 + 0.7 / 2, abs=4 * 0.5 / np.sqrt(len(READS)))
    assert np.mean(run.passed != before) < 0.2


def test_a_stuck_wire_always_gives_one_outcome():
    run, before = planted(defect("stuck wire").plant, 10)
    changed = np.unique(READS.synapse[run.passed != before])
    assert 5 <= len(changed) <= 10  # Some hardly ever gave another outcome.
    for synapse in changed:
        assert len(set(run.passed[READS.synapse == synapse])) == 1


def test_a_stretch_of_outcomes_is_copied():
    labels = np.arange(len(READS)) % 251  # Each stretch of 251 occurs at its own places.
    run, before = planted(defect("copied reads").plant, 1000, passed=labels)
    changed = np.flatnonzero(run.passed != before)
    assert len(READS) // 2 <= changed[0]
    assert changed[-1] - changed[0] == 999
    shift = (int(run.passed[changed[0]]) - int(before[changed[0]])) % 251
    np.testing.assert_array_equal(run.passed[changed], (before[changed] + shift) % 251)


@pytest.mark.parametrize("share", [0.5, 1])
def test_misread_images_are_left_out(share):
    case = Case(80, defect("missing images"), share)
    log = virtual_log(SUBJECT, case, 3, 0)
    sums = log.groupby(["image", "out"])["outcome"].sum().unstack().to_numpy()
    wrong = PROGRAM.predictions(sums, PROGRAM.reads) != LABELS[log["image"].unique()]
    missing = 80 - log["image"].nunique()
    assert wrong.sum() == (0 if share == 1 else pytest.approx(missing, abs=1))
    assert 3 < missing < 40
    assert (log.index == range(len(log))).all()


def test_a_bench_that_is_off_or_stuck_measures_what_it_sets():
    calibrated = {"field_offset_sd_mT": 0.0, "field_scale_sd": 0.0}
    exact = SUBJECT.settings.model_copy(update=calibrated)
    subject = dataclasses.replace(SUBJECT, settings=exact)
    case = Case(80, defect("fields off", "mT"), 0.5)
    log = virtual_log(subject, case, 3, 0)
    off_mT = log["field_measured_mT"] - log["field_set_mT"]
    assert off_mT.mean() == pytest.approx(0.5, abs=1e-3)  # Noise of 0.03 mT over 35 560 reads.
    stuck = virtual_log(subject, Case(80, defect("fields off", "one field"), 0.5), 3, 0)
    measured_mT = stuck["field_measured_mT"].to_numpy()
    assert measured_mT[: len(stuck) // 2].std() > 0.2
    assert measured_mT[len(stuck) // 2 :].std() < 0.04
