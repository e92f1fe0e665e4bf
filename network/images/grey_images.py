"""Inputs of crossbars: all grey pixels (S. Liu et al., Appl. Phys. Lett. 118, 202405, 2021)."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.damaged_archives import UNREADABLE_NPZ
from dwsynapse.io.errors import InputError
from dwsynapse.io.file_kinds import NPZ, unreadable
from dwsynapse.io.files import atomic_path, require_file
from network.images.prepared_images import MAX_LABEL, PARTS, idx_array, require_arrays

FORMAT = "dwsynapse-grey-images"
REMEDY = "make it by `python -m network images --grey`"


@dataclass(frozen=True)
class GreyImages:
    """Grey images and their labels.

    Parameters
    ----------
    train_pixels, test_pixels
        Pixels from 0 to 255, shape (n_images, n_in), dtype uint8.
    train_labels, test_labels
        Classes from 0, shape (n_images,), dtype int64.
    """

    train_pixels: NDArray[np.uint8]
    train_labels: NDArray[np.int64]
    test_pixels: NDArray[np.uint8]
    test_labels: NDArray[np.int64]

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return int(self.train_labels.max()) + 1

    def content_sha256(self) -> str:
        """Return the SHA-256 of all pixels and labels."""
        digest = hashlib.sha256()
        for array in vars(self).values():
            digest.update(array.tobytes())
        return digest.hexdigest()

    def write(self, path: str | Path) -> None:
        """Write the images as ``.npz``."""
        with atomic_path(path) as temporary, temporary.open("wb") as file:
            np.savez_compressed(file, format=FORMAT, **vars(self))

    @classmethod
    def read(cls, path: str | Path) -> "GreyImages":
        """Read prepared grey images.

        Raises
        ------
        InputError
            If the file is missing, is of another kind, or an array has a wrong shape or values.
        """
        require_file(path, remedy=REMEDY)
        names = [f"{part}_{what}" for part in PARTS.values() for what in ("pixels", "labels")]
        try:
            with np.load(path, allow_pickle=False) as arrays:
                if "format" not in arrays or arrays["format"] != FORMAT:
                    raise InputError("not a file of grey images", path=path, remedy=REMEDY)
                images = cls(**{name: arrays[name] for name in names})
        except UNREADABLE_NPZ as error:
            it_is = "a file of grey images"
            raise unreadable(path, f"{it_is} (npz)", f"not {it_is}", REMEDY, NPZ) from error
        images.require_whole(path)
        return images

    def require_whole(self, path: str | Path | None = None) -> None:
        """Refuse arrays that are no images of one size with their labels.

        Raises
        ------
        InputError
            Naming the part and what is wrong.
        """
        require_arrays(self)
        width = self.train_pixels.shape[-1] if self.train_pixels.ndim else 0
        for part in PARTS.values():
            pixels, labels = getattr(self, f"{part}_pixels"), getattr(self, f"{part}_labels")
            problem = None
            if (
                labels.ndim != 1
                or 0 in (labels.size, width)
                or pixels.shape != (labels.size, width)
            ):
                problem = f"shapes {pixels.shape} and {labels.shape} are not (n, {width}) and (n,)"
            elif pixels.dtype != np.uint8 or labels.dtype != np.int64:
                problem = "pixels must be bytes (uint8), and labels whole numbers (int64)"
            elif labels.min() < 0 or labels.max() > self.train_labels.max():
                problem = "labels must run from 0 to the largest of the training images"
            elif labels.max() > MAX_LABEL:
                problem = f"a label of {labels.max()}, where labels are classes from 0 on"
            elif pixels.max() == 1:
                problem = "pixels are 0 and 1, as of `images` without --grey, not 0 to 255"
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


def prepare_grey(files: dict[str, bytes]) -> GreyImages:
    """Prepare the four IDX files, by name, from `network.images.downloads.obtain`."""
    arrays: dict[str, NDArray] = {}
    for prefix, part in PARTS.items():
        grey = idx_array(files[f"{prefix}-images-idx3-ubyte"])
        arrays[f"{part}_pixels"] = grey.reshape(len(grey), -1).copy()
        arrays[f"{part}_labels"] = idx_array(files[f"{prefix}-labels-idx1-ubyte"]).astype(np.int64)
    return GreyImages(**arrays)
