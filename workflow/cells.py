"""The cells of a CSV file as text, before they mean anything: comments, separators and quotes."""

import csv
import re
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from workflow.errors import InputError
from workflow.text import lines_of

Line = tuple[int, str]


def read_cells(path: str | Path, wanted: str) -> tuple[pd.DataFrame, str | None]:
    """Read a table as text.

    Cells are separated by commas, semicolons, tabs or blanks, as the header shows; where commas do
    not separate, numbers may have decimal commas. Blank lines and lines that start with # may stand
    anywhere; the last of them before numbers without a header is the header (numpy.savetxt). A
    first column without a name that counts the rows (pandas) is left out. For encodings and Excel
    files see `workflow.text.lines_of`.

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
        are lines of the file; ``attrs["decimal_commas"]`` names the columns that had such.
    format : str or None
        What a line ``# format:`` says, such as ``dwsynapse-counts 1``.

    Raises
    ------
    InputError
        If the file is no table: missing, not text, without rows, of one column, with an
        unnamed or repeated column, with rows of other lengths than the header, with two kinds of
        decimal sign, or with commas that may be decimal or separate thousands.
    """
    path = Path(path)
    lines = [(n, _plain(line)) for n, line in enumerate(lines_of(path, wanted), 1)]
    comments = [line for _, line in lines if _is_comment(line)]
    kept = _with_commented_header([(n, line) for n, line in lines if line.strip(" \t,;")])
    kept = [(n, line) for n, line in kept if not _is_comment(line)]
    if len(kept) < 2:
        raise InputError(
            "the table has no rows",
            path=path,
            remedy=f"give {wanted}: a header and at least one row",
        )
    separator = _separator([line for _, line in kept])
    if separator == " ":
        kept = [(n, " ".join(line.split())) for n, line in kept]
    names = _header(kept[0], separator, path)
    _require_as_wide(kept, separator, path)
    frame = pd.read_csv(
        StringIO("\n".join(line for _, line in kept[1:])),
        sep=separator,
        header=None,
        names=range(len(names)),
        dtype=str,
        skipinitialspace=True,
        # What a spreadsheet shows for a failed formula, #N/A among it, is no empty cell.
        keep_default_na=False,
        na_values=["", "NaN", "nan", "NA", "N/A", "null"],
    )
    frame.columns = pd.Index(names)
    frame.index = pd.Index([n for n, _ in kept[1:]], name="line")
    frame = _without_unnamed(frame, path)
    if separator != ",":
        frame = _with_decimal_points(frame, path)
    found = [re.match(r"[\s\"]*#\s*format:\s*(\S+\s+[^\s,;\"]+)", line) for line in comments]
    return frame, next((" ".join(f[1].split()) for f in found if f), None)


def _plain(line: str) -> str:
    """Return a line with the minus and the blanks of a keyboard for those of a typesetter."""
    return line.replace("\u2212", "-").replace("\u00a0", " ").replace("\u202f", " ")


def _is_comment(line: str) -> bool:
    # A spreadsheet puts a comment that holds a comma in quotes. Its word for a failed formula, such
    # as #REF!, makes no comment of a row.
    words = line.lstrip(' \t"')
    return words.startswith("#") and not re.match(r"#(REF|N/A|VALUE|DIV/0|NAME|NUM|NULL)", words)


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"[-+]?[\d.,]*\d[\d.,]*([eE][-+]?\d+)?", cell.strip()) is not None


def _with_commented_header(kept: list[Line]) -> list[Line]:
    """Return the lines with the names of a table of bare numbers taken out of its comment."""
    first = next((n for n, (_, line) in enumerate(kept) if not _is_comment(line)), 0)
    if first == 0:
        return kept
    separator = _separator([line for _, line in kept[first:]])
    n, comment = kept[first - 1]
    header = comment.strip(' \t"').lstrip("# \t")
    names, cells = (text.split(separator.strip() or None) for text in (header, kept[first][1]))
    bare = (
        len(names) == len(cells) and all(map(_is_number, cells)) and not any(map(_is_number, names))
    )
    return [*kept[: first - 1], (n, header), *kept[first:]] if bare else kept


def _separator(lines: list[str]) -> str:
    header = lines[0]
    for sign in "\t;,":
        if sign in header:
            return sign
    words = {len(line.split()) for line in lines}
    return " " if len(words) == 1 and words != {1} else ","


def _split(line: Line, separator: str, path: Path) -> list[str]:
    try:
        return next(csv.reader([line[1]], delimiter=separator, skipinitialspace=True, strict=True))
    except csv.Error as error:
        raise InputError(
            f"quotes are not closed ({error})",
            path=path,
            where=f"row {line[0]}",
            remedy="correct or remove that row",
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
            remedy="separate columns by commas, semicolons, tabs or blanks",
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
                remedy="correct or remove that row",
            )


def _without_unnamed(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    if frame.columns[0] == "" and [*frame.iloc[:, 0]] == [str(n) for n in range(len(frame))]:
        frame = frame.iloc[:, 1:]  # the index that pandas writes
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


def _with_decimal_points(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    commas = {
        name: frame[name].str.fullmatch(r"\s*[-+]?\d*,\d+([eE][-+]?\d+)?\s*%?\s*", na=False)
        for name in frame.columns
    }
    found = [name for name in frame.columns if commas[name].any()]
    converted = frame.copy()
    for name in found:
        _require_decimal(frame[name], commas[name], path)
        points = frame[name].str.replace(",", ".")
        converted[name] = frame[name].where(~commas[name], points)
    converted.attrs["decimal_commas"] = found
    return converted


def _require_decimal(cells: pd.Series, commas: pd.Series, path: Path) -> None:
    """Refuse a column whose commas may not be decimal ones."""
    points = cells.str.fullmatch(r"\s*[-+]?\d*\.\d+([eE][-+]?\d+)?\s*%?\s*", na=False)
    whole = cells.str.fullmatch(r"\s*\d+\s*%?\s*", na=False)
    thousands = cells.str.fullmatch(r"\s*[1-9]\d{0,2},\d{3}\s*%?\s*", na=False)
    other, problem = points, "decimal commas and decimal points in one column"
    if not points.any():
        # 950 and 1,050: a field of 1.05, its last zero left out, or one of a thousand?
        other, problem = whole, "commas that may be decimal or separate thousands"
        if not (whole.any() and thousands[commas].all()):
            return
    later = cells.index[int(max(np.argmax(commas), np.argmax(other)))]
    raise InputError(
        problem,
        path=path,
        where=f"row {later}, column {cells.name}",
        remedy="write all numbers with a decimal point and without separators of thousands",
    )
