"""What a ``device.json`` says, apart from how it was made, and what counts it was fitted to."""

import hashlib
import json
from pathlib import Path

import pandas as pd

from dwsynapse.io.files import read_json, sha256
from fitting.device.device_file import KIND, VERSION

COUNTS_SHA256 = "counts_sha256"
"""In the provenance of a device, the hash of the counts that it was fitted to."""


def counts_sha256(counts: pd.DataFrame) -> str:
    """Return the SHA-256 of a table of counts, whatever its file and the order of its rows."""
    ordered = counts.sort_index(axis=1)
    rows = ordered.sort_values([*ordered.columns], ignore_index=True)
    return hashlib.sha256(rows.to_csv(index=False, lineterminator="\n").encode()).hexdigest()


def content_sha256(path: str | Path) -> str:
    """Return the SHA-256 of a device without its provenance.

    It is the same for devices of the same counts, settings and seed, whether a command or Python
    made them.

    Raises
    ------
    InputError
        If the file is not a device.
    """
    content = read_json(path, KIND, VERSION)
    content.pop("provenance", None)
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def is_same_device(path: str | Path, file_sha256: str, content: str | None) -> bool:
    """Return whether a ``device.json`` has one of these hashes: of the file, or of its content."""
    return sha256(path) == file_sha256 or content_sha256(path) == content
