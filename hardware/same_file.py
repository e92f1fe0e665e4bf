"""Whether a file is the one that another was made for or from, by its checksum."""

from pathlib import Path
from typing import Any

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import sha256

SHOWN = 12


def require_same(
    file: str | Path,
    expected: str,
    words: str,
    *,
    path: str | Path | None = None,
    where: str | None = None,
    provenance: dict[str, Any] | None = None,
    remedy: str,
) -> None:
    """Refuse a file whose checksum is another than expected.

    Parameters
    ----------
    file
        The file.
    expected
        SHA-256 that it should have.
    words
        What is wrong otherwise, as in ``is not the log of this manifest``.
    path, where
        The file and key that an error names; `file` by default.
    provenance
        Where the name of the expected file may be found (`dwsynapse.io.files.provenance`).
    remedy
        What to do.

    Raises
    ------
    InputError
        With the beginnings of both checksums.
    """
    if (found := sha256(file)) == expected:
        return
    inputs = (provenance or {}).get("inputs")
    named = inputs.items() if isinstance(inputs, dict) else ()
    name = next((f"{name}, " for name, sum_ in named if sum_ == expected), "")
    raise InputError(
        f"{words} (checksum {found[:SHOWN]}..., expected {name}{expected[:SHOWN]}...)",
        path=path or file,
        where=where,
        remedy=remedy,
    )


def made_anew(key: str, sha256_of_content: str) -> str:
    """Return what to do where other code wrote the program that ran again, which a log outlives."""
    return (
        f"; if newer code only wrote the same program again, add {key}: {sha256_of_content} to the "
        "manifest"
    )


def require_log_of(manifest: str | Path, content: dict[str, Any], log: str | Path) -> None:
    """Refuse a log that is not the one whose checksum a manifest states.

    Raises
    ------
    InputError
        Naming the manifest.
    """
    require_same(
        log,
        content["log_sha256"],
        f"the manifest of another log than {log}, or that changed since",
        path=manifest,
        where="log_sha256",
        remedy="give the log and the manifest of one run",
    )
