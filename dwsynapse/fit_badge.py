"""Whether tests reject a fit, in a few words, for figures, summaries and comparisons."""

from typing import Any

POOR = 0.01
"""Below this p-value a test rejects a fit."""


def poor_tests(goodness: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return those of the tests of a fit that reject it.

    Parameters
    ----------
    goodness
        ``goodness_of_fit`` of a ``device.json``
        (`fitting.goodness.goodness_of_fit.goodness_of_fit`), also of one written before its tests
        were listed; None where there was no fit.
    """
    if goodness is None:
        return []
    deviance = {
        "test": "deviance",
        "statistic": goodness["deviance"],
        "p_value": goodness["p_value"],
    }
    return [test for test in goodness.get("tests", [deviance]) if test["p_value"] < POOR]


def fit_badge(goodness: dict[str, Any] | None) -> str | None:
    """Return ``fit: rejected by deviance, overdispersion``, or None where no test rejects it."""
    names = [test["test"] for test in poor_tests(goodness)]
    return f"fit: rejected by {', '.join(names)}" if names else None


def lack_of_fit(goodness: dict[str, Any] | None) -> tuple[float, float]:
    """Return by how much a rejected fit understates variances, and the degrees of freedom of that.

    The variance of counts over the binomial one, Pearson's chi-square per degree of freedom
    (McCullagh & Nelder 1989, section 4.5); the deviance's for a fit whose tests were not listed. A
    fit that no test rejects understates nothing: (1, inf).
    """
    if goodness is None or not poor_tests(goodness):
        return 1.0, float("inf")
    degrees_of_freedom = max(float(goodness["degrees_of_freedom"]), 1.0)
    found = {test["test"]: test["statistic"] for test in goodness.get("tests", [])}
    scale = found.get("overdispersion", goodness["deviance"] / degrees_of_freedom)
    return max(float(scale), 1.0), degrees_of_freedom
