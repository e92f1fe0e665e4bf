"""Arrays in a ``.safetensors`` file next to the JSON of a model that names it."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file
from safetensors.numpy import save as serialised

from dwsynapse.io.errors import InputError
from dwsynapse.io.file_kinds import SAFETENSORS, unreadable
from dwsynapse.io.files import atomic_path, require_file, sha256


def write_arrays(path: str | Path, arrays: Mapping[str, NDArray]) -> dict[str, str]:
    """Write the arrays that belong to a JSON file, and return what it says of them.

    Parameters
    ----------
    path
        The JSON file.
    arrays
        By name.
    """
    arrays_path = Path(path).with_suffix(".safetensors")
    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    with atomic_path(arrays_path) as temporary:
        # The library's own writing raises no OSError where the disk is full.
        temporary.write_bytes(serialised(whole))
    return {"file": arrays_path.name, "sha256": sha256(arrays_path)}


def read_arrays(path: str | Path, entry: Mapping[str, str], wanted: str) -> dict[str, NDArray]:
    """Read the arrays that belong to a JSON file.

    Parameters
    ----------
    path
        The JSON file.
    entry
        What it says of them, as `write_arrays` returned it.
    wanted
        What they are, such as ``the arrays of a trained model``.

    Raises
    ------
    InputError
        If the file is missing, damaged or that of another training, or an array is empty or has
        numbers that are not finite.
    """
    path = Path(path)
    arrays_path = path.with_name(entry["file"])
    require_file(arrays_path, remedy=f"keep it next to {path.name}")
    if sha256(arrays_path) != entry["sha256"]:
        raise InputError(
            f"the arrays do not belong to {path.name} (their checksum differs)",
            path=arrays_path,
            remedy="keep both files of one training together, or train again",
        )
    try:
        arrays = load_file(arrays_path)
    except SafetensorError as error:
        problem = f"not a safetensors file ({error})"
        raise unreadable(arrays_path, wanted, problem, "train again", SAFETENSORS) from error
    for name, array in arrays.items():
        if array.size == 0 or not np.isfinite(array).all():
            raise InputError(
                "is empty, or has numbers that are not finite",
                path=arrays_path,
                where=name,
                remedy="train again, with a lower learning rate if it happens again",
            )
    return arrays
