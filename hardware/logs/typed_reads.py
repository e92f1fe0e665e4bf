"""A part of a log as its file has it, turned into reads: typed, in mT and seconds, compact."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype

from dwsynapse.io.errors import InputError
from dwsynapse.io.tables.declared_table import Table, raise_at_first
from dwsynapse.io.tables.outcome_words import OUTCOME_WORDS
from hardware.logs.columns import LogColumn
from hardware.logs.contract import LOG, PASSED, PINNED, UNDECIDED

MAX_NUMBER = 2**32 - 1
CODES = {"passed": PASSED, "pinned": PINNED}
UNDECIDED_WORDS = ("", "undecided", "unknown", "none", "nan", "na", "n/a", "null", "?")
WRITE_TIMES = "write seconds, or date and time as in 2025-03-01T09:30:00.250, in all rows alike"
DECLARED = {column.name: column for column in LOG.columns}


def typed_reads(part: pd.DataFrame, columns: Sequence[LogColumn], path: str | Path) -> pd.DataFrame:
    """Return the reads in some rows of a log.

    Parameters
    ----------
    part
        Rows with the names of the file; the index are the rows' numbers in it.
    columns
        Which columns are known.
    path
        The file.

    Returns
    -------
    DataFrame
        Columns of `LOG`: whole numbers as uint32, fields as float32, outcome as uint8 (0, 1, or 2
        where undecided), timestamp_s as float64, in seconds of the file or, of dates, since 1970.

    Raises
    ------
    InputError
        Naming the row and column of the first defect.
    """
    written = {column.name: column.written for column in columns}
    outcome = _outcomes(part[written["outcome"]], path)
    cells = part[[*written.values()]].drop(columns=written["outcome"])
    for name in cells.columns[[isinstance(t, pd.CategoricalDtype) for t in cells.dtypes]]:
        cells[name] = cells[name].astype(object)
    # Of a read that is undecided, the field and time that were measured may be unknown.
    for name in ("field_measured_mT", "timestamp_s"):
        if name in written and (outcome == UNDECIDED).any():
            empty = cells[written[name]].isna() & (outcome == UNDECIDED)
            if empty.any():
                filled = (
                    cells[written[name]].astype(object).mask(empty, _any_of(cells, written[name]))
                )
                cells[written[name]] = filled.infer_objects()
    if "timestamp_s" in written:
        cells[written["timestamp_s"]] = _seconds(cells[written["timestamp_s"]], path)
    checked = tuple(_declared(column) for column in columns if column.name != "outcome")
    typed = Table(LOG.kind, LOG.version, checked).typed(cells, path)
    reads: dict[str, NDArray[Any]] = {}
    for column in columns:
        if column.name == "outcome":
            reads["outcome"] = outcome
            continue
        values = typed[column.written].to_numpy()
        if column.name.endswith("_mT"):
            reads[column.name] = (values * column.to_mT).astype(np.float32)
        else:
            reads[column.name] = values if column.name == "timestamp_s" else values.astype("u4")
    return pd.DataFrame(reads, index=part.index, copy=False)


def _declared(column: LogColumn) -> Any:
    """Return what a column may hold, in the unit of the file."""
    declared = replace(DECLARED[column.name], name=column.written, required=True)
    if declared.kind == "integer":
        return replace(declared, high=MAX_NUMBER)
    if column.name.endswith("_mT"):
        limits = declared.low / column.to_mT, declared.high / column.to_mT
        return replace(declared, low=limits[0], high=limits[1])
    return declared


def _any_of(cells: pd.DataFrame, name: str) -> Any:
    known = cells[name].dropna()
    return known.iloc[0] if len(known) else 0


def _outcomes(cells: pd.Series, path: str | Path) -> NDArray[np.uint8]:
    if is_numeric_dtype(cells) and not cells.isna().any():
        numbers = cells.to_numpy(float)
        wrong = (numbers != 0) & (numbers != 1)
        codes = numbers.astype(np.uint8) if not wrong.any() else np.zeros(len(cells), np.uint8)
    else:
        # Few different words in many rows.
        places, words = pd.factorize(cells.astype(object), use_na_sentinel=False)
        known = [_code(word) for word in words]
        found = np.array([255 if code is None else code for code in known], np.uint8)
        codes = found[places]
        wrong = codes == 255
    raise_at_first(
        wrong,
        cells.index,
        path,
        str(cells.name),
        cells,
        "outcome must be 0 or 1 (pinned or passed; empty or undecided where it is not known)",
    )
    return codes


def _code(word: Any) -> int | None:
    if word is None or word is pd.NA or word is pd.NaT or word != word:
        return UNDECIDED
    text = (word.decode(errors="replace") if isinstance(word, bytes) else str(word)).strip().lower()
    if text in UNDECIDED_WORDS:
        return UNDECIDED
    outcome = OUTCOME_WORDS.get(text)
    return None if outcome is None else CODES[outcome]


def _seconds(cells: pd.Series, path: str | Path) -> pd.Series:
    """Return times in seconds; of dates, those since 1970."""
    place = cells.index, path, str(cells.name)
    if is_numeric_dtype(cells):
        return cells
    if not is_datetime64_any_dtype(cells):
        words = cells.map(lambda word: word.decode() if isinstance(word, bytes) else word)
        words = words.astype(str).str.strip()
        dates = words.str.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", na=False)
        if not dates.any():
            times = words.str.fullmatch(r"\d\d?:\d\d(:\d\d.*)?(\s*[ap]m)?", case=False, na=False)
            raise_at_first(times.to_numpy(), *place, words, "a time without its date", WRITE_TIMES)
            other = words.str.contains(r"\d[./-]\d+[./-]\d", na=False)
            raise_at_first(other.to_numpy(), *place, words, "a date in another form", WRITE_TIMES)
            return cells  # numbers, or what is no number
        raise_at_first(
            (~dates).to_numpy(), *place, words, "not date and time, as others are", WRITE_TIMES
        )
        with_zone = words.str.contains(r"(?:Z|[+-]\d\d:?\d\d)$", na=False)
        if with_zone.any():
            raise_at_first(
                (~with_zone).to_numpy(), *place, words, "no time zone, as others have", WRITE_TIMES
            )
        parsed = pd.to_datetime(words, format="ISO8601", errors="coerce", utc=True)
        raise_at_first(parsed.isna().to_numpy(), *place, words, "no such date", WRITE_TIMES)
        cells = parsed
    raise_at_first(cells.isna().to_numpy(), *place, None, "must not be empty", WRITE_TIMES)
    naive = cells.dt.tz_convert(None) if cells.dt.tz is not None else cells
    # Nanoseconds, in which times are counted, end in 2262.
    far = ((naive.dt.year < 1900) | (naive.dt.year > 2200)).to_numpy()
    raise_at_first(far, *place, cells, "no time of a measurement", WRITE_TIMES)
    since = naive.astype("datetime64[ns]").to_numpy().astype(np.int64)
    return pd.Series(since * 1e-9, index=cells.index, name=cells.name)


def refuse_times_of_day(kind: str, name: str, path: str | Path) -> None:
    """Refuse a column of times without their dates, which a file declares."""
    if kind.startswith(("time32", "time64")):
        raise InputError(
            "times without their dates", path=path, where=f"column {name}", remedy=WRITE_TIMES
        )
