"""``device.json``, written and read."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dwsynapse.drives import DRIVES, FIELD, Drive
from dwsynapse.fit_badge import fit_badge
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import read_json, write_json
from dwsynapse.io.json_shapes import require_shape
from fitting.device.device_rules import rules
from fitting.device.device_shape import DeviceShape, DriveShape
from fitting.forms import FORMS
from fitting.goodness.band_widening import band_note

if TYPE_CHECKING:
    from fitting.device.device_model import DeviceModel, Interval

KIND, VERSION = "device", 1
FIELDS_AT_MEANING = "field at which walls pass with the probability; bounds from the draws"
INTERVAL_MEANING = "low or high null: the counts set no bound on that side; low = high: fixed"
REMEDY = "make the device model again"


def write_device(path: str | Path, model: "DeviceModel") -> None:
    """Write the model as ``device.json``."""
    values, units = model.curve.values(), model.curve.units()
    parameters = {
        name: {"value": values[name], "low": low, "high": high, "unit": units[name]}
        for name, (low, high) in model.intervals.items()
    }
    content = {
        "name": model.name,
        "source": model.source,
        "form": model.curve.form,
        "parameters": parameters,
        "constants": model.curve.constants(),
        "nuisances": {
            name: {"value": value, "low": low, "high": high}
            for name, (value, low, high) in model.nuisances.items()
        },
        "interval_kind": model.interval_kind,
        "interval_meaning": INTERVAL_MEANING,
        "confidence": model.confidence,
        "fields_at": model.fields_at,
        "fields_at_meaning": FIELDS_AT_MEANING,
        "field_range_mT": list(model.field_range_mT),
        "nucleation_field_mT": model.nucleation_field_mT,
        "goodness_of_fit": model.goodness_of_fit,
        "fit_badge": fit_badge(model.goodness_of_fit),
        "forms": model.forms,
        "covariance": None if model.covariance is None else model.covariance.tolist(),
        "draws": model.draws.tolist(),
        "band_note": band_note(model.goodness_of_fit, model.confidence or 0.95),
        "at_cap": model.at_cap,
        "provenance": model.provenance,
    }
    if model.drive is not FIELD:
        of_drive = {"drive": model.drive.name, "drive_unit": model.drive.unit}
        content = of_drive | model.drive.document(content, [model.name])
    write_json(path, KIND, VERSION, content)


def read_device(path: str | Path, make: Callable[..., "DeviceModel"]) -> "DeviceModel":
    """Read a model, made of its keyword arguments by `make`.

    Raises
    ------
    InputError
        Naming the file and the first key that is missing or wrong.
    """
    written = read_json(path, KIND, VERSION, DriveShape, REMEDY)
    drive = _drive(written, path)
    with drive.errors():
        return _read_of_field(drive.document_of_field(written), drive, path, make)


def _drive(written: dict[str, Any], path: str | Path) -> Drive:
    """Return the drive of a device; that of a file that says none is a field."""
    name = written.get("drive", FIELD.name)
    if name not in DRIVES:
        remedy = f"choose {', '.join(DRIVES)}, or {REMEDY}"
        raise InputError(f"unknown drive {name!r}", path=path, where="drive", remedy=remedy)
    drive = DRIVES[name]
    in_unit = written.get("drive_unit", drive.unit) == drive.unit
    same = drive.document(drive.document_of_field(written)) == written
    if not in_unit or not same:
        raise InputError(
            f"keys or units of another drive than a {name} in {drive.unit}",
            path=path,
            where="drive",
            remedy=REMEDY,
        )
    return drive


def _read_of_field(
    content: dict[str, Any], drive: Drive, path: str | Path, make: Callable[..., "DeviceModel"]
) -> "DeviceModel":
    """Read a model from content that is written about a field."""
    require_shape(content, DeviceShape, path, REMEDY)
    try:
        model = make(**_arguments(content), drive=drive)
        units = {name: p["unit"] for name, p in content["parameters"].items()}
    except KeyError as error:
        raise InputError(f"missing or unknown {error}", path=path, remedy=REMEDY) from error
    except (TypeError, ValueError) as error:
        raise InputError(f"wrong value ({error})", path=path, remedy=REMEDY) from error
    for key, kept, rule in rules(model, units):
        if not kept:
            raise InputError(rule, path=path, where=key, remedy=REMEDY)
    return model


def _arguments(content: dict[str, Any]) -> dict[str, Any]:
    """Return what a model is made of, from the content of its file."""
    form = FORMS[content["form"]]
    stored = content["parameters"]
    names = [n for n in form.units() if n in stored or n != "lapse"]
    parameters = {name: stored[name] for name in names}
    values = {name: float(p["value"]) for name, p in parameters.items()}
    known, given = form.typical().constants(), content.get("constants", {})
    low, high = map(float, content["field_range_mT"])
    covariance = content["covariance"]
    return dict(
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


def _rows(rows: list[list[float]], width: int, key: str) -> NDArray[np.float64]:
    if any(len(row) != width for row in rows):
        raise ValueError(f"every row of {key} must have {width} numbers, one for each parameter")
    return np.array(rows, dtype=float).reshape(-1, width)


def _bounds(stored: dict[str, Any]) -> "Interval":
    return _float_or_none(stored["low"]), _float_or_none(stored["high"])


def _float_or_none(value: Any) -> float | None:
    return None if value is None else float(value)
