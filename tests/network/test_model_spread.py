"""Intervals over models: Student's, and those of shares within 0 and 1."""

import pytest

from network.model_spread import spread


def test_intervals_of_shares_end_at_none_and_all():
    # t(0.975, 1) = 12.706: 0.9 +- 12.706 * 0.1.
    free, share = spread([0.8, 1.0]), spread([0.8, 1.0], shares=True)
    assert (free["low"], free["high"]) == pytest.approx((-0.3706, 2.1706), abs=1e-4)
    assert (share["low"], share["high"]) == (0, 1)
    assert spread([0.8], shares=True)["low"] is None
