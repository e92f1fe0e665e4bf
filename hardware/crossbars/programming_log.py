"""The log of a crossbar's programming, and its manifest."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
from pydantic import Field

from dwsynapse.io.errors import InputError
from dwsynapse.io.file_kinds import PARQUET, kind_of, unreadable
from dwsynapse.io.files import atomic_path, read_json, require_file, rows_sha256, write_json
from dwsynapse.io.json_shapes import Shape
from dwsynapse.io.tables.declared_table import Column, Table
from fitting.response.response_table import MAX_S
from hardware.crossbars.programming.crossbar_program import MAX_PULSES, CrossbarProgram
from hardware.crossbars.programming.readings import require_near_range
from hardware.crossbars.programming.virtual_crossbar import NAME
from hardware.same_file import made_anew, require_log_of, require_same

KIND, VERSION = "programming-manifest", 1
WANTED = "a programming log (CSV or Parquet)"
LOG = Table(
    kind="programming-log",
    version=1,
    columns=(
        Column("device", "integer", low=0),
        Column("pulse", "integer", low=0, high=MAX_PULSES),
        Column("direction", "integer", low=-1, high=1),
        Column("conductance_before_S", "float", low=-MAX_S, high=MAX_S),
        Column("conductance_after_S", "float", low=-MAX_S, high=MAX_S),
        Column("timestamp_s", "float", required=False),
    ),
    checks=(
        (lambda log: log["direction"] != 0, "direction must be 1 (up) or -1 (down)"),
        (lambda log: ~log.duplicated(["device", "pulse"]), "this pulse of the device occurs twice"),
    ),
)


class InstrumentShape(Shape):
    """What the manifest says of the instrument; other keys are kept."""

    read_noise_sd_S: Annotated[float, Field(ge=0, le=MAX_S)]


class ManifestShape(Shape):
    """Contents of a ``manifest.json`` of a programming log."""

    laboratory: Annotated[str, Field(min_length=1, max_length=200)]
    synthetic: bool
    program_sha256: str
    program_rows_sha256: str | None = None
    log_sha256: str
    instrument: InstrumentShape
    provenance: dict[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True)
class ProgrammingManifest:
    """Who programmed what, with which instrument.

    Parameters
    ----------
    laboratory
        Name of the laboratory.
    synthetic
        Whether the log was simulated and not measured.
    program_sha256, log_sha256
        SHA-256 of the program and of the log.
    instrument
        ``read_noise_sd_S``, the standard deviation of a reading beyond what the response has of it,
        and anything else.
    provenance
        What the log was made from.
    program_rows_sha256
        SHA-256 of the program without its provenance, which another version of the code writes
        anew; None: the file itself has to be the same.
    """

    laboratory: str
    synthetic: bool
    program_sha256: str
    log_sha256: str
    instrument: dict[str, Any]
    provenance: dict[str, Any] = field(default_factory=dict)
    program_rows_sha256: str | None = None

    @property
    def read_noise_sd_S(self) -> float:
        """Standard deviation of a reading."""
        return float(self.instrument["read_noise_sd_S"])

    @property
    def virtual(self) -> bool:
        """Whether the log is of the virtual bench, whose walls move by the response itself."""
        return self.synthetic and self.laboratory == NAME

    def write(self, path: str | Path) -> None:
        """Write the manifest as JSON."""
        write_json(path, KIND, VERSION, asdict(self))

    @classmethod
    def read(cls, path: str | Path, program: str | Path, log: str | Path) -> "ProgrammingManifest":
        """Read a manifest and check that it belongs to a program and its log.

        Raises
        ------
        InputError
            If the file is missing or wrong, another program ran, or it is of another log.
        """
        content = read_json(path, KIND, VERSION, ManifestShape, "correct or add that key")
        rows, found = content.get("program_rows_sha256"), rows_sha256(program)
        if rows is None or rows != found:
            remedy = "give the program that ran, or run this one"
            if rows is None:
                remedy += made_anew("program_rows_sha256", found)
            require_same(
                program,
                content["program_sha256"],
                f"the manifest of another program than {program}, or that changed since",
                path=path,
                where="program_sha256",
                remedy=remedy,
            )
        require_log_of(path, content, log)
        return cls(
            content["laboratory"],
            content["synthetic"],
            content["program_sha256"],
            content["log_sha256"],
            content["instrument"],
            content.get("provenance", {}),
            rows,
        )


def write_log(path: str | Path, log: pd.DataFrame, provenance: dict[str, Any]) -> None:
    """Write a log as CSV, or as Parquet where its name ends so."""
    if Path(path).suffix == ".csv":
        LOG.write(path, log, provenance)
        return
    with atomic_path(path) as temporary:
        log.to_parquet(temporary, compression="zstd", index=False)


def read_log(path: str | Path, program: CrossbarProgram) -> pd.DataFrame:
    """Read the log of a program, sorted by device and pulse.

    Raises
    ------
    InputError
        Naming file, row and column of the first defect: a device that the program has not, or a
        conductance far outside the range of its device.
    """
    require_file(path, WANTED)
    log = LOG.typed(_parquet(path), path) if kind_of(path) == PARQUET else LOG.read_lines(path)
    if not len(log):
        raise InputError("no pulses", path=path, remedy="give a log with pulses")
    first = int(np.argmax(beyond := (log["device"] >= len(program)).to_numpy()))
    if beyond.any():
        problem = f"device {log['device'].iloc[first]} of a program of {len(program)} devices"
        remedy = "give the log of this program"
        raise InputError(problem, path=path, where=f"row {log.index[first]}", remedy=remedy)
    device = log["device"].to_numpy()
    for name in ("conductance_before_S", "conductance_after_S"):
        x = program.positions(log[name].to_numpy(float), device)
        require_near_range(log[name], x, device, path)
    return log.sort_values(["device", "pulse"], kind="stable")


def _parquet(path: str | Path) -> pd.DataFrame:
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError, TypeError, LookupError) as error:
        raise unreadable(path, WANTED, "damaged", "copy it again", PARQUET) from error
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return frame
