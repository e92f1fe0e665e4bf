"""What one pulse up does, against depth and spacing of the notches, current and duration."""

from pathlib import Path
from typing import Any

import numpy as np

from dwsynapse.io.figure_style import COLOURS, percent_ticks, svg_figure
from dwsynapse.io.number_format import percent
from dwsynapse.study import TrackDevice, read_block
from fitting.inference.distributions import wilson_interval
from studies.liu2021.pulse_sets import read_pulses

CONFIDENCE = 0.95
DESIGNS, MANY_WALLS = "map-*", "step-*"
"""Folders of the pulses of the map, and of single pulses on many walls."""
OUTCOMES = {
    "stays": COLOURS["comparison"],
    "one notch": COLOURS["data"],
    "more": COLOURS["fit"],
}


def numbers(root: Path, folders: str = DESIGNS) -> list[dict[str, Any]]:
    """Return, for each design, current and duration, the shares of pulses with Wilson intervals.

    Folders, named by a pattern, have single pulses up on one track each, with its device.yaml.
    ``elsewhere`` counts the walls that ended between two notches, behind, or beyond the window.
    """
    rows = []
    for folder in sorted(root.glob(folders)):
        device: TrackDevice = read_block(folder / "device.yaml", TrackDevice)
        notches, resistance_ohm = device.track.notches, device.resistance_ohm
        pulses, _ = read_pulses(root, folder.name)
        protocols = sorted({*zip(pulses["duration_ns"], pulses["current_uA"], strict=True)})
        for duration_ns, current_uA in protocols:
            chosen = (pulses["duration_ns"] == duration_ns) & (pulses["current_uA"] == current_uA)
            of = pulses[chosen]
            steps = (of["level_after"] - of["level_before"])[of["outcome"] == "settled"]
            counts = {"stays": steps == 0, "one notch": steps == 1, "more": steps > 1}
            rows.append(
                {
                    "depth_nm": notches.depth_nm,
                    "spacing_nm": notches.spacing_nm,
                    "duration_ns": duration_ns,
                    "current_uA": current_uA,
                    "energy_fJ": 1e-6 * current_uA**2 * resistance_ohm * duration_ns,
                    "n_pulses": len(of),
                    "elsewhere": len(of) - int(sum(is_so.sum() for is_so in counts.values())),
                    **{key: _share(int(is_so.sum()), len(of)) for key, is_so in counts.items()},
                }
            )
    return rows


def _share(n: int, of: int) -> dict[str, float]:
    low, high = wilson_interval(np.array([n]), np.array([of]), CONFIDENCE)
    return {"value": n / of, "low": float(low[0]), "high": float(high[0])}


def draw(path: Path, rows: list[dict[str, Any]]) -> None:
    """Draw the shares against current: a column for each design, a row for each duration."""
    designs = list(dict.fromkeys((row["depth_nm"], row["spacing_nm"]) for row in rows))
    durations_ns = sorted({row["duration_ns"] for row in rows})
    size = 2.1 * len(designs) + 1, 2.2 * len(durations_ns) + 0.6
    with svg_figure(
        path,
        size_inches=size,
        nrows=len(durations_ns),
        ncols=len(designs),
        sharex=True,
        sharey=True,
        squeeze=False,
    ) as (figure, panels):
        for row_of_panels, duration_ns in zip(panels, durations_ns, strict=True):
            for axes, design in zip(row_of_panels, designs, strict=True):
                _draw_panel(axes, rows, design, duration_ns)
        figure.supxlabel("current (µA)", fontsize=10)
        figure.supylabel(f"pulses (%), {percent(CONFIDENCE)} intervals", fontsize=10)
        handles, labels = panels[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=3, fontsize=9)


def _draw_panel(
    axes: Any, rows: list[dict[str, Any]], design: tuple[float, float], duration_ns: float
) -> None:
    wanted = (*design, duration_ns)
    here = [r for r in rows if (r["depth_nm"], r["spacing_nm"], r["duration_ns"]) == wanted]
    for number, (outcome, colour) in enumerate(OUTCOMES.items()):
        currents_uA = [row["current_uA"] + 0.8 * (number - 1) for row in here]
        value, low, high = (
            np.array([row[outcome][end] for row in here]) for end in ("value", "low", "high")
        )
        bars = np.maximum([value - low, high - value], 0)
        axes.errorbar(
            currents_uA, value, bars, fmt="o-", ms=4, lw=1, capsize=2, color=colour, label=outcome
        )
    axes.set_title(f"{design[0]:g} nm deep, {design[1]:g} nm apart; {duration_ns:g} ns", fontsize=8)
    axes.set_ylim(-0.04, 1.04)
    percent_ticks(axes.yaxis)
