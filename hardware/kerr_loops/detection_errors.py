"""How often a detector is wrong, from loops whose outcome is known."""

from typing import Any

import pandas as pd
from scipy.special import betaincinv


def detection_errors(decided: pd.DataFrame, confidence: float) -> dict[str, Any]:
    """Return the rates of wrong and undecided outcomes with their intervals.

    Parameters
    ----------
    decided
        Loops with their outcome, and the ``known`` one.
    confidence
        Confidence of the intervals (Clopper & Pearson, which never cover less).

    Returns
    -------
    dict
        ``false_pass``: share of the pinned loops that were decided as passed, of those decided;
        ``false_pin``: the reverse; ``undecided_passed`` and ``undecided_pinned``: shares left
        undecided of all that passed or were pinned. Each has n, k, rate, low and high; without any
        loop of that kind rate, low and high are null.
    """
    result: dict[str, Any] = {"confidence": confidence}
    for name, truth, wrong in (
        ("false_pass", "pinned", "passed"),
        ("false_pin", "passed", "pinned"),
    ):
        outcomes = decided.loc[decided["known"] == truth, "outcome"]
        settled = outcomes[outcomes != "undecided"]
        result[name] = _rate(int((settled == wrong).sum()), len(settled), confidence)
        n_undecided = len(outcomes) - len(settled)
        result[f"undecided_{truth}"] = _rate(n_undecided, len(outcomes), confidence)
    return result


def summary(errors: dict[str, Any]) -> str:
    """Return the rates in words, one per line."""
    words = {
        "false_pass": "pinned, taken for passed",
        "false_pin": "passed, taken for pinned",
        "undecided_pinned": "pinned, left undecided",
        "undecided_passed": "passed, left undecided",
    }
    lines = []
    for name, meaning in words.items():
        rate = errors[name]
        of = f"{rate['k']} of {rate['n']}"
        bounds = f" ({100 * rate['low']:.2g} to {100 * rate['high']:.2g} %)" if rate["n"] else ""
        lines.append(f"{meaning}: {of}{bounds}")
    return "\n".join(lines)


def _rate(k: int, n: int, confidence: float) -> dict[str, Any]:
    if n == 0:
        return {"n": 0, "k": 0, "rate": None, "low": None, "high": None}
    tail = (1 - confidence) / 2
    low = float(betaincinv(k, n - k + 1, tail)) if k else 0.0
    high = float(betaincinv(k + 1, n - k, 1 - tail)) if k < n else 1.0
    return {"n": n, "k": k, "rate": k / n, "low": low, "high": high}
