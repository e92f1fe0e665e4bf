"""Whether simulated tables are of one sample: a wire or a track, its material and its walls."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import SAMPLE, provenance_in, sha256
from dwsynapse.io.notes import note_once

if TYPE_CHECKING:
    from dwsynapse.study import SimulatedDevice, TrackDevice

OF_SAMPLE: Any = {
    "track": True,
    "wire": True,
    "wall": True,
    "disorder": True,
    "material": True,
    "protocol": {"temperature_K"},
}
"""Keys of a device that say what holds its wall; a track has its temperature in its tables."""
BESIDE = "device.yaml"


def of_sample(device: "SimulatedDevice | TrackDevice") -> dict[str, str]:
    """Return what the provenance of a table says of its sample."""
    from dwsynapse.study.reading import block_text

    text = block_text(device, include=OF_SAMPLE, exclude={"track": {"window_notches"}})
    return {SAMPLE: hashlib.sha256(text.encode()).hexdigest()}


def require_of_sample(path: Path, device: "SimulatedDevice | TrackDevice", config: Path) -> None:
    """Refuse a table of another wire or track than that of a config.

    One of earlier versions does not say it: then the config that its provenance states decides,
    if that is the same, or is device.yaml beside it, and else a note says that it is not known.

    Parameters
    ----------
    path
        The table (CSV).
    device, config
        The wire or track, and the file that it was read from.

    Raises
    ------
    InputError
        Naming both files.
    """
    stated = provenance_in(path) or {}
    found, made_with, beside = stated.get(SAMPLE), stated.get("config_sha256"), path.parent / BESIDE
    if found is None and made_with is not None:
        if made_with == sha256(config):
            return
        if beside.is_file() and made_with == sha256(beside):
            from dwsynapse.study import read_block

            found = of_sample(read_block(beside, type(device)))[SAMPLE]
    if found is None:
        note_once(path, f"does not say of which sample it is: it is taken as that of {config}")
    elif found != of_sample(device)[SAMPLE]:
        raise InputError(
            f"walls in another sample, or in another material, than in {config}",
            path=path,
            remedy="give a table of the wire or track in --config",
        )


def require_one_sample(paths: Sequence[Path]) -> None:
    """Refuse tables that say that they are of different samples.

    Those of earlier versions do not say it: a note tells of the first that was made with another
    config.

    Raises
    ------
    InputError
        Naming two of them.
    """
    stated = {path: provenance_in(path) or {} for path in paths}
    known = {path: found[SAMPLE] for path, found in stated.items() if SAMPLE in found}
    if other := _first_other(known):
        raise InputError(
            f"of another wire, wall, material or temperature than {next(iter(known))}",
            path=other,
            remedy="give tables of one wire",
        )
    made_with = {p: sha for p, found in stated.items() if (sha := found.get("config_sha256"))}
    if len(known) < len(paths) and (other := _first_other(made_with)):
        first = next(iter(made_with))
        note_once(other, f"made with another config than {first}: taken as of one wire")


def _first_other(stated: dict[Path, str]) -> Path | None:
    """Return the first path that states something else than the very first one."""
    first = next(iter(stated.values()), None)
    return next((path for path, found in stated.items() if found != first), None)
