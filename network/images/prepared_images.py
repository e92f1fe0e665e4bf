"""Inputs of the networks: binary pixels (section 4.5 of Ellis et al. 2023)."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.damaged_archives import UNREADABLE_NPZ
from dwsynapse.io.errors import InputError
from dwsynapse.io.file_kinds import NPZ, unreadable
from dwsynapse.io.files import atomic_path, require_file

SIDES_PX = (14, 28)
PIXELS = tuple(side * side for side in SIDES_PX)
PARTS = {"train": "train", "t10k": "test"}
REMEDY = "make it by `python -m network images`"
MAX_LABEL = 255  # a byte in the files that images come from


@dataclass(frozen=True)
class Images:
    """Binary images and their labels.

    Parameters
    ----------
    train_pixels, test_pixels
        Inputs x_j, 0 or 1, shape (n_images, n_in), dtype uint8; n_in is 196 or 784.
    train_labels, test_labels
        Classes from 0 (in MNIST, digits), shape (n_images,), dtype int64.
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
    def read(
        cls, path: str | Path, n_in: int | None = None, n_classes: int | None = None
    ) -> "Images":
        """Read prepared images.

        Parameters
        ----------
        path
            The file.
        n_in, n_classes
            Inputs of the networks, and classes that they tell apart; None accepts any.

        Raises
        ------
        InputError
            If the file is missing, is of another kind, or an array has a wrong shape or values, or
            the images are not those of the networks.
        """
        require_file(path, remedy=REMEDY)
        try:
            with np.load(path, allow_pickle=False) as arrays:
                images = cls(**arrays)
        except UNREADABLE_NPZ as error:
            it_is = "a file of prepared images"
            raise unreadable(path, f"{it_is} (npz)", f"not {it_is}", REMEDY, NPZ) from error
        images.require_whole(path)
        images.require_for(n_in, n_classes, path)
        return images

    def require_for(
        self, n_in: int | None, n_classes: int | None, path: str | Path | None = None
    ) -> None:
        """Refuse images that networks of so many inputs and classes cannot classify.

        Raises
        ------
        InputError
            Naming both numbers.
        """
        width, most = self.train_pixels.shape[-1], int(self.test_labels.max())
        if n_in not in {None, width}:
            problem = f"images of {width} pixels for networks of {n_in} inputs"
        elif n_classes is not None and most >= n_classes:
            problem = f"a label of {most} for networks of {n_classes} classes, from 0 on"
        else:
            return
        remedy = "give the images that the networks were trained on (see image_side_px)"
        raise InputError(problem, path=path, where=None if path else "images", remedy=remedy)

    def require_whole(self, path: str | Path | None = None) -> None:
        """Refuse arrays that are no images of one size with their labels.

        Raises
        ------
        InputError
            Naming the part and what is wrong.
        """
        require_arrays(self)
        for part in PARTS.values():
            pixels, labels = getattr(self, f"{part}_pixels"), getattr(self, f"{part}_labels")
            problem = None
            width = self.train_pixels.shape[-1] if self.train_pixels.ndim else 0
            shape = labels.size, width
            if labels.ndim != 1 or 0 in shape or width not in PIXELS or pixels.shape != shape:
                widths = " or ".join(map(str, PIXELS))
                problem = f"shapes {pixels.shape} and {labels.shape} are not (n, {widths}) and (n,)"
            elif pixels.dtype != np.uint8 or pixels.max() > 1:
                problem = "pixels must be 0 or 1 (uint8)"
            elif not np.issubdtype(labels.dtype, np.integer) or labels.min() < 0:
                problem = "labels must be whole numbers from 0"
            elif labels.max() > (most := min(MAX_LABEL, self.train_labels.max())):
                problem = f"a label of {labels.max()}, where the training labels go up to {most}"
            elif part == "train" and labels.min() == labels.max():
                problem = f"every label is {labels.max()}: one class leaves nothing to learn"
            elif part == "train" and labels.min() > 0:
                problem = f"labels start at {labels.min()}, where classes count from 0"
            if problem:
                where = f"{part}_pixels, {part}_labels"
                raise InputError(problem, path=path, where=where, remedy=REMEDY)
        if (pixel := self.train_pixels.max()) == self.train_pixels.min():
            problem = f"every pixel is {pixel}, which leaves nothing to learn"
            raise InputError(problem, path=path, where="train_pixels", remedy=REMEDY)


def require_arrays(images: object) -> None:
    """Refuse images of which a part is no array, such as a list.

    Raises
    ------
    InputError
        Naming the part.
    """
    for name, array in vars(images).items():
        if not isinstance(array, np.ndarray):
            problem = f"must be an array (found {type(array).__name__})"
            raise InputError(problem, where=name, remedy=f"give numpy.array({name})")


def prepare(files: dict[str, bytes], side_px: int = 14) -> Images:
    """Prepare the four IDX files: pixels are on where the intensity exceeds half.

    Parameters
    ----------
    files
        Bytes of the files by name, from `network.images.downloads.obtain`.
    side_px
        14: the largest of every 2 x 2 pixels is kept (section 4.5); 28: all pixels are.
    """
    pool = 28 // side_px
    arrays = {}
    for prefix, part in PARTS.items():
        grey = idx_array(files[f"{prefix}-images-idx3-ubyte"])
        pooled = grey.reshape(-1, side_px, pool, side_px, pool).max(axis=(2, 4))
        on = pooled / 255 > 0.5
        arrays[f"{part}_pixels"] = on.reshape(len(on), -1).astype(np.uint8)
        arrays[f"{part}_labels"] = idx_array(files[f"{prefix}-labels-idx1-ubyte"]).astype(np.int64)
    return Images(**arrays)


def idx_array(content: bytes) -> NDArray[np.uint8]:
    """Return the array of an IDX file: 4 bytes (the last: dimensions), sizes, then the data."""
    sizes = np.frombuffer(content, dtype=">u4", count=content[3], offset=4)
    data = np.frombuffer(content, dtype=np.uint8, offset=4 + 4 * len(sizes))
    return data.reshape(sizes.astype(int))
