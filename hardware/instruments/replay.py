"""Replay of a recorded log, as if it was measured again."""

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.io.file_kinds import PARQUET, kind_of
from dwsynapse.io.number_format import counted
from hardware.instruments.bench import Bench
from hardware.log import checked_log, log_table, require_log
from hardware.logs.contract import UNDECIDED
from hardware.logs.program_checks import SAME_FIELD_MT
from hardware.manifest import Manifest
from hardware.program import Program


@dataclass(frozen=True)
class Replay(Bench):
    """A bench that gives the reads of a recorded log, in their order.

    Parameters
    ----------
    log
        The log.
    laboratory
        The laboratory that recorded it.
    synthetic
        Whether it was simulated.
    recorded_with
        Parameters of the instrument that recorded it.
    """

    log: pd.DataFrame
    laboratory: str
    synthetic: bool
    recorded_with: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls, path: Path, program_file: Path, program: Program, pixels: NDArray[np.uint8]
    ) -> Self:
        """Read a log of a program.

        Parameters
        ----------
        path
            The log. What it is says ``manifest.json`` in its folder, or its own metadata.
        program_file, program
            The ``program.csv`` that ran.
        pixels
            Inputs of the images that are to be shown again.

        Raises
        ------
        InputError
            If the log is not one of this program and these images.
        """
        beside = path.parent / "manifest.json"
        stated = None
        if beside.exists():
            stated = Manifest.read(beside, program_file, path, program.reads)
        require_log(path)
        if stated is None and kind_of(path) != PARQUET:
            raise _unknown(path)  # before its columns, which the manifest may name
        log = log_table(path, stated.columns if stated else None)
        laboratory, synthetic = (log.attrs.get(key) for key in ("laboratory", "synthetic"))
        if stated is not None:
            laboratory, synthetic = stated.laboratory, stated.synthetic
        if laboratory is None or synthetic is None:
            raise _unknown(path)
        log = log[log["image"] < len(pixels)]
        if log.empty:
            raise InputError(
                f"no reads of the first {counted(len(pixels), 'image')}",
                path=path,
                where="column image",
                remedy="raise hardware.images",
            )
        precision_mT = stated.precision_mT if stated else SAME_FIELD_MT
        checked_log(log, path, program, pixels, synthetic, False, precision_mT)
        log = log.reset_index(drop=True)
        log["outcome"] = log["outcome"].astype(np.float32).replace(UNDECIDED, np.nan)
        return cls(log, laboratory, synthetic, stated.instrument if stated else {})

    def instrument(self) -> dict[str, Any]:
        """Return those of the bench that recorded the log, and that this is a replay."""
        return {**self.recorded_with, "replay": True}

    def image_logs(
        self, program: Program, pixels: NDArray[np.uint8], images: Iterable[int]
    ) -> Generator[pd.DataFrame, None, None]:
        """Yield the reads of each image that were recorded; none where it was not shown."""
        rows = self.log.groupby("image").indices
        for image in images:
            yield self.log.iloc[rows.get(image, [])]


def _unknown(path: Path) -> InputError:
    return InputError(
        "nothing says who recorded it, and whether it was measured or simulated",
        path=path,
        remedy="put its manifest.json next to it (`python -m hardware manifest`), which also says "
        "what columns with other names are",
    )
