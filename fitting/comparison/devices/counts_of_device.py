"""The table of counts that a device model was fitted to, where it is still there."""

from pathlib import Path

import pandas as pd

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import require_file, sha256
from dwsynapse.io.notes import note_once
from fitting.device import DeviceModel
from fitting.device.content_hash import COUNTS_SHA256, counts_sha256

TABLES = {".csv", ".tsv", ".txt", ".dat", ".xlsx", ".xls"}

FILES_OF_A_FIT = 2
"""A fit is made of a table and, at most, the errors of its outcomes; a refit of more."""


def counts_of(path: Path, device: DeviceModel) -> Path | None:
    """Return the table whose hash the device model names as its input, or None.

    At its place when the model was made, or as ``counts.csv`` in the folder of the model. A device
    that was refitted to a log or to new counts is not that of a table alone.

    Parameters
    ----------
    path
        The ``device.json``.
    device
        Its content.
    """
    inputs = device.provenance.get("inputs", {})
    if len(inputs) > FILES_OF_A_FIT:
        return None
    beside = path.parent / "counts.csv"
    for place in (beside, *map(Path, _tables_of(device))):
        if place.is_file() and sha256(place) in inputs.values():
            return place
    return None


def require_counts_of(device: DeviceModel, path: Path, option: str) -> None:
    """Refuse counts that a device was not fitted to: they would be compared under its name.

    Where nothing says what it was fitted to, a note says that.

    Parameters
    ----------
    device
        The device model.
    path
        The counts that are given for it.
    option
        The option that gives them.

    Raises
    ------
    InputError
        If there is no such file, the device was published as a curve, or it was fitted to others.
    """
    require_file(path, "a table of passing counts or of trials (CSV)")
    if device.source == "published":
        raise InputError(
            f"{device.name} is a published curve, fitted to no counts here",
            path=path,
            where=option,
            remedy="leave it out, or fit the counts, and compare the device that results",
        )
    made_of = _tables_of(device)
    if not made_of:
        note_once(path, f"nothing says that these are the counts that {device.name} was fitted to")
    elif sha256(path) not in made_of.values():
        raise _other_counts(f"{device.name} was fitted to, {next(iter(made_of))},", path, option)


def require_table_of(
    device: DeviceModel, counts: pd.DataFrame, path: Path, option: str, *, own_file: bool
) -> None:
    """Refuse a table of counts that a device was not fitted to, whatever files either had.

    Parameters
    ----------
    device, path, option
        As for `require_counts_of`.
    counts
        The table that was read from the file.
    own_file
        Whether the file is the user's: its hash then decides for devices of earlier versions, which
        do not state that of their counts.

    Raises
    ------
    InputError
        As of `require_counts_of`.
    """
    stated = device.provenance.get(COUNTS_SHA256)
    if device.source == "published" or (stated is None and own_file):
        require_counts_of(device, path, option)
    elif stated is None:
        note_once(path, f"nothing says that these are the counts that {device.name} was fitted to")
    elif stated != counts_sha256(counts):
        raise _other_counts(f"{device.name} was fitted to,", path, option)


def _other_counts(of_device: str, path: Path, option: str) -> InputError:
    return InputError(
        f"not the counts that {of_device} or changed since",
        path=path,
        where=option,
        remedy="give these, leave it out, or fit the new counts and compare that device",
    )


def _tables_of(device: DeviceModel) -> dict[str, str]:
    """Return the tables that a device says it was made of, with their hashes."""
    inputs = device.provenance.get("inputs", {})
    return {place: sum_ for place, sum_ in inputs.items() if Path(place).suffix.lower() in TABLES}
