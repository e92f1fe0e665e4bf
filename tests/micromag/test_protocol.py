"""Fields that change after release, and trials that fail."""

import numpy as np
import pytest

from dwsynapse.study.devices.protocol import ConstantField, RampedField, SinusoidalField
from micromag.engine.problem import Problem
from micromag.sample.wire import declare
from micromag.trials import failed_steps
from micromag.trials.referee import Trial
from micromag.trials.relaxed_walls import relaxed_walls
from tests.micromag.tiny_wire import TINY, run


@pytest.fixture(scope="module")
def tiny():
    """Return the tiny wire as numbers, and its relaxed wall."""
    return Problem.of(declare(TINY)), relaxed_walls(TINY)[0]


def test_a_pinned_wall_depins_later_while_the_field_keeps_rising(tiny):
    problem, released = tiny
    ramp = RampedField(shape="ramp", rate_mT_per_ns=150.0)
    rising = TINY.model_copy(
        update={"protocol": TINY.protocol.model_copy(update={"field": ramp, "window_ns": 1.0})}
    )
    trials = [Trial(5, i) for i in range(4)]
    for verdict, position_nm in run(problem, released, trials, rising, seed=0).values():
        assert verdict.outcome == "pinned"
        # Later than it was found to be pinned, and before the field at the end of the window.
        assert ramp.at_mT(5, verdict.decided_at_ns) < verdict.depinning_field_mT < 155
        assert position_nm > 160 + TINY.protocol.passed_beyond_nm


def test_the_field_follows_the_protocol_through_a_trial():
    sinusoid = SinusoidalField(shape="sinusoid", amplitude_mT=20.0, frequency_MHz=500.0)
    assert sinusoid.at_mT(10.0, 0.0) == pytest.approx(10.0)
    # sin(30 degrees + 60 degrees): a sixth of the period of 2 ns later.
    assert sinusoid.at_mT(10.0, 2 / 6) == pytest.approx(20.0)
    assert RampedField(shape="ramp", rate_mT_per_ns=2.0).at_mT(10.0, 3.0) == 16.0
    assert ConstantField().at_mT(10.0, 3.0) == 10.0


def test_trials_that_fail_are_marked_and_the_others_continue(tiny):
    trials = [Trial(-120, 0), Trial(90, 1)]
    results = run(*tiny, trials, seed=0)
    assert results[0][0].outcome == "failed"
    assert results[0][0].failure == "the wall left the wire at its left end"
    assert results[1][0].outcome == "passed"
    assert results[1] == run(*tiny, trials[1:], seed=0)[1]


@pytest.mark.parametrize(("bound", "says"), [(-1.0, "deviates from 1"), (np.nan, "")])
def test_a_failed_integration_is_reported_with_a_remedy(tiny, monkeypatch, bound, says):
    problem, released = tiny
    broken = released.copy()
    if np.isnan(bound):
        broken[0, 0, 0], says = np.nan, "became NaN"
    else:
        monkeypatch.setattr(failed_steps, "LARGEST_STRETCH", bound)
    results = run(problem, broken, [Trial(90, 0)], seed=0)
    assert results[0][0].outcome == "failed"
    assert says in results[0][0].failure
    assert "time_step_fs" in results[0][0].failure
