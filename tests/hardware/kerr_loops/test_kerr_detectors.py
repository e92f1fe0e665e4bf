"""Both detectors of steps in Kerr signals: exact without noise, and their errors with it."""

import numpy as np
import pytest

from hardware.kerr_loops import change_point, differentiated_signal
from hardware.kerr_loops.outcomes import DETECTORS, Rules, found_steps
from hardware.kerr_loops.steps import MIN_SHARE
from hardware.kerr_loops.synthetic_loops import Setup, synthetic_loops
from tests.hardware.kerr_loops.kerr_signals import APART, FIELD_MT, POINTS, staircase

TIME = np.linspace(-0.5, 0.5, POINTS)
both = pytest.mark.parametrize("detector", [change_point, differentiated_signal])


def found(detector, *signals):
    signals = np.array(signals)
    field_mT = np.broadcast_to(FIELD_MT, signals.shape)
    return detector.find_steps(signals, field_mT, np.full(len(signals), APART))


@both
@pytest.mark.parametrize("sign", [1, -1])
def test_steps_without_noise_are_found_where_they_are(detector, sign):
    steps = found(
        detector,
        sign * staircase((200, 2.0)),
        sign * staircase((150, 0.6), (260, 1.4)),
    )
    assert steps.n_steps.tolist() == [1, 2]
    assert steps.first.tolist() == [200, 150]
    assert steps.second.tolist() == [-1, 260]
    np.testing.assert_allclose(steps.first_share, [1.0, 0.3], atol=1e-9)
    np.testing.assert_allclose(steps.total_change, sign * np.array([2.0, 2.0]), rtol=1e-9)
    assert (steps.confidence > 0.99).all()


@both
def test_drift_of_the_offset_changes_nothing(detector):
    plain = np.array([staircase((200, 2.0)), staircase((150, 0.8), (260, 1.2))])
    steps, drifting = found(detector, *plain), found(detector, *(plain + 5 + 3 * TIME))
    assert (drifting.first == steps.first).all()
    assert (drifting.second == steps.second).all()
    np.testing.assert_allclose(drifting.total_change, steps.total_change, rtol=1e-9)


@both
def test_a_gain_that_drifts_by_a_tenth_adds_no_step(detector):
    plain = np.array([staircase((200, 2.0)), staircase((150, 0.8), (260, 1.2))]) - 1
    steps = found(detector, *(plain * (1 + 0.1 * TIME)))
    assert steps.n_steps.tolist() == [1, 2]
    assert steps.first.tolist() == [200, 150]


def test_a_background_of_the_field_is_no_drift_in_time():
    field_mT = -10 * np.cos(np.pi * np.arange(POINTS) / (POINTS - 1))
    signal = staircase((180, 0.4), (260, 0.6)) + 0.3 * field_mT
    steps = change_point.find_steps(signal[None], field_mT[None], np.array([APART]))
    assert (steps.n_steps[0], steps.first[0], steps.second[0]) == (2, 180, 260)
    # Least squares of a model without error, up to rounding.
    np.testing.assert_allclose(steps.first_share, 0.4, atol=1e-6)


@both
def test_a_small_step_is_none(detector):
    """Below 24 % the paper counts one step; the likelihood may say neither one nor two."""
    steps = found(
        detector,
        staircase((150, 0.05), (260, 0.95), noise=0.02),
        staircase((150, 0.18), (260, 0.82), noise=0.02),
        staircase((150, 0.3), (260, 0.7), noise=0.02),
    )
    assert MIN_SHARE == 0.24
    assert steps.n_steps[[0, 2]].tolist() == [1, 2]
    assert steps.n_steps[1] in ((1, 3) if detector is change_point else (1,))


@both
def test_no_step_and_three_steps_are_neither_passed_nor_pinned(detector):
    none = [staircase(noise=1.0, seed=seed) for seed in range(200)]
    steps = found(detector, *none)
    sure = (steps.confidence > 0.95) & np.isin(steps.n_steps, [1, 2])
    # Of pure noise at most 5 % is sure to be a step, if the confidence is one: 10 of 200, with
    # three standard deviations 19.
    assert sure.sum() <= 19
    three = staircase((200, 0.33), (240, 0.33), (280, 0.34), noise=0.02)
    back = staircase((150, 1.0), (260, -0.5), noise=0.02)
    assert not np.isin(found(detector, three).n_steps, [1, 2]).any()
    if detector is change_point:  # The paper's counts peaks of one sign only.
        assert not np.isin(found(detector, back).n_steps, [1, 2]).any()


@both
def test_a_loop_is_decided_alike_alone_and_among_others(detector, monkeypatch):
    loops = synthetic_loops(40, Setup(signal_to_noise=6.0, n_points=300), seed=2)
    apart = np.full(40, APART)
    together = detector.find_steps(loops.signal, loops.field_mT, apart)
    monkeypatch.setattr(detector, "LOOPS_AT_ONCE", 7)
    split = detector.find_steps(loops.signal, loops.field_mT, apart)
    alone = [
        detector.find_steps(loops.signal[i : i + 1], loops.field_mT[i : i + 1], apart[:1])
        for i in range(40)
    ]
    for name in ("n_steps", "first", "second"):
        assert (getattr(together, name) == getattr(split, name)).all()
        assert getattr(together, name).tolist() == [getattr(one, name)[0] for one in alone]
    # Sums in another order.
    np.testing.assert_allclose(together.confidence, split.confidence, rtol=1e-6)


def test_a_measured_field_is_as_good_as_one_that_is_set():
    loops = synthetic_loops(50, Setup(signal_to_noise=8.0), seed=3)
    noise_mT = 0.02 * np.random.default_rng(1).standard_normal(loops.field_mT.shape)
    apart = np.full(50, APART)
    exact = change_point.find_steps(loops.signal, loops.field_mT, apart)
    noisy = change_point.find_steps(loops.signal, loops.field_mT + noise_mT, apart)
    assert (exact.n_steps == noisy.n_steps).all()


@pytest.mark.parametrize(
    ("detector", "most_wrong"),
    [
        # Wrong in fewer than 0.03 % of such loops (docs/hardware.md): more than 3 of 600 have a
        # probability below 1e-4.
        ("change-point", 3),
        # Wrong in about 4 % of such loops: 24, and with four standard deviations 43.
        ("derivative", 43),
    ],
)
def test_errors_with_noise_drift_and_a_spot_off_centre(detector, most_wrong):
    setup = Setup(signal_to_noise=10.0, spot_offset_um=0.4)
    loops = synthetic_loops(600, setup, seed=11)
    steps = found_steps(loops, Rules(detector=detector))
    counted = steps["n_steps"].map({1: "passed", 2: "pinned"})
    assert (counted != list(loops.outcome)).sum() <= most_wrong
    right = (counted == "pinned") & (np.array(loops.outcome) == "pinned")
    first_mT = steps["first_switch_mT"][right]
    # A point is 0.045 mT wide there, and a step is found within a few.
    assert (abs(first_mT - 4.6) < 0.3).mean() > 0.99


def test_the_confidence_is_a_probability():
    """Of loops near the limit of what can be told, as many are right as their confidence says."""
    setup = Setup(signal_to_noise=4.0, spot_offset_um=0.4)
    loops = synthetic_loops(2000, setup, seed=5)
    steps = found_steps(loops, Rules())
    right = steps["n_steps"].map({1: "passed", 2: "pinned"}) == list(loops.outcome)
    sure = steps["confidence"] > 0.95
    assert sure.mean() > 0.8
    # At most 5 % wrong, plus four standard deviations of 0.5 % each.
    assert (~right[sure]).mean() < 0.07


def test_every_detector_is_registered():
    assert DETECTORS["change-point"] is change_point.find_steps
    assert DETECTORS["derivative"] is differentiated_signal.find_steps
