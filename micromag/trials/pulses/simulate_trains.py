"""Running trains of pulses: up to `LANES` walls at a time, pulse by pulse."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.contracts import NO_LEVEL
from dwsynapse.study import TrackDevice
from micromag.engine.lanes import LANES
from micromag.sample.track_window import Placed, Window, placed_at
from micromag.trials.pulses.lockstep_pulses import Drive, Pulsed, pulse_walls
from micromag.trials.pulses.moved_wall import moved_wall
from micromag.trials.pulses.prepared_window import PreparedWindows
from micromag.trials.pulses.trains import Train, pulse_key, track_words
from micromag.trials.pulses.wall_place import Place, place_of


@dataclass(frozen=True)
class Wall:
    """A wall on its way through a train.

    Parameters
    ----------
    train
        What it is given.
    pulse
        Number of the next pulse.
    m
        Unit vectors in its window, shape (3, cells); None before the first pulse.
    placed
        Its window.
    place
        Where it was at the end of the last pulse; None before the first one.
    """

    train: Train
    pulse: int
    m: NDArray[np.floating] | None
    placed: Placed
    place: Place | None

    @property
    def is_done(self) -> bool:
        """Whether it had its last pulse."""
        return self.pulse >= len(self.train.directions)


def at_start(device: TrackDevice, train: Train) -> Wall:
    """Return the wall of a train before its first pulse."""
    return Wall(train, 0, None, placed_at(device.track, train.level), None)


def groups_of(walls: Sequence[Wall]) -> list[list[Wall]]:
    """Return walls in groups of up to `LANES` that are given pulses of the same times.

    Walls in one window come together.
    """

    def alike(wall: Wall) -> tuple[Any, ...]:
        window = wall.placed.window
        return wall.train.duration_ns, len(wall.train.directions), wall.pulse, window.start

    ordered = sorted(walls, key=alike)
    return [
        group[i : i + LANES]
        for _, alike_ones in groupby(ordered, key=alike)
        for group in [list(alike_ones)]
        for i in range(0, len(group), LANES)
    ]


def run_group(
    windows: PreparedWindows,
    walls: Sequence[Wall],
    seed: int,
    on_pulse: Callable[[Wall, dict[str, Any]], None],
    stopped: Callable[[], bool],
) -> float:
    """Give the walls of a group all their pulses.

    Parameters
    ----------
    windows
        Those of the device.
    walls
        The group.
    seed
        The study's seed.
    on_pulse
        Called after each pulse with the wall after it and its row of the table of pulses.
    stopped
        Whether to stop.

    Returns
    -------
    float
        Nanoseconds simulated, over all walls.
    """
    simulated_ns, going_on = 0.0, list(walls)
    while going_on and not stopped():
        by_window: dict[Window, list[Wall]] = defaultdict(list)
        for wall in going_on:
            by_window[wall.placed.window].append(wall)
        going_on = []
        for together in by_window.values():
            times = _drive(windows.device, together[0])
            simulated_ns += len(together) * (times.settle_ns + times.duration_ns + times.rest_ns)
            for wall, row in _one_pulse(windows, together, seed):
                on_pulse(wall, row)
                going_on += [] if wall.is_done else [wall]
    return simulated_ns


def _one_pulse(
    windows: PreparedWindows, walls: Sequence[Wall], seed: int
) -> Iterator[tuple[Wall, dict[str, Any]]]:
    """Give walls in one window their next pulse; yield each after it, and its row."""
    device = windows.device
    words = track_words(device)
    prepared = windows.of(walls[0].placed.window)
    drives = [_drive(device, wall) for wall in walls]
    m = np.stack([prepared.walls[w.placed.notch] if w.m is None else w.m for w in walls])
    keys = np.stack([pulse_key(seed, w.train, w.pulse, words) for w in walls])
    pulsed = pulse_walls(prepared, m, drives, keys)
    for number, (wall, drive) in enumerate(zip(walls, drives, strict=True)):
        row, place = _row(device, wall, drive, pulsed, number)
        yield _moved_on(windows, wall, place, row["outcome"], pulsed.m[number]), row


def _drive(device: TrackDevice, wall: Wall) -> Drive:
    train = wall.train
    settle_ns = device.pulses.settle_ns if wall.pulse == 0 else 0.0
    current_uA = train.directions[wall.pulse] * train.current_uA
    return Drive(current_uA, settle_ns, train.duration_ns, device.pulses.rest_ns)


def _row(
    device: TrackDevice, wall: Wall, drive: Drive, pulsed: Pulsed, number: int
) -> tuple[dict[str, Any], Place]:
    """Return the row of a wall's pulse but for the seed, and where the wall is."""
    before = wall.place or place_of(device, wall.placed, float(pulsed.before_nm[number]))
    after = place_of(device, wall.placed, float(pulsed.after_nm[number]))
    failure = pulsed.failures[number]
    lost = failure is not None or after.outcome == "left"
    row = {
        "replica": wall.train.replica,
        "pulse": wall.pulse,
        "mechanism": device.mechanism,
        "temperature_K": device.pulses.temperature_K,
        "current_uA": drive.current_uA,
        "duration_ns": drive.duration_ns,
        "rest_ns": drive.rest_ns,
        "direction": wall.train.directions[wall.pulse],
        "level_before": before.level,
        "position_before_nm": round(before.position_nm, 2),
        "level_after": NO_LEVEL if lost else after.level,
        "position_after_nm": None if lost else round(after.position_nm, 2),
        "outcome": "failed" if failure is not None else after.outcome,
        "failure": failure,
    }
    return row, after


def _moved_on(
    windows: PreparedWindows, wall: Wall, place: Place, outcome: str, m: NDArray[np.floating]
) -> Wall:
    """Return a wall in the window of the notch that it is near; one that is lost is done."""
    if outcome in ("left", "failed"):
        return replace(wall, pulse=len(wall.train.directions))
    track = windows.device.track
    placed = placed_at(track, place.nearest)
    if (placed.window, placed.shift) != (wall.placed.window, wall.placed.shift):
        prepared = windows.of(placed.window)
        relaxed, fixed = prepared.walls[placed.notch], prepared.problem.fixed
        m = moved_wall(m, wall.placed, placed, relaxed, fixed, track.cells[1])
    return Wall(wall.train, wall.pulse + 1, m, placed, place)
