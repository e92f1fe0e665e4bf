"""Comparison of two devices' passing curves: ``comparison.json``."""

from typing import Any

import numpy as np
from scipy.stats import norm

from fitting.device import DeviceModel
from hardware.verdicts import Result, judge

Bounds = tuple[float, float | None, float | None]
"""A value, its lower and its upper bound, None where its counts set none."""

KIND, VERSION = "comparison", 1
COMPARED = {"h0_mT": "mT", "delta_per_mT": "1/mT"}
NOTE = (
    "A comparison of two devices, not a test of either: different wires, or walls that are given "
    "another time to pass, differ as expected. The statistical error of a published curve is "
    "unknown and is not in the intervals."
)


def compare(
    device: DeviceModel, reference: DeviceModel, significance: float, confidence: float
) -> dict[str, Any]:
    """Compare h0 and Delta of a device with those of another, whatever the forms of their curves.

    Of a form other than the logistic one they are the field at half of the rise and four times the
    slope there (`DeviceModel.place_and_steepness`), with posterior bounds in place of profile ones.

    The interval of a difference joins the two profile intervals in quadrature, side by side (the
    MOVER of Zou & Donner 2008), so their asymmetry is kept. A published device tells no confidence
    interval but the rounding of its digits; that is added in full, and the statistical error of the
    publication, which is unknown, is not in the interval. Where an interval is open the difference
    is open on that side as well (null), and nothing there tells the two apart.

    The two curves are taken as independent, as simulated devices of one study are unless both have
    `numerics.noise` common.

    Parameters
    ----------
    device, reference
        The devices; differences are device less reference.
    significance
        Chance that any parameter is called different if the curves are the same.
    confidence
        Confidence of the intervals of the differences.

    Returns
    -------
    dict
        Content of ``comparison.json``.
    """
    places = device.place_and_steepness(), reference.place_and_steepness()
    results = [
        _difference(device, reference, name, (places[0][name], places[1][name]), confidence)
        for name in COMPARED
    ]
    return {
        "device": device.name,
        "reference": reference.name,
        "sources": {d.name: d.source for d in (device, reference)},
        "interval_kinds": {d.name: d.interval_kind for d in (device, reference)},
        "confidence": confidence,
        "significance": significance,
        "correction": "Holm, over the tests of this file",
        "note": NOTE,
        "tests": judge(results, significance, verdicts=("same", "different")),
    }


def _difference(
    device: DeviceModel,
    reference: DeviceModel,
    name: str,
    bounds: tuple[Bounds, Bounds],
    confidence: float,
) -> Result:
    (value, *_), (against, *_) = bounds
    unit = COMPARED[name]
    difference = value - against
    sd_below, rounding_below = _errors(device, reference, bounds, "below")
    sd_above, rounding_above = _errors(device, reference, bounds, "above")
    z = norm.ppf((1 + confidence) / 2)
    sd, rounding = (sd_below, rounding_below) if difference > 0 else (sd_above, rounding_above)
    excess = max(abs(difference) - rounding, 0.0)
    # Two published curves have no statistical error: they agree within rounding or they do not.
    statistic = excess / max(sd, 1e-12)
    return Result(
        test=f"difference in {name}",
        statistic=statistic,
        statistic_meaning="difference beyond rounding over its standard deviation",
        p_value=float(2 * norm.sf(statistic)),
        p_value_method="normal, from profile-likelihood intervals",
        effect_size=float(difference),
        effect_meaning=f"{device.name} less {reference.name}, in {unit}",
        n=None,
        details={
            "value": value,
            "reference": against,
            "low": _finite(difference - z * sd_below - rounding_below),
            "high": _finite(difference + z * sd_above + rounding_above),
            "unit": unit,
        },
    )


def _finite(bound: float) -> float | None:
    """Return a bound for JSON: None where there is none."""
    return float(bound) if np.isfinite(bound) else None


def _errors(
    device: DeviceModel, reference: DeviceModel, bounds: tuple[Bounds, Bounds], side: str
) -> tuple[float, float]:
    """Return standard deviation and rounding of the difference towards lower or higher values."""
    variance, rounding = 0.0, 0.0
    # A lower difference comes from a lower device or a higher reference.
    lowers = side == "below", side == "above"
    for model, (value, low, high), lower in zip((device, reference), bounds, lowers, strict=True):
        bound = low if lower else high
        distance = np.inf if bound is None else abs(value - bound)
        if model.confidence is None:
            rounding += distance
        else:
            variance += (distance / norm.ppf((1 + model.confidence) / 2)) ** 2
    return float(np.sqrt(variance)), rounding
