import numpy as np
import pytest

from dwsynapse.verdicts import holm, monte_carlo_p


def test_holm_adjusts_step_by_step():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_the_observed_statistic_counts_among_the_simulated_ones():
    assert monte_carlo_p(5.0, np.arange(4.0)) == 0.2
    assert monte_carlo_p(2.5, [1.0, 2.0, 3.0]) == 0.5


def test_ties_count_as_at_least_as_large():
    assert monte_carlo_p(2.0, np.arange(4.0)) == 0.6
    assert monte_carlo_p(0.0, np.zeros(9)) == 1


@pytest.mark.parametrize("statistic", [1e8 / 3, 0.1 + 0.2, 0.0, -0.3, -1e8 / 3])
def test_statistics_that_differ_by_rounding_are_tied(statistic):
    """Whatever the sign: a share of a negative statistic must not raise the bar."""
    rounding = 1e-12 * max(abs(statistic), 1)
    assert monte_carlo_p(statistic, [statistic - rounding, statistic + rounding]) == 1
    beyond = 1e-6 * max(abs(statistic), 1)
    assert monte_carlo_p(statistic, [statistic - beyond, statistic + beyond]) == 2 / 3


def test_statistics_are_tied_as_far_as_a_search_leaves_them_open():
    assert monte_carlo_p(1.0, [0.9995, 0.9985], resolution=1e-3) == 2 / 3


@pytest.mark.parametrize("n_values", [2, 5])
def test_p_values_of_tied_statistics_are_valid(n_values):
    """P(p <= alpha) <= alpha under the model, exactly at each p-value there is.

    With mid-p-values and two values the share below 1/2 would be 1/2 at p = 0.3. The tolerance is
    four standard deviations of a share of 4000.
    """
    rng = np.random.default_rng(1)
    drawn = rng.integers(0, n_values, (4000, 20)).astype(float)
    p = np.array([monte_carlo_p(row[0], row[1:]) for row in drawn])
    for alpha in np.arange(1, 20) / 20:
        assert (p <= alpha + 1e-9).mean() <= alpha + 4 * np.sqrt(alpha * (1 - alpha) / 4000)


def test_holm_gives_tests_their_part_of_the_significance():
    # Ordered by p / weight: 0.01 / 2, 0.02 / 1, 0.06 / 1; of the weights 4, 2 and 1 are left.
    adjusted = holm([0.02, 0.01, 0.06], weights=[1, 2, 1])
    assert adjusted == pytest.approx([0.04, 0.02, 0.06])
    assert holm([0.03, 0.01], weights=[5, 5]) == pytest.approx(holm([0.03, 0.01]))
