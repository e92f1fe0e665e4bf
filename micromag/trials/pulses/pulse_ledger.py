"""Pulses of a table that are simulated, kept on disk so that none is simulated twice."""

import hashlib
import json
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd
from tqdm import tqdm

from dwsynapse.io.contracts import PULSES
from dwsynapse.io.files import identity, provenance_in
from dwsynapse.io.replacing import keep_aside
from dwsynapse.study import TrackDevice
from dwsynapse.study.devices.track_device import ELSEWHERE_OF_TRACK
from dwsynapse.study.reading import block_text
from micromag.trials.pulses.kept_walls import taken_up, write_walls
from micromag.trials.pulses.simulate_trains import Wall, at_start
from micromag.trials.pulses.trains import Train

Name: TypeAlias = tuple[Any, ...]
Row: TypeAlias = dict[str, Any]
SAVE_EVERY_S = 10.0
LOST = ("left", "failed")
COUNTS: Any = {
    **dict.fromkeys(ELSEWHERE_OF_TRACK, True),
    "pulses": {"sequence": {"walls", "number", "levels", "directions"}},
}
"""Keys of a device that make no difference to a train."""


class PulseLedger:
    """The pulses simulated so far: in memory, and at intervals on disk.

    Next to the table, ``<out>.done.csv`` keeps the pulses, and ``<out>.walls.npz`` the walls of
    trains that are not finished. Both are used again if only `COUNTS` have changed.

    Parameters
    ----------
    out
        The table (CSV).
    device
        The track.
    trains
        Trains of the table.
    origin
        Common to all of them, see `dwsynapse.io.files.provenance`, with the seed.
    """

    def __init__(
        self, out: Path, device: TrackDevice, trains: Sequence[Train], origin: dict[str, Any]
    ):
        self._done, self._kept_walls = out.with_suffix(".done.csv"), out.with_suffix(".walls.npz")
        matters = hashlib.sha256(block_text(device, exclude=COUNTS).encode()).hexdigest()
        self._origin = {**origin, "config_sha256": matters}
        self._words = json.dumps(identity(self._origin), sort_keys=True)
        self._lock, self._saved_s = threading.Lock(), time.monotonic()
        starts = [at_start(device, train) for train in trains]
        found = taken_up(self._kept_walls, device.track, starts, self._words)
        kept = self._read()
        self._walls: dict[Name, Wall] = {}
        self._rows: dict[Name, list[Row]] = {}
        for wall in found:
            name = wall.train.name
            self._walls[name], self._rows[name] = _consistent(device, wall, kept.pop(name, []))
        self._others = [row for rows in kept.values() for row in rows]

    @property
    def walls(self) -> list[Wall]:
        """A wall for each train, where it is now."""
        return list(self._walls.values())

    def _read(self) -> dict[Name, list[Row]]:
        """Return the rows that a stopped run has left, by train."""
        stated = provenance_in(self._done)
        if stated is None:
            return {}
        if identity(stated) != identity(self._origin):
            files = (file for file in (self._done, self._kept_walls) if file.exists())
            tqdm.write(
                f"{self._done}: pulses of another config, seed or code; simulated again, with "
                f"those kept as {' and '.join(map(keep_aside, files))}",
                file=sys.stderr,
            )
            return {}
        rows: dict[Name, list[Row]] = {}
        for row in PULSES.read(self._done).sort_values("pulse").to_dict("records"):
            name = (row["replica"], abs(row["current_uA"]), row["duration_ns"])
            rows.setdefault(name, []).append({str(key): value for key, value in row.items()})
        return rows

    def add(self, wall: Wall, row: Row) -> None:
        """Add a pulse and the wall after it, and sometimes save; print which wall was lost."""
        if row["outcome"] in LOST:
            which = f"replica {row['replica']} at {row['current_uA']:g} uA, pulse {row['pulse']}"
            why = row["failure"] or "the wall left the window; raise track.window_notches"
            tqdm.write(f"{which}: {why}", file=sys.stderr)
        with self._lock:
            self._walls[wall.train.name] = wall
            self._rows[wall.train.name].append({**row, "seed": self._origin["seed"]})
            if time.monotonic() - self._saved_s > SAVE_EVERY_S:
                self._save()

    def save(self) -> None:
        """Write what is there so far, from which a stopped run continues."""
        with self._lock:
            self._save()

    def _save(self) -> None:
        if any(self._rows.values()):
            going_on = [wall for wall in self.walls if not wall.is_done]
            write_walls(self._kept_walls, going_on, self._words)
            rows = [*self._others, *(row for rows in self._rows.values() for row in rows)]
            PULSES.write(self._done, _frame(rows), self._origin)
        self._saved_s = time.monotonic()

    def write(self, path: Path, provenance: dict[str, Any]) -> pd.DataFrame:
        """Write and return the table of pulses; no wall is on its way any more."""
        frame = _frame([row for rows in self._rows.values() for row in rows])
        PULSES.write(path, frame, provenance)
        self._kept_walls.unlink(missing_ok=True)
        return frame


def _consistent(device: TrackDevice, wall: Wall, rows: list[Row]) -> tuple[Wall, list[Row]]:
    """Return a wall and its rows that go together: at the end, on the way or at the start."""
    last = len(wall.train.directions)
    if rows and (len(rows) >= last or rows[-1]["outcome"] in LOST):
        return replace(wall, pulse=last), rows
    if len(rows) < wall.pulse:
        return at_start(device, wall.train), []
    return wall, rows[: wall.pulse]


def _frame(rows: list[Row]) -> pd.DataFrame:
    names = [column.name for column in PULSES.columns]
    frame = pd.DataFrame(rows, columns=names)
    frame["amplitude_uA"] = frame["current_uA"].abs()
    order = ["amplitude_uA", "duration_ns", "replica", "pulse"]
    frame = frame.sort_values(order, ignore_index=True).drop(columns="amplitude_uA")
    # Most tables have no failure.
    return frame.drop(columns="failure") if frame["failure"].isna().all() else frame
