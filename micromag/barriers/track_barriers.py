"""Energy barriers of a wall that leaves its notch of a track without a current."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.study import TrackDevice
from micromag.barriers import IMAGES
from micromag.barriers.kept_arrays import KeptArrays
from micromag.barriers.minimum_energy_path import EnergyPath, minimum_energy_path
from micromag.engine.fields_and_energies import Fields
from micromag.engine.steepest_descent import descend
from micromag.sample.track import wall_at, window_problem
from micromag.sample.track_window import placed_at
from micromag.trials.pulses.wall_place import positions_nm

RELAXED_A_PER_M = 10.0
CONVERGED_A_PER_M = 300.0
"""In cells of 5 nm, which pin a narrow wall a little, images keep up to 200 A/m: a barrier is then
off by less than 0.01 kT at 300 K."""
MAX_DESCENTS = 20000
MIN_WINDOW = 9
"""Notches of the window: with 9 and with 13, barriers of the track of Liu et al. 2021 agree to 1e-5
of their height; with 5 the wall at the next notch feels the cut."""
GUESS_EVERY_NM, IMAGE_EVERY_NM = 8.0, 2.0
"""Along the track. With an image every 3.3 nm paths between deep notches do not converge."""
PATH = ("m", "energies_J", "lengths", "torque_A_per_m")
"""What is kept of a path."""
AT_NOTCH = 1 / 3
"""Share of the spacing within which a wall that is put at a notch must come to rest."""


@dataclass(frozen=True)
class TrackBarrier:
    """The barrier from a notch to the next one.

    Parameters
    ----------
    direction
        +1 towards larger x, -1 back.
    path
        Between walls relaxed at the two notches.
    positions_nm
        Position of the wall in each image from the notch that it leaves, shape (images,).
    """

    direction: int
    path: EnergyPath
    positions_nm: NDArray[np.float64]


def track_barriers(
    device: TrackDevice,
    on_step: Callable[[float], None] | None = None,
    kept: KeptArrays | None = None,
) -> list[TrackBarrier]:
    """Return the barriers from the notch in the middle of a track to both of its neighbours.

    Parameters
    ----------
    device
        The track. A smaller window is widened to `MIN_WINDOW` notches.
    on_step
        Called with the remaining torque of a path in A/m after every step.
    kept
        Where paths that are finished are kept, and those of a stopped run are.

    Raises
    ------
    InputError
        If a notch holds no wall, or a path does not converge.
    """
    arrays = kept.read() if kept else {}
    held = _HeldWall(device)
    spacing_nm, start, found = device.track.notches.spacing_nm, held.relaxed(0.0), []
    stops = max(3, round(spacing_nm / GUESS_EVERY_NM)) + 1
    n_images = max(IMAGES, round(spacing_nm / IMAGE_EVERY_NM) + 1)
    for way in (1, -1):
        if path := _path_of(arrays, way):
            found.append(TrackBarrier(way, path, held.places_nm(path.m)))
            continue
        end = held.relaxed(way * spacing_nm)
        between = [held.put(way * nm) for nm in np.linspace(0, spacing_nm, stops)[1:-1]]
        states = np.where(held.problem.fixed, start, np.stack([*between, end]))
        try:
            path = minimum_energy_path(
                held.problem,
                start,
                states[-1],
                n_images,
                via=states[:-1],
                converged_A_per_m=CONVERGED_A_PER_M,
                on_step=on_step,
            )
        except InputError as error:
            raise InputError(
                f"between notches: {error.problem}",
                where="track",
                remedy="take smaller cells (cell_nm) or shallower notches",
            ) from error
        found.append(TrackBarrier(way, path, held.places_nm(path.m)))
        if kept:
            arrays |= {_key(way, name): np.asarray(getattr(path, name)) for name in PATH}
            kept.write(**arrays)
    return found


def _key(way: int, name: str) -> str:
    return f"{'up' if way > 0 else 'down'}_{name}"


def _path_of(arrays: dict[str, NDArray[Any]], way: int) -> EnergyPath | None:
    """Return the path that was kept, of those that are."""
    if _key(way, PATH[0]) not in arrays:
        return None
    m, energies_J, lengths, torque_A_per_m = (arrays[_key(way, name)] for name in PATH)
    return EnergyPath(m, energies_J, lengths, float(torque_A_per_m))


class _HeldWall:
    """A window in the middle of a track; places are those from its middle notch, in nm."""

    def __init__(self, device: TrackDevice):
        notches, asked = device.track.notches, device.track.window_notches
        whole = asked is None or max(asked, MIN_WINDOW) > notches.number
        width = None if whole else max(asked or 0, MIN_WINDOW)
        self._track = device.track.model_copy(update={"window_notches": width})
        self._device = device.model_copy(update={"track": self._track})
        level = notches.number // 2
        self._window = placed_at(self._track, level).window
        self._notch_nm = self._track.notch_positions_nm[level]
        self.problem = window_problem(self._device, self._window, 0.0)
        self._fields = Fields(self.problem)

    def put(self, place_nm: float) -> NDArray[np.float64]:
        """Return a wall at a place that is not yet relaxed, shape (3, cells)."""
        wall = wall_at(self._device, self._window, self._notch_nm + place_nm)
        return wall.reshape(3, -1) * (self.problem.Ms > 0)

    def places_nm(self, m: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return where the wall is in each state, for shape (states, 3, cells)."""
        start_nm = self._window.start * self._track.cell_nm[0]
        return positions_nm(self.problem, np.moveaxis(m, 0, -1)) + start_nm - self._notch_nm

    def relaxed(self, place_nm: float) -> NDArray[np.float64]:
        """Return the wall that is put at a notch and held by it."""
        for number, step in enumerate(descend(self._fields, self.put(place_nm))):
            if step.torque_A_per_m < RELAXED_A_PER_M or number == MAX_DESCENTS:
                break
        away_nm = float(self.places_nm(step.m[None])[0]) - place_nm
        spacing_nm = self._track.notches.spacing_nm
        if abs(away_nm) > AT_NOTCH * spacing_nm or step.torque_A_per_m >= RELAXED_A_PER_M:
            raise InputError(
                f"a notch holds no wall: one that is put there is {away_nm:+.1f} nm from it",
                where="track.notches",
                remedy="deepen the notches (depth_nm, opening_nm)",
            )
        return step.m.astype(np.float64)
