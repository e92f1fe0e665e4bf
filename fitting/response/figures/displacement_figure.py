"""Figure of how far pulses of several durations move a wall."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from dwsynapse.io.figure_style import COLOURS, svg_figure
from dwsynapse.io.number_format import interval, number, percent

STYLES = {"up": (COLOURS["data"], "o"), "down": (COLOURS["fit"], "s")}


def plot_displacement(
    path: str | Path | None, displacement: dict[str, Any], confidence: float
) -> Figure:
    """Draw mean displacements against duration, with intervals and lines.

    Parameters
    ----------
    path
        Where the SVG goes; None returns the figure only.
    displacement
        As of `fitting.response.statistics.displacement.displacements`.
    confidence
        Of the intervals.
    """
    with svg_figure(path) as (figure, axes):
        axes.axhline(0, color="#cccccc", lw=0.8, zorder=0)
        for name, (colour, marker) in STYLES.items():
            of = displacement[name]
            durations_ns, mean_nm = np.array(of["duration_ns"]), np.array(of["mean_nm"])
            bars = np.abs(np.array([of["low_nm"], of["high_nm"]], float) - mean_nm)
            axes.errorbar(
                durations_ns,
                mean_nm,
                bars,
                fmt=marker,
                ms=5,
                color=colour,
                capsize=2,
                label=_label(name, of["slope_nm_per_ns"]),
            )
            if of["slope_nm_per_ns"]:
                ends_ns = np.array([0, durations_ns.max() * 1.03])
                line_nm = of["intercept_nm"]["value"] + of["slope_nm_per_ns"]["value"] * ends_ns
                axes.plot(ends_ns, line_nm, color=colour, lw=1)
        axes.set(xlabel="duration of the pulse (ns)", ylabel="mean displacement of the wall (nm)")
        axes.set_xlim(left=0)
        lines = "; lines: least squares" if displacement["up"]["slope_nm_per_ns"] else ""
        axes.set_title(f"{percent(confidence)} intervals{lines}", fontsize=10)
        axes.legend(fontsize=9)
    return figure


def _label(name: str, slope: dict[str, Any] | None) -> str:
    if slope is None:
        return name
    return f"{name}: {number(slope['value'])} {interval(slope['low'], slope['high'])} nm/ns"
