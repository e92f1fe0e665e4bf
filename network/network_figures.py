"""Figures of the trained networks: accuracy against reads, training, trained fields."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from dwsynapse.io.errors import InputError
from dwsynapse.io.figure_style import COLOURS, svg_figure
from dwsynapse.io.number_format import counted
from dwsynapse.learning_rules import ON_DEVICE, RULES
from fitting.device import DeviceModel
from network.trained_model import ExportedNetwork, TrainedModel


def plot_accuracy(
    path: str | Path | None, device: DeviceModel, rows: Sequence[dict[str, Any]]
) -> Figure:
    """Draw test accuracy against reads for both rules (Fig. 3h), with both limits as lines.

    Parameters
    ----------
    path
        The SVG; None: none is written.
    device
        The device the networks were trained on.
    rows
        Accuracies from `network.accuracy.summarise`.
    """
    with svg_figure(path) as (figure, axes):
        for rule in (RULES[name] for name in dict.fromkeys(row["rule"] for row in rows)):
            mine = [row for row in rows if row["rule"] == rule.name]
            percent = np.array([100 * row["mean"] for row in mine])
            if not rule.sampled:
                axes.axhline(percent[0], color=rule.colour, linestyle=rule.line, label=rule.label)
                continue
            reads = [row["reads_train"] for row in mine]
            axes.plot(reads, percent, "o-", color=rule.colour, label=rule.label)
            if mine[0]["low"] is not None:
                low, high = (np.array([100 * row[key] for row in mine]) for key in ("low", "high"))
                bars = percent - low, high - percent
                axes.errorbar(reads, percent, bars, fmt="none", capsize=3, color=rule.colour)
        axes.set_xscale("log", base=2)
        ticks = sorted({row["reads_train"] for row in rows if row["reads_train"]})
        axes.set_xticks(ticks, [str(tick) for tick in ticks])
        axes.set_xlabel("reads per synapse K, in training and test")
        axes.set_ylabel("test accuracy (%)")
        axes.set_title(f"{device.name} ({device.source})")
        axes.legend(loc="lower right")
    return figure


def plot_fields(path: str | Path, device: DeviceModel, models: Sequence[TrainedModel]) -> None:
    """Draw where the stochastic rule puts the fields, for fewest and most reads (Fig. 3b, c).

    Parameters
    ----------
    path
        The SVG.
    device
        The device; its curve is drawn over the histograms.
    models
        The models; their fields are pooled.

    Raises
    ------
    InputError
        If no network was trained with the stochastic rule.
    """
    reads = sorted(
        n.reads_train for n in models[0].networks if n.rule == ON_DEVICE and n.reads_train
    )
    if not reads:
        raise InputError(
            "no network was trained with the stochastic rule",
            where="network.rules",
            remedy="add the stochastic rule to the config and train again",
        )
    grid_mT = np.linspace(*device.field_range_mT, 401)
    chosen = list(dict.fromkeys([reads[0], reads[-1]]))
    size = (4.2 * len(chosen), 3.4)
    with svg_figure(path, size_inches=size, ncols=len(chosen), squeeze=False) as (_, axes):
        for ax, k in zip(axes[0], chosen, strict=True):
            fields_mT = np.concatenate([m.network(ON_DEVICE, k).fields_mT.ravel() for m in models])
            ax.hist(fields_mT, bins=60, density=True, color=RULES[ON_DEVICE].colour, alpha=0.7)
            ax.set_xlabel(device.drive.drawn("propagation field (mT)"))
            ax.set_ylabel(device.drive.drawn("density (1/mT)"))
            ax.set_title(f"{device.name}: {ON_DEVICE}, K = {k}")
            curve = ax.twinx()
            curve.plot(grid_mT, device.curve.probability(grid_mT), color=COLOURS["fit"])
            curve.set_ylim(0, 1.02)
            curve.set_ylabel("passing probability", color=COLOURS["fit"])
            curve.spines["right"].set_visible(True)


def plot_training(path: str | Path, device: DeviceModel, models: Sequence[TrainedModel]) -> None:
    """Draw the validation loss against the epochs, with a dot where the parameters were kept.

    Parameters
    ----------
    path
        The SVG.
    device
        The device the networks were trained on.
    models
        The models; each gives a line to every kind of network trained on the cross-entropy.
    """
    with svg_figure(path, size_inches=(6.8, 4.2)) as (figure, axes):
        shades = _shades([n.reads_train for n in models[0].networks if n.reads_train])
        for model in models:
            for network in model.networks:
                rule = RULES[network.rule]
                if not rule.cross_entropy:
                    continue  # it has another loss
                losses, kept = network.training.validation_loss, network.training.best_epoch
                shade = shades.get(network.reads_train, 1.0)
                label = _label(network) if model is models[0] else None
                epochs = np.arange(1, len(losses) + 1)
                line = {"color": rule.colour, "alpha": shade}
                axes.plot(epochs, losses, rule.line, label=label, lw=1.2, **line)
                axes.plot(kept, losses[kept - 1], "o", ms=3.5, **line)
        axes.set_yscale("log")
        # Tick labels over the whole range, which is often about a decade.
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 1.5, 2, 3, 4, 5, 7)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda loss, _: f"{loss:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel("epoch")
        axes.set_ylabel("validation loss (nats)")
        place_sd_mT = models[0].networks[0].training.wire_place_sd_mT
        wires = f", for wires that differ by {place_sd_mT:g} mT" if place_sd_mT else ""
        wires = device.drive.drawn(wires)
        axes.set_title(f"{device.name} ({device.source}), {counted(len(models), 'model')}{wires}")
        figure.legend(loc="outside right upper", fontsize=8)


def _label(network: ExportedNetwork) -> str:
    reads = "" if network.reads_train is None else f", K = {network.reads_train}"
    return f"{network.rule}{reads}"


def _shades(reads: Sequence[int]) -> dict[int | None, float]:
    """Return the opacity of networks of these reads: the more reads, the stronger."""
    levels = sorted(set(reads))
    return {k: float(s) for k, s in zip(levels, np.linspace(0.35, 1, len(levels)), strict=True)}
