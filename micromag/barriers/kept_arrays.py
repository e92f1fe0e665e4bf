"""Arrays of unfinished work on disk, from which a stopped run goes on."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from dwsynapse.io.damaged_archives import UNREADABLE_NPZ
from dwsynapse.io.files import atomic_path, identity
from dwsynapse.io.replacing import keep_aside


class KeptArrays:
    """Arrays in ``<out>.done.npz``, next to the result that is made from them.

    Parameters
    ----------
    out
        The result.
    what
        What an error calls them, such as barriers.
    origin
        What they are made from: a provenance (`dwsynapse.io.files.provenance`).
    options
        What else affects them.
    """

    def __init__(self, out: Path, what: str, origin: dict[str, Any], **options: Any):
        self._path, self._what = out.with_suffix(".done.npz"), what
        self._about = json.dumps({"origin": identity(origin), **options}, sort_keys=True)

    def read(self) -> dict[str, NDArray[Any]]:
        """Return the arrays that a stopped run has left; none where there are no such.

        Those of another origin, or damaged, are kept under another name.
        """
        if not self._path.exists():
            return {}
        try:
            with np.load(self._path) as file:
                arrays = dict(file)
            if str(arrays.pop("about", None)) == self._about:
                return arrays
        except UNREADABLE_NPZ:
            pass
        tqdm.write(
            f"{self._path}: {self._what} of another config, options or code, or damaged; computed "
            f"again, with those kept as {keep_aside(self._path)}",
            file=sys.stderr,
        )
        return {}

    def write(self, **arrays: NDArray[Any]) -> None:
        """Keep arrays in the place of those kept before."""
        with atomic_path(self._path) as temporary, temporary.open("wb") as file:
            np.savez(file, about=np.array(self._about), **arrays)  # type: ignore[arg-type]

    def remove(self) -> None:
        """Remove the file, once the result is written."""
        self._path.unlink(missing_ok=True)
