"""A wall taken from one window of a track to another."""

import numpy as np
from numpy.typing import NDArray

from micromag.sample.track_window import Placed


def moved_wall(
    m: NDArray[np.floating],
    before: Placed,
    after: Placed,
    relaxed: NDArray[np.floating],
    fixed: NDArray[np.bool_],
    ny: int,
) -> NDArray[np.floating]:
    """Return the state of a track around a wall, in another window.

    Columns that both windows show are kept. Those that come into view, and the fixed ones at the
    sides, are as in the relaxed state of the new window.

    Parameters
    ----------
    m
        Unit vectors in the window `before`, shape (3, cells).
    before, after
        The two windows, and where on the track they are.
    relaxed
        Unit vectors of a wall relaxed in the window `after`, at the notch that this one is near.
    fixed
        Which cells of the window `after` are fixed, shape (cells,).
    ny
        Cells across the track.
    """
    if before == after:
        return m
    old = m.reshape(3, -1, ny)
    new = relaxed.reshape(3, -1, ny).copy()
    starts = [place.window.start + place.shift for place in (before, after)]
    stops = [place.window.stop + place.shift for place in (before, after)]
    first, last = max(starts), min(stops)
    new[:, first - starts[1] : last - starts[1]] = old[:, first - starts[0] : last - starts[0]]
    return np.where(fixed, relaxed, new.reshape(3, -1)).astype(old.dtype)
