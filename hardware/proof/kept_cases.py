"""Verdicts of finished cases, kept in files so that an interrupted proof goes on where it was."""

import hashlib
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import identity, read_json, write_json
from dwsynapse.io.json_shapes import Shape
from hardware.proof.virtual_experiments import Case, Judged

KIND, VERSION = "proof-case", 1


class JudgedShape(Shape):
    """What was said of one experiment."""

    verdict: str
    alarm: bool
    diagnosis: str | None


class CaseShape(Shape):
    """Contents of the file of a case."""

    fingerprint: str
    judged: list[JudgedShape]


@dataclass(frozen=True)
class KeptCases:
    """A folder for the verdicts of finished cases, to be removed once the proof is written.

    Parameters
    ----------
    folder
        The folder.
    fingerprint
        What the proof is made from; verdicts of another are not used.
    """

    folder: Path
    fingerprint: str

    @classmethod
    def of(cls, folder: Path, origin: dict[str, Any]) -> "KeptCases":
        """Return the folder of a proof that is made from what its provenance names.

        Raises
        ------
        InputError
            If there is a file in its place.
        """
        if folder.exists() and not folder.is_dir():
            raise InputError(
                "not a folder, as finished cases need", path=folder, remedy="move or remove it"
            )
        return cls(folder, hashlib.sha256(json.dumps(identity(origin)).encode()).hexdigest())

    def save(self, case: Case, judged: list[Judged]) -> None:
        """Keep what was said of all experiments of a case."""
        content = {"fingerprint": self.fingerprint, "judged": [one._asdict() for one in judged]}
        write_json(self._path(case), KIND, VERSION, content)

    def load(self, case: Case) -> list[Judged]:
        """Return what was said of the experiments of a case, none if it was not finished."""
        path = self._path(case)
        if not path.exists():
            return []
        content = read_json(path, KIND, VERSION, CaseShape, f"remove {self.folder}")
        if content["fingerprint"] != self.fingerprint:
            print(
                f"{path}: of another program, device, config, images, seed or code; made again",
                file=sys.stderr,
            )
            return []
        return [Judged(**one) for one in content["judged"]]

    def remove(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, case: Case) -> Path:
        return self.folder / f"{case.key}.json"
