"""Logs in Parquet: those written here say what they are in the attrs of pandas, others need not."""

import json
from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from dwsynapse.io.errors import InputError
from hardware.logs.columns import log_columns
from hardware.logs.contract import FORMAT
from hardware.logs.typed_reads import refuse_times_of_day, typed_reads

ROWS = 2**20
# What the library raises for a damaged file, metadata of pandas included.
UNREADABLE = (OSError, ValueError, TypeError, AttributeError, LookupError, pa.ArrowException)


def parquet_parts(
    path: Path, given: Mapping[str, str], attrs: dict[Hashable, Any]
) -> Iterator[pd.DataFrame]:
    """Yield the reads of a Parquet file, a million at a time; `attrs` gets what it says of itself.

    Raises
    ------
    InputError
        Naming the file and the first defect.
    """
    try:
        with parquet.ParquetFile(path) as file:
            attrs |= _attrs(file.schema_arrow.metadata or {}, path)
            columns = log_columns(file.schema_arrow.names, given, path)
            names = [column.written for column in columns]
            for name in names:
                refuse_times_of_day(str(file.schema_arrow.field(name).type), name, path)
            row = 1
            for batch in file.iter_batches(ROWS, columns=names, use_threads=False):
                part = batch.to_pandas()
                part.index = pd.RangeIndex(row, row + len(part))
                row += len(part)
                if len(part):
                    yield typed_reads(part, columns, path)
    except InputError:
        raise
    except UNREADABLE as error:
        raise InputError(
            f"not a whole Parquet file ({' '.join(str(error).split())[:200]})",
            path=path,
            remedy="copy it again, or give a CSV",
        ) from error


def _attrs(metadata: Mapping[bytes, bytes], path: Path) -> dict[Hashable, Any]:
    try:
        attrs = json.loads(metadata.get(b"pandas", b"{}")).get("attributes") or {}
    except (ValueError, AttributeError, RecursionError):
        attrs = {}
    if not isinstance(attrs, dict):
        return {}
    for key, expected in FORMAT.items():
        if "format" in attrs and attrs.get(key) != expected:
            raise_of_metadata(path, str(key), attrs.get(key), expected)
    if not isinstance(attrs.get("synthetic", True), bool):
        raise_of_metadata(path, "synthetic", attrs["synthetic"], "True or False")
    return attrs


def raise_of_metadata(path: Path, key: str, found: Any, expected: Any) -> NoReturn:
    """Refuse a log whose metadata say something else than is expected."""
    raise InputError(
        f"{str(found)[:100]!r} where {expected!r} is expected"
        if isinstance(found, str)
        else f"{str(found)[:100]} where {expected!r} is expected",
        path=path,
        where=f"metadata, {key}",
        remedy="give the log and the manifest of one run, of this version",
    )
