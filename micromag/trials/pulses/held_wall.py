"""Whether the notches of a track hold its wall without a current, and are apart from each other."""

import sys

import numpy as np

from dwsynapse.io.errors import InputError
from dwsynapse.study import TrackDevice
from micromag.trials.pulses.prepared_window import PreparedWindow
from micromag.trials.pulses.wall_place import positions_nm

SHARE_AWAY, SHARE_BACK = 1 / 4, 1 / 8
"""Of the spacing: how far from its notch a wall is put, and how near it must come back."""
TIMES = 4
"""How often these walls relax for 0.25 ns at 0 K and strong damping."""


def require_held(prepared: PreparedWindow) -> None:
    """Raise `InputError` if walls next to a notch do not come back to it at 0 K.

    In a smooth track, whose notches have no depth, nothing is meant to hold the wall.

    Parameters
    ----------
    prepared
        A window, at whose middle notch this is tried.
    """
    track, window = prepared.device.track, prepared.window
    if not track.notches.depth_nm:
        return
    number = window.first_notch + window.n_notches // 2
    notch_nm, spacing_nm = track.notch_positions_nm[number], track.notches.spacing_nm
    away_nm = SHARE_AWAY * spacing_nm
    start_nm = np.array([notch_nm - away_nm, notch_nm, notch_nm + away_nm])
    walls = prepared.relaxed_at(start_nm.tolist(), TIMES)
    at_nm = positions_nm(prepared.problem, np.moveaxis(walls, 0, -1))
    off_nm = at_nm + window.start * track.cell_nm[0] - notch_nm
    worst = int(np.abs(off_nm).argmax())
    if np.abs(off_nm[worst]) > SHARE_BACK * spacing_nm:
        put_nm = start_nm[worst] - notch_nm
        raise InputError(
            f"the track does not hold its wall without a current: put {put_nm:+g} nm from notch "
            f"{number}, it is {off_nm[worst]:+.1f} nm from it after 1 ns at 0 K",
            where="track.notches",
            remedy="deepen the notches (depth_nm, opening_nm) or set depth_nm to 0 for a smooth "
            "track",
        )


def warn_of_close_notches(device: TrackDevice) -> None:
    """Print on stderr that notches are closer to each other than the wall is wide, if they are."""
    width_nm, spacing_nm = device.material.wall_width_nm, device.track.notches.spacing_nm
    if spacing_nm < width_nm:
        print(
            f"warning: the notches are {spacing_nm:g} nm apart and the wall is "
            f"pi sqrt(A / K_eff) = {width_nm:.1f} nm wide: it is at more than one at a time",
            file=sys.stderr,
        )
