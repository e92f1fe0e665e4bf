"""What a file is by its first bytes: one of another kind than is wanted is called by its name."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from dwsynapse.io.errors import InputError

UNPACK = "unpack it first"
SAVE_AS_CSV = "save the table as CSV"
AS_SHEET = "save it as xlsx or as CSV"


@dataclass(frozen=True)
class FileKind:
    """A kind of file.

    Parameters
    ----------
    name
        What it is called, as in ``a PNG image``.
    as_table
        What to do where a table is wanted; None: give that table.
    format
        What a file of this project says that it is, such as ``dwsynapse-device``.
    """

    name: str
    as_table: str | None = None
    format: str | None = field(default=None, compare=False)

    def __str__(self) -> str:
        """Return the name, with the format where the file says it."""
        return f"{self.name} (format {self.format!r})" if self.format else self.name


WORKBOOK = FileKind("an Excel file")
NPZ = FileKind("a file of numpy arrays (npz)", "write the table as CSV")
JSON = FileKind("a JSON file")
OVF_FILE = FileKind("an OVF file")
PARQUET = FileKind("a Parquet file", "write the table as CSV")
SAFETENSORS = FileKind("a file of arrays (safetensors)")
TABLE = FileKind("a table")

STARTS = {
    b"\xd0\xcf\x11\xe0": FileKind("an Excel file of the old kind (xls)", AS_SHEET),
    b"\x1f\x8b": FileKind("a compressed file (gzip)", UNPACK),
    b"BZh": FileKind("a compressed file (bzip2)", UNPACK),
    b"\xfd7zXZ": FileKind("a compressed file (xz)", UNPACK),
    b"7z\xbc\xaf": FileKind("a compressed file (7-Zip)", UNPACK),
    b"\x28\xb5\x2f\xfd": FileKind("a compressed file (Zstandard)", UNPACK),
    b"%PDF": FileKind("a PDF file", SAVE_AS_CSV),
    b"{\\rtf": FileKind("a text document (RTF)", SAVE_AS_CSV),
    b"\x89HDF": FileKind("an HDF5 file", "write the table as CSV"),
    b"\x93NUMPY": FileKind("a file of numpy", "write the table as CSV, as by numpy.savetxt"),
    b"MATLAB": FileKind("a file of MATLAB", "write the table as CSV, as by writetable"),
    b"SQLite format 3": FileKind("an SQLite database", "write the table as CSV"),
    b"PAR1": PARQUET,
    b"# OOMMF": OVF_FILE,
    b"\x89PNG": FileKind("a PNG image"),
    b"\xff\xd8\xff": FileKind("a JPEG image"),
    b"GIF8": FileKind("a GIF image"),
    b"II*\0": FileKind("a TIFF image"),
    b"MM\0*": FileKind("a TIFF image"),
    b"\x7fELF": FileKind("a program"),
    **{
        bytes([0x80, n]): FileKind("a Python pickle", "write the table as CSV") for n in range(2, 6)
    },
    b"<svg": FileKind("an SVG image"),
    b"<": FileKind("a page of markup (HTML or XML)", "open it in Excel; save it as CSV"),
}
"""By the first bytes."""

ZIP = b"PK\x03\x04"
IN_ARCHIVES = {
    b"opendocument": FileKind("a file of LibreOffice (OpenDocument)", AS_SHEET),
    b"word/": FileKind("a Word document", SAVE_AS_CSV),
    b"ppt/": FileKind("a PowerPoint document", SAVE_AS_CSV),
    b"xl/": WORKBOOK,
    b"[Content_Types].xml": WORKBOOK,
    b"docProps/": WORKBOOK,
    b"data.pkl": FileKind("a file of PyTorch"),
    b".npy": NPZ,
}
"""Archives (zip) by the names of what is in them."""
OTHER_ARCHIVE = FileKind("a compressed archive (zip)", UNPACK)

JSON_START = re.compile(rb'\s*(\{\s*["}]|\[\s*[\[{"]|\[\s*-?\d[\d.]*\s*,)')
JSON_FORMAT = re.compile(rb'"format":\s*"(dwsynapse-[\w-]+)"')
HTML_START = re.compile(rb"\s*<(!doctype\s+)?html", re.IGNORECASE)
TABLE_FORMAT = re.compile(rb"# format: (dwsynapse-[\w-]+ \d+)")
HEAD, TAIL = 4096, 65536


def kind_of(path: str | Path) -> FileKind | None:
    """Return what a file is by its first bytes; None for other files, text among them."""
    with Path(path).open("rb") as file:
        head = file.read(HEAD).removeprefix(b"\xef\xbb\xbf")
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - TAIL))
        if head.startswith(ZIP):
            names = head + file.read()  # the list of contents is at the end
            found = (kind for part, kind in IN_ARCHIVES.items() if part in names)
            return next(found, OTHER_ARCHIVE)
    if said := TABLE_FORMAT.match(head):
        return FileKind(TABLE.name, format=said[1].decode())
    if JSON_START.match(head):
        said = JSON_FORMAT.search(head)
        return FileKind(JSON.name, format=said[1].decode() if said else None)
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") < size:
        return SAFETENSORS
    # A page with a figure near its start is a page.
    if b"<svg" in head and head.startswith(b"<") and not HTML_START.match(head):
        return STARTS[b"<svg"]
    return next((kind for start, kind in STARTS.items() if head.startswith(start)), None)


def unreadable(
    path: str | Path, wanted: str, problem: str, remedy: str, itself: FileKind | None = None
) -> InputError:
    """Return the error of a file that could not be read as what is wanted.

    Parameters
    ----------
    path
        The file.
    wanted
        What is wanted, as in ``a device file (JSON)``.
    problem, remedy
        What to say where the file is of no other kind.
    itself
        The kind that the wanted files are: one of that kind is damaged.
    """
    if Path(path).stat().st_size == 0:
        return InputError("the file is empty", path=path, remedy=f"give {wanted}")
    kind = kind_of(path)
    if kind is None or kind == itself:
        return InputError(problem, path=path, remedy=remedy)
    return wrong_kind(path, kind, wanted)


def wrong_kind(
    path: str | Path, kind: FileKind, wanted: str, remedy: str | None = None
) -> InputError:
    """Return the error of a file of another kind than is wanted."""
    problem = f"{kind}, where {wanted} is wanted"
    return InputError(problem, path=path, remedy=remedy or "give such a file")


def with_article(words: str) -> str:
    """Return words after a or an."""
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"
