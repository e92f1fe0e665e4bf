"""The posterior of the parameters, and the measured curve beside simulated ones."""

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import beta

from dwsynapse.io.figure_style import COLOURS, percent_ticks, svg_figure
from dwsynapse.io.number_format import least_p_value, p_value
from dwsynapse.study.wires.priors import Prior
from micromag.calibration.evidence import Measured
from micromag.calibration.report import (
    CONFIDENCE,
    EXPLAINED,
    NOT_EXPLAINED,
    OPEN,
    interval,
)
from micromag.calibration.rounds import Round

Floats = NDArray[np.float64]

SAID = {
    EXPLAINED: "a wire within the priors explains the counts",
    OPEN: "not shown that a wire within the priors explains the counts",
    NOT_EXPLAINED: "no wire within the priors explains the counts",
}
BINS, FIELDS, SIDE_INCHES = 25, 101, 2.1


def draw_calibration(
    path: Path, content: dict[str, Any], last: Round, measured: Measured, priors: Sequence[Prior]
) -> None:
    """Draw the posterior and the curves, as SVG.

    Parameters
    ----------
    path
        Where the SVG goes.
    content
        What was found (`micromag.calibration.report.found_by`).
    last
        The last round.
    measured
        The measured counts.
    priors
        The parameters.
    """
    n = len(priors)
    size = (SIDE_INCHES * n + 5.0, max(3.6, SIDE_INCHES * n))
    with svg_figure(path, size_inches=size, make_axes=_axes, n=n) as (figure, axes):
        _corner(axes, content, last, priors)
        _curves(axes["curve"], content, last, measured)
        test = content["explanation"]
        found = p_value(test["p_value"], least_p_value(test["simulations"]))
        figure.suptitle(f"{SAID[content['verdict']]} ({found})", fontsize=10)


def _axes(figure: Figure, n: int) -> dict[Any, Axes]:
    grid = figure.add_gridspec(n, n + 1, width_ratios=[1.0] * n + [4.4 / SIDE_INCHES])
    axes: dict[Any, Axes] = {"curve": figure.add_subplot(grid[:, n])}
    for row, column in product(range(n), repeat=2):
        if column <= row:
            axes[row, column] = ax = figure.add_subplot(grid[row, column])
            ax.tick_params(labelsize=7, labelbottom=row == n - 1)
    return axes


def _corner(
    axes: dict[Any, Axes], content: dict[str, Any], last: Round, priors: Sequence[Prior]
) -> None:
    draws, n = np.array(content["draws"]), len(priors)
    simulated = np.column_stack([p.value(x) for p, x in zip(priors, last.wires.T, strict=True)])
    best = list(content["best_wire"]["values"].values())
    for (row, column), ax in ((key, ax) for key, ax in axes.items() if key != "curve"):
        ax.set_xlim(priors[column].low, priors[column].high)
        ax.xaxis.set_major_locator(MaxNLocator(3))
        if row == column:
            ax.hist(draws[:, column], BINS, color=COLOURS["data"], alpha=0.6)
            found = content["parameters"][priors[row].name]
            ax.axvspan(found["low"], found["high"], color=COLOURS["fit"], alpha=0.12, lw=0)
            ax.set_yticks([])
        else:
            ax.set_ylim(priors[row].low, priors[row].high)
            ax.plot(*simulated[:, [column, row]].T, "x", ms=3, mew=0.5, color="#999999")
            ax.plot(*draws[:, [column, row]].T, ".", ms=2, color=COLOURS["data"])
            ax.axhline(best[row], color=COLOURS["fit"], lw=1)
        ax.axvline(best[column], color=COLOURS["fit"], lw=1)
        if row == n - 1:
            ax.set_xlabel(_label(priors[column]), fontsize=7)
        if column == 0 and row > 0:
            ax.set_ylabel(_label(priors[row]), fontsize=7)


def _label(prior: Prior) -> str:
    *_, block, name = prior.name.split(".")
    return f"{block}.\n{name}"


def _curves(ax: Axes, content: dict[str, Any], last: Round, measured: Measured) -> None:
    fields_mT = np.linspace(measured.fields_mT[0], measured.fields_mT[-1], FIELDS)
    mean, _ = last.emulator.predict(last.posterior.wires, measured.scaled(fields_mT))
    low, high = interval(expit(mean))
    label = f"possible wires, {100 * CONFIDENCE:g} %"
    ax.fill_between(fields_mT, low, high, color=COLOURS["model"], alpha=0.3, lw=0, label=label)
    _points(ax, measured.fields_mT, measured.trials, measured.passed, "data", "o", "target")
    best = content["best_wire"]["simulated"]
    field, trials, passed = (
        np.array([row[name] for row in best], dtype=float)
        for name in ("field_mT", "n_trials", "n_passed")
    )
    _points(ax, field, trials, passed, "fit", "s", "best wire, simulated")
    if "fabrication" in content:
        _fabricated(ax, content["fabrication"]["wires"], fields_mT)
    ax.set_xlabel("propagation field (mT)")
    ax.set_ylabel("passing probability (%)")
    percent_ticks(ax.yaxis)
    # Above the axes: bars of few trials are everywhere in them.
    ax.legend(fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)


def _fabricated(ax: Axes, wires: dict[str, list[float]], fields_mT: Floats) -> None:
    """Draw between which curves those of wires are that are made like the best one."""
    floor, h0_mT, delta_per_mT = (np.array(wires[name])[:, None] for name in wires)
    curves = floor + (1 - floor) * expit(delta_per_mT * (fields_mT - h0_mT))
    label = f"as fabricated, {100 * CONFIDENCE:g} %"
    edges = np.transpose(interval(curves))
    ax.plot(fields_mT, edges, "--", lw=1, color=COLOURS["fit"], label=[label, None])


def _points(
    ax: Axes, field: Floats, trials: Floats, passed: Floats, colour: str, marker: str, label: str
) -> None:
    """Draw shares with their intervals (Clopper-Pearson)."""
    tail = (1 - CONFIDENCE) / 2
    low = np.where(passed > 0, beta.ppf(tail, passed, trials - passed + 1), 0.0)
    high = np.where(passed < trials, beta.ppf(1 - tail, passed + 1, trials - passed), 1.0)
    share = passed / trials
    bars = np.stack([share - low, high - share])
    style: dict[str, Any] = {"ms": 4, "lw": 1, "color": COLOURS[colour], "label": label}
    ax.errorbar(field, share, bars, fmt=marker, **style)
