"""How much material each cell of a track has: notches, and their edges smoothed or in steps."""

import numpy as np
from numpy.typing import NDArray

from dwsynapse.study import Notches, Track

SAMPLES = 8
"""Points along each edge of a cell at which it is looked up whether there is material."""
LEAST_SHARE = 0.1
"""Cells with less material are empty: neighbours would turn what is left ever faster."""


def material_shares(track: Track) -> NDArray[np.float64]:
    """Return the share of each cell that is material, shape (nx, ny).

    Stepped edges: all of a cell whose centre is in the material, and nothing of the others.
    """
    samples = SAMPLES if track.smooth_edges else 1
    nx, ny = track.cells
    x_nm = (np.arange(nx * samples) + 0.5) * track.cell_nm[0] / samples
    y_nm = (np.arange(ny * samples) + 0.5) * track.cell_nm[1] / samples
    inside = ~_in_notches(x_nm, y_nm, track)
    shares = inside.reshape(nx, samples, ny, samples).mean(axis=(1, 3))
    return np.where(shares < LEAST_SHARE, 0.0, shares)


def _in_notches(
    x_nm: NDArray[np.floating], y_nm: NDArray[np.floating], track: Track
) -> NDArray[np.bool_]:
    """Return which points are in a notch, shape (nx, ny)."""
    notches: Notches = track.notches
    from_edges_nm = {"bottom": y_nm, "top": track.width_nm - y_nm}
    notched = from_edges_nm if notches.edges == "both" else (notches.edges,)
    half_nm = np.max(
        [[notches.half_length_nm(nm) for nm in from_edges_nm[edge]] for edge in notched], axis=0
    )
    centres_nm = np.array(track.notch_positions_nm)
    from_centre_nm = np.abs(x_nm[:, None] - centres_nm).min(axis=1)
    # Of points exactly on the edge of a notch rounding must not decide, notch by notch.
    return np.asarray(from_centre_nm[:, None] <= half_nm + 1e-6)
