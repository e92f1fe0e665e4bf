"""Figure of Kerr loops: one of each outcome with its switches, and the outcomes by field."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.stats import binomtest

from dwsynapse.io.figure_style import COLOURS, percent_ticks, svg_figure
from dwsynapse.io.number_format import counted, percent
from hardware.kerr_loops.loops import Loops
from hardware.kerr_loops.outcomes import counts_of

PANELS = ("passed", "pinned", "undecided")
MAX_POINTS_DRAWN = 2000


def plot_loops(
    path: str | Path | None, decided: pd.DataFrame, examples: Mapping[str, Loops]
) -> Figure:
    """Draw loops and the share that passed at each field.

    Parameters
    ----------
    path
        Where the SVG goes; None: nowhere.
    decided
        Outcomes, from `hardware.kerr_loops.session.decided_loops`.
    examples
        Some of the loops, by name.
    """
    shown = decided[decided["loop"].isin(examples.keys())]
    with svg_figure(path, size_inches=(9, 6), nrows=2, ncols=2) as (figure, axes):
        for axis, outcome in zip(axes.flat, PANELS, strict=False):
            n = int((decided["outcome"] == outcome).sum())
            axis.set_title(f"{outcome}: {counted(n, 'loop')}", fontsize=10)
            axis.set(xlabel="field (mT)", ylabel="Kerr signal (as given)")
            of_kind = shown[shown["outcome"] == outcome]
            if of_kind.empty:
                axis.set_axis_off()
                axis.text(0.5, 0.5, "none to show" if n else "none", ha="center", va="center")
                continue
            _draw(axis, of_kind.iloc[0], examples)
        _draw_shares(axes.flat[3], counts_of(decided))
    return figure


def _draw(axis: Any, row: pd.Series, examples: Mapping[str, Loops]) -> None:
    loops = examples[row["loop"]]
    every = -(-loops.signal.shape[1] // MAX_POINTS_DRAWN)
    axis.plot(
        loops.field_mT[0, ::every], loops.signal[0, ::every], lw=0.8, color=COLOURS["hardware"]
    )
    if np.isfinite(row["field_set_mT"]):
        axis.axvline(row["field_set_mT"], color=COLOURS["comparison"], ls=":", label="set field")
    for name, style in (("first_switch_mT", "-"), ("second_switch_mT", "--")):
        if np.isfinite(row[name]):
            label = name.removesuffix("_mT").replace("_", " ")
            axis.axvline(row[name], color=COLOURS["fit"], ls=style, lw=1, label=label)
    if row["reason"]:
        axis.text(0.02, 0.02, row["reason"], transform=axis.transAxes, fontsize=8, va="bottom")
    axis.legend(fontsize=8, loc="upper left")


def _draw_shares(axis: Any, counts: pd.DataFrame) -> None:
    axis.set_title("by field", fontsize=10)
    axis.set(xlabel="propagation field (mT)", ylabel="share of loops (%)", ylim=(-0.03, 1.03))
    percent_ticks(axis.yaxis)
    if counts.empty:
        return
    n, k = counts["n_trials"], counts["n_passed"]
    share = k / n
    low, high = np.array(
        [
            binomtest(int(p), int(m)).proportion_ci(method="wilson")
            for p, m in zip(k, n, strict=True)
        ]
    ).T
    axis.errorbar(
        counts["field_mT"],
        share,
        # The interval has the share in it but for rounding.
        yerr=np.maximum([share - low, high - share], 0),
        fmt="o",
        ms=4,
        lw=1,
        color=COLOURS["hardware"],
        label=f"passed, of those decided, {percent(0.95)} Wilson",
    )
    undecided = counts["n_undecided"] / (n + counts["n_undecided"])
    axis.plot(
        counts["field_mT"], undecided, "x", color=COLOURS["comparison"], label="undecided, of all"
    )
    axis.legend(fontsize=8)
