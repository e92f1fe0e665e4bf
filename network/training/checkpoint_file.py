"""A file for the state of a training: arrays and numbers, and what the training is made from."""

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as serialised

from dwsynapse.io.files import atomic_path, identity
from dwsynapse.io.replacing import keep_aside

Arrays = Mapping[str, NDArray]
State = tuple[dict[str, NDArray], dict[str, Any]]


@dataclass(frozen=True)
class CheckpointFile:
    """A file for the state of a training, to be removed once the networks are written.

    Parameters
    ----------
    path
        The file.
    fingerprint
        What the networks are made from; another state is not used.
    """

    path: Path
    fingerprint: str

    @classmethod
    def of(cls, path: Path, origin: dict[str, Any], model: int) -> Self:
        """Return the checkpoint of a model that is made from what its provenance names."""
        made_from = json.dumps([identity(origin), model])
        return cls(path, hashlib.sha256(made_from.encode()).hexdigest())

    def save_state(self, arrays: Arrays, numbers: dict[str, Any]) -> None:
        """Write arrays and numbers atomically, marked with what the networks are made from."""
        whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        metadata = {"fingerprint": self.fingerprint, "numbers": json.dumps(numbers)}
        metadata["sha256"] = _digest(whole, metadata["numbers"])
        with atomic_path(self.path) as temporary:
            # The library's own writing raises no OSError where the disk is full.
            temporary.write_bytes(serialised(whole, metadata))

    def load_state(self) -> State | None:
        """Return the saved arrays and numbers; None if there are none of the same fingerprint.

        Another state is kept under another name.
        """
        if not self.path.is_file():
            return None
        try:
            with safe_open(self.path, "np") as file:
                metadata = file.metadata() or {}
                if metadata.get("fingerprint") == self.fingerprint:
                    arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
                    if metadata["sha256"] == _digest(arrays, metadata["numbers"]):
                        return arrays, json.loads(metadata["numbers"])
        except (SafetensorError, ValueError, TypeError, KeyError):
            pass  # damaged
        print(
            f"{self.path}: of another device, config, images, seed or code, or damaged; starting "
            f"from the beginning, with that progress kept as {keep_aside(self.path)}",
            file=sys.stderr,
        )
        return None


def _digest(arrays: Arrays, numbers: str) -> str:
    digest = hashlib.sha256(numbers.encode())
    for name in sorted(arrays):
        digest.update(f"{name} {arrays[name].shape}".encode() + arrays[name].tobytes())
    return digest.hexdigest()
