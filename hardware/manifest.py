"""The manifest of an inference log: who ran what, and the accuracies the laboratory found."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import read_json, write_json
from dwsynapse.io.json_shapes import Shape
from hardware.same_file import require_same

KIND, VERSION = "manifest", 1


class ManifestShape(Shape):
    """Contents of ``manifest.json``."""

    laboratory: Annotated[str, Field(min_length=1, max_length=200)]
    synthetic: bool
    program_sha256: str
    log_sha256: str
    accuracy: list[Annotated[float, Field(ge=0, le=1)]]
    instrument: dict[str, Any] = Field(default_factory=dict)
    provenance: dict[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True)
class Manifest:
    """A laboratory's description of its run.

    Parameters
    ----------
    laboratory
        Name of the laboratory.
    synthetic
        Whether the log was simulated and not measured.
    program_sha256
        SHA-256 of the ``program.csv`` that ran.
    log_sha256
        SHA-256 of the log.
    accuracy
        Share of the images classified correctly from the first 1, 2, ... reads, as the laboratory
        found.
    instrument
        Parameters of the instrument, with units in their names.
    provenance
        What the log was made from.
    """

    laboratory: str
    synthetic: bool
    program_sha256: str
    log_sha256: str
    accuracy: tuple[float, ...]
    instrument: dict[str, Any] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)

    def write(self, path: str | Path) -> None:
        """Write the manifest as JSON."""
        write_json(path, KIND, VERSION, asdict(self))

    @classmethod
    def read(cls, path: str | Path, program: str | Path, log: str | Path, reads: int) -> "Manifest":
        """Read a manifest and check that it belongs to a program and its log.

        Parameters
        ----------
        path
            The manifest.
        program
            The ``program.csv`` that should have run.
        log
            The log of the manifest.
        reads
            Reads per synapse of the program.

        Raises
        ------
        InputError
            If the file is missing or wrong, another program ran, or it is of another log.
        """
        content = read_json(path, KIND, VERSION, ManifestShape, "correct that key")
        if len(content["accuracy"]) != reads:
            raise InputError(
                f"not {reads} accuracies, for 1 to {reads} reads",
                path=path,
                where="accuracy",
                remedy="correct that key",
            )
        require_same(
            program,
            content["program_sha256"],
            f"the log comes from another program than {program}, or that changed since",
            path=path,
            where="program_sha256",
            provenance=content.get("provenance"),
            remedy="give the program that ran, or run this one",
        )
        require_same(
            log,
            content["log_sha256"],
            f"the manifest of another log than {log}, or that changed since",
            path=path,
            where="log_sha256",
            remedy="give the log and the manifest of one run",
        )
        return cls(
            content["laboratory"],
            content["synthetic"],
            content["program_sha256"],
            content["log_sha256"],
            tuple(content["accuracy"]),
            content.get("instrument", {}),
            content.get("provenance", {}),
        )
