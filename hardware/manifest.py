"""The manifest of an inference log: who ran what, with which instrument, and how to read it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import Field

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import read_json, write_json
from dwsynapse.io.json_shapes import Shape
from dwsynapse.io.limits import MAX_FIELD_MT
from hardware.logs.program_checks import SAME_FIELD_MT
from hardware.program import Program
from hardware.same_file import made_anew, require_log_of, require_same

KIND, VERSION = "manifest", 1


Field_mT = Annotated[float, Field(ge=0, le=MAX_FIELD_MT)]


class InstrumentShape(Shape):
    """What a manifest may say of the instrument; other keys are kept."""

    field_step_mT: Field_mT | None = None
    field_noise_sd_mT: Field_mT | None = None
    field_offset_sd_mT: Field_mT | None = None
    field_scale_sd: Annotated[float, Field(ge=0, le=1)] | None = None


class ManifestShape(Shape):
    """Contents of ``manifest.json``."""

    laboratory: Annotated[str, Field(min_length=1, max_length=200)]
    synthetic: bool
    program_sha256: str
    log_sha256: str
    program_content_sha256: str | None = None
    accuracy: list[Annotated[float, Field(ge=0, le=1)]] | None = None
    order: Literal["time", "unordered"] = "time"
    columns: dict[str, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)
    instrument: InstrumentShape = Field(default_factory=InstrumentShape)
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
        found; None where it does not say. Verification computes it from the log.
    instrument
        Parameters of the instrument, with units in their names. ``field_step_mT`` is its
        precision; a log without fields measured needs ``field_noise_sd_mT``, the spread of the
        field from read to read.
    provenance
        What the log was made from.
    order
        ``time`` if the rows of the log are in the order in which they were measured, else
        ``unordered``.
    columns
        Names that the log gives to its columns, by what they are (`hardware.logs.columns`).
    program_content_sha256
        SHA-256 of the program without its provenance (`Program.content_sha256`): a program that was
        made again and is the same is accepted. None where only the file itself is.
    """

    laboratory: str
    synthetic: bool
    program_sha256: str
    log_sha256: str
    accuracy: tuple[float, ...] | None = None
    instrument: dict[str, Any] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)
    order: Literal["time", "unordered"] = "time"
    columns: Mapping[str, str] = field(default_factory=dict)
    program_content_sha256: str | None = None

    @property
    def precision_mT(self) -> float:
        """How far a field set may be from the program's: half the instrument's step."""
        return max(SAME_FIELD_MT, (self.instrument.get("field_step_mT") or 0.0) / 2)

    @property
    def log_is(self) -> dict[str, Any]:
        """What `hardware.log.read_log` must know of the log."""
        return {
            "synthetic": self.synthetic,
            "columns": self.columns,
            "ordered": self.order == "time",
            "precision_mT": self.precision_mT,
        }

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
        content = read_json(path, KIND, VERSION, ManifestShape, "correct or add that key")
        accuracy = content.get("accuracy")
        if accuracy is not None and len(accuracy) != reads:
            raise InputError(
                f"not {reads} accuracies, for 1 to {reads} reads",
                path=path,
                where="accuracy",
                remedy="correct or remove that key: accuracies are computed from the log",
            )
        made_of = content.get("program_content_sha256")
        problem = f"the log comes from another program than {program}, or that changed since"
        remedy = "give the program that ran, or run this one"
        content_sha256 = Program.read(program).content_sha256
        if made_of is None:
            require_same(
                program,
                content["program_sha256"],
                problem,
                path=path,
                where="program_sha256",
                provenance=content.get("provenance"),
                remedy=remedy + made_anew("program_content_sha256", content_sha256),
            )
        elif content_sha256 != made_of:
            raise InputError(problem, path=path, where="program_content_sha256", remedy=remedy)
        require_log_of(path, content, log)
        return cls(
            content["laboratory"],
            content["synthetic"],
            content["program_sha256"],
            content["log_sha256"],
            None if accuracy is None else tuple(accuracy),
            content.get("instrument", {}),
            content.get("provenance", {}),
            content.get("order", "time"),
            content.get("columns", {}),
            content.get("program_content_sha256"),
        )

    def require_spread(self, log: pd.DataFrame, path: str | Path) -> None:
        """Refuse a manifest that does not say how fields spread where the log does not.

        Parameters
        ----------
        log
            The log of the manifest.
        path
            The manifest.

        Raises
        ------
        InputError
            If the log has no fields measured and the manifest no ``field_noise_sd_mT``.
        """
        if "field_measured_mT" in log or self.instrument.get("field_noise_sd_mT") is not None:
            return
        raise InputError(
            "the log has no field_measured_mT, and the manifest does not say how the field spreads "
            "from read to read",
            path=path,
            where="instrument.field_noise_sd_mT",
            remedy="state its standard deviation in mT, 0 if it does not (--field-noise-sd-mT of "
            "`python -m hardware manifest`)",
        )
