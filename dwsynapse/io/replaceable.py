"""Which files a command may replace: results of its own kind, and no user's data."""

from collections.abc import Callable
from pathlib import Path

from dwsynapse.io.errors import InputError
from dwsynapse.io.file_kinds import (
    HEAD,
    JSON,
    NPZ,
    OVF_FILE,
    PARQUET,
    SAFETENSORS,
    STARTS,
    TABLE,
    FileKind,
    kind_of,
)
from dwsynapse.io.records import checksum, stated_sha256

BY_SUFFIX = {
    ".csv": TABLE,
    ".json": JSON,
    ".npz": NPZ,
    ".omf": OVF_FILE,
    ".ovf": OVF_FILE,
    ".parquet": PARQUET,
    ".safetensors": SAFETENSORS,
    ".svg": STARTS[b"<svg"],
}
"""What commands write, by the end of its name; tables and JSON documents say their format."""
TEXTS = (".html", ".txt")
MARK = b"dwsynapse"
"""What texts of commands, which are of no kind of their own, have in their first bytes."""


DEVICES = ("/dev", "/dev/fd", "/proc/self/fd")


def require_replaceable(path: Path, remedy: str, kind: str | None = None) -> None:
    """Refuse, before anything is computed, to replace what no command made.

    Parameters
    ----------
    path
        What is going to be written. Nothing, or an empty file, may be there.
    remedy
        What an error says.
    kind
        Kind of the document or table that is going to be written, such as ``plan``; None: any.

    Raises
    ------
    InputError
        If another file is there, a result that was changed since it was made, a pipe or a device.
    """
    if path.suffix not in BY_SUFFIX:
        _require(path, remedy, lambda found: path.suffix not in TEXTS or _is_own_text(path))
        return
    wanted = BY_SUFFIX[path.suffix]

    def fits(found: FileKind | None) -> bool:
        if found != wanted or wanted not in (TABLE, JSON):
            return found == wanted
        return format_of(found) is not None and kind in (None, format_of(found))

    _require(path, remedy, fits)


def require_replaces(new: Path, path: Path) -> None:
    """Refuse to replace a file by one that was written and is of another kind.

    Raises
    ------
    InputError
        As of `require_replaceable`.
    """
    if path.exists():
        made = kind_of(new)

        def fits(found: FileKind | None) -> bool:
            same = found == made and format_of(found) == format_of(made)
            return same and (path.suffix not in TEXTS or _is_own_text(path))

        _require(path, "choose another place for what is written", fits)


def format_of(kind: FileKind | None) -> str | None:
    """Return what a table or JSON document of this project says it is, such as ``plan``."""
    if kind is None or kind.format is None:
        return None
    return kind.format.removeprefix("dwsynapse-").split()[0]


def _is_own_text(path: Path) -> bool:
    with path.open("rb") as file:
        return MARK in file.read(HEAD) or stated_sha256(path) is not None


def _require(path: Path, remedy: str, fits: Callable[[FileKind | None], bool]) -> None:
    if path.is_dir():
        raise InputError("is a folder, not a file", path=path, remedy=remedy)
    # /dev/stdout may lead to a file, and would itself be replaced by one.
    if str(path.absolute().parent) in DEVICES or (path.exists() and not path.is_file()):
        raise InputError("is a pipe or a device, not a file", path=path, remedy=remedy)
    if not path.exists():
        return
    if path.stat().st_size == 0:
        return
    stated = stated_sha256(path)
    if stated is not None and stated != checksum(path):
        raise InputError(
            "was changed after it was made, and would be lost",
            path=path,
            remedy=f"{remedy}, or remove it",
        )
    found = kind_of(path)
    if not fits(found):
        raise InputError(
            f"{found or 'a file'} is there that no such command made, and would be lost",
            path=path,
            remedy=f"{remedy}, or remove it",
        )
