"""How much material each cell of a track has: notches, and their edges smoothed or in steps."""

import numpy as np
from numpy.typing import NDArray

from dwsynapse.study import Notches, Track
from micromag.sample.cell_shares import sample_points_nm, samples_per_cell, shares_of_cells


def material_shares(track: Track) -> NDArray[np.float64]:
    """Return the share of each cell that is material, shape (nx, ny).

    Stepped edges: all of a cell whose centre is in the material, and nothing of the others.
    """
    samples = samples_per_cell(track.smooth_edges)
    x_nm, y_nm = (
        sample_points_nm(n, cell_nm, samples)
        for n, cell_nm in zip(track.cells, track.cell_nm, strict=True)
    )
    return shares_of_cells(~_in_notches(x_nm, y_nm, track), samples)


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
