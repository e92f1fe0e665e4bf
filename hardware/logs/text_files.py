"""Logs in text: small ones in any dialect of laboratories, large ones and gzip streamed."""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from dwsynapse.io.errors import InputError
from dwsynapse.io.tables.cells import read_cells
from dwsynapse.io.tables.written_numbers import with_decimal_points
from hardware.logs.columns import known_as, log_columns
from hardware.logs.contract import LOG
from hardware.logs.typed_reads import refuse_times_of_day, typed_reads
from hardware.logs.unit_row import with_unit_row

WANTED = "an inference log (CSV, Parquet or HDF5)"
SMALL_BYTES = 8 * 2**20
"""Up to here a text is read at once, with titles, units of Excel and any encoding."""
BLOCK_BYTES = 4 * 2**20
MAX_LINES_ABOVE, MAX_LINE_BYTES = 200, 100_000
EMPTY = ("", "NaN", "nan", "NA", "N/A", "n/a", "null")
PLAIN = "write a plain CSV: UTF-8, one header, cells separated by commas, semicolons or tabs"
FORMAT_LINE = re.compile(r'[\s"]*#\s*format:\s*(\S+\s+[^\s,;"]+)')


def small_parts(path: Path, given: Mapping[str, str]) -> Iterator[pd.DataFrame]:
    """Yield the reads of a small log (`dwsynapse.io.tables.cells.read_cells`)."""
    cells, declared = read_cells(
        path, WANTED, lambda name: known_as(name) is not None or name in given.values()
    )
    LOG.require_format(declared, path)
    cells, given = with_unit_row(cells, given)
    yield typed_reads(cells, log_columns(cells.columns, given, path), path)


def streamed_parts(path: Path, given: Mapping[str, str], zipped: bool) -> Iterator[pd.DataFrame]:
    """Yield the reads of a large or compressed CSV, some hundred thousand at a time.

    Lines that start with # above the header are skipped. Numbers may have decimal commas where
    semicolons or tabs separate.

    Raises
    ------
    InputError
        Naming the file, row and column of the first defect.
    """
    try:
        with _opened(path, zipped) as file:
            header, above = _header(file, path)
        separator = next((sign for sign in "\t;," if sign in header), ",")
        names = [name.strip() for name in next(csv.reader([header], delimiter=separator))]
        columns = log_columns(names, given, path)
        types = {column.written: pa.float64() for column in columns}
        for name in ("outcome", "timestamp_s"):
            types |= {c.written: None for c in columns if c.name == name}
        done = 0
        try:
            for part in _batches(path, zipped, names, above, separator, types):
                yield typed_reads(part, columns, path)
                done += len(part)
        except pa.ArrowInvalid:
            # Text where numbers were expected: as text, the cells say what is wrong with them.
            types = dict.fromkeys(types, pa.string())
            for part in _batches(path, zipped, names, above, separator, types):
                first = max(0, done - (int(part.index[0]) - above - 2))
                if first < len(part):
                    yield typed_reads(part.iloc[first:], columns, path)
    except pa.ArrowInvalid as error:
        raise _malformed(path, error) from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(
            f"not a whole gzip file ({error})", path=path, remedy="copy or compress it again"
        ) from error


def _opened(path: Path, zipped: bool) -> BinaryIO:
    return gzip.open(path) if zipped else path.open("rb")  # type: ignore[return-value]


def _header(file: BinaryIO, path: Path) -> tuple[str, int]:
    """Return the header and how many lines are above it."""
    for above in range(MAX_LINES_ABOVE):
        line = file.readline(MAX_LINE_BYTES)
        if not line:
            break
        try:
            text = line.decode("utf-8-sig").strip()
        except UnicodeDecodeError as error:
            raise InputError("not UTF-8 text", path=path, remedy=PLAIN) from error
        if "\0" in text:
            raise InputError("not a text file", path=path, remedy=PLAIN)
        if (said := FORMAT_LINE.match(text)) is not None:
            LOG.require_format(" ".join(said[1].split()), path)
        if text and not text.startswith(("#", '"#')):
            return text, above
    raise InputError("no header", path=path, remedy=PLAIN)


def _batches(
    path: Path,
    zipped: bool,
    names: list[str],
    above: int,
    separator: str,
    types: dict[str, Any],
) -> Iterator[pd.DataFrame]:
    """Yield rows of the known columns; the index are lines of the file, blank ones not counted."""
    decimal = "," if separator != "," and _has_decimal_commas(path, zipped) else "."
    with _opened(path, zipped) as file:
        reader = arrow_csv.open_csv(
            io.BufferedReader(file, BLOCK_BYTES) if zipped else file,  # type: ignore[type-var]
            read_options=arrow_csv.ReadOptions(
                use_threads=False,
                block_size=BLOCK_BYTES,
                skip_rows=above + 1,
                column_names=names,
            ),
            parse_options=arrow_csv.ParseOptions(delimiter=separator),
            convert_options=arrow_csv.ConvertOptions(
                column_types={name: kind for name, kind in types.items() if kind is not None},
                include_columns=[*types],
                null_values=[*EMPTY],
                strings_can_be_null=True,
                decimal_point=decimal,
            ),
        )
        for field in reader.schema:
            refuse_times_of_day(str(field.type), field.name, path)
        row = above + 2
        for batch in reader:
            part = batch.to_pandas()
            part.index = pd.RangeIndex(row, row + len(part))
            row += len(part)
            if len(part):
                as_text = decimal == "," and part.dtypes.map(pd.api.types.is_string_dtype).all()
                yield with_decimal_points(part, path) if as_text else part


def _has_decimal_commas(path: Path, zipped: bool) -> bool:
    with _opened(path, zipped) as file:
        head = file.read(2**20).decode("utf-8", errors="replace")
    return re.search(r"\d,\d", head) is not None


def _malformed(path: Path, error: pa.ArrowInvalid) -> InputError:
    text = " ".join(str(error).split())
    found = re.search(r"Row #(\d+): Expected (\d+) columns, got (\d+)", text)
    if found is None:
        return InputError(f"not a plain CSV ({text[:200]})", path=path, remedy=PLAIN)
    return InputError(
        f"{found[3]} cells where the header has {found[2]}",
        path=path,
        where=f"row {found[1]}",
        remedy="complete or remove that row",
    )
