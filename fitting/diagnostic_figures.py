"""Figures that show whether a fit is good: its residuals and its posterior."""

from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from dwsynapse.io.figure_style import COLOURS, svg_figure
from dwsynapse.io.number_format import least_p_value, p_value, symbol
from fitting.counts.pooling import Pooling
from fitting.device import DeviceModel
from fitting.goodness.bootstrap import effective
from fitting.inference.likelihood import Columns, passing_probability
from fitting.shown_bins import MOST_ROWS, bins_of_field, bins_of_order

BINS = 30


def plot_residuals(path: str | Path, device: DeviceModel, counts: pd.DataFrame) -> None:
    """Draw Pearson's residuals against the field and against the order of the rows, as SVG.

    Parameters
    ----------
    path
        Where the SVG goes.
    device
        The fitted device model.
    counts
        The counts it was fitted to.
    """
    columns = Columns.of(counts)
    independent, n_rows = effective(columns, device.nuisances), len(counts)
    p = passing_probability(device.observed, independent)
    bins = bins_of_field(columns, device.curve), bins_of_order(n_rows)
    with svg_figure(path, size_inches=(8.6, 3.8), ncols=2, sharey=True) as (figure, axes):
        places = (columns.field_mT, np.arange(1.0, n_rows + 1))
        # Rows of simulated counts were not measured one after the other.
        order = "order of measurement" if device.source == "measurement" else "order of rows"
        labels = (device.drive.drawn("propagation field (mT)"), f"row of the table ({order})")
        for ax, place, label, together in zip(axes, places, labels, bins, strict=True):
            ax.axhspan(-2, 2, color=COLOURS["fit"], alpha=0.12, lw=0, label="2 standard deviations")
            ax.axhline(0, color=COLOURS["fit"], lw=1)
            middle = together.sums(place) / together.sums(np.ones(n_rows))
            r = _residuals(p, independent, together)
            ax.plot(middle, r, "o", ms=4, color=COLOURS["data"])
            ax.set_xlabel(label if len(r) == n_rows else f"{label}\nin {len(r)} bins")
        # The numbers of many rows are long.
        ticks = MaxNLocator("auto" if n_rows <= MOST_ROWS else 4, integer=True)
        axes[1].xaxis.set_major_locator(ticks)
        axes[0].set_ylabel("Pearson's residual")
        axes[0].legend(fontsize=8, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0)
        axes[1].text(
            1.02, 0.98, _tests_text(device), transform=axes[1].transAxes, fontsize=8, va="top"
        )
        n_trials = counts["n_trials"].sum()
        figure.suptitle(f"{device.name} ({device.source}): {n_rows} rows, {n_trials} trials")


def _residuals(p: NDArray[np.float64], columns: Columns, together: Pooling) -> NDArray[np.float64]:
    """Return Pearson's residuals of the counts of rows taken together, shape (n_bins,)."""
    n = columns.n_trials
    variance = together.sums(n * p * (1 - p))
    return together.sums(columns.n_passed - n * p) / np.sqrt(variance)


def plot_posterior(path: str | Path, device: DeviceModel) -> None:
    """Draw the draws of every parameter and of every pair of them, as SVG.

    Parameters
    ----------
    path
        Where the SVG goes.
    device
        The fitted device model.
    """
    names = list(device.intervals)
    values, units = device.curve.values(), device.curve.units()
    labels = [
        symbol(n) + ("" if units[n] == "1" else device.drive.drawn(f" ({units[n]})")) for n in names
    ]
    n, side = len(names), 2.1 * len(names)
    # Axes above the diagonal would cost as much as the others, to be removed again.
    with svg_figure(path, size_inches=(side, side), make_axes=partial(_triangle, n)) as (fig, axes):
        for (row, column), ax in axes.items():
            x = device.draws[:, column]
            if row == column:
                ax.hist(x, BINS, histtype="stepfilled", color=COLOURS["data"], alpha=0.6)
                low, high = device.intervals[names[row]]
                ends = x.min() if low is None else low, x.max() if high is None else high
                ax.axvspan(*ends, color=COLOURS["fit"], alpha=0.12, lw=0)
                ax.set_yticks([])
            else:
                ax.plot(x, device.draws[:, row], ".", ms=2, color=COLOURS["data"])
                ax.axhline(values[names[row]], color=COLOURS["fit"], lw=1)
            ax.axvline(values[names[column]], color=COLOURS["fit"], lw=1)
            if row == n - 1:
                ax.set_xlabel(labels[column])
            if column == 0 and row > 0:
                ax.set_ylabel(labels[row])
        fig.suptitle(
            f"{device.name}: {len(device.draws)} posterior draws\n"
            f"lines: best values, shaded: {device.interval_kind}",
            fontsize=9,
        )


def _triangle(n: int, figure: Figure) -> dict[tuple[int, int], Axes]:
    """Return the axes on and below the diagonal of n by n; those of a column share their x."""
    grid = figure.add_gridspec(n, n)
    axes: dict[tuple[int, int], Axes] = {}
    for row, column in product(range(n), repeat=2):
        if column <= row:
            shared = axes.get((column, column))
            axes[row, column] = ax = figure.add_subplot(grid[row, column], sharex=shared)
            ax.tick_params(labelbottom=row == n - 1)
    return axes


def _tests_text(device: DeviceModel) -> str:
    assert device.goodness_of_fit is not None
    found = device.goodness_of_fit
    least = least_p_value(found["bootstrap_simulations"])
    lines = [f"{t['test']}:\n  {p_value(t['p_value'], least)}" for t in found["tests"]]
    lines += ["", "Δ AIC", *(f"  {f['form']}: {f['delta_aic']:.1f}" for f in device.forms)]
    return device.drive.drawn("\n".join(lines))
