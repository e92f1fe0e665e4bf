"""One way of writing numbers in figures, reports and messages."""

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


def percent(share: float, digits: int = 0) -> str:
    """Return a share as in ``95 %``, with a space that does not break (SI)."""
    return f"{100 * share:.{digits}f}{NO_BREAK}%".replace("-", MINUS)


def number(value: float, digits: int = 3, *, signed: bool = False) -> str:
    """Return a value with so many significant digits and a true minus sign."""
    return f"{value:{'+' if signed else ''}.{digits}g}".replace("-", MINUS)


def interval(
    low: float | None, high: float | None, digits: int = 3, *, signed: bool = False
) -> str:
    """Return an interval as in ``[2.1, 3.4]``; an end that the data leave open is infinite."""
    left = f"({MINUS}∞" if low is None else f"[{number(low, digits, signed=signed)}"
    right = "∞)" if high is None else f"{number(high, digits, signed=signed)}]"
    return f"{left}, {right}"
