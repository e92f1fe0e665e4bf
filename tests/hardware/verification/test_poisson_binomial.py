"""Sums of unequal reads follow the Poisson-binomial distribution."""

import numpy as np
import pytest
from scipy.stats import chisquare, poisson_binom

from hardware.verification.log_tests.poisson_binomial import PoissonBinomials


def ragged(rng, sizes):
    probabilities = rng.random(sum(sizes))
    return probabilities, PoissonBinomials.of(probabilities, np.array(sizes))


def pmf(sums, i):
    return np.diff(sums.cdf[sums.starts[i] : sums.starts[i + 1]], prepend=0)


def test_distributions_agree_with_scipy():
    sizes = [1, 2, 30, 63, 400]
    probabilities, sums = ragged(np.random.default_rng(1), sizes)
    starts = np.cumsum([0, *sizes])
    for i, size in enumerate(sizes):
        exact = poisson_binom.pmf(np.arange(size + 1), probabilities[starts[i] : starts[i + 1]])
        np.testing.assert_allclose(pmf(sums, i), exact, atol=1e-12)


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_certain_reads_have_certain_sums(probability):
    sums = PoissonBinomials.of(np.full(5, probability), np.array([5]))
    expected = np.zeros(6)
    expected[round(5 * probability)] = 1
    np.testing.assert_array_equal(pmf(sums, 0), expected)


def test_long_sums_keep_their_mean_and_variance_while_tails_are_dropped():
    p = np.random.default_rng(2).random(5000) ** 4
    found = pmf(PoissonBinomials.of(p, np.array([5000])), 0)
    k = np.arange(5001)
    assert found.sum() == pytest.approx(1, abs=1e-12)
    assert found @ k == pytest.approx(p.sum(), rel=1e-12)
    assert found @ (k - p.sum()) ** 2 == pytest.approx((p * (1 - p)).sum(), rel=1e-9)


def test_draws_follow_the_distribution_and_have_its_bounds():
    p = np.array([0.1, 0.5, 0.8])
    sums = PoissonBinomials.of(np.tile(p, 4000), np.full(4000, 3))
    drawn = sums.draw(np.random.default_rng(3), 1)[0]
    exact = poisson_binom.pmf(np.arange(4), p)
    # Fixed seed; fails for one seed in a thousand if the code is right.
    assert chisquare(np.bincount(drawn, minlength=4), 4000 * exact).pvalue > 1e-3
    lower, upper = sums.bounds(drawn)
    np.testing.assert_allclose(upper - lower, exact[drawn], atol=1e-12)
    np.testing.assert_allclose(upper, np.cumsum(exact)[drawn], atol=1e-12)


def test_draws_are_the_quantiles_of_the_random_numbers_whatever_their_number():
    sizes = [1, 7, 80]
    _, sums = ragged(np.random.default_rng(4), sizes)
    drawn = sums.draw(np.random.default_rng(5), 200)
    u = np.random.default_rng(5).random((200, len(sizes)))
    for i, size in enumerate(sizes):
        cdf = sums.cdf[sums.starts[i] : sums.starts[i + 1]]
        np.testing.assert_array_equal(drawn[:, i], np.searchsorted(cdf, u[:, i], side="right"))
        assert drawn[:, i].max() <= size
    one_by_one = np.random.default_rng(5)
    again = np.concatenate([sums.draw(one_by_one, 1) for _ in range(200)])
    np.testing.assert_array_equal(again, drawn)
