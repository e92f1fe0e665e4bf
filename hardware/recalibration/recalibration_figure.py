"""A device before and after a drift, how many reads find it, and what shifted fields regain."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dwsynapse.io.figure_style import COLOURS, svg_figure
from dwsynapse.io.number_format import interval, number
from fitting.device import DeviceModel

MAX_POINTS = 25


def plot_recalibration(
    path: str | Path,
    before: DeviceModel,
    now: DeviceModel,
    counts: pd.DataFrame,
    content: dict[str, Any],
) -> None:
    """Draw the curves before and now, the offset's error by reads, and the accuracies, as SVG.

    Parameters
    ----------
    path
        Where the SVG goes.
    before, now
        The device before and as refitted.
    counts
        The new counts.
    content
        Content of ``recalibration.json``.
    """
    with svg_figure(path, size_inches=(11, 3.6), ncols=3) as (figure, (curves, reads, bars)):
        fields_mT = np.linspace(*now.field_range_mT, 300)
        curves.plot(fields_mT, before.curve.probability(fields_mT), "--", color=COLOURS["data"])
        curves.plot(fields_mT, now.curve.probability(fields_mT), color=COLOURS["fit"])
        curves.fill_between(
            fields_mT,
            *now.band(fields_mT, now.confidence or 0.95),
            color=COLOURS["fit"],
            alpha=0.25,
            lw=0,
        )
        field_mT, share = _pooled(counts)
        curves.plot(field_mT, share, "o", ms=3, color=COLOURS["comparison"])
        curves.legend(["before", "refitted", "band", content["data"]], fontsize=7)
        curves.set(xlabel="field (mT)", ylabel="probability of passing", ylim=(-0.03, 1.03))
        offset = content["offset"]
        curves.set_title(
            f"moved by {number(offset['value'], signed=True)} mT "
            f"{interval(offset['low'], offset['high'], signed=True)}",
            fontsize=9,
        )
        needed = content["reads_needed"]
        reads.loglog(needed["reads"], needed["offset_sd_mT"], color=COLOURS["data"])
        reads.plot(content["n_reads"], offset["sd"], "o", color=COLOURS["fit"], label="here")
        reads.set(xlabel="reads", ylabel="standard deviation of the offset (mT)")
        reads.legend(fontsize=8)
        _draw_accuracies(bars, content["accuracy"])
        synthetic = " (synthetic log)" if content["synthetic"] else ""
        figure.suptitle(f"{content['device']} to {content['recalibrated']}{synthetic}")


def _draw_accuracies(axes: Any, accuracy: dict[str, Any] | None) -> None:
    if accuracy is None:
        axes.set_axis_off()
        return
    names = ("before", "drifted", "shifted", "matched")
    values = [100 * accuracy[name]["accuracy"] for name in names]
    axes.bar(names, values, color=COLOURS["data"], alpha=0.7)
    axes.set(ylabel="classified correctly (%), simulated", ylim=(0, 100))
    axes.set_title(accuracy["advice"], fontsize=9)
    for place, value in enumerate(values):
        axes.text(place, value, f"{value:.1f}", ha="center", va="bottom", fontsize=8)


def _pooled(counts: pd.DataFrame) -> tuple[Any, Any]:
    """Return mean fields and shares of rows within equal steps of the field."""
    fields_mT, n, passed = (
        counts[name].to_numpy(float) for name in ("field_mT", "n_trials", "n_passed")
    )
    edges = np.linspace(fields_mT.min(), fields_mT.max(), MAX_POINTS)
    _, group = np.unique(np.digitize(fields_mT, edges), return_inverse=True)
    total = np.bincount(group, n)
    return np.bincount(group, n * fields_mT) / total, np.bincount(group, passed) / total
