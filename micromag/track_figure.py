"""Figure of a track: its notches, the window that is simulated, and the wall at a notch."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from dwsynapse.io.figure_style import svg_figure
from dwsynapse.study import TrackDevice
from micromag.sample.track_cells import material_shares
from micromag.trials.pulses.prepared_window import PreparedWindow

INCHES = 9.0
MIN_MAP_INCHES, MAX_MAP_INCHES = 0.5, 2.4
ARROWS = 60  # along the window
MECHANISMS = {"stt": "spin-transfer torque", "sot": "spin-orbit torque"}


def draw_track(out: Path, prepared: PreparedWindow) -> None:
    """Draw the whole track, and below it the window in its middle with the wall at its notch.

    Parameters
    ----------
    out
        The SVG.
    prepared
        The window.
    """
    device, window = prepared.device, prepared.window
    track = device.track
    ny = track.cells[1]
    m = prepared.walls[window.n_notches // 2].reshape(3, -1, ny)
    whole = np.ones(track.cells)
    whole[window.stop :] = -1
    whole[window.start : window.stop] = m[2]
    columns = (0, track.cells[0]), _shown(prepared)
    heights = [_map_inches(device, *span) for span in columns]
    with svg_figure(
        out,
        size_inches=(INCHES + 1.2, sum(heights) + 1.9),
        nrows=2,
        gridspec_kw={"height_ratios": heights},
    ) as (figure, axes):
        image = _map(axes[0], device, whole, 0)
        start, stop = columns[1]
        near = m[:, start - window.start : stop - window.start]
        _map(axes[1], device, near[2], start)
        _arrows(axes[1], device, near, start)
        _mark(axes[0], device, columns[1])
        for level in _labelled(track.notches.number):
            x_nm = track.notch_positions_nm[level]
            axes[0].annotate(
                f"{level}", (x_nm, track.width_nm), (0, 2), textcoords="offset points", ha="center",
                fontsize=7,
            )  # fmt: skip
        axes[0].set_title("the whole track and its levels", fontsize=9, loc="left", pad=14)
        what = "around the wall" if prepared.is_whole else "the window that is simulated"
        axes[1].set_title(f"{what}: relaxed at a notch", fontsize=9, loc="left")
        axes[1].set_xlabel("x (nm)")
        figure.colorbar(image, ax=axes, label="$m_z$", fraction=0.03, aspect=16)
        figure.suptitle(
            f"{MECHANISMS[device.mechanism]}, {track.notches.number} notches every "
            f"{track.notches.spacing_nm:g} nm, wall {device.material.wall_width_nm:.0f} nm wide",
            fontsize=11,
        )


def _shown(prepared: PreparedWindow) -> tuple[int, int]:
    """Return the columns of the second map: the window, or three notches of the whole track."""
    track, window = prepared.device.track, prepared.window
    if not prepared.is_whole:
        return window.start, window.stop
    middle_nm = track.notch_positions_nm[track.notches.number // 2]
    half_nm = 1.5 * track.notches.spacing_nm
    sides = ((middle_nm + side * half_nm) / track.cell_nm[0] for side in (-1, 1))
    first, last = (int(column) for column in sides)
    return max(0, first), min(track.cells[0], last)


def _map_inches(device: TrackDevice, start: int, stop: int) -> float:
    """Return the height of a map to scale, as far as it is neither too high nor too low."""
    to_scale = INCHES * device.track.width_nm / ((stop - start) * device.track.cell_nm[0])
    return float(np.clip(to_scale, MIN_MAP_INCHES, MAX_MAP_INCHES))


def _map(axis: Any, device: TrackDevice, mz: NDArray[np.floating], start: int) -> Any:
    track = device.track
    shares = material_shares(track)[start : start + len(mz)]
    shown = np.where(shares > 0, mz, np.nan)
    left_nm, right_nm = (column * track.cell_nm[0] for column in (start, start + len(mz)))
    image = axis.imshow(
        shown.T,
        origin="lower",
        extent=(left_nm, right_nm, 0, track.width_nm),
        cmap="RdBu_r",
        vmin=-1,
        vmax=1,
        aspect="auto",
        interpolation="nearest",
    )
    axis.set_ylabel("y (nm)")
    axis.set_yticks([0, track.width_nm])
    axis.tick_params(labelsize=8)
    return image


def _arrows(axis: Any, device: TrackDevice, m: NDArray[np.floating], start: int) -> None:
    """Draw m in the plane where it is more than a little."""
    (dx_nm, dy_nm), (nx, ny) = device.track.cell_nm, m.shape[1:]
    every = max(1, round(nx / ARROWS))
    x_nm, y_nm = (start + np.arange(nx) + 0.5) * dx_nm, (np.arange(ny) + 0.5) * dy_nm
    x, y = np.meshgrid(x_nm, y_nm, indexing="ij")
    chosen = (np.hypot(m[0], m[1]) > 0.2) & (
        np.add.outer(np.arange(nx), np.arange(ny)) % every == 0
    )
    axis.quiver(
        x[chosen], y[chosen], m[0][chosen], m[1][chosen], scale=ARROWS / 1.5, width=0.0015,
        pivot="mid",
    )  # fmt: skip


def _mark(axis: Any, device: TrackDevice, columns: tuple[int, int]) -> None:
    """Frame the window, and shade the ends that are fixed."""
    track = device.track
    left_nm, right_nm = (column * track.cell_nm[0] for column in columns)
    frame: dict[str, Any] = {"fill": False, "linewidth": 1.5, "clip_on": False}
    axis.add_patch(Rectangle((left_nm, 0), right_nm - left_nm, track.width_nm, **frame))
    for x_nm in (0.0, track.length_nm - track.fixed_end_nm):
        shade: dict[str, Any] = {"facecolor": "k", "alpha": 0.35, "linewidth": 0}
        axis.add_patch(Rectangle((x_nm, 0), track.fixed_end_nm, track.width_nm, **shade))


def _labelled(number: int) -> range:
    """Return the levels whose number is written: all of few, and every so many else."""
    return range(0, number, max(1, -(-number // 20)))
