"""Sessions on a bench: images are stored when they are read, and an interrupted session goes on.

The file of a session in progress starts with a line of JSON that says what is measured. Blocks
follow: a line with the numbers of the first and last image, the length of the data in bytes and
their SHA-256, then the data (an Arrow stream). A block is written after each image, or after each
second where images take less, and is on the disk before the next one starts. A power cut therefore
loses the image under way, or a second, and half of a block is never taken for a whole one.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.io.progress_bars import progress_bar
from hardware.instruments.bench import Bench, joined
from hardware.program import Program

FORMAT = {"format": "dwsynapse-session", "format_version": 1}
BLOCK = re.compile(rb"images (\d+) to (\d+), bytes (\d+), sha256 ([0-9a-f]{64})\n")
LONGEST_LINE = 200
STORED_AFTER_S = 1.0
COMPRESSED = pa.ipc.IpcWriteOptions(compression="lz4")


def run_session(
    bench: Bench,
    program: Program,
    pixels: NDArray[np.uint8],
    path: Path,
    identity: dict[str, Any],
) -> pd.DataFrame:
    """Show all images, those that are stored excepted, and return the whole log.

    Parameters
    ----------
    bench
        The instrument.
    program
        The program to run.
    pixels
        Inputs of the images, 0 or 1, shape (n_images, n_in).
    path
        The file of the session; it stays until its log is written elsewhere.
    identity
        What must be the same for a session to go on, as JSON.

    Raises
    ------
    InputError
        If the file is of another session, is damaged, or is being written.
    """
    with session_file(path, identity) as (file, stored):
        left = range(len(stored), len(pixels))
        if not left:
            return joined(stored, bench)
        bar = progress_bar(total=len(pixels), initial=len(stored), desc="images", unit="image")
        with bar, closing(bench.image_logs(program, pixels, left)) as logs:
            return joined([*stored, *_stored(file, len(stored), logs, bar)], bench)


def _stored(
    file: BinaryIO, first: int, logs: Iterable[pd.DataFrame], bar: Any
) -> list[pd.DataFrame]:
    """Store logs of images from the first on, and return them."""
    read: list[pd.DataFrame] = []
    waiting: list[pd.DataFrame] = []
    started_s = monotonic()

    def store() -> None:
        nonlocal waiting, first, started_s
        # What is cut off in the middle of a block is not written again behind it.
        block, waiting = waiting, []
        append(file, first, block)
        first, started_s = first + len(block), monotonic()

    try:
        for log in logs:
            waiting.append(log)
            read.append(log)
            bar.update()
            if monotonic() - started_s >= STORED_AFTER_S:
                store()
    finally:
        if waiting:
            store()
    return read


@contextmanager
def session_file(
    path: Path, identity: dict[str, Any]
) -> Iterator[tuple[BinaryIO, list[pd.DataFrame]]]:
    """Open the file of a session for appending, made or cut to its last whole block.

    Yields
    ------
    file : BinaryIO
        At its end.
    stored : list of DataFrame
        The logs of the images that it has: those from the first on.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("a+b") as file:
            _lock(file, path)
            stored = _opened(file, path, identity)
            file.seek(0, os.SEEK_END)
            yield file, stored
    except OSError as error:
        # A full disk: the error of a write names no file.
        if error.filename is None and error.errno is not None:
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


def _opened(file: BinaryIO, path: Path, identity: dict[str, Any]) -> list[pd.DataFrame]:
    """Return the logs that the file has, cut to its last whole block; start it where it is new."""
    file.seek(0)
    head = file.readline()
    if head.endswith(b"\n"):
        _require_same(head, identity, path)
        stored = [log for block in _blocks(file, path) for log in block]
        file.truncate(file.tell())
        return stored
    # New, or cut off before its first image.
    file.truncate(0)
    file.write(json.dumps({**FORMAT, **identity}).encode() + b"\n")
    _to_disk(file)
    _folder_to_disk(path.parent)
    return []


def append(file: BinaryIO, first: int, logs: list[pd.DataFrame]) -> None:
    """Append the logs of images from the first on, and wait until the disk has them."""
    sink = pa.BufferOutputStream()
    table = pa.Table.from_pandas(pd.concat(logs), preserve_index=False)
    with pa.ipc.new_stream(sink, table.schema, options=COMPRESSED) as writer:
        writer.write_table(table)
    data = sink.getvalue().to_pybytes()
    last, digest = first + len(logs) - 1, hashlib.sha256(data).hexdigest()
    file.write(f"images {first} to {last}, bytes {len(data)}, sha256 {digest}\n".encode() + data)
    _to_disk(file)


def _blocks(file: BinaryIO, path: Path) -> Iterator[list[pd.DataFrame]]:
    """Yield the logs of each whole block, and leave the file after the last of them."""
    while True:
        start = file.tell()
        head = BLOCK.fullmatch(file.readline(LONGEST_LINE))
        data = file.read(int(head[3])) if head else b""
        if not head or hashlib.sha256(data).hexdigest() != head[4].decode():
            break
        log = pa.ipc.open_stream(data).read_pandas()
        yield [log[log["image"] == image] for image in range(int(head[1]), int(head[2]) + 1)]
    # Half a block is the last that was written; with others after it the file is damaged.
    file.seek(start + 1)
    if BLOCK.search(file.read()):
        raise InputError(
            "damaged: whole images follow a broken block",
            path=path,
            where=f"byte {start}",
            remedy="restore it from a copy, or remove it and measure again",
        )
    file.seek(start)


def _require_same(head: bytes, identity: dict[str, Any], path: Path) -> None:
    try:
        found = json.loads(head)
    except ValueError:
        found = {}
    if not isinstance(found, dict) or any(found.get(key) != FORMAT[key] for key in FORMAT):
        raise InputError(
            "not a session of this version", path=path, remedy="remove it, or choose another --out"
        )
    expected = json.loads(json.dumps(identity))
    other = [key for key in expected if found.get(key) != expected[key]]
    if other:
        raise InputError(
            f"an unfinished session with another {other[0]}",
            path=path,
            remedy="finish it with what it was started with, remove it, or choose another --out",
        )


def _to_disk(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _folder_to_disk(folder: Path) -> None:
    """Make the name of a new file last; Windows opens no folders."""
    with suppress(PermissionError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _lock(file: BinaryIO, path: Path) -> None:
    """Refuse a file that another process writes, where the system has such locks."""
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise InputError(
            "another process is running this session", path=path, remedy="wait for it, or stop it"
        ) from error
