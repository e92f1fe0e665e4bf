"""The inference log: every read of a program, written by a laboratory and checked when read."""

from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.io.file_kinds import (
    PARQUET,
    STARTS,
    TABLE,
    WORKBOOK,
    kind_of,
    unreadable,
    wrong_kind,
)
from dwsynapse.io.files import atomic_path, require_file
from dwsynapse.io.limits import MAX_LOG_ROWS
from hardware.logs.contract import FORMAT, LOG, ORDER
from hardware.logs.hdf5_files import HDF5, hdf5_parts
from hardware.logs.parquet_files import parquet_parts
from hardware.logs.program_checks import SAME_FIELD_MT, checked_log
from hardware.logs.text_files import SMALL_BYTES, WANTED, small_parts, streamed_parts
from hardware.program import Program

__all__ = [
    "LOG",
    "ORDER",
    "acting_fields_mT",
    "checked_log",
    "log_table",
    "read_log",
    "require_log",
    "write_log",
]
GZIP = STARTS[b"\x1f\x8b"]
BYTES_PER_READ = 100
"""Of memory while a log is read and checked, in the worst case (not sorted, repeated reads)."""


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
    path: str | Path,
    program: Program,
    pixels: NDArray[np.uint8],
    synthetic: bool,
    columns: Mapping[str, str] | None = None,
    ordered: bool = True,
    precision_mT: float = SAME_FIELD_MT,
) -> pd.DataFrame:
    """Read a log and check it against the program it was made with.

    Parameters
    ----------
    path, columns
        As for `log_table`.
    program, pixels, synthetic, ordered, precision_mT
        As for `checked_log`.

    Raises
    ------
    InputError
        Naming the file and the first row or image that is wrong, or the key of the metadata.
    """
    table = log_table(path, columns)
    return checked_log(table, path, program, pixels, synthetic, ordered, precision_mT)


def log_table(path: str | Path, columns: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Read a log from CSV (also compressed by gzip), Parquet, HDF5 or Excel, as the content shows.

    Parameters
    ----------
    path
        The log.
    columns
        Names that the file gives to columns, by what they are, as in
        ``{"field_set_mT": "B_set (mT)"}`` (`hardware.logs.columns`).

    Returns
    -------
    DataFrame
        The reads in the order of the file, as `hardware.logs.typed_reads.typed_reads` has them,
        with whole numbers in the smallest type; the index are rows of the file. Its attrs say if
        the log is synthetic, where the file does.

    Raises
    ------
    InputError
        If it is no log, naming the row and column of the first defect; or if it has more reads than
        fit into memory.
    """
    path, attrs = Path(path), dict[Hashable, Any]()
    require_log(path)
    frame = _collected(_parts(path, columns or {}, attrs), path)
    frame.attrs = attrs
    return frame


def require_log(path: str | Path) -> None:
    """Refuse a file that by its kind is no log.

    Raises
    ------
    InputError
        Calling the file what it is.
    """
    path = Path(path)
    require_file(path, WANTED)
    kind = kind_of(path)
    if kind is not None and kind not in (PARQUET, HDF5, GZIP, TABLE, WORKBOOK):
        raise wrong_kind(path, kind, WANTED, kind.as_table)
    if kind is not None and kind.format:
        LOG.require_format(kind.format, path)
    if {".parquet", ".pq"} & {s.lower() for s in path.suffixes} and kind not in (PARQUET, WORKBOOK):
        raise unreadable(path, WANTED, "not a Parquet file", f"give {WANTED}")


def _parts(
    path: Path, given: Mapping[str, str], attrs: dict[Hashable, Any]
) -> Iterator[pd.DataFrame]:
    kind = kind_of(path)
    if kind == PARQUET:
        return parquet_parts(path, given, attrs)
    if kind == HDF5:
        return hdf5_parts(path, given, attrs)
    if kind == GZIP:
        return streamed_parts(path, given, zipped=True)
    if path.stat().st_size > SMALL_BYTES and kind != WORKBOOK:
        return streamed_parts(path, given, zipped=False)
    return small_parts(path, given)


def _collected(parts: Iterator[pd.DataFrame], path: Path) -> pd.DataFrame:
    """Return the parts as one table, column by column, so that memory holds it hardly twice."""
    most = min(MAX_LOG_ROWS, psutil.virtual_memory().available // BYTES_PER_READ)
    columns: dict[str, list[NDArray[Any]]] = {}
    rows: list[pd.Index] = []
    n_rows = 0
    for part in parts:
        n_rows += len(part)
        if n_rows > most:
            raise InputError(
                f"more than {most} reads, which do not fit into memory",
                path=path,
                remedy="give a part of the images, or use a machine with more memory",
            )
        rows.append(part.index)
        for name in part.columns:
            values = part[name].to_numpy()
            if values.dtype.kind == "u":
                values = values.astype(np.min_scalar_type(values.max(initial=0)))
            columns.setdefault(name, []).append(values)
    if n_rows == 0:
        raise InputError("the log has no rows", path=path, remedy="run the program")
    frame = pd.DataFrame(
        {name: np.concatenate(columns.pop(name)) for name in [*columns]}, copy=False
    )
    frame.index = _joined(rows)
    return frame


def _joined(rows: list[pd.Index]) -> pd.Index:
    if all(isinstance(index, pd.RangeIndex) for index in rows):
        return pd.RangeIndex(rows[0][0], rows[-1][-1] + 1)
    return rows[0].append(rows[1:])
