"""Figure of a laboratory's accuracies against reads, with the prediction of the device model."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dwsynapse.io.figure_style import COLOURS, K_TEST, K_TRAIN, percent_ticks, svg_figure
from dwsynapse.io.number_format import percent
from dwsynapse.learning_rules import RULES
from fitting.inference.distributions import wilson_interval


def plot_accuracy(
    path: str | Path | None, verification: dict[str, Any], references: dict[str, float]
) -> Figure:
    """Draw the laboratory's accuracies over the model's prediction (Fig. 4a, b of the paper).

    Parameters
    ----------
    path
        Where the SVG goes; None: nowhere.
    verification
        Content of ``verification.json``.
    references
        Accuracies drawn as lines, by rule.
    """
    table = verification["accuracy"]
    synthetic = " (synthetic)" if verification["synthetic"] else ""
    network = verification["network"]
    with svg_figure(path, size_inches=(8.6, 4.2)) as (figure, axes):
        n_images = 0
        if table:
            n_images = _draw(axes, table, f"{verification['laboratory']}{synthetic}")
        else:
            text = "no image has all of its reads"
            axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center")
        for name, accuracy in references.items():
            rule = RULES[name]
            axes.axhline(accuracy, ls=rule.line, color=rule.colour, label=rule.label)
        axes.set(
            xlabel=f"reads per synapse, {K_TEST}",
            ylabel=f"accuracy on {n_images} test images (%)",
            title=f"{verification['device']}: {network['rule']}, "
            f"{K_TRAIN} = {network['reads_train']}{synthetic}",
        )
        axes.set_xticks([row["reads_test"] for row in table])
        percent_ticks(axes.yaxis)
        if table or references:
            axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def _draw(axes: Axes, table: list[dict[str, Any]], laboratory: str) -> int:
    """Draw the accuracies of a table over their prediction; return the most images of a row."""
    column = {key: np.array([row[key] for row in table]) for key in table[0]}
    n = column["n_images"]
    low, high = wilson_interval(np.round(column["accuracy"] * n), n, 0.95)
    reads = column["reads_test"]
    axes.fill_between(
        reads,
        column["predicted_low"],
        column["predicted_high"],
        color=COLOURS["model"],
        alpha=0.25,
        lw=0,
        label=f"device model, central {percent(0.95)}",
    )
    axes.plot(reads, column["predicted"], color=COLOURS["model"], label="device model, mean")
    axes.errorbar(
        reads,
        column["accuracy"],
        yerr=[column["accuracy"] - low, high - column["accuracy"]],
        fmt="o",
        ms=5,
        lw=1,
        color=COLOURS["hardware"],
        label=f"{laboratory}, {percent(0.95)} Wilson",
    )
    return int(n.max())
