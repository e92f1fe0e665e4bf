"""The table of counts that a device model was fitted to, where it is still there."""

from pathlib import Path

from dwsynapse.io.files import sha256
from fitting.device import DeviceModel

TABLES = {".csv", ".tsv", ".txt", ".dat", ".xlsx", ".xls"}


def counts_of(path: Path, device: DeviceModel) -> Path | None:
    """Return the table whose hash the device model names as its input, or None.

    At its place when the model was made, or as ``counts.csv`` in the folder of the model.

    Parameters
    ----------
    path
        The ``device.json``.
    device
        Its content.
    """
    inputs = device.provenance.get("inputs", {})
    beside = path.parent / "counts.csv"
    places = [Path(place) for place in inputs if Path(place).suffix.lower() in TABLES]
    for place in (beside, *places):
        if place.is_file() and sha256(place) in inputs.values():
            return place
    return None
