"""The band of a rejected fit: widened for scatter, not valid for a wrong form."""

from typing import Any

from dwsynapse.fit_badge import lack_of_fit, poor_tests
from fitting.inference.distributions import normal_quantile, student_quantile

SHAPE_TESTS = ("residuals against field", "monotonicity")
"""Tests that reject the form of the curve, not the scatter of the counts about it."""


def widening(goodness: dict[str, Any] | None, confidence: float) -> float:
    """Return how many times wider a rejected fit's band is; 1 where no test rejects it.

    Counts that scatter more than independent trials about a curve of the right form have the
    quasi-likelihood of a variance phi times the binomial one: standard errors grow by sqrt(phi),
    and Student's t replaces the normal distribution since phi is estimated (McCullagh &
    Nelder 1989, section 4.5).

    Parameters
    ----------
    goodness
        ``goodness_of_fit`` of a ``device.json``; None where there was no fit.
    confidence
        Confidence of the band.
    """
    if not poor_tests(goodness):
        return 1.0
    scale, degrees_of_freedom = lack_of_fit(goodness)
    quantile = (1 + confidence) / 2
    return float(
        scale**0.5 * student_quantile(quantile, degrees_of_freedom) / normal_quantile(quantile)
    )


def band_note(goodness: dict[str, Any] | None, confidence: float) -> str | None:
    """Return a note on the band of a rejected fit; None where no test rejects it.

    No width compensates a wrong form, such as passing that decreases with the field: the band is
    drawn with the width for the scatter, and is not valid.
    """
    poor = {test["test"] for test in poor_tests(goodness)}
    if not poor:
        return None
    if poor & set(SHAPE_TESTS):
        return "not valid: the form of the curve is rejected"
    return f"{widening(goodness, confidence):.2g} times wider for the scatter of the counts"
