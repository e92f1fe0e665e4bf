import numpy as np
import pytest

from dwsynapse.verdicts import holm, joint_p_values, monte_carlo_p, with_verdicts


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


def test_tests_of_a_family_are_one_step_of_holm():
    # The family has 2 of 3 parts and comes first: 0.01 * 3 / 2 and 0.04 * 3 / 2; then 0.03 * 1 / 1.
    adjusted = holm([0.01, 0.03, 0.04], families=["classes", None, "classes"])
    assert adjusted == pytest.approx([0.015, 0.03, 0.06])
    # Second, nothing of it is below the step before it.
    assert holm([0.02, 0.001, 0.03], families=["a", None, "a"]) == pytest.approx(
        [0.02, 0.003, 0.03]
    )


def test_joint_p_values_count_the_simulations_in_which_any_statistic_is_as_improbable():
    first, second = np.arange(9.0), np.array([8.0, *range(8)])
    # Alone 0.1 and 0.3. In the first simulation the second statistic has 0.1, in the last both have
    # 0.2, and in the last but one the first has 0.3.
    assert joint_p_values([9.0, 6.5], [first, second]) == pytest.approx([0.2, 0.4])
    # The same statistic twice, and one of a single value, cost nothing.
    assert joint_p_values([8.5] * 2, [first] * 2) == pytest.approx([0.1, 0.1])
    assert joint_p_values([8.5, 1.0], [first, np.ones(9)]) == pytest.approx([0.1, 1.0])


def test_joint_p_values_are_valid_for_statistics_that_depend_on_each_other():
    rng = np.random.default_rng(2)
    drawn = rng.standard_normal((2000, 3, 40))
    drawn[:, 1] += drawn[:, 0]
    least = [min(joint_p_values(one[:, 0], one[:, 1:])) for one in drawn]
    for alpha in (0.05, 0.1, 0.5):
        # Four standard deviations; and exact but for the 40 p-values that there are.
        sd = np.sqrt(alpha * (1 - alpha) / len(drawn))
        assert alpha - 0.05 - 4 * sd < np.mean(np.array(least) <= alpha) < alpha + 4 * sd


def test_a_report_without_tests_has_no_verdicts():
    assert with_verdicts([], 0.05) == []
