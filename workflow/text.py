"""The lines of a table as a file holds them: any common encoding, or a sheet of an Excel file."""

import csv
import zlib
from io import BytesIO, StringIO
from pathlib import Path
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from workflow.errors import InputError
from workflow.files import missing

XLSX, XLS = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
UTF16 = (b"\xff\xfe", b"\xfe\xff")
MOST_BYTES = 2**30
# What the library raises at a damaged workbook, which may be damaged anywhere.
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


def lines_of(path: Path, wanted: str) -> list[str]:
    """Return the lines of a text file, or the rows of an Excel file with their cells in tabs.

    Text may be UTF-8, UTF-16 with its byte order mark, or the one-byte code of Western Windows
    (cp1252), with the ends of line of any system.

    Parameters
    ----------
    path
        The file.
    wanted
        What an error asks for where there is no such file, such as ``a counts table (CSV)``.

    Raises
    ------
    InputError
        If there is no such file, it is larger than 1 GiB, it is neither text nor an Excel workbook
        (xlsx), or several sheets of the workbook hold a table.
    """
    if not path.is_file():
        raise InputError(missing(path), path=path, remedy=f"give {wanted}")
    if path.stat().st_size > MOST_BYTES:
        raise InputError("larger than 1 GiB", path=path, remedy=f"give {wanted}")
    content = path.read_bytes()
    if content.startswith(XLSX):
        return _sheet(content, path)
    if content.startswith(XLS):
        raise InputError(
            "an Excel file of the old kind (xls)", path=path, remedy="save it as xlsx or as CSV"
        )
    return _decoded(content, path).splitlines()


def _decoded(content: bytes, path: Path) -> str:
    encodings = ("utf-16",) if content.startswith(UTF16) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InputError("not a text file", path=path, remedy="save it as CSV (UTF-8)")


def _sheet(content: bytes, path: Path) -> list[str]:
    # Reading the library takes longer than most tables, which are text.
    from openpyxl import load_workbook

    try:
        workbook = load_workbook(BytesIO(content), read_only=True, data_only=True)
        sheets = {s.title: list(s.iter_rows(values_only=True)) for s in workbook.worksheets}
    except UNREADABLE as error:
        raise InputError(
            "not an Excel file that can be read", path=path, remedy="save it as CSV"
        ) from error
    tables = {name: rows for name, rows in sheets.items() if sum(map(any, rows)) > 1}
    if len(tables) != 1:
        found = f"several tables, in the sheets {', '.join(tables)}" if tables else "no table"
        raise InputError(found, path=path, remedy="keep the one table in a file of its own")
    (rows,) = tables.values()
    width = max(_used(row) for row in rows)
    return [_as_line(row[:width]) for row in rows]


def _used(row: tuple[object, ...]) -> int:
    return max((n for n, cell in enumerate(row, 1) if cell is not None), default=0)


def _as_line(row: tuple[object, ...]) -> str:
    cells = ["" if cell is None else " ".join(str(cell).split()) for cell in row]
    line = StringIO()
    csv.writer(line, delimiter="\t", lineterminator="").writerow(cells)
    return line.getvalue()
