"""Figures of the plan: accuracy against reads, time and energy, and its spread over devices."""

import textwrap
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from dwsynapse.drives import FIELD, Drive
from dwsynapse.io.figure_style import COLOURS, K_TRAIN, percent_ticks, svg_figure
from dwsynapse.learning_rules import HIDDEN, ON_DEVICE, RULES, rules_without_sampling
from network.cost.inference_cost import energy_unit
from network.cost.trade_offs import Row

MARKERS = "os^DvP<X"  # of the lines of a panel, for readers and printers without colour
CHOSEN: Any = {"marker": "*", "ms": 13, "mec": "white", "color": COLOURS["fit"], "ls": "none"}


def plot_trade_offs(path: str | Path, plan: dict[str, Any]) -> None:
    """Draw accuracy against the mean reads of an inference, with fixed reads and early exit.

    Left the networks of the stochastic rule, those with hidden layers and the mean-field limit;
    right the network that early exit takes to the accuracy wanted at the lowest cost.

    Parameters
    ----------
    path
        The SVG.
    plan
        What `network.cost.cheapest_network.plan` returned.
    """
    with svg_figure(path, size_inches=(10.4, 5.0), ncols=2, sharey=True) as (figure, (left, right)):
        _draw_fixed(left, plan)
        _draw_early(right, plan)
        for ax in (left, right):
            ax.axhline(plan["wanted"], color="0.7", lw=1, zorder=0, label="accuracy wanted")
            _cost_axes(ax, plan)
            percent_ticks(ax.yaxis)
            ax.legend(fontsize=8, loc="lower right")
        accuracies = [row["accuracy"] for row in plan["fixed"] + plan["early_exit"]]
        left.set_ylim(max(0, plan["wanted"] - 0.16), max(accuracies) + 0.02)
        left.set_ylabel(f"accuracy on {plan['test_images']} test images (%)")
        figure.suptitle(f"{plan['device']} ({plan['source']})", fontsize=11)


def plot_spread(path: str | Path, plan: dict[str, Any], drive: Drive = FIELD) -> None:
    """Draw the accuracies over repeated reads, draws of the curve, and sets of different wires.

    Parameters
    ----------
    path
        The SVG.
    plan
        What `network.cost.cheapest_network.plan` returned.
    drive
        What drives the device.
    """
    rows, note = plan["spread"], plan["spread_note"]
    rng = np.random.default_rng(0)  # of the points' positions only
    colours = {"reads": "0.45", "curve": COLOURS["fit"], "wires": COLOURS["data"]}
    with svg_figure(path, size_inches=(7.6, 4.4)) as (_, axes):
        for place, row in enumerate(rows):
            n, colour = len(row["accuracies"]), colours[row["cause"]]
            axes.plot(
                place + rng.uniform(-0.16, 0.16, n),
                row["accuracies"],
                **{"marker": "o", "ls": "none", "ms": 3, "alpha": 0.45, "mew": 0, "color": colour},
            )
            bars = [[row["mean"] - row["low"]], [row["high"] - row["mean"]]]
            axes.errorbar(place + 0.3, row["mean"], bars, fmt="s", ms=4, capsize=3, color=colour)
        axes.axhline(rows[0]["mean"], color="0.7", lw=1, zorder=0)
        axes.set_xticks(range(len(rows)), [drive.drawn(_cause(row)) for row in rows])
        percent_ticks(axes.yaxis)
        axes.set_ylabel(f"accuracy on {plan['test_images']} test images (%)")
        fixed = plan["choices"]["fixed"]
        axes.set_title(
            f"{plan['device']} ({plan['source']}): {_network(fixed)}, read K = "
            f"{fixed['reads_test']} times",
            fontsize=10,
        )
        if note:
            text = textwrap.fill(f"{note}.", 110)
            axes.text(0.0, -0.2, text, transform=axes.transAxes, fontsize=8, va="top")


def _draw_fixed(ax: Axes, plan: dict[str, Any]) -> None:
    kinds = dict.fromkeys((row["rule"], row["reads_train"]) for row in plan["fixed"])
    cheapest = plan["choices"]["fixed"]
    always = ON_DEVICE, HIDDEN, *rules_without_sampling()
    chosen = _kind(cheapest), _kind(_early(plan))
    shown = [k for k in kinds if k[0] in always or k in chosen]
    shades = plt.get_cmap("viridis")(np.linspace(0.85, 0.1, len(shown)))
    for place, (kind, shade) in enumerate(zip(shown, shades, strict=True)):
        rows = [row for row in plan["fixed"] if (row["rule"], row["reads_train"]) == kind]
        rule, style = RULES[kind[0]], {"color": shade, "marker": _marker(place)}
        if not rule.sampled:
            style = {"color": rule.colour, "ls": "--", "marker": "x"}
        _line(ax, rows, label=_network(rows[0]), **style)
    _star(ax, cheapest, plan)
    ax.set_title("the same reads for every image", fontsize=10)


def _draw_early(ax: Axes, plan: dict[str, Any]) -> None:
    chosen = _early(plan)
    kind = _kind(chosen)
    fixed = [row for row in plan["fixed"] if (row["rule"], row["reads_train"]) == kind]
    _line(ax, fixed, label="the same reads for every image", color="0.45", ls="--", marker="x")
    early = [row for row in plan["early_exit"] if (row["rule"], row["reads_train"]) == kind]
    risks = list(dict.fromkeys(row["risk"] for row in early))
    shades = plt.get_cmap("plasma")(np.linspace(0.05, 0.75, len(risks)))
    for knows, style in {"curve": "-", "nothing": ":"}.items():
        for place, (risk, shade) in enumerate(zip(risks, shades, strict=True)):
            rows = [row for row in early if (row["knows"], row["risk"]) == (knows, risk)]
            label = f"early exit at risk {risk:g}, knowing {'the ' * (knows == 'curve')}{knows}"
            _line(ax, rows, label=label, ls=style, color=shade, marker=_marker(place))
    if plan["choices"]["early_curve"]:
        _star(ax, chosen, plan)
    ax.set_title(f"early exit: {_network(chosen)}", fontsize=10)


def _early(plan: dict[str, Any]) -> Row:
    """Return the cheapest early exit, or the most accurate where none does."""
    knowing = [row for row in plan["early_exit"] if row["knows"] == "curve"]
    cheapest: Row | None = plan["choices"]["early_curve"]
    return cheapest or max(knowing, key=lambda row: row["accuracy"])


def _kind(row: Row) -> tuple[str, int | None]:
    return row["rule"], row["reads_train"]


def _line(ax: Axes, rows: list[Row], **style: Any) -> None:
    reads, accuracies = ([row[key] for row in rows] for key in ("reads", "accuracy"))
    ax.plot(reads, accuracies, ms=4, lw=1.3, **style)


def _marker(place: int) -> str:
    return MARKERS[place % len(MARKERS)]


def _star(ax: Axes, row: Row, plan: dict[str, Any]) -> None:
    bars = [[row["accuracy"] - row["low"]], [row["high"] - row["accuracy"]]]
    ax.errorbar(row["reads"], row["accuracy"], bars, capsize=3, color=COLOURS["fit"], zorder=5)
    ax.plot(row["reads"], row["accuracy"], label=_cheapest_label(row, plan), zorder=6, **CHOSEN)


def _cheapest_label(row: Row, plan: dict[str, Any]) -> str:
    unit, per_J = energy_unit(plan)
    energy = f"{row['energy_J'] * per_J:.3g} {unit}"
    return f"cheapest: {row['reads']:.0f} reads, {row['time_s']:.3g} s, {energy}"


def _cost_axes(ax: Axes, plan: dict[str, Any]) -> None:
    """Scale reads logarithmically, with axes of time and energy above."""
    rate = plan["reads_per_s"] * plan["wires"]
    ax.set_xscale("log")
    ax.set_xlabel("reads per inference, mean over images")
    time = ax.secondary_xaxis("top", functions=(lambda r: r / rate, lambda s: s * rate))
    time.set_xlabel("time (s)", fontsize=9)
    axes = [ax.xaxis, time.xaxis]
    if "pulse" not in plan:  # else reads of different networks take different energies
        energy_J = plan["energy_per_read_J"]
        energy = ax.secondary_xaxis(
            1.17, functions=(lambda r: r * energy_J * 1e3, lambda mJ: mJ / energy_J / 1e3)
        )
        energy.set_xlabel("energy (mJ), injection pulses alone", fontsize=9)
        axes.append(energy.xaxis)
    for axis in axes:
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))


def _network(row: Row) -> str:
    if row["reads_train"] is None:
        return row["rule"].replace("-limit", " limit")
    return f"{row['rule']}, {K_TRAIN} = {row['reads_train']}"


def _cause(row: dict[str, Any]) -> str:
    if row["cause"] == "wires":
        steep = f"\nln Δ {row['steepness_sd']:g}" if row["steepness_sd"] else ""
        return f"wires differ\nby {row['place_sd_mT']:g} mT{steep}"
    return {"reads": "chance of\nthe reads", "curve": "draws of\nits curve"}[row["cause"]]
