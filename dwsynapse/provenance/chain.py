"""The chain from a result to the files that it was made from, checked link by link."""

from collections.abc import Iterator
from dataclasses import dataclass
from os.path import realpath
from pathlib import Path
from typing import Literal

from dwsynapse.io.errors import InputError
from dwsynapse.io.fingerprint import fingerprint
from dwsynapse.io.records import checksum
from dwsynapse.provenance.origin import Origin, origin_of

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
        ``ok`` if it is the file that was made or used, as far as that is known; ``unknown`` if it
        was not found, and no record says where it was, as of results that are shipped.
    problem
        What is wrong otherwise.
    how
        Lines on how it was made; none where nothing is known, as for a user's own files.
    """

    path: Path
    depth: int
    status: Literal["ok", "changed", "missing", "unknown"]
    problem: str
    how: tuple[str, ...]


def chain_of(path: Path) -> Iterator[Link]:
    """Yield the links of a result: itself, then each of its inputs with those of that.

    A file that was used several times comes with its own inputs the first time only.

    Raises
    ------
    InputError
        If nothing is known of how the file was made, or what is known is damaged.
    """
    if path.is_file() and origin_of(path) is None:
        raise InputError(
            "does not say how it was made, and has no record of it",
            path=path,
            remedy="give a result of this project; a copy needs its record beside it (made/)",
        )
    yield from _links(path, None, 0, set())


def _links(path: Path, used: str | None, depth: int, seen: set[str]) -> Iterator[Link]:
    if not path.is_file():
        yield Link(path, depth, "missing", "no such file", ())
        return
    found, origin = checksum(path), origin_of(path)
    problem = ""
    if origin and found != (origin.sha256 or found):
        problem = "changed after it was made"
    elif used and found != used:
        problem = f"another file was used, with checksum {used[:SHOWN]}..., not {found[:SHOWN]}..."
    first = realpath(path) not in seen
    how = tuple(_how(origin)) if origin and first else ()
    yield Link(path, depth, "changed" if problem else "ok", problem, how)
    if origin and first:
        seen.add(realpath(path))
        for name, sum_ in origin.inputs.items():
            file = _found(name, path, origin)
            if origin.folder is None and not file.is_file():
                yield Link(file, depth + 1, "unknown", "not found, and not recorded where", ())
            else:
                yield from _links(file, sum_, depth + 1, seen)


def _found(name: str, path: Path, origin: Origin) -> Path:
    """Return where an input of a file is: names are relative to where its command ran."""
    here = Path.cwd()
    if origin.folder is None and (beside := path.parent / name).is_file():
        return beside
    folder = Path(origin.folder or here)
    if not path.absolute().is_relative_to(folder):  # it was moved
        return Path(name)
    file = folder / name
    return file.relative_to(here) if file.is_relative_to(here) else file


def _how(origin: Origin) -> Iterator[str]:
    """Yield lines on how a file was made."""
    if origin.command:
        yield " ".join(origin.command.split())
    if origin.code_version is None:  # of a part of the study
        return
    line = f"code {origin.code} ({origin.code_version})"
    if origin.room:
        line = f"{origin.room}: {line}"
        if origin.code != (now := fingerprint(origin.room)):
            line += f", which is {now} now"
    if origin.seed is not None:
        line += f", seed {origin.seed}"
    if origin.engine:
        line += f", engine {origin.engine}"
    if origin.config_sha256:
        line += f", config {origin.config_sha256[:SHOWN]}..."
    yield line
    if origin.machine:
        libraries = "".join(f", {name} {found}" for name, found in origin.libraries.items())
        yield (
            f"{origin.started}, {origin.seconds:g} s on {origin.machine} ({origin.processor}, "
            f"{origin.system}), Python {origin.python}{libraries}"
        )
