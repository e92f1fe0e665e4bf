"""Records of how results were made, beside them: ``made/device.json.json`` for ``device.json``.

A record holds what is not the same in another run (time, duration, machine, libraries), so that
results are, and the checksum of the result, by which readers notice that it was changed. Each
command writes those of its own results when it ends.
"""

import hashlib
import json
import os
import platform
import shlex
import sys
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from dwsynapse.io.errors import InputError
from dwsynapse.io.replacing import replacing

FOLDER = "made"
NOT_THERE = (FileNotFoundError, NotADirectoryError)
FORMAT = {"format": "dwsynapse-made", "format_version": 1}
LIBRARIES = ("numpy", "scipy", "numba", "torch", "pandas", "iminuit", "discretisedfield")
"""Those that numbers come from; a record names the versions of those that were loaded."""

_origins: list[tuple[float, dict[str, Any]]] = []
_engines: list[tuple[float, str]] = []
_written: dict[Path, float] = {}
"""What this process made its results from and with, and what it wrote, with the time of each."""


def record_of(path: str | Path) -> Path:
    """Return where the record of a file is."""
    path = Path(path)
    return path.parent / FOLDER / f"{path.name}.json"


def checksum(path: str | Path) -> str:
    """Return the SHA-256 of a file as a hexadecimal string."""
    at = os.stat(path)
    return _checksum(str(path), at.st_ino, at.st_size, at.st_mtime_ns)


@cache
def _checksum(path: str, *_: int) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def require_unchanged(path: str | Path) -> None:
    """Refuse a result that was changed after it was made, if there is a record of it.

    Raises
    ------
    InputError
        Naming the file.
    """
    while stated := stated_sha256(path):
        if checksum(path) == stated:
            return
        # Another process may have made it again since the record was read.
        if stated_sha256(path) == stated:
            raise InputError(
                "was changed after it was made",
                path=path,
                remedy=f"remove it and make it again; if the change is meant, remove "
                f"{record_of(path)}",
            )


def stated_sha256(path: str | Path) -> str | None:
    """Return the checksum that the record of a file states; None where there is no record."""
    record = read_record(path)
    return None if record is None else str(record.get("sha256"))


def read_record(path: str | Path) -> dict[str, Any] | None:
    """Return the record of a file, None if there is none.

    Raises
    ------
    InputError
        If it is damaged.
    """
    try:
        record = json.loads(record_of(path).read_bytes())
        if record["format"] == FORMAT["format"]:
            return dict(record)
    except NOT_THERE:
        return None
    except (ValueError, LookupError, TypeError, RecursionError):
        pass
    raise InputError(
        "not a record of how a file was made", path=record_of(path), remedy="remove it"
    )


def record_of_text(text: str, command: str) -> str:
    """Return the record of a file with a text that something else than a command writes."""
    sum_ = hashlib.sha256(text.encode()).hexdigest()
    return json.dumps(FORMAT | {"sha256": sum_, "command": command, "inputs": {}}) + "\n"


def forget(path: Path) -> None:
    """Remove the record of a file that is about to be replaced, and note that it is written."""
    with suppress(*NOT_THERE):
        record_of(path).unlink()
    if not path.name.startswith("."):  # as temporary files do
        _written[path.absolute()] = time.time()


def remove_own(path: Path) -> bool:
    """Remove a result of an earlier command that is as it was made; return whether none is left.

    A file without a record, or that was changed since, is a user's.
    """
    if not path.is_file():
        return True
    if stated_sha256(path) != checksum(path):
        return False
    path.unlink()
    forget(path)
    return True


def remove_of_earlier_run(*paths: Path) -> None:
    """Remove results that an earlier run of a command left and this one does not make.

    Those that `remove_own` leaves stay, which a note on stderr says.
    """
    for path in paths:
        if not remove_own(path):
            print(f"note: {path} is not of this run, and stays: it has no record", file=sys.stderr)


def note_origin(room: str, origin: dict[str, Any]) -> None:
    """Note what a command makes its results from, for their records.

    Parameters
    ----------
    room
        The package whose code makes them.
    origin
        What the record says of it: code_version, code, seed, config and inputs, by path.
    """
    _origins.append((time.time(), {"room": room, **origin}))


def note_engine(engine: str) -> None:
    """Note what computes the results of a command, such as a GPU, for their records."""
    _engines.append((time.time(), engine))


def write_records(started_s: float) -> None:
    """Write the records of all results of this command, if it noted what they are made from.

    Parameters
    ----------
    started_s
        When it started, in seconds since 1970.
    """
    origins = [origin for noted_s, origin in _origins if noted_s >= started_s]
    if not origins:
        return
    *_, last = origins
    content = {
        "command": shlex.join(["python", *sys.orig_argv[1:]]),
        "folder": str(Path.cwd()),
        **last,
        "engine": next((name for noted_s, name in _engines if noted_s >= started_s), None),
        "inputs": {path: sum_ for origin in origins for path, sum_ in origin["inputs"].items()},
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started_s)),
        "seconds": round(time.time() - started_s, 2),
        **_machine(),
    }
    for path, written_s in _written.items():
        if written_s >= started_s and path.is_file():
            sizes = {"sha256": checksum(path), "bytes": path.stat().st_size}
            with replacing(record_of(path)) as temporary:
                temporary.write_text(json.dumps(FORMAT | sizes | content, indent=2) + "\n")


def _machine() -> dict[str, Any]:
    return {
        "machine": platform.node(),
        "processor": _processor(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "libraries": {
            name: str(getattr(sys.modules[name], "__version__", "unknown"))
            for name in LIBRARIES
            if name in sys.modules
        },
    }


def _processor() -> str:
    """Return the name of the processor, which Python tells on few systems."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
