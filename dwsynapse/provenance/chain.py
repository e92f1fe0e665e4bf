"""The chain from a result to the files that it was made from, checked link by link."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import provenance_in
from dwsynapse.io.fingerprint import fingerprint
from dwsynapse.io.records import checksum, read_record

SHOWN = 12
"""Digits of a checksum in a line."""


@dataclass(frozen=True)
class Link:
    """A file in the chain.

    Parameters
    ----------
    path
        The file.
    depth
        How many results were made from it, one after the other; 0 for the result asked for.
    status
        ``ok`` if it is the file that was made or used, as far as that is known.
    problem
        What is wrong otherwise.
    how
        Lines on how it was made; none where nothing is known, as for a user's own files.
    """

    path: Path
    depth: int
    status: Literal["ok", "changed", "missing"]
    problem: str
    how: tuple[str, ...]


def chain_of(path: Path) -> Iterator[Link]:
    """Yield the links of a result: itself, then each of its inputs with those of that.

    A file that was used several times comes with its own inputs the first time only.

    Raises
    ------
    InputError
        If nothing is known of how the file was made.
    """
    if path.is_file() and _origin(path) is None:
        raise InputError(
            "does not say how it was made, and has no record of it",
            path=path,
            remedy="give a result of this project; a copy needs its record beside it (made/)",
        )
    yield from _links(path, None, 0, set())


def _links(path: Path, used: str | None, depth: int, seen: set[Path]) -> Iterator[Link]:
    if not path.is_file():
        yield Link(path, depth, "missing", "no such file", ())
        return
    found, origin = checksum(path), _origin(path) or {}
    problem = ""
    if found != origin.get("sha256", found):
        problem = "changed after it was made"
    elif used and found != used:
        problem = f"another file was used, with checksum {used[:SHOWN]}..., not {found[:SHOWN]}..."
    first = path.resolve() not in seen
    how = tuple(_how(origin)) if origin and first else ()
    yield Link(path, depth, "changed" if problem else "ok", problem, how)
    if first:
        seen.add(path.resolve())
        for name, sum_ in origin.get("inputs", {}).items():
            yield from _links(_found(name, path, origin), sum_, depth + 1, seen)


def _origin(path: Path) -> dict[str, Any] | None:
    """Return what the record of a file says, or the file itself."""
    return read_record(path) or provenance_in(path)


def _found(name: str, path: Path, origin: dict[str, Any]) -> Path:
    """Return where an input of a file is: names are relative to where its command ran."""
    here = Path.cwd()
    folder = Path(origin.get("folder", here))
    if not path.absolute().is_relative_to(folder):  # it was moved
        return Path(name)
    file = folder / name
    return file.relative_to(here) if file.is_relative_to(here) else file


def _how(origin: dict[str, Any]) -> Iterator[str]:
    """Yield lines on how a file was made."""
    if "command" in origin:
        yield " ".join(origin["command"].split())
    if "code_version" not in origin:  # of a part of the study
        return
    code = origin.get("code", "not known")
    room = origin.get("room")
    line = f"code {code} ({origin['code_version']})"
    if room:
        line = f"{room}: {line}"
        if code != (now := fingerprint(room)):
            line += f", which is {now} now"
    for key in ("seed", "engine"):
        if origin.get(key) is not None:
            line += f", {key} {origin[key]}"
    if config := origin.get("config_sha256"):
        line += f", config {config[:SHOWN]}..."
    yield line
    if "machine" in origin:
        libraries = "".join(f", {name} {found}" for name, found in origin["libraries"].items())
        yield (
            f"{origin['started']}, {origin['seconds']:g} s on {origin['machine']} "
            f"({origin['processor']}, {origin['system']}), Python {origin['python']}{libraries}"
        )
