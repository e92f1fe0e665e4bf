"""Files that pass between the rooms: written atomically, versioned, with their provenance."""

import hashlib
import json
import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from math import isfinite
from os.path import lexists, realpath
from pathlib import Path
from typing import Any

from dwsynapse.io.argument_types import require_path
from dwsynapse.io.errors import InputError
from dwsynapse.io.file_kinds import JSON, unreadable, with_article
from dwsynapse.io.fingerprint import SOURCES, fingerprint
from dwsynapse.io.json_shapes import Shape, require_shape
from dwsynapse.io.records import checksum, forget, note_origin, require_unchanged
from dwsynapse.io.replaceable import require_replaceable, require_replaces
from dwsynapse.io.replacing import replacing

IN_CHECKOUT = "dwsynapse/io/files.py"
"""Where this file is in a checkout of the project."""
NOT_TRACKED, UNKNOWN = 1, "unknown"
PROVENANCE_LINE = "# provenance: "
"""The second line of a table begins so."""


def require_file(path: str | Path, wanted: str = "", *, remedy: str = "") -> None:
    """Refuse a path at which there is no file that can be read, or a result that was changed.

    Parameters
    ----------
    path
        The file.
    wanted
        What an error asks for, such as ``a device file (JSON)``.
    remedy
        What it says instead, where to give another file is not what helps.

    Raises
    ------
    InputError
        If it is no path, or there is nothing, a folder, a link that leads nowhere or a pipe, or if
        its record says that the file was changed after it was made (`dwsynapse.io.records`).
    """
    require_path(path)
    if not Path(path).is_file():
        raise InputError(_missing(Path(path)), path=path, remedy=remedy or f"give {wanted}")
    require_unchanged(path)


def _missing(path: Path) -> str:
    if path.is_dir():
        return "is a folder, not a file"
    # Also by a link, as /dev/fd/63 of a shell's <(...) is one.
    if os.path.exists(path):
        return "a pipe or a device, not a file"
    return "a link that leads to no file" if path.is_symlink() else "no such file"


def require_output(
    path: Path,
    *inputs: Path | None,
    option: str = "--out",
    suffixes: tuple[str, ...] = (),
    kind: str | None = None,
) -> None:
    """Refuse an output that cannot be written, before anything is computed for it.

    Parameters
    ----------
    path
        The file that is going to be written.
    *inputs
        Files that must not be overwritten: inputs, and other outputs.
    option
        The option that names the path.
    suffixes
        How its name may end; empty allows any.
    kind
        Kind of the document or table that is going to be written; None: any.

    Raises
    ------
    InputError
        If the path is a folder or one of these files, has another suffix, its folder is a file or
        cannot be written, or a file is there that no such command made.
    """
    remedy = f"choose another {option}"
    if suffixes and path.suffix not in suffixes:
        problem = f"its name does not end in {' or '.join(suffixes)}"
        raise InputError(problem, path=path, remedy=remedy)
    if path.is_dir():
        raise InputError("is a folder, not a file", path=path, remedy=remedy)
    if realpath(path) in {realpath(given) for given in inputs if given is not None}:
        raise InputError("is also an input or another output", path=path, remedy=remedy)
    require_replaceable(path, remedy, kind)
    above = next(folder for folder in path.absolute().parents if lexists(folder))
    if not above.exists():
        raise InputError("is a link that leads to no folder", path=above, remedy=remedy)
    if not above.is_dir():
        raise InputError("is a file, not a folder", path=above, remedy=remedy)
    try:
        # Permissions do not say it for file systems that are read-only, or for the superuser.
        with tempfile.NamedTemporaryFile(dir=above):
            pass
    except OSError as error:
        raise InputError("cannot be written to", path=above, remedy=remedy) from error


def require_outputs(folder: Path, names: Iterable[str], *inputs: Path | None) -> None:
    """Refuse an output folder in which one of the files cannot be written.

    Raises
    ------
    InputError
        As of `require_output`.
    """
    for name in names:
        require_output(folder / name, *inputs)


def require_figure(path: Path, *inputs: Path | None, option: str = "--out") -> None:
    """Refuse a figure that cannot be written, or whose name is not that of an SVG file.

    Raises
    ------
    InputError
        As of `require_output`.
    """
    require_output(path, *inputs, option=option, suffixes=(".svg",))


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path next to `path`, moved into place only if the block succeeds.

    A reader therefore sees the old file or the whole new one, never a part. A file of another kind
    is not replaced (`dwsynapse.io.replaceable`).
    """
    require_path(path)
    path = Path(path)
    with replacing(path) as temporary:
        yield temporary
        require_replaces(temporary, path)
        forget(path)


def write_text(path: str | Path, text: str) -> None:
    """Write `text` to `path` atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def sha256(path: str | Path) -> str:
    """Return the SHA-256 of a file as a hexadecimal string.

    Raises
    ------
    InputError
        If there is no such file.
    """
    require_file(path, "a file that exists")
    return checksum(path)


def rows_sha256(path: str | Path) -> str:
    """Return the SHA-256 of a table (CSV) without its comments, as a hexadecimal string.

    It is the same for the same rows, whichever version of the code wrote them.

    Raises
    ------
    InputError
        If there is no such file.
    """
    require_file(path, "a file that exists")
    lines = Path(path).read_bytes().splitlines(keepends=True)
    rows = b"".join(line for line in lines if not line.startswith(b"#"))
    return hashlib.sha256(rows).hexdigest()


@cache
def code_version() -> str:
    """Return the package version, with the git commit where the code runs from a checkout.

    It is for people to find the code by; what tells whether code is the same is
    `dwsynapse.io.fingerprint`.
    """
    try:
        release = version("dwsynapse")
    except PackageNotFoundError:
        release = "unknown"
    commit = commit_of(SOURCES)
    return f"{release}+{commit}" if commit else release


def commit_of(folder: Path) -> str | None:
    """Return the git commit of the code in a folder: None where it is no checkout of the project.

    An installation may be inside another repository, whose commit is irrelevant. A commit that git
    cannot tell, or that cannot be asked for without git, is ``unknown``.
    """
    if not (folder / ".git").exists():
        return None

    def git(*words: str) -> str:
        # Git refuses folders of other users, as of a shared installation, unless they are named.
        named = ["-C", str(folder), "-c", f"safe.directory={folder}"]
        return subprocess.run(
            ["git", *named, *words], capture_output=True, text=True, check=True
        ).stdout.strip()

    try:
        git("ls-files", "--error-unmatch", IN_CHECKOUT)
        return git("describe", "--always", "--dirty", "--abbrev=12")
    except subprocess.CalledProcessError as error:
        return None if error.returncode == NOT_TRACKED else UNKNOWN
    except OSError:
        return UNKNOWN


def provenance(
    room: str,
    *,
    config: str | Path | None = None,
    seed: int | None = None,
    inputs: Iterable[str | Path] = (),
    noted: bool = True,
) -> dict[str, Any]:
    """Return what a result was made from, and note it for the records of this command's results.

    Parameters
    ----------
    room
        The package whose code makes it, such as ``network``.
    config
        The config file of the stage; its hash is stored.
    seed
        The seed the stage drew from.
    inputs
        Files the result was computed from; their hashes are stored.
    noted
        Whether records name these inputs: not where the command made them itself.

    Returns
    -------
    dict
        Keys code_version, code (the room's fingerprint), config_sha256, seed, inputs (by folder and
        name). No date: the same inputs give the same file.
    """
    made_by = {"code_version": code_version(), "code": fingerprint(room)}
    made_from = {_relative(path): sha256(path) for path in inputs}
    of_config = {_relative(config): sha256(config)} if config else {}
    if noted:
        note_origin(room, {**made_by, "seed": seed, "inputs": of_config | made_from})
    return {
        **made_by,
        "config_sha256": next(iter(of_config.values()), None),
        "seed": seed,
        "inputs": made_from,
    }


SAMPLE = "sample_sha256"
"""In the provenance of tables that are combined with others: the wire or track they are of."""
NOT_OF_IDENTITY = {"code_version", SAMPLE}


def identity(provenance: dict[str, Any]) -> dict[str, Any]:
    """Return what must be the same for work to go on: a provenance without commit and sample.

    A commit may leave the code as it is, and uncommitted code may change under one commit. The
    sample follows from the config, and not all tables say it.
    """
    return {key: value for key, value in provenance.items() if key not in NOT_OF_IDENTITY}


def provenance_in(path: str | Path) -> dict[str, Any] | None:
    """Return the provenance that a table or a JSON file states; None where it states none."""
    try:
        with Path(path).open(encoding="utf-8") as file:
            start = file.readline()
            if start.startswith("#"):
                stated = json.loads(file.readline().removeprefix(PROVENANCE_LINE))
            else:
                stated = json.loads(start + file.read())["provenance"]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None
    return stated if isinstance(stated, dict) else None


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not a number")


def _finite(digits: str) -> float:
    # Python reads 1e999 as infinity.
    return float(digits) if isfinite(float(digits)) else _refuse(digits)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Python silently takes the last of two values.
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice[:100]!r} is given twice")
    return found


def _relative(path: str | Path) -> str:
    """Return a path relative to the working directory where it is inside."""
    absolute = Path(realpath(path))
    inside = absolute.is_relative_to(Path.cwd())
    return str(absolute.relative_to(Path.cwd()) if inside else absolute)


def write_json(path: str | Path, kind: str, format_version: int, content: dict[str, Any]) -> None:
    """Write a JSON document of a named kind and format version, atomically."""
    document = {"format": f"dwsynapse-{kind}", "format_version": format_version, **content}
    write_text(path, json.dumps(document, indent=2, allow_nan=False) + "\n")


def read_json(
    path: str | Path,
    kind: str,
    format_version: int,
    shape: type[Shape] | None = None,
    remedy: str = "make it again",
) -> dict[str, Any]:
    """Read a JSON document and check its kind, format version and shape.

    Parameters
    ----------
    path
        The file.
    kind, format_version
        What the document must say that it is.
    shape
        Its keys and the types of their values; None leaves that to the caller.
    remedy
        What the user should do if it does not have that shape.

    Raises
    ------
    InputError
        If the file is missing, is not JSON, or has another kind, version or shape.
    """
    wanted = f"{with_article(kind)} file (JSON)"
    require_file(path, wanted)
    path = Path(path)
    try:
        document = json.loads(
            path.read_text(encoding="utf-8"),
            parse_constant=_refuse,
            parse_float=_finite,
            object_pairs_hook=_once,
        )
    except (ValueError, UnicodeDecodeError, RecursionError) as error:
        remedy = f"correct it, make it again or give {wanted}"
        raise unreadable(path, wanted, f"not valid JSON ({error})", remedy, JSON) from error
    expected = f"dwsynapse-{kind}"
    found = document.get("format") if isinstance(document, dict) else None
    if found != expected:
        raise InputError(
            f"expected a file of format {expected!r}, found {found!r}",
            path=path,
            where="format",
            remedy=f"give {wanted}",
        )
    version_found = document.get("format_version")
    if version_found is True or version_found != format_version:
        raise InputError(
            f"format version {version_found!r} is not {format_version}",
            path=path,
            where="format_version",
            remedy="make the file again with this version of the code",
        )
    if shape is not None:
        require_shape(document, shape, path, remedy)
    return document
