"""Tests of a response: false alarms at the stated rate, and the faults that they are for."""

import numpy as np
import pytest

from fitting.response.binned_updates import BinnedUpdates
from fitting.response.checks import response_tests, simulated_result
from tests.fitting.response.small_trains import ramps

TESTS = (
    "linearity up",
    "linearity down",
    "symmetry",
    "Markov: last step",
    "Markov: last direction",
)


@pytest.fixture(autouse=True)
def fewer_simulations(monkeypatch):
    monkeypatch.setattr(simulated_result, "SIMULATIONS", 79)


def p_values(seed, **response):
    results = response_tests.tests(BinnedUpdates.of(ramps(seed, **response)), seed)
    return {result.test: result.p_value for result in results}


def test_linear_symmetric_trains_are_rejected_as_often_as_stated():
    found = [p_values(seed) for seed in range(60)]
    for test in TESTS:
        p = np.array([one[test] for one in found])
        # 60 trains at 5 %: 3 expected, more than 9 in 0.1 % of all cases; so also at 50 %.
        assert (p <= 0.05).sum() <= 9
        assert 15 <= (p <= 0.5).sum() <= 45


@pytest.mark.parametrize(
    ("response", "test"),
    [
        ({"slope": 0.6}, "linearity up"),
        ({"slope": 0.6}, "linearity down"),
        ({"asymmetry": 0.25}, "symmetry"),
        ({"memory": 0.6}, "Markov: last step"),
    ],
)
def test_a_departure_is_found(response, test):
    # The least p-value of 79 simulations is 0.0125.
    assert p_values(0, **response)[test] <= 0.0125


def test_the_same_seed_gives_the_same_p_values():
    assert p_values(3) == p_values(3)


def test_steps_without_spread_are_linear_and_symmetric():
    found = response_tests.tests(BinnedUpdates.of(ramps(0, spread=0.0)), 0)
    assert {result.test: result.p_value for result in found}["linearity up"] == 1
