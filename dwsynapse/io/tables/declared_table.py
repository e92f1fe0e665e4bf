"""CSV tables with declared columns: every error names file, row and column."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from dwsynapse.io.errors import InputError
from dwsynapse.io.file_kinds import with_article
from dwsynapse.io.files import PROVENANCE_LINE, write_text
from dwsynapse.io.limits import MAX_NUMBER
from dwsynapse.io.number_format import counted
from dwsynapse.io.tables.cells import read_cells
from dwsynapse.io.tables.written_numbers import (
    remedy_of,
    require_no_points_of_thousands,
    without_fortran_exponents,
    without_thousands,
)

Check = tuple[Callable[[pd.DataFrame], Any], str]

COMMA_OF_THOUSANDS = r"\s*[1-9]\d{0,2}(\.\d{3})+\s*"
"""Of a whole number in which commas have become points."""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    name
        Name with its unit, such as ``field_mT``.
    kind
        ``float``, ``integer`` or ``text``.
    low, high
        Lowest and highest value allowed.
    choices
        The texts allowed; all if empty.
    required
        Whether the table must have the column.
    may_be_empty
        Whether cells may be empty.
    remedy
        What to do where a value is outside them.
    empty_remedy
        What to do where a cell is empty.
    """

    name: str
    kind: Literal["float", "integer", "text"]
    low: float = -np.inf
    high: float = np.inf
    choices: tuple[str, ...] = ()
    required: bool = True
    may_be_empty: bool = False
    remedy: str = "correct that row"
    empty_remedy: str = "fill it in, or remove that row"


@dataclass(frozen=True)
class Table:
    """A table that passes between rooms: its name, version, columns and checks over rows.

    Parameters
    ----------
    kind
        Name of the table; written in its first line as ``# format: dwsynapse-<kind> <version>``.
    version
        Format version.
    columns
        The columns; others are kept unchanged.
    checks
        Pairs of a function that is True for correct rows and what to say of a wrong one.
    """

    kind: str
    version: int
    columns: tuple[Column, ...]
    checks: tuple[Check, ...] = ()

    def write(self, path: str | Path, frame: pd.DataFrame, provenance: dict[str, Any]) -> None:
        """Write a checked table with its format, number of rows and provenance, atomically."""
        self.check(frame, path, first_line=4)
        names = [c.name for c in self.columns if c.name in frame]
        text = (
            f"# format: dwsynapse-{self.kind} {self.version}, {counted(len(frame), 'row')}\n"
            f"{PROVENANCE_LINE}{json.dumps(provenance)}\n"
        )
        write_text(path, text + frame[names].to_csv(index=False))

    def read(self, path: str | Path) -> pd.DataFrame:
        """Read and check a table (`dwsynapse.io.tables.cells.read_cells`).

        Raises
        ------
        InputError
            Naming the file, row (line of the file) and column of the first defect.
        """
        return self.read_lines(path).reset_index(drop=True)

    def read_lines(self, path: str | Path) -> pd.DataFrame:
        """Read and check a table as `read` does, with the lines of the file as index."""
        names = {column.name for column in self.columns}
        wanted = f"{with_article(self.kind)} table (CSV)"
        cells, found = read_cells(path, wanted, names.__contains__)
        self.require_format(found, path)
        return self.typed(cells, path)

    def typed(self, frame: pd.DataFrame, path: str | Path) -> pd.DataFrame:
        """Return the frame with checked columns of the declared kinds; errors name its index.

        Raises
        ------
        InputError
            Naming the file, row (the frame's index) and column of the first defect.
        """
        typed = self._typed(frame, path)
        self.check(typed, path)
        return typed

    def check(self, frame: pd.DataFrame, path: str | Path, first_line: int | None = None) -> None:
        """Raise `InputError` at the first row that breaks a rule of the table."""
        lines = frame.index if first_line is None else np.arange(len(frame)) + first_line
        for column in self.columns:
            if column.name not in frame or column.kind == "text":
                continue
            values = frame[column.name]
            for beyond, sentence in (
                (values < column.low, f"must be at least {column.low:g}"),
                (values > column.high, f"must be at most {column.high:.10g}"),
            ):
                raise_at_first(
                    beyond.to_numpy(), lines, path, column.name, values, sentence, column.remedy
                )
        for good, sentence in self.checks:
            bad = ~np.asarray(good(frame), dtype=bool)
            raise_at_first(bad, lines, path, None, None, sentence)

    def require_format(self, found: str | None, path: str | Path) -> None:
        """Raise `InputError` if a file says that it is another table or version."""
        expected = f"dwsynapse-{self.kind} {self.version}"
        if found not in (None, expected):
            other = found.removeprefix("dwsynapse-").partition(" ")[0]
            it_is = "" if other == self.kind else f"{with_article(other)} table: "
            raise InputError(
                f"{it_is}expected format {expected!r}, found {found!r}",
                path=path,
                remedy=f"give {with_article(self.kind)} table of this version",
            )

    def _wanted(self) -> str:
        return "the columns " + ", ".join(c.name for c in self.columns if c.required)

    def _typed(self, frame: pd.DataFrame, path: str | Path) -> pd.DataFrame:
        missing = [c.name for c in self.columns if c.required and c.name not in frame]
        if missing:
            raise InputError(
                f"no column {missing[0]!r} (found {', '.join(frame.columns)})",
                path=path,
                where="header",
                remedy=f"give {self._wanted()}",
            )
        typed = frame.copy()
        commas = frame.attrs.get("decimal_commas", ())
        whole = [c.name for c in self.columns if c.kind == "integer" and c.name in frame]
        points = [n for n in whole if n not in commas and not is_numeric_dtype(frame[n])]
        if points:
            require_no_points_of_thousands(pd.concat([frame[n] for n in points]), path)
        for column in self.columns:
            if column.name in frame:
                typed[column.name] = self._typed_column(frame[column.name], column, path)
                if (
                    column.kind == "integer"
                    and column.name in commas
                    and frame[column.name].str.fullmatch(COMMA_OF_THOUSANDS, na=False).any()
                ):
                    raise InputError(
                        "whole numbers with a comma: 1,000 is 1 or a thousand",
                        path=path,
                        where=f"column {column.name}",
                        remedy="write them without thousands separators",
                    )
        return typed

    def _typed_column(self, cells: pd.Series, column: Column, path: str | Path) -> pd.Series:
        lines = cells.index
        empty = (cells.isna() & (not column.may_be_empty)).to_numpy()
        sentence = "must not be empty or NaN"
        raise_at_first(empty, lines, path, column.name, None, sentence, column.empty_remedy)
        if column.kind == "text":
            cells = cells.str.strip()
            if column.choices:
                bad = (~cells.isin(column.choices)).to_numpy()
                raise_at_first(
                    bad,
                    lines,
                    path,
                    column.name,
                    cells,
                    f"must be one of {', '.join(column.choices)}",
                )
            return cells
        plain = cells
        if not is_numeric_dtype(cells):
            plain = without_fortran_exponents(without_thousands(cells))
        numbers = pd.to_numeric(plain, errors="coerce").astype(float)
        bad = ((numbers.isna() & cells.notna()) | (numbers.abs() > MAX_NUMBER)).to_numpy()
        if bad.any():
            remedy, sentence = remedy_of(cells[bad].iloc[0]), "must be a finite number"
            raise_at_first(bad, lines, path, column.name, cells, sentence, remedy)
        if column.kind == "integer":
            # A float of 2^53 or more does not distinguish one whole number from the next.
            bad = ((numbers != numbers.round()) | (numbers.abs() >= 2**53)).to_numpy()
            sentence = "must be a whole number below 2^53"
            raise_at_first(bad, lines, path, column.name, cells, sentence)
            return numbers.astype("int64")
        return numbers


def raise_at_first(
    bad: np.ndarray,
    lines: Any,
    path: str | Path,
    column: str | None,
    values: pd.Series | None,
    sentence: str,
    remedy: str = "correct that row",
) -> None:
    """Raise `InputError` at the first bad row, if there is any.

    Parameters
    ----------
    bad
        Which rows are bad, shape (n_rows,).
    lines
        What to call the rows, shape (n_rows,).
    path
        The file.
    column, values
        The column and its cells, if the error is in one.
    sentence
        What is wrong.
    remedy
        How to correct it.
    """
    if not bad.any():
        return
    first = int(np.argmax(bad))
    others = f" (and {int(bad.sum()) - 1} more)" if bad.sum() > 1 else ""
    where = f"row {lines[first]}{others}" + (f", column {column}" if column else "")
    found = "" if values is None else f" (found {str(values.iloc[first])!r})"
    raise InputError(f"{sentence}{found}", path=path, where=where, remedy=remedy)
