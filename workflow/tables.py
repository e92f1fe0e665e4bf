"""CSV tables with declared columns: every defect is told with file, row and column."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from workflow.errors import InputError
from workflow.files import missing, write_text

Check = tuple[Callable[[pd.DataFrame], Any], str]


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    name
        Name with its unit, such as ``field_mT``.
    kind
        ``float``, ``integer`` or ``text``.
    low
        Least value allowed.
    choices
        The texts allowed; all if empty.
    required
        Whether the table must have the column.
    may_be_empty
        Whether cells may be empty.
    """

    name: str
    kind: Literal["float", "integer", "text"]
    low: float = -np.inf
    choices: tuple[str, ...] = ()
    required: bool = True
    may_be_empty: bool = False


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
        The columns; further ones are kept as they are.
    checks
        Pairs of a function giving True for good rows and the sentence said of a bad one.
    """

    kind: str
    version: int
    columns: tuple[Column, ...]
    checks: tuple[Check, ...] = ()

    def write(self, path: str | Path, frame: pd.DataFrame, provenance: dict[str, Any]) -> None:
        """Write a checked table with its format line and provenance, atomically."""
        self.check(frame, path, first_line=4)
        names = [c.name for c in self.columns if c.name in frame]
        text = (
            f"# format: dwsynapse-{self.kind} {self.version}\n"
            f"# provenance: {json.dumps(provenance)}\n"
        )
        write_text(path, text + frame[names].to_csv(index=False))

    def read(self, path: str | Path) -> pd.DataFrame:
        """Read and check a table; comment lines starting with # may stand anywhere.

        Raises
        ------
        InputError
            Naming the file, row (line of the file) and column of the first defect.
        """
        path = Path(path)
        if not path.is_file():
            raise InputError(missing(path), path=path, remedy=f"give a {self.kind} table (CSV)")
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except UnicodeDecodeError as error:
            raise InputError("not a text file", path=path, remedy="save it as CSV") from error
        self._check_version(lines, path)
        kept = [
            (n, line) for n, line in enumerate(lines, 1) if line.strip(" \t,") and line[0] != "#"
        ]
        if len(kept) < 2:
            raise InputError(
                "the table has no rows",
                path=path,
                remedy=f"give {self._wanted()} and at least one row",
            )
        self._check_widths(kept, path)
        frame = pd.read_csv(
            StringIO("\n".join(line for _, line in kept)), dtype=str, skipinitialspace=True
        )
        frame.columns = frame.columns.str.strip()
        frame.index = pd.Index([n for n, _ in kept[1:]], name="line")
        return self.typed(frame, path).reset_index(drop=True)

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
            bad = (values < column.low).to_numpy()
            sentence = f"must be at least {column.low:g}"
            self._raise_at(bad, lines, path, column.name, values, sentence)
        for good, sentence in self.checks:
            bad = ~np.asarray(good(frame), dtype=bool)
            self._raise_at(bad, lines, path, None, None, sentence)

    def _wanted(self) -> str:
        return "the columns " + ", ".join(c.name for c in self.columns if c.required)

    def _check_version(self, lines: Sequence[str], path: Path) -> None:
        for line in lines:
            found = re.match(r"#\s*format:\s*(\S+)\s+(\S+)", line)
            if found and found.groups() != (f"dwsynapse-{self.kind}", str(self.version)):
                raise InputError(
                    f"expected format 'dwsynapse-{self.kind} {self.version}', "
                    f"found {' '.join(found.groups())!r}",
                    path=path,
                    remedy=f"give a {self.kind} table of this version",
                )

    def _check_widths(self, kept: list[tuple[int, str]], path: Path) -> None:
        width = kept[0][1].count(",")
        for number, line in kept[1:]:
            if line.count(",") != width:
                raise InputError(
                    f"{line.count(',') + 1} cells where the header has {width + 1}",
                    path=path,
                    where=f"row {number}",
                    remedy="mend or remove that row",
                )

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
        for column in self.columns:
            if column.name in frame:
                typed[column.name] = self._typed_column(frame[column.name], column, path)
        return typed

    def _typed_column(self, cells: pd.Series, column: Column, path: str | Path) -> pd.Series:
        lines = cells.index
        empty = cells.isna() & (not column.may_be_empty)
        self._raise_at(
            empty.to_numpy(), lines, path, column.name, cells, "must not be empty or NaN"
        )
        if column.kind == "text":
            cells = cells.str.strip()
            if column.choices:
                bad = ~cells.isin(column.choices)
                self._raise_at(
                    np.asarray(bad),
                    lines,
                    path,
                    column.name,
                    cells,
                    f"must be one of {', '.join(column.choices)}",
                )
            return cells
        numbers = pd.to_numeric(cells, errors="coerce").astype(float)
        bad = (numbers.isna() & cells.notna()) | np.isinf(numbers)
        self._raise_at(np.asarray(bad), lines, path, column.name, cells, "must be a finite number")
        if column.kind == "integer":
            bad = numbers != numbers.round()
            self._raise_at(
                np.asarray(bad), lines, path, column.name, cells, "must be a whole number"
            )
            return numbers.astype("int64")
        return numbers

    @staticmethod
    def _raise_at(
        bad: np.ndarray,
        lines: Any,
        path: str | Path,
        column: str | None,
        values: pd.Series | None,
        sentence: str,
    ) -> None:
        if not bad.any():
            return
        first = int(np.argmax(bad))
        where = f"row {lines[first]}" + (f", column {column}" if column else "")
        found = "" if values is None else f" (found {str(values.iloc[first])!r})"
        more = f" and {int(bad.sum()) - 1} more rows" if bad.sum() > 1 else ""
        raise InputError(
            f"{sentence}{found}", path=path, where=where, remedy=f"correct that row{more}"
        )
