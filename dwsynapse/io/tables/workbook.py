"""The sheets of an Excel file as lines of text, each cell as it is shown."""

import csv
import re
import zlib
from collections.abc import Iterable
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from dwsynapse.io.errors import InputError
from dwsynapse.io.notes import note_once

HIDDEN_ROW = re.compile(rb'<row\b[^>]*\bhidden="(1|true)"')
MAX_ROWS_SHOWN = 5
# What the library raises for a damaged workbook, which may be damaged anywhere.
UNREADABLE = (
    BadZipFile,
    zlib.error,
    ParseError,
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
)


def sheets_of(content: bytes, path: Path) -> dict[str, list[str]]:
    """Return the rows of each sheet that may hold a table, with their cells in tabs.

    Hidden sheets, and those of fewer than two rows, are ignored.

    Parameters
    ----------
    content
        The file's bytes.
    path
        What an error names as the file.

    Raises
    ------
    InputError
        If it is not a workbook, no visible sheet has a table, or a formula was never computed.
    """
    # Reading the library takes longer than most tables, which are text.
    from openpyxl import load_workbook

    try:
        # The library notices a wrong checksum only where it reads a part to its end.
        if damaged := ZipFile(BytesIO(content)).testzip():
            raise BadZipFile(damaged)
        shown, written = (
            {
                sheet.title: list(sheet.iter_rows())
                for sheet in load_workbook(BytesIO(content), True, data_only=computed).worksheets
                if sheet.sheet_state == "visible"
            }
            for computed in (True, False)
        )
    except UNREADABLE as error:
        raise InputError(
            "not an Excel file that can be read", path=path, remedy="save it as CSV"
        ) from error
    for name, rows in shown.items():
        _require_computed(name, rows, written[name], path)
    lines = {name: _lines(rows) for name, rows in shown.items()}
    tables = {name: found for name, found in lines.items() if sum(map(bool, found)) > 1}
    if not tables:
        raise InputError(
            "no table in a visible sheet", path=path, remedy="put the table in a visible sheet"
        )
    return tables


def note_hidden_rows(path: Path, sheet: str, filled: Iterable[int]) -> None:
    """Say on stderr that rows are read that Excel does not show, as those a filter hides.

    Parameters
    ----------
    path
        The workbook.
    sheet
        The sheet with the table.
    filled
        The rows that are not empty, from 1.
    """
    from openpyxl import load_workbook

    with ZipFile(path) as archive:
        parts = (name for name in archive.namelist() if name.startswith("xl/worksheets/"))
        if not any(HIDDEN_ROW.search(archive.read(name)) for name in parts):
            return
    # Only a workbook that is loaded as a whole, which takes longer, says which rows they are.
    rows = load_workbook(path)[sheet].row_dimensions
    hidden = [str(n) for n in filled if rows[n].hidden]
    if hidden:
        shown = ", ".join(hidden[:MAX_ROWS_SHOWN]) + ", ..." * (len(hidden) > MAX_ROWS_SHOWN)
        several = len(hidden) > 1
        note_once(
            path,
            f"sheet {sheet}: {len(hidden)} hidden row{'s' * several} ({shown}) "
            f"{'are' if several else 'is'} read like the others; delete what should not count",
        )


def _require_computed(name: str, shown: Iterable[Any], written: Iterable[Any], path: Path) -> None:
    """Refuse formulas without a value in the file: it was written by a program, not Excel."""
    for n, rows in enumerate(zip(shown, written, strict=True), 1):
        for value, formula in zip(*rows, strict=True):
            if value.value is None and formula.data_type == "f":
                raise InputError(
                    "a formula without a value in the file",
                    path=path,
                    where=f"sheet {name}, row {n}, cell {formula.coordinate}",
                    remedy="open the file in Excel or LibreOffice and save it there, or write the "
                    "number",
                )


def _lines(rows: list[Any]) -> list[str]:
    texts = [[_shown(cell) for cell in row] for row in rows]
    width = max((n for row in texts for n, text in enumerate(row, 1) if text), default=0)
    return [_as_line(row[:width]) if any(row) else "" for row in texts]


def _shown(cell: Any) -> str:
    """Return a cell as text; a share displayed in percent has its sign."""
    if cell.value is None:
        return ""
    if isinstance(cell.value, int | float) and "%" in str(cell.number_format):
        return f"{Decimal(str(cell.value)).scaleb(2):f} %"
    return " ".join(str(cell.value).split())


def _as_line(cells: list[str]) -> str:
    line = StringIO()
    csv.writer(line, delimiter="\t", lineterminator="").writerow(cells)
    return line.getvalue()
