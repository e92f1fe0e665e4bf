"""Compiled kernels, kept on disk as long as no source of their room changes."""

import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core import event

from dwsynapse.kept_kernels import KeptKernels

DIGITS = 12
"""Of the hash in the name of a folder of kernels."""
KEPT_UNUSED_DAYS = 30
"""Kernels of other states of the code are kept for this time after their last use."""


def compiled(**options: Any) -> Callable[[Callable], Any]:
    """Return a decorator that compiles a function by `numba.njit` and keeps the result on disk.

    Numba compiles a kept kernel again when its own file changes, but not when a file changes whose
    functions it calls: after an update, old and new numbers would be mixed. So kernels are kept in
    a folder named after a hash of all sources of their room, their topmost package; those of
    other states of the code are removed some time after their last use. A kernel may call only
    those of its own room.

    Parameters
    ----------
    **options
        Options of `numba.njit`, without `cache`.
    """

    def decorate(function: Callable) -> Any:
        njit: Any = numba.njit  # which does not declare all of its options
        folder = _kernels_of(function.__module__.partition(".")[0])
        if folder is None:
            return njit(**options)(function)
        # Numba looks here once, when the function is decorated.
        given = numba.config.CACHE_DIR  # type: ignore[attr-defined]
        numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]
        try:
            dispatcher = njit(cache=True, **options)(function)
        finally:
            numba.config.CACHE_DIR = given  # type: ignore[attr-defined]
        if kept := getattr(getattr(dispatcher, "_cache", None), "_cache_file", None):
            kept.__class__ = KeptKernels
        return dispatcher

    return decorate


@cache
def _kernels_of(room: str) -> Path | None:
    """Return where a room's kernels are kept; None if nowhere, or if it is a script."""
    package = getattr(sys.modules[room], "__path__", None)
    if package is None:
        return None
    name = f"kernels-{room}-{_digest(Path(package[0]))}"
    for place in _places(Path(package[0])):
        is_new = not os.path.exists(folder := place / name)
        if _is_usable(folder):
            if is_new:
                _remove_unused(place, room)
            return folder
    return None


class _Compiling(event.Listener):
    """Says once that kernels are compiled, when the first one is."""

    said = False

    def on_start(self, event: event.Event) -> None:
        if not self.said:
            self.said = True
            print("compiling kernels, once for this version: up to a minute", file=sys.stderr)

    def on_end(self, event: event.Event) -> None:
        pass


@cache
def say_when_compiling() -> None:
    """From now on, say on stderr when the first kernel is compiled, which takes long.

    A kernel that was compiled before is read from disk, and nothing is said.
    """
    event.register("numba:compile", _Compiling())


if sys.stderr.isatty():  # logs of commands need no line for it
    say_when_compiling()


def _remove_unused(place: Path, room: str) -> None:
    """Remove the kernels of other states of a room that no process has used for long.

    A process that still has them in use would compile them again.
    """
    unused_since = time.time() - KEPT_UNUSED_DAYS * 24 * 3600
    for folder in place.glob(f"kernels-{room}-{'[0-9a-f]' * DIGITS}"):
        with suppress(OSError):  # another process may remove them, too
            if folder.stat().st_mtime < unused_since:
                shutil.rmtree(folder)


def _digest(package: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        source = path.read_bytes()
        digest.update(f"{path.relative_to(package)} {len(source)}\n".encode() + source)
    return digest.hexdigest()[:DIGITS]


def _places(package: Path) -> list[Path]:
    """Return where kernels may be kept: numba's setting, next to the code, or the user's cache."""
    if given := numba.config.CACHE_DIR:  # type: ignore[attr-defined]
        return [Path(given)]
    import pooch  # which is needed only where the code cannot be written

    return [package / "__pycache__", Path(pooch.os_cache("dwsynapse")) / "kernels"]


def _is_usable(folder: Path) -> bool:
    """Return whether kernels can be kept here, and note that they are used now."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            os.utime(folder)
        return True
    except OSError:
        return False
