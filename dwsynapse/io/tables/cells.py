"""The cells of a CSV file as text, before they mean anything: comments, separators and quotes."""

import csv
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pandas as pd

from dwsynapse.io.errors import InputError
from dwsynapse.io.number_format import counted
from dwsynapse.io.tables.lines import tables_of
from dwsynapse.io.tables.workbook import note_hidden_rows
from dwsynapse.io.tables.written_numbers import EXPONENT, with_decimal_points

Line = tuple[int, str]
Known = Callable[[str], bool]

# Above the header may be a title or lines of an instrument; a row of this many known names is it.
MAX_LINES_ABOVE, NAMES_OF_HEADER = 200, 2
# A quote at the beginning of a cell that is not closed in its line.
OPEN_QUOTE = re.compile(r'(^|[,;\t])\s*"([^"]|"")*$')
MAX_LINES_OF_CELL = 5
FORMAT = re.compile(
    r"[\s\"]*#\s*format:\s*(?P<format>\S+\s+[^\s,;\"]+)(?:[\s,;\"]+(?P<rows>\d+) rows?\b)?"
)
DECIMAL_COMMAS = "if commas are decimal, separate columns by semicolons"
COMMENT_IT = "begin lines that are not data with #, or remove them"
# Typographic characters of spreadsheets, and the plain ones; byte order marks are removed.
PLAIN = str.maketrans(
    {
        "\u2212": "-",
        "\u2013": "-",
        "\u2019": "'",
        "\ufeff": None,
        **dict.fromkeys("\u00a0\u2007\u2009\u202f", " "),
    }
)


def read_cells(path: str | Path, wanted: str, known: Known) -> tuple[pd.DataFrame, str | None]:
    """Read a table as text.

    Cells are separated by commas, semicolons, tabs or blanks, as the header shows; where commas do
    not separate, numbers may have decimal commas. Blank lines and lines that start with # may be
    anywhere; the last of them before numbers without a header is the header (numpy.savetxt). A
    first column without a name that counts the rows (pandas, R) is ignored, as is one for which
    the header lacks a name (write.table of R). Lines above the
    header, such as a title, are ignored where the header has known names, and of several sheets
    of a workbook the only one with such a header counts. For encodings and Excel files see
    `dwsynapse.io.tables.lines.tables_of`.

    Parameters
    ----------
    path
        The file.
    wanted
        What an error asks for where there is no table, such as ``a counts table (CSV)``.
    known
        Whether a name is one that a column of the table may have.

    Returns
    -------
    cells : DataFrame
        Cells as text with decimal points, NaN where empty, under the names of the header; the index
        are lines of the file; ``attrs["decimal_commas"]`` names the columns that had such, and is
        missing where commas separate.
    format : str or None
        What a line ``# format:`` says, such as ``dwsynapse-counts 1``.

    Raises
    ------
    InputError
        If the file is not a table: missing, not text, without rows, of one column, with an
        unnamed or repeated column, with rows of other lengths than the header, with the header
        twice, with two kinds of decimal sign, with commas that may be decimal or separate
        thousands, or one of several tables.
    """
    path = Path(path)
    lines = _one_table(tables_of(path, wanted), known, path)
    comments = [line for _, line in lines if _is_comment(line)]
    kept = [(n, line) for n, line in lines if line.strip(" \t,;")]
    kept = _with_commented_header(kept, known)
    kept = [(n, line) for n, line in kept if not _is_comment(line)]
    if len(kept) < 2:
        raise InputError(
            "the table has no rows",
            path=path,
            remedy=f"give {wanted}: a header and at least one row",
        )
    kept = kept[_n_above_header(kept, known) :]
    kept = _with_named_row_numbers(kept)
    separator = _separator([line for _, line in kept])
    if separator == " ":
        kept = [(n, " ".join(line.split())) for n, line in kept]
    _require_no_title(kept, separator, path)
    names = _header(kept[0], separator, path)
    _require_as_wide(kept, separator, path)
    frame = cells_of_rows("\n".join(line for _, line in kept[1:]), separator, len(names))
    frame.columns = pd.Index(names)
    frame.index = pd.Index([n for n, _ in kept[1:]], name="line")
    frame = _without_unnamed(frame, path)
    if separator != ",":
        frame = with_decimal_points(frame, path)
    found = next(filter(None, map(FORMAT.match, comments)), None)
    if found and found["rows"]:
        _require_all_rows(len(frame), int(found["rows"]), path)
    return frame, " ".join(found["format"].split()) if found else None


def comments_of(path: Path, wanted: str) -> list[str]:
    """Return the lines that start with # of the file of a table, in all of its sheets.

    Raises
    ------
    InputError
        If it is no text and no workbook.
    """
    lines = (line for sheet in tables_of(path, wanted).values() for line in sheet)
    return [_plain(line) for line in lines if _is_comment(_plain(line))]


def _require_all_rows(n_rows: int, stated: int, path: Path) -> None:
    """Refuse a table that has lost rows, as one that was cut off at the end of a line."""
    if n_rows < stated:
        raise InputError(
            f"{counted(n_rows, 'row')} of the {stated} that its first line states",
            path=path,
            remedy="make it again; if rows were removed on purpose, correct that number",
        )


def cells_of_rows(rows: str, separator: str, width: int) -> pd.DataFrame:
    """Return the cells of rows without their header as text, NaN where empty."""
    return pd.read_csv(
        StringIO(rows),
        sep=separator,
        header=None,
        names=range(width),
        dtype=str,
        skipinitialspace=True,
        # What a spreadsheet shows for a failed formula, #N/A included, is not an empty cell.
        keep_default_na=False,
        na_values=["", "NaN", "nan", "NA", "N/A", "n/a", "null"],
    )


def _one_table(tables: dict[str, list[str]], known: Known, path: Path) -> list[Line]:
    """Return the numbered lines of the only table, or of the only one whose header is known."""
    numbered = {
        name: _joined([(n, _plain(line)) for n, line in enumerate(lines, 1)])
        for name, lines in tables.items()
    }
    if len(numbered) > 1:
        found = {name: lines for name, lines in numbered.items() if _has_header(lines, known)}
        if len(found) != 1:
            raise InputError(
                f"several tables, in the sheets {', '.join(found or numbered)}",
                path=path,
                remedy="put the one table in its own file",
            )
        numbered = found
    ((sheet, lines),) = numbered.items()
    if sheet:
        note_hidden_rows(path, sheet, [n for n, line in lines if line])
    return lines


def _plain(line: str) -> str:
    # Translating takes longer than everything else; DOS ended files with an extra character.
    return line.rstrip("\x1a") if line.isascii() else line.translate(PLAIN)


def _joined(lines: list[Line]) -> list[Line]:
    """Return lines with those joined over which a cell in quotes goes, as spreadsheets write it."""
    if not any('"' in line for _, line in lines):
        return lines
    joined: list[Line] = []
    for n, line in lines:
        if joined and OPEN_QUOTE.search(joined[-1][1]) and n - joined[-1][0] < MAX_LINES_OF_CELL:
            joined[-1] = joined[-1][0], f"{joined[-1][1]} {line}"
        else:
            joined.append((n, line))
    still_open = any(OPEN_QUOTE.search(line) for _, line in joined)
    return lines if still_open else joined


def _has_header(lines: list[Line], known: Known) -> bool:
    kept = [(n, line) for n, line in lines if line.strip(" \t,;") and not _is_comment(line)]
    n = _n_above_header(kept, known)
    return bool(kept[n:]) and _is_header([line for _, line in kept[n : n + 5]], known)


def _n_above_header(kept: list[Line], known: Known) -> int:
    """Return how many lines are above the one that is recognised as the header; 0 if none is."""
    lines = [line for _, line in kept]
    above = (
        n
        for n in range(min(len(lines) - 1, MAX_LINES_ABOVE))
        if _is_header(lines[n : n + 5], known)
    )
    return next(above, 0)


def _is_header(lines: list[str], known: Known) -> bool:
    """Return whether the first of some lines has names of columns."""
    try:
        words = next(csv.reader([lines[0]], delimiter=_separator(lines), skipinitialspace=True))
    except csv.Error:  # A cell longer than any table's.
        return False
    return sum(known(word.strip()) for word in words) >= NAMES_OF_HEADER


def _is_comment(line: str) -> bool:
    # A spreadsheet puts a comment with a comma in quotes. Its word for a failed formula, such
    # as #REF!, does not make a row a comment.
    words = line.lstrip(' \t"')
    return words.startswith("#") and not re.match(r"#(REF|N/A|VALUE|DIV/0|NAME|NUM|NULL)", words)


def _is_number(cell: str) -> bool:
    return re.fullmatch(rf"[-+]?[\d.,]*\d[\d.,]*({EXPONENT})?", cell.strip()) is not None


def _with_commented_header(kept: list[Line], known: Known) -> list[Line]:
    """Return the lines with the names of columns taken out of the comment above the first row.

    That has as many names as the row has cells, and the row is of numbers alone, or the first name
    is # and others are known.
    """
    first = next((n for n, (_, line) in enumerate(kept) if not _is_comment(line)), 0)
    if first == 0:
        return kept
    among = _separator([line for _, line in kept[first:]]).strip(" ") or None
    n, comment = kept[first - 1]
    cells = kept[first][1].split(among)
    # A tab after the # is a blank, or ends the first cell.
    headers = (comment.strip(' \t"').lstrip(marks) for marks in ("# \t", "# "))
    header = next((text for text in headers if len(text.split(among)) == len(cells)), "")
    names = [name.strip() for name in header.split(among)]
    numbered = not names[0] and sum(map(known, names)) >= NAMES_OF_HEADER
    if any(map(_is_number, names)) or not header or not (numbered or all(map(_is_number, cells))):
        return kept
    return [*kept[: first - 1], (n, header), *kept[first:]]


def _separator(lines: list[str]) -> str:
    header = lines[0]
    for sign in "\t;,":
        if sign in header:
            return sign
    words = {len(line.split()) for line in lines}
    return " " if len(words) == 1 and words != {1} else ","


def _with_named_row_numbers(kept: list[Line]) -> list[Line]:
    """Return the lines with an empty name for row numbers, which R's write.table leaves out."""
    (n, header), *rows = kept
    separator = next((sign for sign in "\t;," if sign in rows[0][1]), " ")
    among = separator.strip(" ") or None
    n_names = len(header.split(among))
    if n_names < 2 or len(rows[0][1].split(among)) != n_names + 1:
        return kept
    firsts = [line.split(among, 1)[0].strip() for _, line in rows]
    # Without quotes, a 1 before a comma may be the beginning of 1,5.
    quoted = [f'"{i}"' for i in range(1, len(rows) + 1)]
    plain = [first.strip('"') for first in quoted] if separator != "," else quoted
    return [(n, f'""{separator}{header}'), *rows] if firsts in (quoted, plain) else kept


def _require_no_title(kept: list[Line], separator: str, path: Path) -> None:
    """Refuse a first line that is not a header of the rows below it, where none is recognised."""
    # Spreadsheets leave separators at the ends of rows.
    header, *below = [(n, line.rstrip(" \t,;")) for n, line in kept[:4]]
    n_names = len(_split(header, separator, path))
    among = _separator([line for _, line in below])
    widths = {len(_split(line, among, path)) for line in below}
    named = len(_split(header, among, path))
    # One name is none: rows may have the sign of another separator in a text.
    if named > 1 and widths == {named + 1}:
        n_names = named
    hint = {",": f"; {DECIMAL_COMMAS}", " ": ", without blanks in names"}.get(among, "")
    if len(below) > 1 and len(widths) == 1 and widths != {1} and n_names < min(widths):
        raise InputError(
            f"{n_names} name{'s' * (n_names != 1)} of columns where the rows below have "
            f"{min(widths)} cells",
            path=path,
            where=f"row {header[0]}",
            remedy=f"name each column in one header row{hint}; {COMMENT_IT}",
        )


def _split(line: Line, separator: str, path: Path) -> list[str]:
    try:
        return next(csv.reader([line[1]], delimiter=separator, skipinitialspace=True, strict=True))
    except csv.Error as error:
        raise InputError(
            f"quotes are not closed, or not about a whole cell ({error})",
            path=path,
            where=f"row {line[0]}",
            remedy="correct or remove that row",
        ) from error


def _n_cells(line: Line, separator: str, path: Path) -> int:
    """Return the number of cells; counted where no quotes hold separators, which is much faster."""
    text = line[1]
    if '"' in text or len(text) > csv.field_size_limit():
        return len(_split(line, separator, path))
    return text.count(separator) + 1


def _header(line: Line, separator: str, path: Path) -> list[str]:
    names = [name.strip() for name in _split(line, separator, path)]
    where = f"row {line[0]}"
    if all(re.fullmatch(r"[-+.,\deEdD]+", name) for name in names):
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
    width = _n_cells(kept[0], separator, path)
    for line in kept[1:]:
        found = _n_cells(line, separator, path)
        if found != width:
            hint = f"{DECIMAL_COMMAS}; " if separator == "," and found > width else ""
            if found == 1:
                hint = "separate its cells as those of the header; "
            raise InputError(
                f"{found} cell{'s' * (found != 1)} where the header has {width}",
                path=path,
                where=f"row {line[0]}",
                remedy=f"correct that row; {hint}{COMMENT_IT}",
            )
        if line[1] == kept[0][1]:
            raise InputError(
                "a repeated header",
                path=path,
                where=f"row {line[0]}",
                remedy="put each table in its own file, or remove that row if it divides one table",
            )


def _without_unnamed(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    # The index that pandas (from 0) and R (from 1) write.
    indices = [[str(n) for n in range(first, first + len(frame))] for first in (0, 1)]
    if frame.columns[0] == "" and [*frame.iloc[:, 0]] in indices:
        frame = frame.iloc[:, 1:]
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
