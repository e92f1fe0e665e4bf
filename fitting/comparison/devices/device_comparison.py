"""Comparison of two devices' passing curves: ``comparison.json``."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student

from dwsynapse.fit_badge import fit_badge, lack_of_fit
from dwsynapse.io.number_format import DIFFERENT, NOT_DISTINGUISHED, within
from dwsynapse.verdicts import Result, with_verdicts
from fitting.comparison.devices.calibration_prior import CalibrationPrior
from fitting.device import DeviceModel

Bounds = tuple[float, float | None, float | None]
"""A value, its lower and its upper bound, None where its counts set none."""

KIND, VERSION = "comparison", 1
UNITS = {"h0_mT": "mT", "delta_per_mT": "1/mT", "floor": "1", "lapse": "1"}
SHARES = ("floor", "lapse")
EXACT = CalibrationPrior()
"""Fields that are known exactly against each other."""
NOTE = (
    "A comparison of two devices, not a test of either: different wires, or walls that have "
    "different times to pass, should differ. The statistical error of a published curve is "
    "unknown and is not in the intervals."
)


def compare(
    device: DeviceModel,
    reference: DeviceModel,
    significance: float,
    confidence: float,
    prior: CalibrationPrior = EXACT,
    of_counts: Sequence[Result] = (),
) -> dict[str, Any]:
    """Compare a device's h0, Delta, floor and lapse with those of another, for any forms.

    A floor or lapse fixed to the same value in both is left out. For a form other than the logistic
    one, h0 and Delta are the field at half of the rise and four times the slope there
    (`DeviceModel.place_and_steepness`), with posterior bounds instead of profile ones.

    The interval of a difference combines the two profile intervals in quadrature, each side (the
    MOVER of Zou & Donner 2008), so their asymmetry is kept. A published device reports no
    confidence interval but only the rounding of its digits; that is added in full, and the
    statistical error of the publication, which is unknown, is not included. Where an interval is
    open the difference is open on that side as well (null), and the two cannot be distinguished
    there.

    A fit that its own tests reject has its variances multiplied by Pearson's chi-square per degree
    of freedom, and Student's t with Welch's degrees of freedom in place of the normal distribution.

    The two curves are taken as independent, as simulated devices of one study are unless both have
    `numerics.noise` common.

    Parameters
    ----------
    device, reference
        The devices; differences are device minus reference.
    significance
        Probability that any parameter is called different if the curves are the same.
    confidence
        Confidence of the intervals of the differences.
    prior
        How well the fields of both are known against each other: the variance of the difference in
        h0 includes that of the offset and of the scale, that in Delta that of the scale.
    of_counts
        Further tests, of the counts of both.

    Returns
    -------
    dict
        Content of ``comparison.json``.
    """
    results = [
        _difference(device, reference, name, bounds, confidence, prior)
        for name, bounds in _compared(device, reference).items()
    ]
    results = [*of_counts, *results]
    tests = with_verdicts(results, significance, verdicts=(NOT_DISTINGUISHED, DIFFERENT))
    for test in tests:
        if test["verdict"] == NOT_DISTINGUISHED and "low" in test["details"]:
            found = test["details"]
            found["within"] = within(found["low"], found["high"], found["unit"])
    return {
        "device": device.name,
        "reference": reference.name,
        "sources": {d.name: d.source for d in (device, reference)},
        "fit_badges": {d.name: fit_badge(d.goodness_of_fit) for d in (device, reference)},
        "interval_kinds": {d.name: d.interval_kind for d in (device, reference)},
        "confidence": confidence,
        "significance": significance,
        "correction": "Holm, over the tests of this file",
        "note": NOTE,
        **_verdict(tests),
        "tests": tests,
    }


def _verdict(tests: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return one verdict of all tests, and the tests that give it."""
    because = [test["test"] for test in tests if test["verdict"] == DIFFERENT]
    return {"verdict": DIFFERENT if because else NOT_DISTINGUISHED, "because_of": because}


def _compared(device: DeviceModel, reference: DeviceModel) -> dict[str, tuple[Bounds, Bounds]]:
    """Return value and bounds of the quantities compared; those fixed alike are left out."""
    models = device, reference
    places = [model.place_and_steepness() for model in models]
    compared = {name: (places[0][name], places[1][name]) for name in places[0]}
    for name in SHARES:
        values = [getattr(model.curve, name) for model in models]
        ends = [m.intervals.get(name, (v, v)) for m, v in zip(models, values, strict=True)]
        if values[0] != values[1] or any(low != high for low, high in ends):
            compared[name] = (values[0], *ends[0]), (values[1], *ends[1])
    return compared


def _difference(
    device: DeviceModel,
    reference: DeviceModel,
    name: str,
    bounds: tuple[Bounds, Bounds],
    confidence: float,
    prior: CalibrationPrior,
) -> Result:
    (value, *_), (against, *_) = bounds
    unit = UNITS[name]
    difference = value - against
    of_fields = _of_calibration(name, value, prior)
    sd_below, rounding_below = _errors(device, reference, bounds, "below", of_fields)
    sd_above, rounding_above = _errors(device, reference, bounds, "above", of_fields)
    degrees_of_freedom = _degrees_of_freedom(device, reference, bounds)
    z = float(student.ppf((1 + confidence) / 2, degrees_of_freedom))
    sd, rounding = (sd_below, rounding_below) if difference > 0 else (sd_above, rounding_above)
    excess = max(abs(difference) - rounding, 0.0)
    # Two published curves have no statistical error: they agree within rounding or they do not.
    statistic = excess / max(sd, 1e-12)
    return Result(
        test=f"difference in {name}",
        statistic=statistic,
        statistic_meaning="difference beyond rounding over its standard deviation",
        p_value=float(2 * student.sf(statistic, degrees_of_freedom)),
        p_value_method="normal, from profile-likelihood intervals"
        if np.isinf(degrees_of_freedom)
        else f"Student's t with {degrees_of_freedom:.3g} degrees of freedom, errors scaled by the "
        "overdispersion of rejected fits",
        effect_size=float(difference),
        effect_meaning=f"{device.name} minus {reference.name}"
        + ("" if unit == "1" else f", in {unit}"),
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
    device: DeviceModel,
    reference: DeviceModel,
    bounds: tuple[Bounds, Bounds],
    side: str,
    variance: float,
) -> tuple[float, float]:
    """Return standard deviation and rounding of the difference towards lower or higher values.

    `variance` is what the calibration of the fields adds.
    """
    rounding = 0.0
    # A lower difference comes from a lower device or a higher reference.
    lowers = side == "below", side == "above"
    for model, (value, low, high), lower in zip((device, reference), bounds, lowers, strict=True):
        bound = low if lower else high
        distance = np.inf if bound is None else abs(value - bound)
        if model.confidence is None:
            rounding += distance
        else:
            variance += _variance(model, distance)
    return float(np.sqrt(variance)), rounding


def _of_calibration(name: str, value: float, prior: CalibrationPrior) -> float:
    """Return the variance of a difference by the calibration of the fields, to first order."""
    of_scale = (value * prior.scale_sd) ** 2
    return {"h0_mT": prior.offset_sd_mT**2 + of_scale, "delta_per_mT": of_scale}.get(name, 0.0)


def _variance(model: DeviceModel, distance: float) -> float:
    """Return the variance of a value at that distance from its bound, including misfit."""
    scale, _ = lack_of_fit(model.goodness_of_fit)
    return scale * float(distance / norm.ppf((1 + (model.confidence or 0.0)) / 2)) ** 2


def _degrees_of_freedom(
    device: DeviceModel, reference: DeviceModel, bounds: tuple[Bounds, Bounds]
) -> float:
    """Return Welch's degrees of freedom of a difference, infinite where no fit is rejected."""
    known, unknown = 0.0, 0.0
    for model, (value, *ends) in zip((device, reference), bounds, strict=True):
        distances = [abs(value - end) for end in ends if end is not None]
        if model.confidence is not None and distances:
            variance = _variance(model, float(np.mean(distances)))
            known += variance
            unknown += variance**2 / lack_of_fit(model.goodness_of_fit)[1]
    return known**2 / unknown if unknown else float("inf")
