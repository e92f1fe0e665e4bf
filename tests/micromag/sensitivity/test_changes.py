"""Changes between two curves from pairs of trials, where the curves are formulas."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from dwsynapse.study.wires.variation import Variation
from micromag.sensitivity import changes as module
from micromag.sensitivity.changes import changes, interval_of
from micromag.sensitivity.local_curve import fields_around_rise, fitted
from micromag.sensitivity.paired_outcomes import paired_counts
from micromag.sensitivity.report import Found

FIELDS_MT = np.array([7.0, 7.6, 8.2, 8.8])
SHIFT_MT, STEEPER = 0.3, 1.2


def counts(n, rng, common):
    """Return pairs of trials of two wires, in the same noise or each in its own."""
    reference = expit(3 * (FIELDS_MT - 7.9))
    varied = expit(3 * STEEPER * (FIELDS_MT - 7.9 - SHIFT_MT))
    noise = rng.random((2, n, len(FIELDS_MT)))
    first = noise[0] < reference
    second = noise[0 if common else 1] < varied
    pairs = [[first == a, second == b] for a in (False, True) for b in (False, True)]
    return np.stack([(a & b).sum(axis=0) for a, b in pairs], axis=-1).reshape(-1, 2, 2)


def test_replicas_are_paired_and_undecided_ones_left_out():
    def trials(*outcomes):
        rows = {"field_mT": [7.0] * 4 + [8.0], "replica": [0, 1, 2, 3, 9], "outcome": outcomes}
        return pd.DataFrame(rows)

    reference = trials("passed", "pinned", "pinned", "undecided", "passed")
    varied = trials("pinned", "passed", "pinned", "passed", "passed")
    # The order of rows is no matter.
    found = paired_counts(reference, varied.iloc[::-1], [7.0, 8.0])
    assert found.tolist() == [[[1, 1], [1, 0]], [[0, 0], [0, 1]]]


def test_a_wire_without_a_field_in_its_rise_is_told():
    # Four fields of ten walls: the reference rises between two of them, the other has one within.
    step = np.zeros((4, 2, 2), dtype=np.int64)
    step[:2, 0, 0], step[2:, 1, 1] = 10, 10
    some = step.copy()
    some[2] = [[0, 0], [3, 7]]
    both = some.copy()
    both[1] = [[6, 0], [4, 0]]
    named = Variation({"wire.smooth_edges": True})
    found = [
        Found("smooth", named, each, changes(FIELDS_MT, each, [1]), 0.0)
        for each in (step, some, both)
    ]
    assert [one.in_the_rise for one in found] == [0, 0, 1]


def test_a_fit_is_exact_by_symmetry_and_close_with_many_trials():
    n = np.full(4, 1e6)
    curve = fitted(FIELDS_MT, n, n * expit(2.5 * (FIELDS_MT - 8)))
    assert curve.centre_mT == pytest.approx(8, abs=1e-5)
    assert curve.steepness_per_mT == pytest.approx(2.5, rel=1e-5)
    few = fitted(FIELDS_MT, np.full(4, 10.0), np.array([0.0, 0, 10, 10]))
    assert few.centre_mT == pytest.approx(7.9)
    assert np.isfinite(few.steepness_per_mT)


def test_two_trials_have_jeffreys_log_odds():
    # One field each: k of n passed means log-odds of (k + 1/2) / (n - k + 1/2).
    fields, n, k = np.array([0.0, 1.0]), np.array([4.0, 4.0]), np.array([1.0, 3.0])
    curve = fitted(fields, n, k)
    assert curve.steepness_per_mT == pytest.approx(2 * np.log(3.5 / 1.5))


def test_curves_that_do_not_rise_have_an_infinite_centre():
    n = np.full(4, 20.0)
    for share, centre in ((1.0, -np.inf), (0.0, np.inf)):
        curve = fitted(FIELDS_MT, n, share * n)
        assert curve.centre_mT == centre
        assert curve.steepness_per_mT == 0


def test_the_same_noise_saves_trials_and_independent_noise_none():
    rng = np.random.default_rng(1)
    paired = changes(FIELDS_MT, counts(400, rng, common=True), [1])
    apart = changes(FIELDS_MT, counts(400, rng, common=False), [1])
    assert paired.saved > 2
    # Ends of intervals from 4000 draws: 3 % each, so 6 % in the square of a ratio of widths; the
    # correlation of 1600 independent pairs adds 1/40. Four of both together are 0.27.
    assert apart.saved == pytest.approx(1, abs=0.27)
    for found in (paired, apart):
        assert found.centre_mT.excludes_zero
        assert not found.outside
        # All walls with another outcome passed in the reference only.
        assert found.passing[1].estimate < 0


def test_intervals_contain_the_truth(monkeypatch):
    monkeypatch.setattr(module, "DRAWS", 400)
    rng = np.random.default_rng(2)
    found = [changes(FIELDS_MT, counts(64, rng, common=True), [i]) for i in range(200)]
    shifts = [one.centre_mT.low <= SHIFT_MT <= one.centre_mT.high for one in found]
    steeper = [one.steepness.low <= STEEPER - 1 <= one.steepness.high for one in found]
    # Four standard errors of 95 % in 200 are 6.2 %.
    assert np.mean([shifts, steeper], axis=1).min() > 0.888


def test_trials_that_all_agree_leave_an_interval_about_zero():
    same = np.stack([np.diag([64 - k, k]) for k in (4, 20, 44, 60)])
    found = changes(FIELDS_MT, same, [3])
    assert found.centre_mT.estimate == 0
    assert found.centre_mT.low < 0 < found.centre_mT.high
    assert found.saved > 10


def test_a_curve_beyond_the_fields_is_said_to_be_so():
    beyond = np.zeros((4, 2, 2), dtype=int)
    beyond[:, 0, 1], beyond[:, 1, 1] = [60, 44, 20, 4], [4, 20, 44, 60]
    found = changes(FIELDS_MT, beyond, [4])
    assert found.outside
    assert found.centre_mT.document()["estimate"] is None
    assert found.centre_mT.high < 0


def test_one_wire_has_an_interval():
    n = np.full(4, 64.0)
    centre, steepness = interval_of(FIELDS_MT, n, np.array([4.0, 20, 44, 60]), [5])
    assert centre.estimate == pytest.approx(7.9)
    assert centre.low < 7.9 < centre.high
    assert 0 < steepness.low < steepness.estimate < steepness.high


def test_fields_are_chosen_where_counts_rise():
    n = np.full(4, 1e6)
    fields = fields_around_rise(FIELDS_MT, n, n * expit(3 * (FIELDS_MT - 7.9)))
    # ln(0.65 / 0.35) / 3 = 0.21 and ln(0.93 / 0.07) / 3 = 0.86, to 0.05 mT.
    assert fields == [7.05, 7.7, 8.1, 8.75]
    assert fields_around_rise(FIELDS_MT, n, n) == []
    assert fields_around_rise(FIELDS_MT[:1], n[:1], n[:1]) == []
