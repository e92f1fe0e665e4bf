"""Finished trials of a table, kept on disk so that none is simulated twice."""

import math
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
from tqdm import tqdm

from dwsynapse.io.contracts import TRIALS
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import identity, provenance_in
from dwsynapse.io.replacing import keep_aside
from dwsynapse.io.tables.declared_table import Table
from micromag.trials.referee import Result, Trial, require_outcomes

SAVE_EVERY_S = 10.0


class Ledger:
    """The trials finished so far: in memory, and at intervals on disk.

    Next to the table, ``<out>.done.csv`` keeps every trial of the same origin, from any plan or
    batch. A ledger reuses the trials it needs from all such files of its folder: a trial
    depends on its field and replica, not on how a round is split.

    Parameters
    ----------
    out
        The table that is made from the trials (CSV).
    trials
        Trials of the table.
    engine
        What computes the trials.
    origin
        Common to all of them: a provenance (`dwsynapse.io.files.provenance`), with its seed, and
        everything else that affects a trial. Trials of another commit are reused if its code is
        the same; those of another origin are kept under another name.

    Attributes
    ----------
    table
        What is kept.
    """

    table: ClassVar[Table] = TRIALS

    def __init__(self, out: Path, trials: Sequence[Trial], engine: str, origin: dict[str, Any]):
        self._engine, self._origin = engine, origin
        self._done = out.with_suffix(".done.csv")
        self._saved_s = time.monotonic()
        self._rows: list[dict[str, Any]] = []
        self._others: list[dict[str, Any]] = []
        wanted = {(trial.replica, round(trial.field_mT, 6)) for trial in trials}
        for path in sorted(out.parent.glob("*.done.csv"), key=lambda path: path != self._done):
            for row in self._kept(path) if path == self._done else self._of_sibling(path, wanted):
                key = (row["replica"], round(row["field_mT"], 6))
                # Processor and GPU round differently: a table has trials of one of them only.
                if key in wanted and row["engine"] == engine:
                    wanted.remove(key)
                    self._rows.append(row)
                elif path == self._done:
                    self._others.append(row)

    def _of_sibling(self, path: Path, wanted: set[tuple[int, float]]) -> list[dict[str, Any]]:
        """Return what another batch has finished, if any of it is wanted."""
        try:
            # A folder has as many files as a round has batches, and to read a table takes long.
            if _has_any(path, {replica for replica, _ in wanted}):
                return self._kept(path)
        except (FileNotFoundError, InputError):
            if path.exists():
                raise
            # Its own job, which runs at the same time, has kept it aside.
        return []

    def _kept(self, path: Path) -> list[dict[str, Any]]:
        if identity(provenance_in(path) or {}) != identity(self._origin):
            if path == self._done:
                tqdm.write(
                    f"{path}: trials of another config, wall, seed or code; simulated again, with "
                    f"those kept as {keep_aside(path)}",
                    file=sys.stderr,
                )
            return []
        return self.table.read(path).to_dict("records")  # type: ignore[return-value]

    @property
    def replicas(self) -> set[int]:
        """Replicas that are finished."""
        return {row["replica"] for row in self._rows}

    def add(self, result: Result) -> None:
        """Add a result; print which trial failed and why."""
        verdict = result.verdict
        if verdict.failure:
            tqdm.write(
                f"replica {result.trial.replica} at {result.trial.field_mT:g} mT failed after "
                f"{verdict.decided_at_ns:.3g} ns: {verdict.failure}",
                file=sys.stderr,
            )
        self._rows.append(self._row(result))
        if time.monotonic() - self._saved_s > SAVE_EVERY_S:
            self.save()

    def _row(self, result: Result) -> dict[str, Any]:
        verdict, fixed = result.verdict, result.release_distance_nm is None
        return {
            "field_mT": result.trial.field_mT,
            "replica": result.trial.replica,
            "seed": self._origin["seed"],
            "outcome": verdict.outcome,
            "decided_at_ns": (
                None if verdict.outcome == "undecided" else round(verdict.decided_at_ns, 6)
            ),
            "wall_position_nm": _rounded(result.wall_position_nm, 2),
            "engine": self._engine,
            "release_distance_nm": _rounded(result.release_distance_nm, 6),
            "arrived_ns": None if fixed else _rounded(verdict.arrived_ns, 6),
            "depinning_field_mT": _rounded(verdict.depinning_field_mT, 4),
            "failure": verdict.failure,
        }

    def save(self) -> None:
        """Write what is finished so far, from which a stopped run continues."""
        if self._rows:
            self._write(self._done, [*self._others, *self._rows], self._origin)
        self._saved_s = time.monotonic()

    def require_outcomes(self) -> None:
        """Raise `InputError` if every trial failed; finished trials stay on disk."""
        failed = [row["failure"] if row["outcome"] == "failed" else None for row in self._rows]
        require_outcomes(failed, self._done)

    def frame(self) -> pd.DataFrame:
        """Return the trials by replica, with all columns of `table`."""
        return self._sorted(self._rows)

    def write(self, path: Path, provenance: dict[str, Any]) -> None:
        """Write the trials as a separate table."""
        self._write(path, self._rows, provenance)

    def _sorted(self, rows: list[dict[str, Any]]) -> pd.DataFrame:
        names = [column.name for column in self.table.columns]
        return pd.DataFrame(rows, columns=names).sort_values("replica", ignore_index=True)

    def _write(self, path: Path, rows: list[dict[str, Any]], provenance: dict[str, Any]) -> None:
        frame, columns = self._sorted(rows), self.table.columns
        # Columns that most wires do not need are left out where they would be empty.
        empty = [c.name for c in columns if not c.required and frame[c.name].isna().all()]
        self.table.write(path, frame.drop(columns=empty), provenance)


def _has_any(path: Path, replicas: set[int]) -> bool:
    """Return whether a file that a ledger wrote has a row of one of some replicas."""
    found = re.findall(r"^[^#,]*,(\d+),", path.read_text(errors="replace"), re.MULTILINE)
    return not replicas.isdisjoint(map(int, found))


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, digits)
