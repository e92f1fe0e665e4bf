"""Numbers as they are written in figures and reports."""

from dwsynapse.fit_badge import fit_badge, lack_of_fit
from dwsynapse.io.number_format import (
    counted,
    interval,
    least_p_value,
    number,
    p_value,
    p_value_of,
    percent,
)


def test_percent_keeps_a_space_that_does_not_break():
    assert percent(0.95) == "95\u00a0%"
    assert percent(-0.0125, 2) == "\u22121.25\u00a0%"


def test_numbers_have_a_true_minus():
    assert number(-1.23456) == "\u22121.23"
    assert number(0.5, signed=True) == "+0.5"
    assert number(1e-12) == "1e\u221212"


def test_open_ends_are_infinite():
    assert interval(2.1, 3.4) == "[2.1, 3.4]"
    assert interval(2.1, None) == "[2.1, ∞)"
    assert interval(None, -1, signed=True) == "(\u2212∞, \u22121]"


def test_a_p_value_at_the_least_of_its_test_is_a_bound():
    assert p_value(0.0321) == "p = 0.032"
    assert p_value(1 / 1000, least_p_value(999)) == "p ≤ 0.001"
    assert p_value(2 / 1000, least_p_value(999)) == "p = 0.002"
    assert p_value(1e-95) == "p ≤ 0.0001"
    # Adjusted for three tests, the least of 999 simulations is a bound of 0.003.
    judged = {"p_value": 1 / 1000, "p_value_holm": 3 / 1000, "simulations": 999}
    assert p_value_of(judged, "p_value_holm") == "p ≤ 0.003"
    assert p_value_of(judged | {"p_value": 0.02, "p_value_holm": 0.06}) == "p = 0.02"


def test_the_badge_of_a_fit_is_derived_from_its_tests():
    tests = [
        {"test": "deviance", "statistic": 79.0, "p_value": 0.001},
        {"test": "overdispersion", "statistic": 11.0, "p_value": 0.002},
        {"test": "monotonicity", "statistic": 0.0, "p_value": 1.0},
    ]
    found = {"deviance": 79.0, "degrees_of_freedom": 7, "p_value": 0.001}
    assert fit_badge(found | {"tests": tests}) == "fit: rejected by deviance, overdispersion"
    assert lack_of_fit(found | {"tests": tests}) == (11.0, 7.0)
    assert fit_badge(found | {"tests": tests[2:]}) is None
    assert lack_of_fit(found | {"tests": tests[2:]}) == (1.0, float("inf"))
    # Files written before tests were listed, and published curves.
    assert fit_badge(found) == "fit: rejected by deviance"
    assert lack_of_fit(found) == (79.0 / 7, 7.0)
    assert fit_badge(None) is None


def test_numbers_of_things_agree_with_their_nouns():
    assert [counted(n, "row") for n in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]
