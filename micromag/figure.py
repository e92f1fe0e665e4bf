"""The wire and the wall at work: magnetisation maps and trajectories of a few trials, run again."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from config import SimulatedDevice
from micromag.ensemble import DTYPE
from micromag.lanes import LANES
from micromag.llg import advance, equation_of, state_of
from micromag.noise import trial_key
from micromag.problem import MU0, Problem
from micromag.trials import Locator
from workflow.figures import COLOURS, svg_figure

OUTCOME_COLOURS = {"passed": COLOURS["data"], "pinned": COLOURS["fit"], "undecided": "#888888"}


def chosen_trials(trials: pd.DataFrame) -> pd.DataFrame:
    """Return up to `LANES` trials at the field where passed and pinned walls are most balanced."""
    share = trials.assign(passed=trials["outcome"] == "passed").groupby("field_mT")["passed"]
    field_mT = (share.mean() - 0.5).abs().idxmin()
    chosen: pd.DataFrame = trials[trials["field_mT"] == field_mT].head(LANES).reset_index(drop=True)
    return chosen


def run_again(
    device: SimulatedDevice,
    problem: Problem,
    released: NDArray[np.floating],
    trials: pd.DataFrame,
    duration_ns: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float32]]:
    """Run trials again, which repeats their trajectories, and keep what is drawn.

    Returns
    -------
    tuple
        Times in ns, shape (times,); positions in nm, shape (times, trials); unit vectors, shape
        (times, 3, cells, trials).
    """
    dt_s = device.numerics.time_step_fs * 1e-15
    steps = max(1, round(device.numerics.observe_every_ps * 1e-12 / dt_s)) * 5
    equation, state = equation_of(problem, dt_s, DTYPE), state_of(problem, DTYPE)
    state.m[:] = released[..., None]
    n = len(trials)
    state.applied[0, :n] = trials["field_mT"] * 1e-3 / MU0
    for lane, (seed, replica) in enumerate(trials[["seed", "replica"]].to_numpy()):
        state.key[:, lane] = trial_key(int(seed), int(replica))
    locator = Locator(problem)
    kept = [state.m[..., :n].copy()]
    times_ns = np.arange(0, duration_ns, steps * dt_s * 1e9)
    for _ in times_ns[1:]:
        advance(state, equation, steps)
        kept.append(state.m[..., :n].copy())
    positions_nm = np.array([locator.position_nm(m) for m in kept])
    return times_ns, positions_nm, np.array(kept)


def draw(
    out: Path,
    device: SimulatedDevice,
    problem: Problem,
    released: NDArray[np.floating],
    trials: pd.DataFrame,
    duration_ns: float = 1.5,
) -> None:
    """Draw the wall before, at and after the notch, and the trajectories of several trials.

    Parameters
    ----------
    out
        The SVG.
    device, problem, released
        The wire, and its relaxed wall of shape (3, cells).
    trials
        The table of trials from which some are chosen.
    duration_ns
        How long trajectories are drawn.
    """
    chosen = chosen_trials(trials)
    times_ns, positions_nm, m = run_again(device, problem, released, chosen, duration_ns)
    field_mT = float(chosen["field_mT"].iloc[0])
    centre_nm = device.wire.notch.centre_nm
    views: list[tuple[str, NDArray[Any]]] = [("before: released, field on at t = 0", m[0, :, :, 0])]
    for outcome, words in (("passed", "a wall that passes"), ("pinned", "a wall that is pinned")):
        lanes = np.flatnonzero(chosen["outcome"] == outcome)
        if not lanes.size:
            continue
        lane = lanes[0]
        at = int(np.argmax(positions_nm[:, lane] > centre_nm))
        views.append((f"at the notch: {words}, t = {times_ns[at]:.2f} ns", m[at, :, :, lane]))
        # Before the end of the wire takes the wall in, or at the end of the trajectory.
        left = positions_nm[:, lane] > centre_nm + device.protocol.passed_beyond_nm * 1.5
        after = int(np.argmax(left)) if left.any() else len(times_ns) - 1
        views.append((f"after: {words}, t = {times_ns[after]:.2f} ns", m[after, :, :, lane]))
    rows = len(views) + 1
    with svg_figure(
        out,
        size_inches=(7.2, 1.15 * len(views) + 3.0),
        nrows=rows,
        gridspec_kw={"height_ratios": [1] * len(views) + [2.6]},
    ) as (figure, axes):
        images = [
            _map(axis, device, problem, title, view)
            for axis, (title, view) in zip(axes, views, strict=False)
        ]
        figure.colorbar(images[0], ax=list(axes[:-1]), label="$m_x$", shrink=0.6)
        _trajectories(axes[-1], chosen, times_ns, positions_nm, centre_nm)
        figure.suptitle(
            f"Simulated wall at {field_mT:g} mT, {device.protocol.temperature_K:g} K", fontsize=11
        )


def _map(axis: Any, device: SimulatedDevice, problem: Problem, title: str, m: NDArray[Any]) -> Any:
    nx, ny, nz = problem.cells
    layers = np.where(problem.Ms > 0, m, np.nan).reshape(3, nx, ny, nz)
    mx, my = layers[0, :, :, nz // 2], layers[1, :, :, nz // 2]
    extent = (0, device.wire.length_nm, 0, device.wire.width_nm)
    image = axis.imshow(mx.T, origin="lower", extent=extent, cmap="RdBu_r", vmin=-1, vmax=1)
    every = max(1, ny // 8)
    x = (np.arange(nx)[::every] + 0.5) * device.wire.cell_nm[0]
    y = (np.arange(ny)[::every] + 0.5) * device.wire.cell_nm[1]
    axis.quiver(x, y, mx[::every, ::every].T, my[::every, ::every].T, scale=70, width=0.0012)
    axis.set_title(title, fontsize=9, loc="left")
    axis.set_ylabel("y (nm)")
    axis.tick_params(labelbottom=False)
    return image


def _trajectories(
    axis: Any,
    chosen: pd.DataFrame,
    times_ns: NDArray[np.float64],
    positions_nm: NDArray[np.float64],
    centre_nm: float,
) -> None:
    for lane, outcome in enumerate(chosen["outcome"]):
        axis.plot(times_ns, positions_nm[:, lane], color=OUTCOME_COLOURS[outcome], linewidth=0.9)
    for outcome, count in chosen["outcome"].value_counts().items():
        label = f"{outcome}: {count} of these {len(chosen)}"
        axis.plot([], [], color=OUTCOME_COLOURS[str(outcome)], label=label)
    axis.axhline(centre_nm, color="0.5", linestyle=":", label="centre of the notch")
    axis.set_xlabel("time with the field on (ns)")
    axis.set_ylabel("wall position (nm)")
    axis.legend(fontsize=8)
