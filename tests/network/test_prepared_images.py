"""Images: preparation and the file of prepared ones."""

import numpy as np
import pytest

from dwsynapse.io.errors import InputError
from network.images import prepared_images
from network.images.prepared_images import Images
from tests.network.small_images import idx_files


@pytest.fixture
def files():
    return idx_files()


def test_a_pixel_is_on_where_any_of_four_exceeds_half_intensity():
    grey = np.zeros((5, 28, 28), np.uint8)
    grey[0, 1, 2] = 128  # pooled into row 0, column 1
    grey[0, 27, 27] = 127  # below half of 255
    files = idx_files(grey)
    prepared = prepared_images.prepare(files)
    assert prepared.train_pixels.shape == (5, 196)
    assert np.flatnonzero(prepared.train_pixels).tolist() == [1]
    assert prepared.train_labels.tolist() == list(files["train-labels-idx1-ubyte"][8:])


def test_all_pixels_may_be_kept():
    grey = np.zeros((5, 28, 28), np.uint8)
    grey[0, 1, 2], grey[0, 3, 4] = 128, 127
    prepared = prepared_images.prepare(idx_files(grey), side_px=28)
    assert prepared.train_pixels.shape == (5, 784)
    assert np.flatnonzero(prepared.train_pixels).tolist() == [1 * 28 + 2]


def test_prepared_images_survive_the_file(files, tmp_path):
    prepared = prepared_images.prepare(files)
    prepared.write(tmp_path / "images.npz")
    back = Images.read(tmp_path / "images.npz")
    for name, array in vars(prepared).items():
        assert np.array_equal(getattr(back, name), array)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"train_pixels": np.zeros((5, 100), np.uint8)}, r"shapes \(5, 100\) and \(5,\)"),
        ({"test_labels": np.zeros(4, int)}, "test_pixels, test_labels: shapes"),
        ({"test_pixels": np.zeros((5, 784), np.uint8)}, "test_pixels, test_labels: shapes"),
        ({"test_pixels": np.full((5, 196), 2, np.uint8)}, "pixels must be 0 or 1"),
        ({"test_labels": np.zeros(5)}, "labels must be whole numbers"),
        ({"test_labels": np.array(["a"] * 5)}, "labels must be whole numbers"),
        ({"train_labels": np.full(5, 2**62)}, "a label of 4611686018427387904, where .* to 255"),
        ({"train_labels": np.arange(1, 6)}, "labels start at 1, where classes count from 0"),
        ({"train_labels": np.full(5, 4)}, "every label is 4: one class leaves nothing to learn"),
        ({"train_pixels": np.zeros((5, 196), np.uint8)}, "every pixel is 0, which leaves nothing"),
        ({"test_labels": np.full(5, 99)}, "test_pixels, test_labels: a label of 99, where the"),
        ({"train_pixels": np.uint8(1)}, "train_pixels, train_labels: shapes"),
        ({"test_pixels": np.zeros((0, 196), np.uint8), "test_labels": np.zeros(0, int)}, "shapes"),
    ],
)
def test_wrong_arrays_are_named(files, tmp_path, changes, message):
    path = tmp_path / "images.npz"
    Images(**{**vars(prepared_images.prepare(files)), **changes}).write(path)
    with pytest.raises(InputError, match=message):
        Images.read(path)


def test_images_of_another_size_than_the_networks_are_refused(files, tmp_path):
    path = tmp_path / "images.npz"
    prepared_images.prepare(files).write(path)
    with pytest.raises(InputError, match="images of 196 pixels for networks of 784 inputs; give"):
        Images.read(path, n_in=784)
    labels = Images.read(path).test_labels
    Images.read(path, 196, labels.max() + 1)
    with pytest.raises(InputError, match=f"a label of {labels.max()} for networks of .* classes"):
        Images.read(path, 196, labels.max())


def test_files_that_are_no_prepared_images(tmp_path):
    path = tmp_path / "images.npz"
    with pytest.raises(InputError, match="no such file"):
        Images.read(path)
    for content, message in ((b"PK", "not a file of prepared images"), (b"", "the file is empty")):
        path.write_bytes(content)
        with pytest.raises(InputError, match=message):
            Images.read(path)
    np.savez(path, train_pixels=np.zeros(3))
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(InputError, match="not a file of prepared images"):
        Images.read(path)
    np.savez(path, other=np.zeros(3))
    with pytest.raises(InputError, match="not a file of prepared images"):
        Images.read(path)
