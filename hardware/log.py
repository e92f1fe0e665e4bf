"""The inference log: every read of a program, written by a laboratory and checked when read."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.io.file_kinds import PARQUET, TABLE, kind_of, unreadable
from dwsynapse.io.files import atomic_path, require_file
from dwsynapse.io.limits import MAX_FIELD_MT
from dwsynapse.io.number_format import counted
from dwsynapse.io.tables.declared_table import Column, Table
from hardware.program import Program

LOG = Table(
    kind="inference-log",
    version=1,
    columns=(
        Column("image", "integer", low=0),
        Column("out", "integer", low=0),
        Column("in", "integer", low=0),
        Column("read", "integer", low=0),
        Column("field_set_mT", "float", low=0, high=MAX_FIELD_MT),
        Column("field_measured_mT", "float", low=0, high=MAX_FIELD_MT, required=False),
        Column("outcome", "integer", low=0),
        Column("timestamp_s", "float", required=False),
    ),
    checks=((lambda log: log["outcome"] <= 1, "outcome must be 0 or 1"),),
)
ORDER = ["image", "read", "out", "in"]
FORMAT: dict[Hashable, Any] = {"format": f"dwsynapse-{LOG.kind}", "format_version": LOG.version}
# The log stores fields as 32-bit floats.
SAME_FIELD_MT = 1e-4


def acting_fields_mT(log: pd.DataFrame) -> NDArray[np.float64]:
    """Return the fields that acted, shape (n_reads,): those measured, or else those set."""
    measured = "field_measured_mT" in log
    return log["field_measured_mT" if measured else "field_set_mT"].to_numpy(float)


def write_log(path: str | Path, log: pd.DataFrame) -> None:
    """Write a log as Parquet, atomically, its attrs (synthetic or not) and format with it."""
    named = log.copy(deep=False)
    named.attrs = FORMAT | log.attrs  # pandas keeps them in the metadata of the file
    with atomic_path(path) as temporary:
        named.to_parquet(temporary, compression="zstd", index=False)


def read_log(
    path: str | Path, program: Program, pixels: NDArray[np.uint8], synthetic: bool
) -> pd.DataFrame:
    """Read a log and check it against the program it was made with.

    Parameters
    ----------
    path
        The log.
    program, pixels, synthetic
        As for `checked_log`.

    Raises
    ------
    InputError
        Naming the file and the first row or image that is wrong, or the key of the metadata.
    """
    return checked_log(log_table(path), path, program, pixels, synthetic)


def log_table(path: str | Path) -> pd.DataFrame:
    """Read a log from CSV or Parquet, with checked columns; its attrs say if it is synthetic.

    Raises
    ------
    InputError
        If it is no log: of another kind, format or version, or without its columns.
    """
    path, wanted = Path(path), "an inference log (CSV or Parquet)"
    require_file(path, wanted)
    kind = kind_of(path)
    if kind == PARQUET:
        frame = _read_parquet(path)
        return LOG.typed(frame, path)
    if path.suffix == ".csv" or kind == TABLE:
        return LOG.read(path)
    raise unreadable(path, wanted, "not a Parquet file", f"give {wanted}")


def checked_log(
    log: pd.DataFrame,
    path: str | Path,
    program: Program,
    pixels: NDArray[np.uint8],
    synthetic: bool,
) -> pd.DataFrame:
    """Check a log against the program it was made with.

    Parameters
    ----------
    log
        From `log_table`.
    path
        Its file.
    program
        The program that ran.
    pixels
        Inputs of all images that could have been shown, shape (n_images, n_in).
    synthetic
        Whether the manifest calls the log synthetic. A Parquet log says so itself, in the pandas
        attrs of its metadata; a CSV does not.

    Returns
    -------
    DataFrame
        The reads in the order of image, read, out, in.

    Raises
    ------
    InputError
        Naming the file and the first row or image that is wrong, or the key of the metadata.
    """
    path = Path(path)
    if log.attrs.get("synthetic", synthetic) != synthetic:
        _raise_of_metadata(path, "synthetic", log.attrs["synthetic"], synthetic)
    n_out, n_in = program.fields_mT.shape
    _require(
        log,
        path,
        "image",
        log["image"] < len(pixels),
        f"of {counted(len(pixels), 'image')}, from 0",
    )
    known = (log["out"] < n_out) & (log["in"] < n_in)
    _require(log, path, "out, in", known, f"the program has {n_out} x {n_in} synapses")
    _require(log, path, "read", log["read"] < program.reads, f"of {program.reads} reads, from 0")
    shown = pixels[log["image"], log["in"]] == 1
    _require(log, path, "in", shown, "that input of that image is 0 and is never read")
    planned = program.fields_mT[log["out"], log["in"]]
    same = np.abs(log["field_set_mT"] - planned) < SAME_FIELD_MT
    _require(log, path, "field_set_mT", same, "the program sets another field")
    _require(log, path, None, ~log.duplicated(ORDER), "the same read occurs twice")
    _require_complete(log, path, program, pixels)
    return log.sort_values(ORDER, ignore_index=True)


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise InputError(
            f"not a whole Parquet file ({error})", path=path, remedy="copy it again, or give a CSV"
        ) from error
    for key, expected in FORMAT.items():
        if frame.attrs.get(key) != expected:
            _raise_of_metadata(path, str(key), frame.attrs.get(key), expected)
    if frame.attrs.get("synthetic") is None:
        _raise_of_metadata(path, "synthetic", None, "True or False")
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    if frame.empty:
        raise InputError("the log has no rows", path=path, remedy="run the program")
    return frame


def _raise_of_metadata(path: Path, key: str, found: Any, expected: Any) -> NoReturn:
    raise InputError(
        f"{found!r} where {expected!r} is expected",
        path=path,
        where=f"metadata, {key}",
        remedy="give the log and the manifest of one run, of this version",
    )


def _require(
    log: pd.DataFrame, path: Path, column: str | None, good: pd.Series | NDArray, problem: str
) -> None:
    bad = ~np.asarray(good, dtype=bool)
    if not bad.any():
        return
    row = log.iloc[int(np.argmax(bad))]
    place = ", ".join(f"{name} {row[name]:g}" for name in [*ORDER, "field_set_mT"])
    more = f" and {bad.sum() - 1} more" if bad.sum() > 1 else ""
    raise InputError(
        problem,
        path=path,
        where=f"row with {place}" + (f": column {column}" if column else ""),
        remedy=f"correct that row{more}, or give the program that ran",
    )


def _require_complete(
    log: pd.DataFrame, path: Path, program: Program, pixels: NDArray[np.uint8]
) -> None:
    found = log.groupby("image").size()
    per_input = len(program.biases) * program.reads
    expected = pixels[found.index].sum(axis=1, dtype=int) * per_input
    if (found != expected).any():
        i = int(np.argmax(found.to_numpy() != expected))
        raise InputError(
            f"{found.iloc[i]} of {expected[i]} reads",
            path=path,
            where=f"image {found.index[i]}",
            remedy="complete the image or remove it",
        )
