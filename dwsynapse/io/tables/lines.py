"""The lines of a table in a file: any common encoding, or the sheets of a workbook."""

from pathlib import Path

from dwsynapse.io.errors import InputError
from dwsynapse.io.file_kinds import TABLE, WORKBOOK, kind_of, wrong_kind
from dwsynapse.io.files import require_file
from dwsynapse.io.tables.workbook import sheets_of

UTF16 = (b"\xff\xfe", b"\xfe\xff")
MAX_BYTES = 2**30


def tables_of(path: Path, wanted: str) -> dict[str, list[str]]:
    """Return the lines of a text file, or the rows of each sheet of an Excel file.

    Text may be UTF-8, UTF-16 with its byte order mark, or the one-byte code of Western Windows
    (cp1252), with the ends of line of any system. The content decides the kind, not the name.

    Parameters
    ----------
    path
        The file.
    wanted
        What an error asks for where there is no such file, such as ``a counts table (CSV)``.

    Returns
    -------
    dict of list of str
        The lines by the name of the sheet, which is empty for a text file.

    Raises
    ------
    InputError
        If there is no such file, it is empty or larger than 1 GiB, or it is neither text nor an
        Excel workbook (xlsx) with a table.
    """
    require_file(path, wanted)
    if path.stat().st_size > MAX_BYTES:
        raise InputError("larger than 1 GiB", path=path, remedy=f"give {wanted}")
    kind = kind_of(path)
    if kind is not None and kind not in (TABLE, WORKBOOK):
        raise wrong_kind(path, kind, wanted, kind.as_table)
    content = path.read_bytes()
    if not content:
        raise InputError("the file is empty", path=path, remedy=f"give {wanted}")
    if kind == WORKBOOK:
        return sheets_of(content, path)
    return {"": _decoded(content, path).splitlines()}


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
