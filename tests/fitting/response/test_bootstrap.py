"""Intervals of a response: they hold the truth about as often as stated."""

import numpy as np
import pytest

from fitting.response.binned_updates import BinnedUpdates
from fitting.response.statistics.bootstrap import Resampled, interval
from fitting.response.statistics.nonlinearity import label
from fitting.response.updates import Updates
from tests.fitting.response.small_trains import US, ramps

DRAWS = 200


def test_intervals_hold_the_mean_and_the_spread():
    held = np.zeros(2)
    for seed in range(60):
        resampled = Resampled(BinnedUpdates.of(ramps(seed), n_bins=8), DRAWS, seed)
        mean_S, spread_S = resampled.moments(1)
        inner = slice(1, -1)
        found = mean_S[:, inner].mean(axis=1), np.sqrt((spread_S[:, inner] ** 2).mean(axis=1))
        for i, (values, truth) in enumerate(zip(found, (0.04, 0.02), strict=True)):
            low, high = interval(values / US, 0.95, resampled.n_units(1))
            held[i] += low <= truth <= high
    # 60 intervals of 95 %: 57 expected. With 24 ramps they hold about 0.9, 54 with a deviation of
    # 2.3; below 47 in 0.2 % of all cases.
    assert (held >= 47).all()


@pytest.mark.parametrize("cycles", [2, 3, 5])
def test_intervals_of_few_ramps_hold_the_mean(cycles):
    held = 0
    for seed in range(60):
        binned = BinnedUpdates.of(ramps(seed, cycles=cycles), n_bins=8)
        resampled = Resampled(binned, DRAWS, seed)
        mean_S, _ = resampled.moments(1)
        values = mean_S[:, 1:-1].mean(axis=1) / US
        low, high = interval(values, 0.95, resampled.n_units(1))
        held += low <= 0.04 <= high
    # Percentiles hold 0.4 with two ramps. Of 60 intervals that hold 0.9 fewer than 47 in 0.2 %.
    assert held >= 47


def test_one_ramp_has_no_intervals():
    resampled = Resampled(BinnedUpdates.of(ramps(0, cycles=1), n_bins=4), DRAWS, 0)
    ends = interval(resampled.moments(1)[0], 0.95, resampled.n_units(1))
    assert np.isnan(ends).all()


def test_what_is_drawn_are_ramps_or_replicas():
    updates = ramps(0, cycles=4, pulses=10)
    # A ramp has pulses of one direction only.
    assert Resampled(BinnedUpdates.of(updates), DRAWS, 0).n_units(1) == 4
    by_replica = Updates(
        updates.before_S,
        updates.after_S,
        updates.direction,
        updates.continues,
        np.arange(80) // 8,  # two of ten replicas have pulses down alone
    )
    assert Resampled(BinnedUpdates.of(by_replica), DRAWS, 0).n_units(1) == 8


def test_a_ramp_that_saturates_has_its_curvature():
    g, rows = 0.0, []
    for way in (1, -1) * 3:
        for _ in range(40):
            after = g + 0.05 * ((1 if way > 0 else 0) - g)
            rows.append((g, after, way))
            g = after
    before, after, direction = np.array(rows).T
    steady = slice(80, None)  # the first ramps do not begin where the others do
    n = len(before[steady])
    updates = Updates(
        US * (1 + before[steady]),
        US * (1 + after[steady]),
        direction[steady].astype(np.int64),
        np.arange(n) > 0,
        np.zeros(n, dtype=np.int64),
    )
    resampled = Resampled(BinnedUpdates.of(updates), DRAWS, 0)
    for way in (1, -1):
        curvatures, basis, _ = resampled.curvatures(way)
        assert basis == "mean ramp"
        wanted = -way * 40 * np.log(0.95)
        assert label(curvatures[0]) == pytest.approx(label(wanted), rel=1e-3)


def test_bands_hold_the_quantiles_of_all_pulses():
    resampled = Resampled(BinnedUpdates.of(ramps(1), n_bins=6), DRAWS, 0)
    found = resampled.quantiles(1, (0.25, 0.5))
    for row, p in zip(found, (0.25, 0.5), strict=True):
        for column, pulses in enumerate(resampled.binned.members[1]):
            steps_S = resampled.binned.updates.steps_S[pulses]
            assert row[0, column] == np.quantile(steps_S, p, method="inverted_cdf")
        low, high = interval(row, 0.95, resampled.n_units(1))
        assert ((low <= row[0]) & (row[0] <= high)).all()


def test_the_curvature_is_of_as_many_ramps_as_go_through_the_range():
    """One of three: the others end after 8 of 30 pulses."""
    rows, g = [], 0.0
    rng = np.random.default_rng(4)
    for pulses in (30, 8, 8):
        for way in (1, -1):
            for _ in range(pulses):
                after = g + way * (0.03 + 0.005 * rng.standard_normal())
                rows.append((g, after, way))
                g = after
    before, after, direction = np.array(rows).T
    whole = Updates(
        US * (1 + before),
        US * (1 + after),
        direction.astype(np.int64),
        np.arange(len(rows)) > 0,
        np.zeros(len(rows), dtype=np.int64),
    )
    resampled = Resampled(BinnedUpdates.of(whole), DRAWS, 0)
    assert resampled.n_units(1) == 3
    _, basis, n_units = resampled.curvatures(1)
    assert (basis, n_units) == ("mean ramp", 1)
