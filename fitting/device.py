"""The device model: a passing curve with its uncertainty and the fields at which it is valid."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from dwsynapse.fit_badge import fit_badge
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import read_json, write_json
from fitting.device_shape import DeviceShape
from fitting.field_grid import FieldGrid
from fitting.forms import FORMS, PassingCurve
from fitting.goodness.band_widening import band_note, widening

__all__ = ["DeviceModel", "PassingCurve", "Source"]

KIND, VERSION = "device", 1
FIELDS_AT_MEANING = "field at which walls pass with the probability; bounds from the draws"
FLOOR_HIGHER = "walls pass more often at any field: the floor is higher"
LAPSE_HIGHER = "walls pass less often at any field: 1 - lapse is lower"
# Keeps the inverse of a curve finite.
LEAST_RISE = 1e-9
BEYOND = 1e30
"""Above any field or steepness, and its square is finite."""
INTERVAL_MEANING = "low or high null: the counts set no bound on that side; low = high: fixed"
Source = Literal["simulation", "measurement", "published"]
Interval = tuple[float | None, float | None]


@dataclass(frozen=True)
class DeviceModel:
    """The result of fitting a device, which networks and verification use.

    Parameters
    ----------
    name
        Name of the device.
    source
        Where the curve comes from: simulation, measurement or published.
    curve
        The passing curve f(h).
    intervals
        For each parameter its lower and upper bound: None where the counts leave an end open, both
        the value where it was fixed.
    interval_kind
        What the bounds are, such as ``95% profile likelihood (MINOS)``.
    confidence
        Confidence of the intervals; None where they are not confidence intervals.
    field_range_mT
        Lowest and highest field at which the curve is valid.
    covariance
        Covariance of the parameters in the order of `intervals`; None where unknown.
    draws
        Draws of the parameters from their uncertainty, shape (n_draws, n_parameters).
    goodness_of_fit
        What `fitting.goodness.goodness_of_fit.goodness_of_fit` found; None where there was no fit.
    forms
        How other forms describe the same counts, see
        `fitting.goodness.form_selection.compare_forms`.
    nuisances
        Value, lower and upper bound of the nuisance parameters, by name.
    fields_at
        The fields at which the curve has wanted probabilities: dicts as `field_at` returns.
    at_cap
        Floor and lapse whose best value is the highest that the fit allows, with that value:
        intervals and draws end there because the range does.
    nucleation_field_mT
        Field at which a wall appears without injection; None where unknown.
    provenance
        What the model was made from.
    """

    name: str
    source: Source
    curve: PassingCurve
    intervals: dict[str, Interval]
    interval_kind: str
    field_range_mT: tuple[float, float]
    confidence: float | None = None
    covariance: NDArray[np.float64] | None = None
    draws: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 3)))
    goodness_of_fit: dict[str, Any] | None = None
    forms: list[dict[str, Any]] = field(default_factory=list)
    nuisances: dict[str, tuple[float, float | None, float | None]] = field(default_factory=dict)
    fields_at: list[dict[str, Any]] = field(default_factory=list)
    at_cap: dict[str, float] = field(default_factory=dict)
    nucleation_field_mT: float | None = None
    provenance: dict[str, Any] = field(default_factory=dict)

    def band(self, fields_mT: NDArray[np.float64], confidence: float) -> NDArray[np.float64]:
        """Return the lower and upper edge of f(h), shape (2, n_fields).

        Equal tails of the draws, which never reach the end of a range. So where the interval of
        the floor ends there, the lower edge is that of the draws with the floor at its end, and
        likewise the upper edge with the lapse. The band of a rejected fit is widened on the scale
        of log-odds, see `fitting.goodness.band_widening`.
        """
        tails = (1 - confidence) / 2, (1 + confidence) / 2
        edges = [
            np.quantile(self._drawn_from_end(name).probability(fields_mT), tail, axis=0)
            for name, tail in zip(("floor", "lapse"), tails, strict=True)
        ]
        times = widening(self.goodness_of_fit, confidence)
        if times == 1:
            return np.array(edges)
        least, most = LEAST_RISE, 1 - LEAST_RISE
        best = logit(np.clip(self.curve.probability(fields_mT), least, most))
        edges = logit(np.clip(edges, least, most))
        return np.asarray(expit(best + times * (edges - best)))

    def _drawn_from_end(self, name: str) -> PassingCurve:
        """Return the drawn curves, a share at the end of its range if its interval ends there."""
        curves = self.drawn_curves()
        low, _ = self.intervals.get(name, (None, None))
        at_end = low is not None and low <= getattr(curves, name).min()
        return curves.with_values({name: low}) if at_end else curves

    def drawn_curves(self) -> PassingCurve:
        """Return one curve with every draw, its parameters of shape (n_draws, 1)."""
        return self.curve.with_values(
            dict(zip(self.intervals, self.draws.T[:, :, None], strict=True))
        )

    def field_at(self, probability: float, confidence: float) -> dict[str, Any]:
        """Return the field at which walls pass with a probability.

        Parameters
        ----------
        probability
            The probability.
        confidence
            Confidence of the interval, whose bounds are quantiles over the draws.

        Returns
        -------
        dict
            Keys probability, field_mT (None where the curve never has it), low, high (None where a
            curve of the draws within the interval never has it) and note (why there is no field).
        """
        found = {"probability": probability, "field_mT": None, "low": None, "high": None}
        if not self.curve.floor < probability < 1 - self.curve.lapse:
            below = probability <= self.curve.floor
            return found | {"note": FLOOR_HIGHER if below else LAPSE_HIGHER}
        best = self.curve.field_mT(probability)
        tail = (1 - confidence) / 2
        drawn = _drawn_fields_mT(self.drawn_curves(), probability)
        # No interpolation: a curve with a higher floor never has that probability.
        low, high = np.quantile(drawn, [tail, 1 - tail], method="inverted_cdf")
        return found | {
            "field_mT": best,
            "low": min(float(low), best) if np.isfinite(low) else None,
            "high": max(float(high), best) if np.isfinite(high) else None,
            "note": None,
        }

    def place_and_steepness(self) -> dict[str, tuple[float, float | None, float | None]]:
        """Return value, lower and upper bound of h0 and Delta, which are compared between devices.

        Those of the fit for a logistic curve, None where the counts leave an end open. For another
        form the field at half of the rise and four times the slope of the rise there, with bounds
        from the draws, which end where their prior does.
        """
        names = ("h0_mT", "delta_per_mT")
        values = self.curve.values()
        if self.curve.form == "logistic":
            return {name: (values[name], *self.intervals[name]) for name in names}
        tail = (1 - (self.confidence or 0.95)) / 2
        found: dict[str, tuple[float, float | None, float | None]] = {}
        for name, best, drawn in zip(
            names, _placed(self.curve), _placed(self.drawn_curves()), strict=True
        ):
            low, high = np.quantile(drawn, [tail, 1 - tail])
            value = float(best)
            found[name] = (value, min(float(low), value), max(float(high), value))
        return found

    def field_grid(self, step_mT: float) -> FieldGrid:
        """Return the multiples of a step in the field range and below the nucleation field.

        Raises
        ------
        InputError
            If there are none.
        """
        low, high = self.field_range_mT
        # Rounded, since 0.3 / 0.1 is below 3 in floating point.
        lowest, highest = np.ceil(round(low / step_mT, 9)), np.floor(round(high / step_mT, 9))
        if self.nucleation_field_mT is not None:
            highest = min(highest, np.ceil(round(self.nucleation_field_mT / step_mT, 9)) - 1)
        if lowest > highest:
            raise InputError(
                f"no multiple of {step_mT:g} mT is within the fields {low:g} to {high:g} mT of "
                f"device {self.name!r}",
                where="field_step_mT",
                remedy="choose a finer step",
            )
        return FieldGrid(int(lowest), int(highest), step_mT)

    def require_fields(self, fields_mT: NDArray[np.float64], path: str | Path, where: str) -> None:
        """Refuse fields at which the curve is not valid, or at which walls nucleate.

        Parameters
        ----------
        fields_mT
            Fields of any shape.
        path, where
            What to name in the error; followed by the index of the field.

        Raises
        ------
        InputError
            Naming the first such field.
        """
        low, high = self.field_range_mT
        nucleation_mT = self.nucleation_field_mT or np.inf
        wrong = (fields_mT < low) | (fields_mT > high) | (fields_mT >= nucleation_mT)
        if wrong.any():
            known = (
                f", where walls nucleate at {nucleation_mT:g} mT"
                if self.nucleation_field_mT
                else ""
            )
            raise InputError(
                f"a field of {fields_mT[wrong][0]:g} mT is not within the {low:g} to {high:g} mT "
                f"of device {self.name!r}{known}",
                path=path,
                where=f"{where} ({', '.join(map(str, np.argwhere(wrong)[0]))})",
                remedy="use fields at which the device model is valid",
            )

    def write(self, path: str | Path) -> None:
        """Write the model as ``device.json``."""
        values, units = self.curve.values(), self.curve.units()
        parameters = {
            name: {"value": values[name], "low": low, "high": high, "unit": units[name]}
            for name, (low, high) in self.intervals.items()
        }
        content = {
            "name": self.name,
            "source": self.source,
            "form": self.curve.form,
            "parameters": parameters,
            "constants": self.curve.constants(),
            "nuisances": {
                name: {"value": value, "low": low, "high": high}
                for name, (value, low, high) in self.nuisances.items()
            },
            "interval_kind": self.interval_kind,
            "interval_meaning": INTERVAL_MEANING,
            "confidence": self.confidence,
            "fields_at": self.fields_at,
            "fields_at_meaning": FIELDS_AT_MEANING,
            "field_range_mT": list(self.field_range_mT),
            "nucleation_field_mT": self.nucleation_field_mT,
            "goodness_of_fit": self.goodness_of_fit,
            "fit_badge": fit_badge(self.goodness_of_fit),
            "forms": self.forms,
            "covariance": None if self.covariance is None else self.covariance.tolist(),
            "draws": self.draws.tolist(),
            "band_note": band_note(self.goodness_of_fit, self.confidence or 0.95),
            "at_cap": self.at_cap,
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
        remedy = "make the device model again"
        content = read_json(path, KIND, VERSION, DeviceShape, remedy)
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
        stored = content["parameters"]
        names = [n for n in form.units() if n in stored or n != "lapse"]
        parameters = {name: stored[name] for name in names}
        values = {name: float(p["value"]) for name, p in parameters.items()}
        known, given = form.typical().constants(), content.get("constants", {})
        low, high = map(float, content["field_range_mT"])
        covariance = content["covariance"]
        return cls(
            name=content["name"],
            source=content["source"],
            curve=form.of(values | {name: float(given[name]) for name in known}),
            intervals={n: _bounds(p) for n, p in parameters.items()},
            interval_kind=content["interval_kind"],
            confidence=_float_or_none(content["confidence"]),
            field_range_mT=(low, high),
            covariance=None if covariance is None else _rows(covariance, len(names), "covariance"),
            draws=_rows(content["draws"], len(names), "draws"),
            goodness_of_fit=content["goodness_of_fit"],
            forms=content.get("forms", []),
            fields_at=content.get("fields_at", []),
            at_cap=content.get("at_cap", {}),
            nuisances={
                name: (float(n["value"]), *_bounds(n))
                for name, n in content.get("nuisances", {}).items()
            },
            nucleation_field_mT=_float_or_none(content["nucleation_field_mT"]),
            provenance=content["provenance"],
        )


def _placed(curve: PassingCurve) -> tuple[Any, Any]:
    """Return the field at half of the rise and four times the slope there."""
    centre_mT = curve.rise_field_mT(0.5)
    return centre_mT, 4 * curve.rise_slope_per_mT(np.asarray(centre_mT))


def _drawn_fields_mT(curves: PassingCurve, probability: float) -> NDArray[np.float64]:
    """Return the field of each curve, infinite where floor or lapse exclude the probability."""
    rise = (probability - curves.floor) / (1 - curves.floor - curves.lapse)
    fields_mT = curves.rise_field_mT(np.clip(rise, LEAST_RISE, 1 - LEAST_RISE))
    return np.ravel(np.where(rise <= 0, -np.inf, np.where(rise >= 1, np.inf, fields_mT)))


def _rows(rows: list[list[float]], width: int, key: str) -> NDArray[np.float64]:
    if any(len(row) != width for row in rows):
        raise ValueError(f"every row of {key} must have {width} numbers, one for each parameter")
    return np.array(rows, dtype=float).reshape(-1, width)


def _bounds(stored: dict[str, Any]) -> Interval:
    return _float_or_none(stored["low"]), _float_or_none(stored["high"])


def _float_or_none(value: Any) -> float | None:
    return None if value is None else float(value)


def _rules(model: DeviceModel, units: dict[str, str]) -> Iterator[tuple[str, Any, str]]:
    """Yield for each rule of a model the key it is about, whether it is kept, and the rule."""
    sources = get_args(Source)
    yield "source", model.source in sources, f"must be one of {', '.join(sources)}"
    values = model.curve.values()
    for name, (low, high) in model.intervals.items():
        key, unit = f"parameters.{name}", model.curve.units()[name]
        value = values[name]
        ends = [value if low is None else low, value, value if high is None else high]
        yield f"{key}.unit", units[name] == unit, f"must be {unit!r}"
        within = np.abs(ends).max() < BEYOND
        yield key, within, f"value, low and high must be below {BEYOND:g}, or an end null"
        yield key, ends == sorted(ends), "value must be between low and high"
    yield "parameters.floor", 0 <= model.curve.floor < 1, "value must be at least 0 and below 1"
    lapse, most = model.curve.lapse, 1 - model.curve.floor
    yield "parameters.lapse", 0 <= lapse < most, "value must be at least 0 and below 1 - floor"
    for name in model.curve.bounds(1.0, 1.0):
        yield f"parameters.{name}", values[name] > 0, "value must be above 0"
    low, high = model.field_range_mT
    yield "field_range_mT", -np.inf < low < high < np.inf, "must go from a lower to a higher field"
    for key, most in {"nucleation_field_mT": np.inf, "confidence": 1}.items():
        value = getattr(model, key)
        yield key, value is None or 0 < value < most, f"must be above 0 and below {most:g}"
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
