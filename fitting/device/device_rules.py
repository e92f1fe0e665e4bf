"""What holds of every device model, whoever wrote its ``device.json``."""

from collections.abc import Iterator
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from dwsynapse.drives import Drive
from dwsynapse.io.argument_types import require_type
from dwsynapse.io.errors import InputError
from fitting.forms.passing_curve import PassingCurve

if TYPE_CHECKING:
    from fitting.device.device_model import DeviceModel

BEYOND = 1e30
"""Above any field or steepness, and its square is finite."""
TYPES: dict[str, type] = {
    "name": str,
    "source": str,
    "curve": PassingCurve,
    "intervals": dict,
    "interval_kind": str,
    "field_range_mT": tuple,
    "confidence": Real,
    "covariance": np.ndarray,
    "draws": np.ndarray,
    "goodness_of_fit": dict,
    "forms": list,
    "nuisances": dict,
    "fields_at": list,
    "at_cap": dict,
    "nucleation_field_mT": Real,
    "provenance": dict,
    "drive": Drive,
}
MAY_BE_NONE = ("confidence", "covariance", "goodness_of_fit", "nucleation_field_mT")


def require_types(model: "DeviceModel") -> None:
    """Refuse a model with a part of another type.

    Raises
    ------
    InputError
        Naming the first.
    """
    for name, kind in TYPES.items():
        value = getattr(model, name)
        if not (value is None and name in MAY_BE_NONE):
            require_type(value, kind, f"DeviceModel.{name}")


def require_asked(model: "DeviceModel", **shares: float) -> None:
    """Refuse what no band can be asked for.

    Parameters
    ----------
    model
        The model.
    **shares
        Probabilities and confidences, by what an error calls them.

    Raises
    ------
    InputError
        If one of them is not between 0 and 1, or the model has no draws.
    """
    for what, value in shares.items():
        require_type(value, Real, what)
        if not 0 < value < 1:
            remedy = "give it as in 0.95 for 95 %"
            raise InputError(f"{value!r} is not between 0 and 1", where=what, remedy=remedy)
    if not len(model.draws):
        raise InputError(
            "no draws of its curve, so that nothing is known of its uncertainty",
            where=f"device {model.name!r}",
            remedy="its curve alone is curve.probability(fields_mT)",
        )


def require_rules(model: "DeviceModel") -> None:
    """Refuse a model that breaks a rule.

    Raises
    ------
    InputError
        Naming the first.
    """
    found = rules(model, model.curve.units())
    try:
        broken = next(((key, rule) for key, kept, rule in found if not kept), None)
    except (KeyError, TypeError, ValueError) as error:
        broken = "wrong value", str(error)
    if broken:
        key, problem = broken
        raise InputError(problem, where=f"device: {key}", remedy="give that of dw.fit")


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
