"""The lines of a table in a file: any common encoding, or the sheets of a workbook."""

from pathlib import Path

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import missing
from dwsynapse.io.tables.workbook import sheets_of

ZIP = b"PK\x03\x04"
UTF16 = (b"\xff\xfe", b"\xfe\xff")
MOST_BYTES = 2**30
UNPACK = "unpack it first"
OTHER_KINDS = {
    b"\xd0\xcf\x11\xe0": ("an Excel file of the old kind (xls)", "save it as xlsx or as CSV"),
    b"\x1f\x8b": ("a compressed file (gzip)", UNPACK),
    b"BZh": ("a compressed file (bzip2)", UNPACK),
    b"\xfd7zXZ": ("a compressed file (xz)", UNPACK),
    b"7z\xbc\xaf": ("a compressed file (7-Zip)", UNPACK),
    b"\x28\xb5\x2f\xfd": ("a compressed file (Zstandard)", UNPACK),
    b"%PDF": ("a PDF file", "save the table as CSV"),
    b"{\\rtf": ("a text document (RTF)", "save the table as CSV"),
    b"\x89HDF": ("an HDF5 file", "write the table as CSV"),
    b"\x93NUMPY": ("a file of numpy", "write the table as CSV, as by numpy.savetxt"),
    b"MATLAB": ("a file of MATLAB", "write the table as CSV, as by writetable"),
    b"<": ("a page of markup (HTML or XML)", "open it in Excel; save it as CSV"),
}
"""Files that are not text tables, by their first bytes: what they are, and what to do."""


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
    if not path.is_file():
        raise InputError(missing(path), path=path, remedy=f"give {wanted}")
    if path.stat().st_size > MOST_BYTES:
        raise InputError("larger than 1 GiB", path=path, remedy=f"give {wanted}")
    content = path.read_bytes()
    if not content:
        raise InputError("the file is empty", path=path, remedy=f"give {wanted}")
    for start, (kind, remedy) in OTHER_KINDS.items():
        if content.startswith(start):
            raise InputError(kind, path=path, remedy=remedy)
    if content.startswith(ZIP):
        _require_workbook(content, path)
        return sheets_of(content, path)
    return {"": _decoded(content, path).splitlines()}


def _require_workbook(content: bytes, path: Path) -> None:
    """Refuse archives that are not Excel workbooks, by the names of their parts."""
    if b"opendocument" in content[:200]:
        raise InputError(
            "a file of LibreOffice (OpenDocument)", path=path, remedy="save it as xlsx or as CSV"
        )
    if b"[Content_Types].xml" not in content and b"xl/" not in content and len(content) > 100:
        raise InputError("a compressed archive (zip)", path=path, remedy=UNPACK)


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
