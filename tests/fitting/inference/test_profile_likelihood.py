"""Bounds of profiles that MINOS does not find."""

import pytest

from fitting.inference.distributions import chi2_quantile
from fitting.inference.profile_likelihood import likelihood_minuit, profile_interval


def test_a_bound_near_the_best_value_is_found_after_a_far_step():
    """The cost of x is flat and then rises; its error, and so the first step, is far too large."""
    minuit = likelihood_minuit(lambda x, y: 10 * max(x - 1, 0) + y**2 / 2, {"x": 0.5, "y": 0.0})
    minuit.limits["x"] = -1e6, 1e6
    minuit.migrad()
    minuit.errors["x"] = 1e5
    low, high = profile_interval(minuit, "x", 0.95)
    assert low is None
    # The precision of bounds is 1 % of their distance from the best value.
    assert high == pytest.approx(1 + chi2_quantile(0.95, 1) / 20, abs=0.01)
