"""What a test of a log found."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from dwsynapse.verdicts import Result

QUESTIONS = {
    "a": "Is it the same curve?",
    "b": "Is the log what any such curve would give?",
    "c": "Are sums and accuracy as predicted?",
    "d": "Did the program run, and all of it?",
    "e": "Does it matter?",
}


@dataclass(frozen=True, kw_only=True)
class LogResult(Result):
    """A `Result` with the question it belongs to and its power.

    Parameters
    ----------
    question
        Which of `QUESTIONS` it helps to answer.
    power
        Probability that the test alone would find what `power_of` says; None where not known.
    power_of
        A departure that it should find.
    weight
        Its part of the significance: less where tests look at the same, or hardly err.
    family
        Name of the tests with which its p-value is joint, so that they share their parts.
    """

    question: str
    power: float | None = None
    power_of: str | None = None
    weight: float = 1.0
    family: str | None = None


def normal_power(size: float, sd: float, level: float) -> float:
    """Return the power of a two-sided normal test at a level, for a departure of a size."""
    if not np.isfinite(sd):
        return level
    critical, away = -ndtri(level / 2), size / sd
    return float(ndtr(away - critical) + ndtr(-away - critical))
