"""Single pulses from some levels of a track, taken for those from all levels.

Notches repeat, so that pulses from one of them in the middle move a wall as those from any other.
"""

import numpy as np
import pandas as pd

from dwsynapse.io.contracts import NO_LEVEL
from dwsynapse.io.track_geometry import TrackGeometry


def levels_to_pool(pulses: pd.DataFrame, track: TrackGeometry) -> list[int]:
    """Return the levels that single pulses start from, if they are not all of them, or none."""
    levels = sorted(set(pulses["level_before"]) - {NO_LEVEL})
    all_single = (pulses["pulse"] == 0).all()
    return levels if all_single and len(levels) < len(track.notch_positions_nm) else []


def at_every_level(pulses: pd.DataFrame, track: TrackGeometry) -> pd.DataFrame:
    """Return single pulses repeated at every level from which there is one on in their direction.

    A wall that would pass the first or the last notch is taken to rest there: the fixed ends hold
    it on the track. Copies of a pulse keep its replica, so that a bootstrap draws them as one.

    Parameters
    ----------
    pulses
        Single pulses (`dwsynapse.io.contracts.PULSES`), each with a position after it.
    track
        Where the notches are.
    """
    notches_nm = np.array(track.notch_positions_nm)
    last = len(notches_nm) - 1
    before_nm = pulses["position_before_nm"].to_numpy()
    nearest_nm = notches_nm[np.abs(before_nm[:, None] - notches_nm).argmin(axis=1)]
    n_levels, n_pulses = len(notches_nm), len(pulses)
    copies = pulses.iloc[np.tile(np.arange(n_pulses), n_levels)].reset_index(drop=True)
    level = np.repeat(np.arange(n_levels), n_pulses)
    shift_nm = notches_nm[level] - np.tile(nearest_nm, n_levels)
    after_nm = copies["position_after_nm"].to_numpy() + shift_nm
    copies["level_before"] = level
    copies["position_before_nm"] += shift_nm
    copies["position_after_nm"] = np.clip(after_nm, notches_nm[0], notches_nm[last])
    return copies[level != np.where(copies["direction"] > 0, last, 0)]
