"""Test of the log: single synapses that pass too often or too rarely."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, ndtri

from dwsynapse.verdicts import ROUNDING
from hardware.verification.curve_scores import CurveScores
from hardware.verification.log_tests.result import LogResult

Floats = NDArray[np.float64]

MAX_LISTED = 20
MAX_Z, BINS_PER_SD = 8, 2


def worst_synapses(scores: CurveScores, false_discovery_rate: float, level: float) -> LogResult:
    """Look for single synapses that do not pass as the curve says.

    Each synapse has a two-sided binomial p-value at the mean passing probability of its reads
    (reads at somewhat different fields scatter less, so that it is no smaller than it should be).
    The p-value of the test is the probability that any synapse has one as small as the least. Few
    reads have few p-values, and what each synapse can reach counts (Tarone, Biometrics 46, 515,
    1990; Westfall & Wolfinger, Am. Stat. 51, 3, 1997): it is exact for independent synapses. Those
    listed are adjusted for the false discovery rate (Benjamini & Hochberg 1995).

    Parameters
    ----------
    scores
        The reads, at their fitted curve.
    false_discovery_rate
        Expected share of false ones among the synapses listed.
    level
        Level at which the power is given.
    """
    group = scores.reads.by_synapse
    passes, expected = group.sum(scores.reads.passed), scores.sum(group, scores.p)
    n = group.sizes
    p = expected / n
    nodes, weights = scores.nodes_of_wires()
    fields_mT = scores.sum(group, scores.reads.fields_mT) / n
    over_wires = scores.fitted.curve.probability(fields_mT + nodes[:, None])
    # Where wires do not differ these are p itself, at the mean field instead of over all.
    over_wires = np.clip(over_wires * p / (weights @ over_wires), 0, 1)

    def two_sided(counts: NDArray[Any]) -> NDArray[np.float64]:
        return _two_sided(counts, n, over_wires, weights)

    p_values = two_sided(passes)
    order = np.argsort(p_values, kind="stable")
    ranked = p_values[order] * len(n) / np.arange(1, len(n) + 1)
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum.accumulate(ranked[::-1])[::-1]
    found = order[adjusted[order] <= false_discovery_rate]
    strictest = level / len(n)
    detectable = np.stack([two_sided(0 * n), two_sided(n)]) <= strictest
    deviation = (passes - expected) / n

    def listed(i: int) -> dict[str, Any]:
        out, in_ = divmod(int(group.keys[i]), scores.reads.n_in)
        return {
            "out": out,
            "in": in_,
            "reads": int(n[i]),
            "passes": int(passes[i]),
            "expected": float(expected[i]),
            "p_value_adjusted": float(min(adjusted[i], 1.0)),
        }

    return LogResult(
        test="worst synapses",
        question="b",
        weight=0.75,
        statistic=float(p_values.min()),
        statistic_meaning="least two-sided binomial p-value of a synapse",
        p_value=_any_as_small(float(p_values.min()), n, over_wires, weights),
        p_value_method=f"exact, that any of {len(n)} synapses has a p-value as small",
        effect_size=float(deviation[order[0]]),
        effect_meaning="share of passes of the worst synapse minus that expected",
        n=len(scores.reads),
        power=float(detectable.mean()),
        power_of="a synapse that always passes or never does",
        details={
            "histogram_of_z": _histogram_of_z(p_values, deviation),
            "false_discovery_rate": false_discovery_rate,
            "n_found": len(found),
            "worst": [listed(i) for i in (found if len(found) else order[:1])[:MAX_LISTED]],
        },
    )


def _histogram_of_z(p_values: Floats, deviation: Floats) -> dict[str, Any]:
    """Return how many synapses are how many standard deviations away, as by their p-values."""
    z = np.sign(deviation) * -ndtri(np.clip(p_values, 1e-300, 1) / 2)
    edges = np.linspace(-MAX_Z, MAX_Z, 2 * MAX_Z * BINS_PER_SD + 1)
    counts = np.histogram(np.clip(z, -MAX_Z, MAX_Z), edges)[0]
    return {"edges": edges.tolist(), "counts": counts.tolist()}


def _any_as_small(least: float, n: NDArray[np.int64], p: Floats, weights: Floats) -> float:
    """Return the probability that any synapse has a two-sided p-value of at most the least."""
    half = least * (1 + ROUNDING) / 2
    reached = _reached(half, n, p, weights) + _reached(half, n, 1 - p, weights)
    if least >= 1 or reached.max() >= 1:
        return 1.0
    return float(-np.expm1(np.log1p(-reached).sum()))


def _reached(level: float, n: NDArray[np.int64], p: Floats, weights: Floats) -> Floats:
    """Return the largest P(passes <= k) up to a level, over all k, for each synapse; 0 if none."""
    low, high = np.full(len(n), -1), n.astype(int)

    def below(k: NDArray[Any]) -> Floats:
        return np.where(k < 0, 0.0, weights @ bdtr(np.maximum(k, 0), n, p))

    while (low < high).any():
        middle = (low + high + 1) // 2
        within = below(middle) <= level
        low, high = np.where(within, middle, low), np.where(within, high, middle - 1)
    return below(low)


def _two_sided(
    passes: NDArray[Any], n: NDArray[np.int64], p: Floats, weights: Floats
) -> NDArray[np.float64]:
    """Return twice the smaller tail, at most 1, averaged over p of shape (n_nodes, n_synapses)."""
    below = weights @ bdtr(passes, n, p)
    above = weights @ np.where(passes > 0, bdtr(n - passes, n, 1 - p), 1.0)
    return np.asarray(np.minimum(2 * np.minimum(below, above), 1.0))
