"""Figure of false alarms, and of how often planted defects are found and named."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from dwsynapse.io.figure_style import COLOURS, percent_ticks, svg_figure
from dwsynapse.io.number_format import percent
from hardware.proof.verdict_rates import size_of

MARKERS = {"small": "o", "full": "s"}
APART = 0.18
"""Between the marks of small and full logs, in rows."""


def plot_proof(path: str | Path | None, content: dict[str, Any]) -> Figure:
    """Draw false alarms, the power for each defect and size, and the share named rightly.

    Parameters
    ----------
    path
        Where the SVG goes; None: nowhere.
    content
        Content of ``prove.json``.
    """
    kinds = list(dict.fromkeys((r["defect"], r["size"], r["unit"]) for r in content["defects"]))
    names = ["none", *(f"{defect}, {size_of(size, unit)}" for defect, size, unit in kinds)]
    confidence = percent(content["confidence"])
    with svg_figure(path, size_inches=(9.5, 2.2 + 0.24 * len(names)), ncols=2, sharey=True) as (
        figure,
        axes,
    ):
        for log, side in (("small", -APART), ("full", APART)):
            rows = {
                (r["defect"], r["size"], r["unit"]): r
                for r in content["defects"]
                if r["log"] == log
            }
            found = [content["false_alarm"]["by_log"][log], *(rows[k]["power"] for k in kinds)]
            named = [None, *(rows[k]["named"] for k in kinds)]
            size = content["logs"][log]
            label = f"{log} log: {size['images']} images, {size['reads']} reads"
            colour = COLOURS["one read" if log == "small" else "hardware"]
            for axis, shares in zip(axes, (found, named), strict=True):
                places = [i + side for i, share in enumerate(shares) if share is not None]
                known = [share for share in shares if share is not None]
                rate, low, high = (
                    np.array([share[key] for share in known]) for key in ("rate", "low", "high")
                )
                axis.errorbar(
                    rate,
                    places,
                    xerr=[np.maximum(rate - low, 0), np.maximum(high - rate, 0)],
                    fmt=MARKERS[log],
                    ms=4,
                    lw=1,
                    color=colour,
                    label=label,
                )
        level = content["significance"]
        axes[0].axvline(level, ls=":", color=COLOURS["comparison"], label=f"{percent(level)}")
        axes[0].set_yticks(range(len(names)), names, fontsize=8)
        axes[0].invert_yaxis()
        for axis, label in zip(
            axes, ("a test fails (%)", "of these, named rightly (%)"), strict=True
        ):
            axis.set(xlabel=label, xlim=(-0.02, 1.02))
            percent_ticks(axis.xaxis)
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=8)
        figure.suptitle(
            f"{content['device']}: verdicts on {content['experiments']} virtual experiments a "
            f"row (synthetic), {confidence} Wilson",
            fontsize=10,
        )
    return figure
