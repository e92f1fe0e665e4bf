"""Windows of a track: the few notches around the wall that are simulated.

Notches are alike, and so are all windows but those with an end of the track in them: one window in
the middle of the track stands for every wall that is far enough from the ends.
"""

from dataclasses import dataclass

from dwsynapse.study import Track

FROZEN_COLUMNS = 2
"""Columns of fixed cells where a window cuts the track."""


@dataclass(frozen=True)
class Window:
    """Columns of cells of a track.

    Parameters
    ----------
    start, stop
        The first column and the one after the last.
    first_notch, n_notches
        The notches in it.
    at_left_end, at_right_end
        Whether the track ends there.
    """

    start: int
    stop: int
    first_notch: int
    n_notches: int
    at_left_end: bool
    at_right_end: bool

    def first_columns(self, track: Track) -> int:
        """Return how many columns are fixed at the left side."""
        return round(track.fixed_end_nm / track.cell_nm[0]) if self.at_left_end else FROZEN_COLUMNS

    def last_columns(self, track: Track) -> int:
        """Return how many columns are fixed at the right side."""
        return round(track.fixed_end_nm / track.cell_nm[0]) if self.at_right_end else FROZEN_COLUMNS


@dataclass(frozen=True)
class Placed:
    """A window, and where it is taken to be for a wall near a notch of the track.

    Parameters
    ----------
    window
        The window that is simulated.
    notch
        Number within the window of the notch that the wall is near.
    shift
        By how many columns the part of the track that it stands for is farther to the right.
    """

    window: Window
    notch: int
    shift: int


def placed_at(track: Track, level: int) -> Placed:
    """Return the window that stands for the track around a wall near the notch of a level."""
    number, n_notches = track.notches.number, track.window_notches
    if n_notches is None or n_notches >= number:
        return Placed(Window(0, track.cells[0], 0, number, True, True), level, 0)
    first = min(max(level - n_notches // 2, 0), number - n_notches)
    if first == 0:
        window = Window(0, _cut(track, n_notches), 0, n_notches, True, False)
        return Placed(window, level, 0)
    if first == number - n_notches:
        window = Window(_cut(track, first), track.cells[0], first, n_notches, False, True)
        return Placed(window, level - first, 0)
    middle = (number - n_notches) // 2
    start, stop = (_cut(track, notch) for notch in (middle, middle + n_notches))
    window = Window(start, stop, middle, n_notches, False, False)
    return Placed(window, level - first, (first - middle) * _columns_per_notch(track))


def _columns_per_notch(track: Track) -> int:
    return round(track.notches.spacing_nm / track.cell_nm[0])


def _cut(track: Track, notch: int) -> int:
    """Return the column at which a window begins whose first notch is this one."""
    first_nm = track.notch_positions_nm[0] - track.notches.spacing_nm / 2
    return int(first_nm / track.cell_nm[0] + 1e-6) + notch * _columns_per_notch(track)
