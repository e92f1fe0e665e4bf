"""Accuracy of trained networks for every number of reads in the test: K_train x K_test."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from dwsynapse.io.errors import InputError
from dwsynapse.io.figure_style import K_TEST, K_TRAIN, svg_figure
from dwsynapse.io.number_format import counted
from dwsynapse.io.progress_bars import progress_bar
from dwsynapse.learning_rules import RULES
from fitting.device import DeviceModel
from network.accuracy import PASSES, model_accuracies, summarise
from network.images.prepared_images import Images
from network.trained_model import TrainedModel


def sampled_only(model: TrainedModel, rules: Sequence[str]) -> TrainedModel:
    """Return the model with those of its networks that have reads and one of these rules.

    Raises
    ------
    InputError
        If there is none.
    """
    networks = tuple(n for n in model.networks if n.reads_train and n.rule in rules)
    if not networks:
        raise InputError(
            f"model {model.model} has no network of rule {' or '.join(rules)}",
            where="networks",
            remedy="train again with these rules and with reads_train in the config",
        )
    return replace(model, networks=networks)


def sweep(
    models: Sequence[TrainedModel],
    device: DeviceModel,
    images: Images,
    rules: Sequence[str],
    reads_test: Sequence[int],
    threads: int = 1,
) -> list[dict[str, Any]]:
    """Test networks of every K_train with every K_test on all test images.

    Parameters
    ----------
    models
        Independently trained models with the same kinds of network.
    device
        The device they were trained on.
    images
        Images and labels.
    rules
        Learning rules of the networks that are tested.
    reads_test
        Reads per synapse in the test.
    threads
        Processor threads; the numbers do not change.

    Returns
    -------
    list of dict
        Rows of `network.accuracy.summarise`, for each K_test one of every network.
    """
    chosen = [sampled_only(model, rules) for model in models]
    rows = []
    # Passes of many reads take seconds each.
    passes = PASSES * len(reads_test) * sum(len(model.networks) for model in chosen)
    with progress_bar(total=passes, desc=f"{device.name}, sweep", unit="pass") as bar:
        for reads in reads_test:
            shares = []
            for model in chosen:
                bar.set_postfix_str(counted(reads, "read"), refresh=False)
                shares.append(
                    model_accuracies(model, device.curve, images, reads, threads, bar.update)
                )
            rows += summarise(chosen, shares, reads)
    return rows


def plot_map(
    path: str | Path, device: DeviceModel, rows: Sequence[dict[str, Any]], *, letter: str = ""
) -> None:
    """Draw accuracy over K_train and K_test, one panel for each rule (Fig. 4c).

    Each cell is one combination, with its accuracy in per cent; nothing is interpolated.

    Parameters
    ----------
    path
        The SVG.
    device
        The device the networks were trained on.
    rows
        From `sweep`.
    letter
        Put before the title, such as ``(c)``.
    """
    rules = list(dict.fromkeys(row["rule"] for row in rows))
    cells = {
        (row["rule"], row["reads_train"], row["reads_test"]): 100 * row["mean"] for row in rows
    }
    low, high = min(cells.values()), max(cells.values())
    trained = sorted({row["reads_train"] for row in rows})
    tested = sorted({row["reads_test"] for row in rows})
    # The labels need space even with few cells.
    panel_width = max(2.3, 1.0 + 0.58 * len(tested))
    size = (1.9 + len(rules) * panel_width, max(2.7, 1.6 + 0.45 * len(trained)))
    with svg_figure(path, size_inches=size, ncols=len(rules), squeeze=False) as (figure, axes):
        for ax, rule in zip(axes[0], rules, strict=True):
            table = np.array([[cells[rule, k, t] for t in tested] for k in trained])
            mesh = ax.pcolormesh(table, vmin=low, vmax=high, cmap="viridis", edgecolors="white")
            for (row, column), percent in np.ndenumerate(table):
                dark = percent < (low + high) / 2
                ax.text(
                    *(column + 0.5, row + 0.5, f"{percent:.1f}"),
                    **{"ha": "center", "va": "center", "fontsize": 8},
                    color="white" if dark else "black",
                )
            ax.set_xticks(np.arange(len(tested)) + 0.5, [str(reads) for reads in tested])
            ax.set_yticks(np.arange(len(trained)) + 0.5, [str(reads) for reads in trained])
            ax.set_xlabel(f"reads in the test, {K_TEST}")
            ax.set_ylabel(f"reads in training, {K_TRAIN}")
            ax.set_title(RULES[rule].label, fontsize=10)
        n_models = rows[0]["n_models"]
        count = ("mean of " if n_models > 1 else "") + counted(n_models, "model")
        title = f"{letter} {device.name} ({device.source}), {count}".strip()
        figure.suptitle(title, fontsize=11)
        figure.colorbar(mesh, ax=axes[0], label="test accuracy (%)")
