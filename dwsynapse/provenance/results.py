"""The results in a folder, and the code that made each of them."""

from dataclasses import dataclass
from pathlib import Path

from dwsynapse.io.errors import InputError
from dwsynapse.io.fingerprint import fingerprint
from dwsynapse.io.records import FOLDER, record_of
from dwsynapse.provenance.origin import origin_of

PROGRESS = (".done.csv", ".done.npz")
"""Finished trials and barriers, kept for runs that go on; which are used depends on their code."""


@dataclass(frozen=True, order=True)
class Made:
    """A result, and what it states of its code.

    Parameters
    ----------
    room
        The package whose code made it; empty where only its provenance is known.
    code
        The fingerprint of that code; ``not known`` for results of earlier versions of this project.
    code_version
        Release and commit.
    path
        The file.
    """

    room: str
    code: str
    code_version: str
    path: Path

    @property
    def is_stale(self) -> bool:
        """Whether other code made it than is here."""
        return self.code != fingerprint(self.room)


def results_in(folder: Path) -> list[Made]:
    """Return the results in a folder and those below it, in the order of their paths.

    Results of commands have records. Of files without one, those count that state no fingerprint
    in their provenance: earlier versions of this project made them.
    """
    found = []
    for path in sorted(folder.rglob("*")):
        is_result = path.parent.name != FOLDER and not path.name.endswith(PROGRESS)
        if is_result and path.is_file() and (made := made_by(path)):
            found.append(made)
    return found


def made_by(path: Path) -> Made | None:
    """Return what a file states of its code, in its record or in itself; None if nothing."""
    if not (record_of(path).is_file() or path.suffix in {".csv", ".json"}):
        return None
    origin = origin_of(path)
    if origin is None or origin.code_version is None:  # such as a part of the study
        return None
    if origin.sha256 is None and "code" in origin.model_fields_set:
        return None
    return Made(origin.room, origin.code, origin.code_version, path)


def require_results(folder: Path) -> None:
    """Refuse a folder that is not there.

    Raises
    ------
    InputError
        Naming it.
    """
    if not folder.is_dir():
        raise InputError("no such folder", path=folder, remedy="run the study first")
