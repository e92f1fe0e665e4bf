"""Figures of trained crossbars: accuracy against epochs, and what is taken for what."""

from pathlib import Path
from typing import Any

import numpy as np

from dwsynapse.io.figure_style import COLOURS, percent_ticks, svg_figure
from dwsynapse.io.number_format import counted

MIN_SHARE_SHOWN = 0.005


def plot_accuracy(path: Path, content: dict[str, Any]) -> None:
    """Draw test and validation accuracy of each network after each epoch.

    Parameters
    ----------
    path
        The SVG.
    content
        From `network.crossbar.commands.crossbar_accuracy.accuracy_content`.
    """
    with svg_figure(path) as (_, axes):
        for n, row in enumerate(content["models"]):
            epochs = np.arange(1, len(row["test_accuracy"]) + 1)
            test = np.array(row["test_accuracy"])
            label = None if n else "test images"
            axes.plot(epochs, test, "-", color=COLOURS["data"], lw=1.2, label=label)
            if row["validation_accuracy"]:
                label = None if n else "validation images"
                validation = row["validation_accuracy"]
                axes.plot(epochs, validation, ":", color=COLOURS["fit"], lw=1.2, label=label)
            kept = row["best_epoch"]
            bars = [[row["accuracy"] - row["low"]], [row["high"] - row["accuracy"]]]
            axes.errorbar(
                kept,
                row["accuracy"],
                bars,
                fmt="o",
                ms=4,
                capsize=3,
                color=COLOURS["data"],
                label=None if n else "network kept (Wilson, 95 %)",
            )
        axes.xaxis.get_major_locator().set_params(integer=True)
        percent_ticks(axes.yaxis)
        axes.set_xlabel("epoch")
        axes.set_ylabel("accuracy (%)")
        axes.set_title(_title(content))
        axes.legend(loc="lower right")


def plot_confusion(path: Path, content: dict[str, Any]) -> None:
    """Draw the share of the images of each class that were taken for each class.

    Parameters
    ----------
    path
        The SVG.
    content
        As of `plot_accuracy`.
    """
    shares = np.array(content["confusion"])
    n = len(shares)
    with svg_figure(path, size_inches=(5.6, 5.0)) as (_, axes):
        axes.pcolormesh(np.arange(n + 1) - 0.5, np.arange(n + 1) - 0.5, shares, cmap="Blues")
        for row in range(n):
            for column in range(n):
                share = shares[row, column]
                if share >= MIN_SHARE_SHOWN:
                    colour = "white" if share > 0.5 else "black"
                    said = f"{100 * share:.0f}"
                    axes.text(column, row, said, ha="center", va="center", fontsize=8, color=colour)
        axes.set_xticks(range(n))
        axes.set_yticks(range(n))
        axes.invert_yaxis()
        axes.set_xlabel("class found")
        axes.set_ylabel("class (shares in %)")
        axes.set_title(_title(content), fontsize=9)


def _title(content: dict[str, Any]) -> str:
    source = content["source"] or "source not known"
    networks = counted(content["accuracy"]["n_models"], "network")
    return f"{content['device']} ({source}), crossbar: {networks}"
