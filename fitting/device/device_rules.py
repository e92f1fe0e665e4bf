"""What holds of every device model, whoever wrote its ``device.json``."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from fitting.device.device_model import DeviceModel

BEYOND = 1e30
"""Above any field or steepness, and its square is finite."""


def rules(model: "DeviceModel", units: dict[str, str]) -> Iterator[tuple[str, Any, str]]:
    """Yield for each rule of a model the key it is about, whether it is kept, and the rule.

    `units` are those of the parameters in the file.
    """
    yield from _rules_of_parameters(model, units)
    low, high = model.field_range_mT
    yield "field_range_mT", -np.inf < low < high < np.inf, "must go from a lower to a higher field"
    for key, most in {"nucleation_field_mT": np.inf, "confidence": 1}.items():
        value = getattr(model, key)
        yield key, value is None or 0 < value < most, f"must be above 0 and below {most:g}"
    yield from _rules_of_draws(model)


def _rules_of_parameters(
    model: "DeviceModel", units: dict[str, str]
) -> Iterator[tuple[str, Any, str]]:
    values = model.curve.values()
    for name, (low, high) in model.intervals.items():
        key, unit = f"parameters.{name}", model.curve.units()[name]
        value = values[name]
        ends = [value if low is None else low, value, value if high is None else high]
        yield f"{key}.unit", units[name] == unit, f"must be {unit}"
        within = np.abs(ends).max() < BEYOND
        yield key, within, f"value, low and high must be below {BEYOND:g}, or an end null"
        yield key, ends == sorted(ends), "value must be between low and high"
    yield "parameters.floor", 0 <= model.curve.floor < 1, "value must be at least 0 and below 1"
    lapse, most = model.curve.lapse, 1 - model.curve.floor
    yield "parameters.lapse", 0 <= lapse < most, "value must be at least 0 and below 1 - floor"
    for name in model.curve.bounds(1.0, 1.0):
        yield f"parameters.{name}", values[name] > 0, "value must be above 0"


def _rules_of_draws(model: "DeviceModel") -> Iterator[tuple[str, Any, str]]:
    n = len(model.intervals)
    square = model.covariance is None or model.covariance.shape == (n, n)
    yield "covariance", square, f"must have a row for each of the {n} parameters"
    drawn = model.drawn_curves()
    possible = (drawn.floor >= 0) & (drawn.lapse >= 0) & (drawn.floor + drawn.lapse < 1)
    yield "draws", np.all(possible), "floor and lapse must be at least 0, together below 1"
    for name in model.curve.bounds(1.0, 1.0):
        yield "draws", np.all(getattr(drawn, name) > 0), f"{name} must be above 0"
    enough = model.curve.form == "logistic" or len(model.draws)
    yield "draws", enough, "must not be empty: curves of this form are compared by it"
