"""Tests of a programming log: whether all devices behave alike, and remember nothing."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from hardware.crossbars.verification.step_scores import StepScores
from hardware.verification.log_tests.result import LogResult

Floats = NDArray[np.float64]

MAX_LISTED = 20
MIN_DEVICES, MIN_PAIRS = 30, 40
TINY = 1e-12


def device_tests(scores: StepScores, significance: float) -> list[LogResult]:
    """Return the tests of the devices, those for which there are devices enough.

    Scores count upwards for pulses up and downwards for pulses down, as a longer step is. All but
    the first test take them about their mean in the log at each conductance.

    Parameters
    ----------
    scores
        The steps.
    significance
        Probability up to which single devices are listed as found.
    """
    found = [
        worst_devices(scores, significance),
        spread_of_devices(scores),
        memory(scores),
    ]
    return [result for result in found if result is not None]


def _sums(scores: StepScores, z: Floats) -> tuple[Floats, Floats]:
    """Return the sums of scores of longer steps, and the number of steps, of each device."""
    longer = np.where(scores.used, np.where(scores.way == 1, z, -z), 0.0)
    n = np.bincount(scores.device, scores.used)
    return np.bincount(scores.device, longer).astype(float), n.astype(float)


def worst_devices(scores: StepScores, significance: float) -> LogResult | None:
    """Look for single devices whose steps are too long or too short, as of stuck walls.

    A mixture over normal shifts of the likelihood ratio is a martingale, whatever ends the pulses
    of a device: it reaches 1 / p with probability p at most (Ville 1939; H. Robbins, Ann. Math.
    Stat. 41, 1397, 1970). The p-value is Bonferroni's, over all devices. Where the response was
    made of m pulses, its own mean at a conductance may be off, which n steps there have in common.
    """
    sums, n = _sums(scores, scores.z)
    if not n.any():
        return None
    log_ratio = sums**2 / (2 * (1 + n) * (1 + n * scores.pulses.largest_variance())) - (
        np.log1p(n) / 2
    )
    # A device none of whose steps is compared says nothing.
    log_ratio = np.where(n > 0, log_ratio, -np.inf)
    devices = int((n > 0).sum())
    adjusted = np.minimum(np.exp(np.minimum(-log_ratio, 0)) * devices, 1.0)
    order = np.argsort(-log_ratio, kind="stable")
    found = order[adjusted[order] <= significance]
    worst = int(order[0])

    def listed(device: int) -> dict[str, Any]:
        return {
            "device": int(device),
            "pulses": int(n[device]),
            "mean_score": float(sums[device] / n[device]),
            "p_value_adjusted": float(adjusted[device]),
        }

    return LogResult(
        test="worst devices",
        question="b",
        statistic=float(log_ratio[worst]),
        statistic_meaning="largest logarithm of the likelihood ratio of a device",
        p_value=float(adjusted[worst]),
        p_value_method=f"Ville's inequality, over {devices} devices",
        effect_size=float(sums[worst] / n[worst]),
        effect_meaning="how much longer the steps of the worst device are, in spreads of a step",
        n=int(n.sum()),
        details={
            "n_found": len(found),
            "worst": [listed(d) for d in (found if len(found) else order[:1])[:MAX_LISTED]],
        },
    )


def spread_of_devices(scores: StepScores) -> LogResult | None:
    """Test whether devices differ in their steps by more than chance.

    The square of a device's sum is its number of pulses times the variance of a score in the mean,
    also where sums decide when pulses end (Wald's second identity). One-sided: that all steps
    scatter too little is found by their spread.
    """
    sums, n = _sums(scores, scores.centred)
    variance = float((scores.centred**2).sum() / max(n.sum(), 1))
    away = (sums**2 / max(variance, TINY) - n)[n > 0]
    if len(away) < MIN_DEVICES:
        return None
    # The variance of a squared normal sum, where devices are too few to show it.
    sd = float(np.sqrt(np.maximum((away**2).sum(), 2 * (n**2).sum())))
    z = float(away.sum() / sd)
    total = float((n**2).sum())
    return LogResult(
        test="devices that differ",
        question="b",
        statistic=z,
        statistic_meaning="squared sums of scores by device less their pulses, over the deviation",
        p_value=float(ndtr(-z)),
        p_value_method="normal, one-sided",
        effect_size=float(np.sqrt(max(away.sum() / total, 0.0))),
        effect_meaning="spread of the devices' mean steps, in spreads of a step",
        n=int(n.sum()),
        details={"n_devices": len(away)},
    )


def memory(scores: StepScores) -> LogResult | None:
    """Test whether the last step of a device tells something about the next."""
    both = scores.used[1:] & scores.used[:-1] & (np.diff(scores.device) == 0)
    products = (scores.centred[1:] * scores.centred[:-1])[both]
    if (n := len(products)) < MIN_PAIRS:
        return None
    size = float(np.sqrt((products**2).sum()))
    z = float(products.sum() / size) if size > 0 else 0.0
    return LogResult(
        test="memory",
        question="b",
        statistic=z,
        statistic_meaning="sum of the products of successive scores, over the deviation",
        p_value=float(2 * ndtr(-abs(z))),
        p_value_method="normal",
        effect_size=float(products.mean()),
        effect_meaning="correlation of a step with the last one of its device",
        n=n,
    )
