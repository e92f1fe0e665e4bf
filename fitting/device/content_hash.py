"""What a ``device.json`` says, apart from how it was made."""

import hashlib
import json
from pathlib import Path

from dwsynapse.io.files import read_json, sha256
from fitting.device.device_file import KIND, VERSION


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
