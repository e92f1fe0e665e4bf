"""Compiled kernels on disk with their checksums: one that is damaged is compiled again, not run."""

import hashlib
import pickle
from contextlib import suppress
from typing import Any

from numba.core.caching import IndexDataCacheFile

SHA256_BYTES = 32


class KeptKernels(IndexDataCacheFile):
    """What numba keeps of a function, an index and compiled code for each signature.

    A damaged index counts as empty and damaged code as missing. A full disk costs the time to
    compile again, and nothing else.
    """

    def save(self, key: Any, data: Any) -> None:
        """Keep the code of a signature."""
        with suppress(OSError):
            super().save(key, data)

    def _load_index(self) -> dict[Any, str]:
        try:
            version, stamp, overloads = self._checked(self._index_path)
        except OSError:
            return {}
        current = (version, stamp) == (self._version, self._source_stamp)
        return overloads if current else {}

    def _save_index(self, overloads: dict[Any, str]) -> None:
        self._write(self._index_path, (self._version, self._source_stamp, overloads))

    def _load_data(self, name: str) -> Any:
        return self._checked(self._data_path(name))

    def _save_data(self, name: str, data: Any) -> None:
        self._write(self._data_path(name), data)

    def _write(self, path: str, thing: Any) -> None:
        content = self._dump(thing)
        with self._open_for_write(path) as file:
            file.write(hashlib.sha256(content).digest() + content)

    def _checked(self, path: str) -> Any:
        """Return what a file holds; raise OSError, which numba takes for missing, if damaged."""
        with open(path, "rb") as file:
            digest, content = file.read(SHA256_BYTES), file.read()
        if hashlib.sha256(content).digest() != digest:
            raise OSError(f"{path}: damaged")
        return pickle.loads(content)
