"""Files that are replaced as a whole."""

import fcntl
import glob
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

NEW_S = 2


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path next to `path`, moved into place only if the block succeeds.

    A reader therefore sees the old file or the whole new one, never a part.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=path.suffix, dir=path.parent)
    temporary = Path(name)
    try:
        _lock(handle)
        remove_leftovers(path)
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        os.replace(temporary, path)
    except OSError as error:
        # A full disk, for example: the error names no file or the temporary one.
        if error.filename in {None, str(temporary)} and error.errno is not None:
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
    finally:
        os.close(handle)
        temporary.unlink(missing_ok=True)


def keep_aside(path: Path) -> str:
    """Rename finished work of another origin, which is about to be replaced; return its new name.

    What was kept before stays: names are ``<path>.other``, ``<path>.other2`` and so on.
    """
    names = (f"{path.name}.other{number if number > 1 else ''}" for number in count(1))
    aside = next(a for name in names if not os.path.lexists(a := path.with_name(name)))
    path.replace(aside)
    return aside.name


def remove_leftovers(path: Path) -> None:
    """Remove the temporary files that killed processes left next to `path`.

    Whoever writes has a lock on its temporary file, which ends with the process.
    """
    for leftover in path.parent.glob(
        f".{glob.escape(path.stem)}.{'?' * 8}{glob.escape(path.suffix)}"
    ):
        with suppress(OSError):
            handle = os.open(leftover, os.O_RDWR)
            try:
                # A new one may be about to be locked.
                if time.time() - os.fstat(handle).st_mtime > NEW_S and _lock(handle):
                    leftover.unlink()
            finally:
                os.close(handle)


def _lock(handle: int) -> bool:
    """Return whether a file could be locked; some file systems have no locks."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
