"""The p-value of the worst synapse is exact: by all outcomes that a few synapses may have."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import binom

from hardware.verification.log_tests.worst_synapses import _any_as_small, _two_sided

N = np.array([3, 5, 4])
P = np.array([[0.1, 0.5, 0.97], [0.3, 0.6, 0.9]])


@pytest.mark.parametrize("weights", [np.array([1.0, 0.0]), np.array([0.4, 0.6])])
def test_it_is_the_probability_of_a_synapse_as_improbable_as_the_worst(weights):
    """With wires alike, and with wires of two kinds."""
    outcomes = np.array(list(product(*(range(n + 1) for n in N))))
    chance = np.prod(np.einsum("w,wos->os", weights, binom.pmf(outcomes, N, P[:, None])), axis=1)
    least = np.array([_two_sided(one, N, P, weights).min() for one in outcomes])
    assert chance.sum() == pytest.approx(1)
    for value in np.unique(least.round(12)):
        expected = chance[least <= value + 1e-9].sum()
        assert _any_as_small(value, N, P, weights) == pytest.approx(expected)
