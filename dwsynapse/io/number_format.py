"""How numbers are written in figures, reports and messages."""

import re
from typing import Any

NO_BREAK = "\u00a0"
MINUS = "\u2212"
SYMBOLS = {
    "floor": "d",
    "lapse": "l",
    "h0_mT": "h₀",
    "delta_per_mT": "Δ",
    "sd_mT": "sd",
    "barrier_kT": "E₀",
    "hc_mT": "Hc",
}
"""How the parameters of passing curves are written."""
MIN_P_VALUE = 1e-16
"""Smallest p-value reported for approximations: no test shows that something is impossible."""
MIN_P_SHOWN = 1e-4
NOT_DISTINGUISHED, DIFFERENT = "not distinguished", "different"
"""Verdicts on two values: equality is never proved, so that `within` bounds the difference."""


def symbol(parameter: str) -> str:
    """Return how a parameter of a passing curve is written; by its name where it has no symbol."""
    of_field = re.sub(r"(?<=_)(uA|ns)$", "mT", parameter)
    return SYMBOLS.get(of_field, parameter)


def percent(share: float, digits: int = 0) -> str:
    """Return a share as in ``95 %``, with a space that does not break (SI)."""
    return f"{100 * share:.{digits}f}{NO_BREAK}%".replace("-", MINUS)


def number(value: float, digits: int = 3, *, signed: bool = False) -> str:
    """Return a value with a number of significant digits and a true minus sign."""
    return f"{value:{'+' if signed else ''}.{digits}g}".replace("-", MINUS)


def counted(n: int, noun: str) -> str:
    """Return a number of things in words, as in ``1 model`` or ``3 models``."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def interval(
    low: float | None, high: float | None, digits: int = 3, *, signed: bool = False
) -> str:
    """Return an interval as in ``[2.1, 3.4]``; an end that the data leave open is infinite."""
    left = f"({MINUS}∞" if low is None else f"[{number(low, digits, signed=signed)}"
    right = "∞)" if high is None else f"{number(high, digits, signed=signed)}]"
    return f"{left}, {right}"


def of_unit(text: str, unit: str) -> str:
    """Return a number with its unit, which is left out where it is 1."""
    return text if unit == "1" else f"{text} {unit}"


def within(low: float | None, high: float | None, unit: str) -> str:
    """Return how large a difference can be that is not significant, by its interval.

    As in ``within 0.12 mT``; where the interval is open, by itself.
    """
    if low is None or high is None:
        return f"within {of_unit(interval(low, high, 2), unit)}"
    return f"within {of_unit(number(max(abs(low), abs(high)), 2), unit)}"


def p_value(p: float, least: float = MIN_P_SHOWN) -> str:
    """Return a p-value as in ``p = 0.032``, or as in ``p ≤ 0.001`` at the least value of a test.

    Parameters
    ----------
    p
        The p-value.
    least
        The least that its test can give: 1 / (1 + n) of n simulations, see `least_p_value`. By
        default one below which approximations of the tails are unreliable.
    """
    return f"p ≤ {number(least, 2)}" if p <= least * (1 + 1e-9) else f"p = {number(p, 2)}"


def least_p_value(simulations: int | None) -> float:
    """Return the least p-value of a test with n simulations; None: without simulations."""
    return MIN_P_SHOWN if simulations is None else 1 / (1 + simulations)


def p_value_of(test: dict[str, Any], key: str = "p_value") -> str:
    """Return a p-value of a test (`dwsynapse.verdicts.with_verdicts`), as found or as adjusted."""
    least = least_p_value(test.get("simulations"))
    # The least that simulations can give, adjusted, is still no more than a bound.
    return p_value(test[key], max(least, test[key]) if test["p_value"] <= least else least)
