"""The trials of a table that are done, kept on disk so that none is simulated twice."""

import json
import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from micromag.trials import Result, Trial, require_outcomes
from workflow.contracts import TRIALS
from workflow.files import sha256

SAVE_EVERY_S = 10.0


class Ledger:
    """The trials done so far: in memory, and now and then on disk.

    Beside the table, ``<out>.done.csv`` keeps every trial of this config, wall, seed and code,
    whatever plan or batch asked for it. A ledger takes over what it wants from all such files of
    its folder: a trial depends on its field and replica, not on how a round is split.

    Parameters
    ----------
    out
        The table to write (CSV).
    trials
        What is to be in it.
    engine
        What computes the trials.
    wall
        File of the relaxed wall.
    provenance
        Of the table, see `workflow.files.provenance`; its inputs hold the wall.
    """

    def __init__(
        self,
        out: Path,
        trials: Sequence[Trial],
        engine: str,
        wall: Path,
        provenance: dict[str, Any],
    ):
        self._out, self._engine, self._provenance = out, engine, provenance
        self._done = out.with_suffix(".done.csv")
        self._saved_s = time.monotonic()
        self._rows: list[dict[str, Any]] = []
        self._others: list[dict[str, Any]] = []
        walls = {
            name: found for name, found in provenance["inputs"].items() if found == sha256(wall)
        }
        self._origin = {**provenance, "inputs": walls}
        wanted = {(trial.replica, round(trial.field_mT, 6)) for trial in trials}
        for path in sorted(out.parent.glob("*.done.csv"), key=lambda path: path != self._done):
            for row in self._kept(path):
                key = (row["replica"], round(row["field_mT"], 6))
                # Processor and GPU round differently: a table holds the trials of one of them.
                if key in wanted and row["engine"] == engine:
                    wanted.remove(key)
                    self._rows.append(row)
                elif path == self._done:
                    self._others.append(row)

    def _kept(self, path: Path) -> list[dict[str, Any]]:
        origin = f"# provenance: {json.dumps(self._origin)}"
        if origin not in path.read_text(errors="replace").splitlines():
            return []
        return TRIALS.read(path).to_dict("records")  # type: ignore[return-value]

    @property
    def replicas(self) -> set[int]:
        """Replicas that are done."""
        return {row["replica"] for row in self._rows}

    def add(self, result: Result) -> None:
        """Take in a result; say which trial failed and why."""
        verdict = result.verdict
        if verdict.failure:
            tqdm.write(
                f"replica {result.trial.replica} at {result.trial.field_mT:g} mT failed after "
                f"{verdict.decided_at_ns:.3g} ns: {verdict.failure}",
                file=sys.stderr,
            )
        self._rows.append(
            {
                "field_mT": result.trial.field_mT,
                "replica": result.trial.replica,
                "seed": self._provenance["seed"],
                "outcome": verdict.outcome,
                "decided_at_ns": (
                    None if verdict.outcome == "undecided" else round(verdict.decided_at_ns, 6)
                ),
                "wall_position_nm": _rounded(result.wall_position_nm, 2),
                "engine": self._engine,
                "depinning_field_mT": _rounded(verdict.depinning_field_mT, 4),
                "failure": verdict.failure,
            }
        )
        if time.monotonic() - self._saved_s > SAVE_EVERY_S:
            self.save()

    def save(self) -> None:
        """Write what is done so far, from which a run that was stopped goes on."""
        if self._rows:
            self._write(self._done, [*self._others, *self._rows], self._origin)
        self._saved_s = time.monotonic()

    def require_outcomes(self) -> None:
        """Raise `InputError` if every trial failed; what is done so far stays on disk."""
        failed = [row["failure"] if row["outcome"] == "failed" else None for row in self._rows]
        require_outcomes(failed, self._done)

    def close(self) -> None:
        """Write the final table."""
        self._write(self._out, self._rows, self._provenance)

    @staticmethod
    def _write(path: Path, rows: list[dict[str, Any]], provenance: dict[str, Any]) -> None:
        names = [column.name for column in TRIALS.columns]
        frame = pd.DataFrame(rows, columns=names).sort_values("replica", ignore_index=True)
        # Columns that most wires have no use for are left out where they would be empty.
        empty = [c.name for c in TRIALS.columns if not c.required and frame[c.name].isna().all()]
        TRIALS.write(path, frame.drop(columns=empty), provenance)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, digits)
