"""Walls in the middle of their trains, in a file from which a stopped run goes on."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from dwsynapse.io.files import atomic_path
from dwsynapse.study import Track
from micromag.sample.track_window import placed_at
from micromag.trials.pulses.simulate_trains import Wall
from micromag.trials.pulses.wall_place import Place

UNREADABLE = (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile)


def write_walls(path: Path, walls: Iterable[Wall], origin: str) -> None:
    """Write walls that had a pulse and get more; `origin` says what they were made from."""
    kept = {str(i): wall for i, wall in enumerate(walls) if wall.m is not None}
    index = {i: [*wall.train.name, wall.pulse, *(wall.place or ())] for i, wall in kept.items()}
    about = np.array(json.dumps({"origin": origin, "walls": index}))
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.savez(file, about=about, **{f"m{i}": wall.m for i, wall in kept.items()})  # type: ignore[arg-type]


def taken_up(path: Path, track: Track, walls: Iterable[Wall], origin: str) -> list[Wall]:
    """Return walls where a file says that they are, and at their start those that it has not.

    A file that is damaged, or of another origin, has none.
    """
    by_name = {wall.train.name: wall for wall in walls}
    for name, kept in _read(path, origin).items():
        if name in by_name:
            pulse, place, m = kept
            placed = placed_at(track, place.nearest)
            by_name[name] = Wall(by_name[name].train, pulse, m, placed, place)
    return list(by_name.values())


def _read(path: Path, origin: str) -> dict[tuple[Any, ...], tuple[int, Place, Any]]:
    """Return number of the next pulse, place and unit vectors, by the name of the train."""
    try:
        with np.load(path) as file:
            about = json.loads(str(file["about"]))
            if about["origin"] != origin:
                return {}
            rows = about["walls"].items()
            return {tuple(row[:3]): (row[3], Place(*row[4:]), file[f"m{i}"]) for i, row in rows}
    except UNREADABLE:
        return {}
