"""Distributions and isotonic regression as scipy has them, which takes long to import."""

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import isotonic_regression

from fitting.goodness.rising_shares import rising_shares
from fitting.inference import distributions

DEGREES = np.arange(1, 40)[:, None]
X = np.array([-1e-9, 0.0, 1e-3, 1.0, 3.84, 30.0])
P = np.array([1e-6, 0.025, 0.5, 0.95, 0.999])


@pytest.mark.parametrize(
    ("ours", "theirs", "x"),
    [
        (distributions.chi2_cdf, stats.chi2.cdf, X),
        (distributions.chi2_sf, stats.chi2.sf, X),
        (distributions.chi2_quantile, stats.chi2.ppf, P),
        (distributions.chi2_upper_quantile, stats.chi2.isf, P),
        (distributions.student_quantile, stats.t.ppf, P),
    ],
)
def test_tails_and_quantiles_are_those_of_scipy(ours, theirs, x):
    np.testing.assert_array_equal(ours(x, DEGREES), theirs(x, DEGREES))


def test_tails_of_f_and_quantiles_of_the_normal_distribution_are_those_of_scipy():
    np.testing.assert_array_equal(distributions.f_sf(X, 1, DEGREES), stats.f.sf(X, 1, DEGREES))
    np.testing.assert_array_equal(distributions.normal_quantile(P), stats.norm.ppf(P))


def test_wilson_intervals_are_those_of_scipy():
    n_trials = np.repeat([1, 7, 50], 4)
    n_passed = (n_trials * np.tile([0.0, 0.3, 0.9, 1.0], 3)).astype(int)
    pairs = zip(n_passed, n_trials, strict=True)
    expected = [stats.binomtest(k, n).proportion_ci(0.9, method="wilson") for k, n in pairs]
    found = distributions.wilson_interval(n_passed, n_trials, 0.9)
    np.testing.assert_array_equal(np.transpose(found), expected)


@pytest.mark.parametrize("n_columns", [1, 2, 12])
def test_rising_shares_are_the_isotonic_regression_of_each_table(n_columns):
    rng = np.random.default_rng(n_columns)
    n_trials = rng.integers(1, 9, n_columns).astype(float)
    n_passed = rng.binomial(n_trials.astype(int), 0.5, (200, n_columns)).astype(float)
    expected = [isotonic_regression(k / n_trials, weights=n_trials).x for k in n_passed]
    # The order of sums differs: a few roundings of numbers up to 1.
    np.testing.assert_allclose(rising_shares(n_passed, n_trials), expected, rtol=0, atol=1e-15)
