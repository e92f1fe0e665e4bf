"""Numbers as they are written in figures and reports."""

from workflow.numbers import interval, number, percent


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
