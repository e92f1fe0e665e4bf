"""The device model of a wire as it is fabricated: its draws are wires that differ by the spread."""

from pathlib import Path
from typing import Annotated, Any

import numpy as np

from dwsynapse.io.command_options import out_folder
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import provenance, require_outputs
from fitting.command_options import Calibration, Name
from fitting.device import DeviceModel
from fitting.forms import Logistic
from fitting.levels.calibration_file import read_calibration

CONFIDENCE = 0.95
PARAMETERS = "floor", "h0_mT", "delta_per_mT"
"""In the order of a device's draws, whatever order a file has."""


def fabricated(
    calibration: Calibration,
    out: Annotated[Path, out_folder("device.json, curve.svg")],
    name: Annotated[str, Name] = "fabricated",
) -> None:
    """Write device.json and curve.svg of the best wire, whose draws are wires as fabricated.

    Networks that are trained on it are trained for the best wire, and `network plan` says how
    their accuracy varies over the draws.
    """
    from fitting.curve_figure import plot_curve

    require_outputs(out, ("device.json", "curve.svg"), calibration)
    content = read_calibration(calibration)
    if content.get("fabrication") is None:
        raise InputError(
            "no spread of fabrication",
            path=calibration,
            remedy="give `micromag calibrate` a --spread; it continues where it was",
        )
    origin = provenance("fitting", inputs=[calibration])
    device = device_as_fabricated(content["fabrication"], name, origin)
    device.write(out / "device.json")
    plot_curve(out / "curve.svg", device, counts=None, confidence=CONFIDENCE)


def device_as_fabricated(
    fabrication: dict[str, Any], name: str, provenance: dict[str, Any]
) -> DeviceModel:
    """Return the model of a wire, with the wires that fabrication makes of it as draws.

    Parameters
    ----------
    fabrication
        What a calibration says of it: field_range_mT, nominal (parameters of the curve), wires (the
        same of every one).
    name
        Name of the device.
    provenance
        What it is made from.
    """
    wires = {name: fabrication["wires"][name] for name in PARAMETERS}
    draws = np.column_stack(list(wires.values()))
    low, high = np.quantile(draws, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0)
    first, last = fabrication["field_range_mT"]
    return DeviceModel(
        name=name,
        source="simulation",
        curve=Logistic.of(fabrication["nominal"]),
        intervals={key: (float(a), float(b)) for key, a, b in zip(wires, low, high, strict=True)},
        interval_kind=f"{CONFIDENCE:.0%} of the wires as fabricated",
        confidence=CONFIDENCE,
        field_range_mT=(first, last),
        draws=draws,
        provenance=provenance,
    )
