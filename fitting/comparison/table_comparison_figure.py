"""Figure of two passing curves: as given, reconciled by a calibration, and their differences."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dwsynapse.drives import of_field
from dwsynapse.fit_badge import fit_badge
from dwsynapse.io.figure_style import COLOURS, svg_figure
from dwsynapse.io.number_format import least_p_value, p_value, percent
from fitting.comparison.shared_curve import SharedCurve
from fitting.comparison.table_comparison import Comparison, verdict
from fitting.curve_figure import draw_counts
from fitting.shown_bins import binned, in_bins

COLOUR_A, COLOUR_B, COLOUR_SHARED = COLOURS["data"], COLOURS["fit"], COLOURS["model"]
CURVES_SHOWN = 3
# Longer tables are shown in bins: each of them is drawn three times.
MOST_ROWS = 500


def plot_comparison(
    path: str | Path,
    comparison: Comparison,
    names: tuple[str, str],
    tables: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    """Draw two tables of counts with their curves, and the differences, as SVG.

    Parameters
    ----------
    path
        Where the SVG goes.
    comparison
        Of the two tables.
    names
        Names of A and B.
    tables
        Counts of A and B.
    """
    tables = of_field(tables[0]), of_field(tables[1])
    n_columns = max(CURVES_SHOWN, len(comparison.differences))
    with svg_figure(
        path,
        size_inches=(3.6 * n_columns, 5.6),
        nrows=2,
        ncols=n_columns,
        gridspec_kw={"height_ratios": [4, 1]},
    ) as (figure, axes):
        for column, shared in enumerate(comparison.shared):
            _draw_curves(axes[0, column], comparison, names, tables, shared)
        axes[0, 0].set_ylabel(
            f"probability of passing the notch\n({percent(comparison.confidence)} Wilson intervals)"
        )
        for column, name in enumerate(comparison.differences):
            _draw_difference(axes[1, column], comparison, name, names)
        _draw_badges(figure, comparison, names)
        for unused in (*axes[0, CURVES_SHOWN:], *axes[1, len(comparison.differences) :]):
            unused.remove()


def _draw_badges(figure: Any, comparison: Comparison, names: tuple[str, str]) -> None:
    """Write above all axes which fits are rejected by their tests."""
    badges = [
        f"{name}, {comparison.drive.said(badge)}"
        for name, goodness in zip(names, comparison.goodness, strict=True)
        if (badge := fit_badge(goodness))
    ]
    if badges:
        figure.suptitle("\n".join(badges), color=COLOURS["fit"], fontsize=9, fontweight="bold")


def _title(shared: SharedCurve) -> str:
    values = {n: f"{shared.calibration[n].value:.3g}" for n in shared.free}
    what = " and ".join(
        f"{name.removesuffix('_mT')} {value}{' mT' * name.endswith('_mT')}"
        for name, value in values.items()
    )
    least = least_p_value(shared.simulations)
    return f"{f'after {what}' if what else 'as given'}\none curve: {p_value(shared.p_value, least)}"


def _draw_curves(
    axes: Any,
    comparison: Comparison,
    names: tuple[str, str],
    tables: tuple[pd.DataFrame, pd.DataFrame],
    shared: SharedCurve,
) -> None:
    """Draw both tables over the fields of A, with their own curves or their common one."""
    offset, scale = shared.calibration["offset_mT"].value, shared.calibration["scale"].value
    calibrated = [tables[0], tables[1].assign(field_mT=(tables[1]["field_mT"] - offset) / scale)]
    everywhere = np.concatenate([table["field_mT"] for table in calibrated])
    fields_mT = np.linspace(everywhere.min(), everywhere.max(), 300)
    for table, name, colour, marker in zip(
        calibrated, names, (COLOUR_A, COLOUR_B), "os", strict=True
    ):
        shown = binned(table, shared.curve, MOST_ROWS)
        label = f"{name}, n = {table['n_trials'].sum()}{in_bins(table, len(shown))}"
        draw_counts(axes, shown, comparison.confidence, fmt=marker, color=colour, label=label)
    if shared.free:
        axes.plot(
            fields_mT, shared.curve.probability(fields_mT), color=COLOUR_SHARED, label="one curve"
        )
    else:
        for fit, colour in zip(comparison.fits, (COLOUR_A, COLOUR_B), strict=True):
            axes.plot(fields_mT, fit.curve.probability(fields_mT), color=colour)
        axes.plot(
            fields_mT,
            shared.curve.probability(fields_mT),
            color=COLOUR_SHARED,
            ls="--",
            label="one curve",
        )
    label = f"field of {names[0]} (mT)" if shared.free else "propagation field (mT)"
    axes.set_xlabel(comparison.drive.drawn(label, names))
    axes.set_ylim(-0.03, 1.03)
    axes.set_title(comparison.drive.drawn(_title(shared)), fontsize=9)
    axes.legend(loc="lower right", fontsize=8)


def _draw_difference(axes: Any, comparison: Comparison, name: str, names: tuple[str, str]) -> None:
    value, low, high = comparison.differences[name]
    unit = comparison.fits[0].curve.units()[name]
    edge = 1.2 * max(abs(x) for x in (value, low, high) if x is not None) or 1.0
    axes.axvline(0, color="0.6", lw=1)
    axes.plot(value, 0, "o", ms=5, color="black")
    # A side without a bound extends beyond the edge of the figure.
    ends = -2 * edge if low is None else low, 2 * edge if high is None else high
    axes.plot(ends, (0, 0), color="black", lw=1.5)
    axes.set(
        yticks=[],
        ylim=(-1, 1),
        xlim=(-edge, edge),
        xlabel=comparison.drive.drawn(
            f"{name.removesuffix('_per_mT').removesuffix('_mT')}, "
            f"{names[1]} minus {names[0]}{'' if unit == '1' else f' ({unit})'}",
            names,
        ),
    )
    bounds = ", ".join("unbounded" if b is None else f"{b:.3g}" for b in (low, high))
    axes.set_title(
        f"{value:.3g} [{bounds}], {percent(comparison.confidence)} profile,\n"
        f"{comparison.drive.drawn(verdict(comparison, name))}",
        fontsize=8,
    )
    axes.locator_params(axis="x", nbins=5)
    axes.spines["left"].set_visible(False)
