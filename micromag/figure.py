"""The wire and the wall at work: magnetisation maps and trajectories of a few trials, run again."""

import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from config import SimulatedDevice
from micromag.ensemble import ensemble_of
from micromag.lane_group import LaneGroup
from micromag.lanes import LANES
from micromag.problem import Problem
from micromag.trials import Referee, Trial
from micromag.wire import cell_centres_nm
from workflow.figures import COLOURS, svg_figure

DRAWN_EVERY_NS = 0.01
DRAWN_AFTER_NS = 0.2
OUTCOME_COLOURS = {
    "passed": COLOURS["data"],
    "pinned": COLOURS["fit"],
    "undecided": "#888888",
    "failed": "k",
}


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
        What became of each trial within these times.
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
    """Run up to `LANES` trials of one seed again; trials of the embedded engine repeat to the bit.

    Their outcomes are told anew, since the trials may be of another engine.
    """
    group = LaneGroup(ensemble_of(device, problem, released, int(trials["seed"].iloc[0])))
    referee = Referee(device, LANES)
    for lane, (field_mT, replica) in enumerate(trials[["field_mT", "replica"]].to_numpy()):
        group.start(lane, Trial(float(field_mT), int(replica)))
    lanes = group.busy_lanes()
    last_ns = float(trials["decided_at_ns"].fillna(device.protocol.window_ns).max())
    outcomes, every = ["undecided"] * len(lanes), max(1, round(DRAWN_EVERY_NS / group.interval_ns))
    times_ns, positions, maps = [], [], []
    for number in range(math.ceil((last_ns + DRAWN_AFTER_NS) / group.interval_ns)):
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
    views = _views(device, again)
    # Maps are drawn to scale: as high as the wire is wide, and the words around them.
    map_inches = 0.5 + 5.2 * device.wire.width_nm / device.wire.length_nm
    with svg_figure(
        out,
        size_inches=(7.2, map_inches * len(views) + 3.0),
        nrows=len(views) + 1,
        gridspec_kw={"height_ratios": [map_inches] * len(views) + [3.0]},
    ) as (figure, axes):
        material = (problem.Ms > 0).reshape(problem.cells)[..., problem.cells[2] // 2]
        images = [
            _map(axis, device, title, np.where(material, view, np.nan))
            for axis, (title, view) in zip(axes, views, strict=False)
        ]
        figure.colorbar(images[0], ax=list(axes[:-1]), label="$m_x$", shrink=0.6)
        _trajectories(axes[-1], again, device.wire.notch.centre_nm)
        field_mT, temperature_K = chosen["field_mT"].iloc[0], device.protocol.temperature_K
        figure.suptitle(f"Simulated walls at {field_mT:g} mT, {temperature_K:g} K", fontsize=11)


def _views(device: SimulatedDevice, again: Trajectories) -> list[tuple[str, NDArray[Any]]]:
    """Return title and map of the frames drawn; a frame that never came is left out."""
    centre_nm, protocol = device.wire.notch.centre_nm, device.protocol
    views = [("before: released, field on at t = 0", again.m[0, ..., 0])]
    for outcome, words in (("passed", "a wall that passes"), ("pinned", "a wall that is pinned")):
        if outcome not in again.outcomes:
            continue
        lane = again.outcomes.index(outcome)
        ahead_nm = again.positions_nm[:, lane] - centre_nm
        # Behind the notch but well before the end of the wire, or where the wall came to rest.
        gone = ahead_nm > protocol.passed_beyond_nm * 1.5
        for where, reached in (
            ("at the notch", np.abs(ahead_nm) < protocol.notch_zone_nm / 4),
            ("after", gone),
        ):
            frame = int(np.argmax(reached)) if reached.any() else len(ahead_nm) - 1
            title = f"{where}: {words}, t = {again.times_ns[frame]:.2f} ns"
            if where == "after" or reached.any():
                views.append((title, again.m[frame, ..., lane]))
    return views


def _map(axis: Any, device: SimulatedDevice, title: str, m: NDArray[Any]) -> Any:
    mx, my = m.astype(float)
    extent = (0, device.wire.length_nm, 0, device.wire.width_nm)
    image = axis.imshow(mx.T, origin="lower", extent=extent, cmap="RdBu_r", vmin=-1, vmax=1)
    every = max(1, mx.shape[1] // 8)
    x, y = (centres[::every] for centres in cell_centres_nm(device.wire))
    arrows = mx[::every, ::every].T, my[::every, ::every].T
    axis.quiver(x, y, *arrows, scale=1.1 * len(x), width=0.0012)
    axis.set_title(title, fontsize=9, loc="left")
    axis.set_ylabel("y (nm)")
    axis.tick_params(labelbottom=False)
    return image


def _trajectories(axis: Any, again: Trajectories, centre_nm: float) -> None:
    for lane, outcome in enumerate(again.outcomes):
        positions_nm = again.positions_nm[:, lane]
        axis.plot(again.times_ns, positions_nm, color=OUTCOME_COLOURS[outcome], linewidth=0.9)
    for outcome, count in Counter(again.outcomes).items():
        label = f"{outcome}: {count} of these {len(again.outcomes)}"
        axis.plot([], [], color=OUTCOME_COLOURS[outcome], label=label)
    axis.axhline(centre_nm, color="0.5", linestyle=":", label="centre of the notch")
    axis.set_xlabel("time with the field on (ns)")
    axis.set_ylabel("wall position (nm)")
    axis.legend(fontsize=8)
