"""Where a device's curve lies: the field of a probability, half of the rise, its steepness."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fitting.forms import PassingCurve

if TYPE_CHECKING:
    from fitting.device.device_model import DeviceModel

Bounds = tuple[float, float | None, float | None]
"""A value, its lower and its upper bound; None: an end that the counts leave open."""

FLOOR_HIGHER = "walls pass more often at any field: the floor is higher"
LAPSE_HIGHER = "walls pass less often at any field: 1 - lapse is lower"
# Keeps the inverse of a curve finite.
MIN_RISE = 1e-9


def field_at(model: "DeviceModel", probability: float, confidence: float) -> dict[str, Any]:
    """Return what `DeviceModel.field_at` describes."""
    found = {"probability": probability, "field_mT": None, "low": None, "high": None}
    if not model.curve.floor < probability < 1 - model.curve.lapse:
        below = probability <= model.curve.floor
        return found | {"note": FLOOR_HIGHER if below else LAPSE_HIGHER}
    best = model.curve.field_mT(probability)
    tail = (1 - confidence) / 2
    drawn = _drawn_fields_mT(model.drawn_curves(), probability)
    # No interpolation: a curve with a higher floor never has that probability.
    low, high = np.quantile(drawn, [tail, 1 - tail], method="inverted_cdf")
    return found | {
        "field_mT": best,
        "low": min(float(low), best) if np.isfinite(low) else None,
        "high": max(float(high), best) if np.isfinite(high) else None,
        "note": None,
    }


def place_and_steepness(model: "DeviceModel") -> dict[str, Bounds]:
    """Return what `DeviceModel.place_and_steepness` describes."""
    names = ("h0_mT", "delta_per_mT")
    values = model.curve.values()
    if model.curve.form == "logistic":
        return {name: (values[name], *model.intervals[name]) for name in names}
    tail = (1 - (model.confidence or 0.95)) / 2
    found: dict[str, Bounds] = {}
    for name, best, drawn in zip(
        names, _placed(model.curve), _placed(model.drawn_curves()), strict=True
    ):
        low, high = np.quantile(drawn, [tail, 1 - tail])
        value = float(best)
        found[name] = (value, min(float(low), value), max(float(high), value))
    return found


def _placed(curve: PassingCurve) -> tuple[Any, Any]:
    """Return the field at half of the rise and four times the slope there."""
    centre_mT = curve.rise_field_mT(0.5)
    return centre_mT, 4 * curve.rise_slope_per_mT(np.asarray(centre_mT))


def _drawn_fields_mT(curves: PassingCurve, probability: float) -> NDArray[np.float64]:
    """Return the field of each curve, infinite where floor or lapse exclude the probability."""
    rise = (probability - curves.floor) / (1 - curves.floor - curves.lapse)
    fields_mT = curves.rise_field_mT(np.clip(rise, MIN_RISE, 1 - MIN_RISE))
    return np.ravel(np.where(rise <= 0, -np.inf, np.where(rise >= 1, np.inf, fields_mT)))
