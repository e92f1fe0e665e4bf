"""Figure of walls at the notch: magnetisation maps and trajectories of a few trials, run again."""

import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.io.figure_style import COLOURS, svg_figure
from dwsynapse.study import SimulatedDevice
from micromag.engine.lanes import LANES
from micromag.engine.problem import Problem
from micromag.engine.resources import engine_bytes, require_memory
from micromag.sample.wire import cell_centres_nm
from micromag.trials.lockstep.group_on_lanes import LaneGroup
from micromag.trials.lockstep.scheduler import ensemble_of
from micromag.trials.referee import Referee, Trial

DRAWN_EVERY_NS = 0.01
DRAWN_AFTER_NS = 0.2
OUTCOME_STYLES: dict[str, dict[str, Any]] = {
    "passed": {"color": COLOURS["data"]},
    "pinned": {"color": COLOURS["fit"], "ls": "--"},
    "undecided": {"color": "#888888", "ls": ":"},
    "failed": {"color": "k", "ls": "-."},
}
WORDS = {"passed": "passes", "pinned": "is pinned"}
# Sizes in inches: the length of a wire, and the whole figure, which fits a small screen.
MAP_INCHES = 4.4
HEIGHT_INCHES = 6.7
MIN_BELOW_INCHES = 1.8
ARROWS = 40  # along the wire


def chosen_trials(trials: pd.DataFrame) -> pd.DataFrame:
    """Return up to `LANES` trials at the field where passed and pinned walls are most balanced."""
    share = trials.assign(passed=trials["outcome"] == "passed").groupby("field_mT")["passed"]
    field_mT = (share.mean() - 0.5).abs().idxmin()
    chosen: pd.DataFrame = trials[trials["field_mT"] == field_mT].head(LANES).reset_index(drop=True)
    return chosen


@dataclass(frozen=True)
class Trajectories:
    """Trials run again on the embedded engine.

    Parameters
    ----------
    times_ns
        Shape (times,).
    positions_nm
        Position of the wall, shape (times, trials).
    m
        Unit vectors in the middle layer, shape (times, 2, nx, ny, trials): along x and along y.
    outcomes
        The outcome of each trial within these times.
    """

    times_ns: NDArray[np.float64]
    positions_nm: NDArray[np.float64]
    m: NDArray[np.float16]
    outcomes: list[str]


def run_again(
    device: SimulatedDevice,
    problem: Problem,
    released: NDArray[np.floating],
    trials: pd.DataFrame,
) -> Trajectories:
    """Run up to `LANES` trials of one seed again; trials of the embedded engine repeat bit by bit.

    Their outcomes are decided again, since the trials may be of another engine.
    """
    last_ns = float(trials["decided_at_ns"].fillna(device.protocol.window_ns).max())
    last_ns += DRAWN_AFTER_NS
    nx, ny, _ = problem.cells
    kept_bytes = math.ceil(last_ns / DRAWN_EVERY_NS) * 2 * nx * ny * len(trials) * 2
    # The frames are stacked into one array at the end.
    require_memory(engine_bytes(device) + 2 * kept_bytes, device)
    group = LaneGroup(ensemble_of(device, problem, released, int(trials["seed"].iloc[0])))
    referee = Referee(device, LANES)
    for lane, (field_mT, replica) in enumerate(trials[["field_mT", "replica"]].to_numpy()):
        group.start(lane, Trial(float(field_mT), int(replica)))
    lanes = group.busy_lanes()
    outcomes, every = ["undecided"] * len(lanes), max(1, round(DRAWN_EVERY_NS / group.interval_ns))
    times_ns, positions, maps = [], [], []
    for number in range(math.ceil(last_ns / group.interval_ns)):
        positions_nm = group.positions_nm()[lanes]
        if number % every == 0:
            times_ns.append(group.times_ns()[0])
            positions.append(positions_nm)
            layers = group.m[:2, :, lanes].reshape(2, *problem.cells, len(lanes))
            maps.append(layers[..., problem.cells[2] // 2, :].astype(np.float16))
        seen = group.times_ns()[lanes], positions_nm, group.fields_mT()[lanes]
        for lane, verdict in referee.decide(lanes, *seen).items():
            if outcomes[lane] == "undecided":
                outcomes[lane] = verdict.outcome
        group.advance()
    return Trajectories(np.array(times_ns), np.array(positions), np.array(maps), outcomes)


def draw(
    out: Path,
    device: SimulatedDevice,
    problem: Problem,
    released: NDArray[np.floating],
    trials: pd.DataFrame,
) -> None:
    """Draw the wall before, at and after the notch, and the trajectories of several trials.

    Parameters
    ----------
    out
        The SVG.
    device, problem, released
        The wire, and its relaxed walls of shape (variants, 3, cells).
    trials
        The table of trials from which some are chosen.
    """
    chosen = chosen_trials(trials)
    again = run_again(device, problem, released, chosen)
    material = (problem.Ms > 0).reshape(problem.cells)[..., problem.cells[2] // 2]
    # Maps are drawn to scale: as high as the wire is wide, and the text around them.
    map_inches = MAP_INCHES * device.wire.width_nm / device.wire.length_nm + 0.66
    below_inches = max(MIN_BELOW_INCHES, HEIGHT_INCHES - 3 * map_inches)
    with svg_figure(
        out,
        size_inches=(10.0, 3 * map_inches + below_inches),
        nrows=4,
        ncols=2,
        gridspec_kw={"height_ratios": [map_inches] * 3 + [below_inches]},
    ) as (figure, axes):
        start = View("before: released, field on at t = 0", again.m[0, ..., 0])
        image = _map(axes[0, 0], device, material, start)
        for column, outcome in enumerate(("passed", "pinned")):
            _column(axes[1:3, column], device, material, again, outcome)
        for axis in axes[1]:
            axis.tick_params(labelbottom=False)  # as those of the maps below
        for axis in axes[2]:
            axis.set_xlabel("x (nm)")
        axes[0, 1].set_axis_off()
        where = {"ax": axes[0, 1], "orientation": "horizontal", "location": "top"}
        figure.colorbar(image, **where, fraction=0.5, aspect=30, label="$m_x$, along the wire")
        below = axes[3, 0].get_gridspec()[3, :]
        for axis in axes[3]:
            axis.remove()
        _trajectories(figure.add_subplot(below), again, device.wire.notch.centre_nm)
        field_mT, temperature_K = chosen["field_mT"].iloc[0], device.protocol.temperature_K
        title = f"{len(chosen)} simulated trials at {field_mT:g} mT, {temperature_K:g} K"
        figure.suptitle(title, fontsize=11)


class View(NamedTuple):
    """A map of the wire and its title.

    Parameters
    ----------
    title
        What the map shows.
    m
        Unit vectors along x and y, shape (2, nx, ny).
    """

    title: str
    m: NDArray[Any]


def _column(
    axes: Any, device: SimulatedDevice, material: NDArray[Any], again: Trajectories, outcome: str
) -> None:
    """Draw the first wall of an outcome at the notch and afterwards."""
    if outcome not in again.outcomes:
        for axis in axes:
            axis.set_axis_off()
        axes[0].text(0.5, 0.5, f"none of these walls {WORDS[outcome]}", ha="center", va="center")
        return
    lane = again.outcomes.index(outcome)
    for axis, view in zip(axes, _views(device, again, lane, WORDS[outcome]), strict=True):
        _map(axis, device, material, view)


def _views(device: SimulatedDevice, again: Trajectories, lane: int, words: str) -> list[View]:
    """Return a wall when it reaches the notch, and when it has passed it or is pinned."""
    ahead_nm = again.positions_nm[:, lane] - device.wire.notch.centre_nm
    protocol = device.protocol
    at_notch = np.abs(ahead_nm) < protocol.notch_zone_nm / 4
    nearest = int(np.argmax(at_notch) if at_notch.any() else np.argmin(np.abs(ahead_nm)))
    # Behind the notch but well before the end of the wire.
    gone = ahead_nm > protocol.passed_beyond_nm * 1.5
    last = int(np.argmax(gone)) if gone.any() else len(ahead_nm) - 1
    where = "at the notch" if at_notch.any() else "nearest to the notch"
    return [
        View(f"{place}: a wall that {words}, t = {again.times_ns[frame]:.2f} ns", m)
        for place, frame in ((where, nearest), ("after", last))
        for m in [again.m[frame, ..., lane]]
    ]


def _map(axis: Any, device: SimulatedDevice, material: NDArray[Any], view: View) -> Any:
    mx, my = np.where(material, view.m, np.nan).astype(float)
    extent = (0, device.wire.length_nm, 0, device.wire.width_nm)
    image = axis.imshow(mx.T, origin="lower", extent=extent, cmap="RdBu_r", vmin=-1, vmax=1)
    every = max(1, round(mx.shape[0] / ARROWS))
    x, y = (centres[every // 2 :: every] for centres in cell_centres_nm(device.wire))
    arrows = [component[every // 2 :: every, every // 2 :: every].T for component in (mx, my)]
    axis.quiver(x, y, *arrows, scale=1.3 * len(x), width=0.0009, headwidth=4, pivot="mid")
    axis.set_title(view.title, fontsize=9, loc="left")
    axis.set_ylabel("y (nm)")
    axis.set_yticks([0, device.wire.width_nm / 2, device.wire.width_nm])
    axis.tick_params(labelsize=8)
    return image


def _trajectories(axis: Any, again: Trajectories, centre_nm: float) -> None:
    for lane, outcome in enumerate(again.outcomes):
        positions_nm = again.positions_nm[:, lane]
        axis.plot(again.times_ns, positions_nm, **OUTCOME_STYLES[outcome], linewidth=0.9)
    for outcome, count in Counter(again.outcomes).items():
        label = f"{outcome}: {count} of these {len(again.outcomes)}"
        axis.plot([], [], **OUTCOME_STYLES[outcome], label=label)
    axis.axhline(centre_nm, color="0.5", linestyle=":", label="centre of the notch")
    axis.set_xlabel("time with the field on (ns)")
    axis.set_ylabel("wall position (nm)")
    # Above the axes: inside, the walls or the line of the notch would cross it.
    above = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "borderaxespad": 0.0}
    axis.legend(fontsize=8, ncols=3, **above)
