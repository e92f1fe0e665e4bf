"""The device model: a passing curve with its uncertainty and the fields at which it holds."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from fitting.forms import FORMS, Logistic
from workflow.errors import InputError
from workflow.files import read_json, write_json

__all__ = ["DeviceModel", "Logistic", "Source"]

KIND, VERSION = "device", 1
Source = Literal["simulation", "measurement", "published"]


@dataclass(frozen=True)
class DeviceModel:
    """What fitting knows of a device, and all that networks and verification need of it.

    Parameters
    ----------
    name
        Name of the device.
    source
        Where the curve comes from: simulation, measurement or published.
    curve
        The passing curve f(h).
    intervals
        For each parameter its lower and upper bound.
    interval_kind
        What the bounds are, such as ``95% profile likelihood (MINOS)``.
    confidence
        Confidence of the intervals; None where they are no confidence intervals.
    field_range_mT
        Lowest and highest field at which the curve holds.
    covariance
        Covariance of the parameters in the order of ``curve.units``; None where unknown.
    draws
        Draws of the parameters from their uncertainty, shape (n_draws, n_parameters).
    goodness_of_fit
        Keys deviance, degrees_of_freedom and p_value; None where there was no fit.
    nucleation_field_mT
        Field at which a wall appears without injection; None where unknown.
    provenance
        What the model was made from.
    """

    name: str
    source: Source
    curve: Logistic
    intervals: dict[str, tuple[float, float]]
    interval_kind: str
    field_range_mT: tuple[float, float]
    confidence: float | None = None
    covariance: NDArray[np.float64] | None = None
    draws: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 3)))
    goodness_of_fit: dict[str, float] | None = None
    nucleation_field_mT: float | None = None
    provenance: dict[str, Any] = field(default_factory=dict)

    def band(self, fields_mT: NDArray[np.float64], confidence: float) -> NDArray[np.float64]:
        """Return the lower and upper edge of f(h) over the draws, shape (2, n_fields)."""
        curves = type(self.curve)(*self.draws.T[:, :, None]).probability(fields_mT)
        tail = (1 - confidence) / 2
        return np.asarray(np.quantile(curves, [tail, 1 - tail], axis=0))

    def write(self, path: str | Path) -> None:
        """Write the model as ``device.json``."""
        values = self.curve.values()
        parameters = {
            name: {
                "value": values[name],
                "low": self.intervals[name][0],
                "high": self.intervals[name][1],
                "unit": unit,
            }
            for name, unit in self.curve.units.items()
        }
        content = {
            "name": self.name,
            "source": self.source,
            "form": self.curve.form,
            "parameters": parameters,
            "interval_kind": self.interval_kind,
            "confidence": self.confidence,
            "field_range_mT": list(self.field_range_mT),
            "nucleation_field_mT": self.nucleation_field_mT,
            "goodness_of_fit": self.goodness_of_fit,
            "covariance": None if self.covariance is None else self.covariance.tolist(),
            "draws": self.draws.tolist(),
            "provenance": self.provenance,
        }
        write_json(path, KIND, VERSION, content)

    @classmethod
    def read(cls, path: str | Path) -> "DeviceModel":
        """Read a model from ``device.json``.

        Raises
        ------
        InputError
            Naming the file and the first key that is missing or wrong.
        """
        content = read_json(path, KIND, VERSION)
        remedy = "make the device model again"
        try:
            model = cls._of(content)
            units = {name: p["unit"] for name, p in content["parameters"].items()}
        except KeyError as error:
            raise InputError(f"missing or unknown {error}", path=path, remedy=remedy) from error
        except (TypeError, ValueError) as error:
            raise InputError(f"wrong value ({error})", path=path, remedy=remedy) from error
        for key, kept, rule in _rules(model, units):
            if not kept:
                raise InputError(rule, path=path, where=key, remedy=remedy)
        return model

    @classmethod
    def _of(cls, content: dict[str, Any]) -> "DeviceModel":
        form = FORMS[content["form"]]
        parameters = {name: content["parameters"][name] for name in form.units}
        low, high = map(float, content["field_range_mT"])
        covariance = content["covariance"]
        return cls(
            name=content["name"],
            source=content["source"],
            curve=form.of({name: float(p["value"]) for name, p in parameters.items()}),
            intervals={n: (float(p["low"]), float(p["high"])) for n, p in parameters.items()},
            interval_kind=content["interval_kind"],
            confidence=_float_or_none(content["confidence"]),
            field_range_mT=(low, high),
            covariance=None if covariance is None else np.array(covariance, dtype=float),
            draws=np.array(content["draws"], dtype=float).reshape(-1, len(form.units)),
            goodness_of_fit=content["goodness_of_fit"],
            nucleation_field_mT=_float_or_none(content["nucleation_field_mT"]),
            provenance=content["provenance"],
        )


def _float_or_none(value: Any) -> float | None:
    return None if value is None else float(value)


def _rules(model: DeviceModel, units: dict[str, str]) -> Iterator[tuple[str, Any, str]]:
    """Yield for each rule of a model the key it is about, whether it is kept, and the rule."""
    sources = get_args(Source)
    yield "source", model.source in sources, f"must be one of {', '.join(sources)}"
    for name, value in model.curve.values().items():
        key, unit = f"parameters.{name}", model.curve.units[name]
        low, high = model.intervals[name]
        yield f"{key}.unit", units[name] == unit, f"must be {unit!r}"
        yield key, np.isfinite([value, low, high]).all(), "value, low and high must be finite"
        yield key, low <= value <= high, "value must lie between low and high"
    yield "parameters.floor", 0 <= model.curve.floor < 1, "value must be at least 0 and below 1"
    yield "parameters.delta_per_mT", model.curve.delta_per_mT > 0, "value must be above 0"
    low, high = model.field_range_mT
    yield "field_range_mT", -np.inf < low < high < np.inf, "must go from a lower to a higher field"
    for key, most in {"nucleation_field_mT": np.inf, "confidence": 1}.items():
        value = getattr(model, key)
        yield key, value is None or 0 < value < most, f"must be above 0 and below {most:g}"
    covariance = np.zeros(1) if model.covariance is None else model.covariance
    for key, values in {"draws": model.draws, "covariance": covariance}.items():
        yield key, np.isfinite(values).all(), "must be finite"
