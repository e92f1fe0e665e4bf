"""Verdicts on what a paper claims, from numbers with intervals."""

from collections.abc import Sequence
from typing import Any

import numpy as np

HOLDS, FAILS, UNDECIDED = "holds", "does not hold", "undecided"


def verdict_of(
    found_low: float | None,
    found_high: float | None,
    low: float = -np.inf,
    high: float = np.inf,
) -> str:
    """Return whether a number is between the bounds of a claim.

    It is, or is not, where its interval is entirely inside, or entirely outside; else, and without
    an interval, that is undecided.

    Parameters
    ----------
    found_low, found_high
        Interval of the number, None where there is none.
    low, high
        Bounds of the claim.
    """
    if found_low is None or found_high is None:
        return UNDECIDED
    if low < found_low and found_high < high:
        return HOLDS
    return FAILS if found_high <= low or found_low >= high else UNDECIDED


def claim(name: str, says: str, parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return a claim with its parts and the verdict that follows from theirs."""
    verdicts = [part["verdict"] for part in parts]
    verdict = HOLDS if set(verdicts) == {HOLDS} else FAILS if FAILS in verdicts else UNDECIDED
    return {"claim": name, "says": says, "verdict": verdict, "parts": list(parts)}


def as_lines(claims: Sequence[dict[str, Any]]) -> list[str]:
    """Return one line for each claim and, below it, for each of its parts."""
    lines = []
    for each in claims:
        lines.append(f"{each['claim']}: {each['verdict']}")
        for part in each["parts"]:
            interval = "no interval"
            if part["low"] is not None:
                interval = f"{part['low']:+.4f} to {part['high']:+.4f}"
            lines.append(f"  {part['part']}: {part['mean']:+.4f} ({interval}), {part['verdict']}")
    return lines
