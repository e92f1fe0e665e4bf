"""The cells of a CSV file as text, before they mean anything: comments, separators and quotes."""

import csv
import re
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from workflow.errors import InputError
from workflow.files import missing

Line = tuple[int, str]


def read_cells(path: str | Path, wanted: str) -> tuple[pd.DataFrame, str | None]:
    """Read a table as text.

    Cells are separated by commas, semicolons or tabs, as the header shows; with semicolons numbers
    may have decimal commas. Blank lines and lines that start with # may stand anywhere. The text is
    UTF-8, with or without a byte order mark, and with the ends of line of any system.

    Parameters
    ----------
    path
        The file.
    wanted
        What an error asks for where there is no table, such as ``a counts table (CSV)``.

    Returns
    -------
    cells : DataFrame
        Cells as text with decimal points, NaN where empty, under the names of the header; the index
        are lines of the file.
    format : str or None
        What a line ``# format:`` says, such as ``dwsynapse-counts 1``.

    Raises
    ------
    InputError
        If the file is no table: missing, not text, without rows, of one column, with an
        unnamed or repeated column, with rows of other lengths than the header, or with two kinds
        of decimal sign.
    """
    path = Path(path)
    lines = _lines(path, wanted)
    comments = [line for line in lines if _is_comment(line)]
    kept = [
        (n, line)
        for n, line in enumerate(lines, 1)
        if line.strip(" \t,;") and not _is_comment(line)
    ]
    if len(kept) < 2:
        raise InputError(
            "the table has no rows",
            path=path,
            remedy=f"give {wanted}: a header and at least one row",
        )
    separator = next((sign for sign in "\t;" if sign in kept[0][1]), ",")
    names = _header(kept[0], separator, path)
    _require_as_wide(kept, separator, path)
    frame = pd.read_csv(
        StringIO("\n".join(line for _, line in kept[1:])),
        sep=separator,
        header=None,
        names=range(len(names)),
        dtype=str,
        skipinitialspace=True,
    )
    frame.columns = pd.Index(names)
    frame.index = pd.Index([n for n, _ in kept[1:]], name="line")
    frame = _without_unnamed(frame, path)
    if separator == ";":
        frame = frame.apply(_with_decimal_points, path=path)
    found = [re.match(r"[\s\"]*#\s*format:\s*(\S+\s+[^\s,;\"]+)", line) for line in comments]
    return frame, next((" ".join(f[1].split()) for f in found if f), None)


def _lines(path: Path, wanted: str) -> list[str]:
    if not path.is_file():
        raise InputError(missing(path), path=path, remedy=f"give {wanted}")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise InputError("not a text file", path=path, remedy="save it as CSV (UTF-8)")
    return text.splitlines()


def _is_comment(line: str) -> bool:
    # A spreadsheet puts a comment that holds a comma in quotes.
    return line.lstrip(' \t"').startswith("#")


def _split(line: Line, separator: str, path: Path) -> list[str]:
    try:
        return next(csv.reader([line[1]], delimiter=separator, skipinitialspace=True, strict=True))
    except csv.Error as error:
        raise InputError(
            f"quotes are not closed ({error})",
            path=path,
            where=f"row {line[0]}",
            remedy="mend or remove that row",
        ) from error


def _header(line: Line, separator: str, path: Path) -> list[str]:
    names = [name.strip() for name in _split(line, separator, path)]
    where = f"row {line[0]}"
    if all(re.fullmatch(r"[-+.,\deE]+", name) for name in names):
        raise InputError(
            "numbers where the names of the columns are expected",
            path=path,
            where=where,
            remedy="begin the table with a header, without # before it",
        )
    if len(names) == 1:
        raise InputError(
            f"a single column, {names[0]!r}",
            path=path,
            where=where,
            remedy="separate columns by commas, semicolons or tabs",
        )
    repeated = [name for name in names if name and names.count(name) > 1]
    if repeated:
        raise InputError(
            f"the header has {repeated[0]!r} twice",
            path=path,
            where=where,
            remedy="rename or remove one of the columns",
        )
    return names


def _require_as_wide(kept: list[Line], separator: str, path: Path) -> None:
    width = len(_split(kept[0], separator, path))
    for line in kept[1:]:
        found = len(_split(line, separator, path))
        if found != width:
            raise InputError(
                f"{found} cells where the header has {width}",
                path=path,
                where=f"row {line[0]}",
                remedy="mend or remove that row",
            )


def _without_unnamed(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    # Spreadsheets leave separators at the ends of rows.
    unnamed = frame.columns == ""
    filled = frame.loc[:, unnamed].notna().any(axis=1)
    if filled.any():
        raise InputError(
            "a cell under a column without a name",
            path=path,
            where=f"row {filled.idxmax()}",
            remedy="name the column in the header or empty it",
        )
    return frame.loc[:, ~unnamed]


def _with_decimal_points(cells: pd.Series, path: Path) -> pd.Series:
    commas = cells.str.fullmatch(r"\s*[-+]?\d*,\d+([eE][-+]?\d+)?\s*", na=False)
    points = cells.str.fullmatch(r"\s*[-+]?\d*\.\d+([eE][-+]?\d+)?\s*", na=False)
    if commas.any() and points.any():
        later = cells.index[int(max(np.argmax(commas), np.argmax(points)))]
        raise InputError(
            "decimal commas and decimal points in one column",
            path=path,
            where=f"row {later}, column {cells.name}",
            remedy="write all numbers with a decimal point and without separators of thousands",
        )
    return cells.where(~commas, cells.str.replace(",", "."))
