"""Figure of the passing curve: counts with binomial error bars, and the fit with its band."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dwsynapse.drives import of_field
from dwsynapse.fit_badge import fit_badge
from dwsynapse.io.figure_style import COLOURS, svg_figure
from dwsynapse.io.number_format import interval, number, percent, symbol
from fitting.device import DeviceModel
from fitting.goodness.band_widening import band_note
from fitting.inference.distributions import wilson_interval
from fitting.shown_bins import binned, in_bins

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_curve(
    path: str | Path | None,
    device: DeviceModel,
    counts: pd.DataFrame | None,
    confidence: float = 0.95,
) -> "Figure":
    """Draw a device's passing curve.

    Parameters
    ----------
    path
        Where the SVG goes; None: nowhere.
    device
        The device model.
    counts
        The counts it was fitted to; None for a published curve.
    confidence
        Confidence of the error bars (Wilson) and of the band.
    """
    low, high = device.field_range_mT
    fields_mT = np.linspace(low, high, 400)
    with svg_figure(path, size_inches=(8.6, 4.2)) as (figure, axes):
        if counts is not None:
            shown = binned(counts, device.curve)
            label = _counts_label(counts, len(shown), confidence)
            draw_counts(axes, shown, confidence, fmt="o", color=COLOURS["data"], label=label)
        if len(device.draws):
            axes.fill_between(
                fields_mT,
                *device.band(fields_mT, confidence),
                color=COLOURS["fit"],
                alpha=0.25,
                lw=0,
                label=_band_label(device, confidence),
            )
        curve = device.curve.probability(fields_mT)
        label = "published curve (Eq. 9)" if device.source == "published" else "fit"
        axes.plot(fields_mT, curve, color=COLOURS["fit"], label=label)
        if device.observed is not device.curve:
            seen = device.observed.probability(fields_mT)
            label = "fit with detection errors,\nas the counts show it"
            axes.plot(fields_mT, seen, "--", lw=1, color=COLOURS["data"], label=label)
        axes.set(
            xlabel=device.drive.drawn("propagation field (mT)"),
            ylabel="probability of passing the notch",
            ylim=(-0.03, 1.03),
            title=f"{device.name} ({device.source}): {device.curve.title}",
        )
        draw_fit_badge(axes, device)
        # Next to the axes, where there are no data.
        axes.legend(
            fontsize=8,
            loc="upper left",
            bbox_to_anchor=(1, 1),
            title=_parameters_text(device),
            title_fontsize=8,
            alignment="left",
        )
    return figure


def draw_fit_badge(axes: Any, device: DeviceModel) -> None:
    """Write below the axes' right edge which tests reject the fit, if any does."""
    if words := device.drive.said(fit_badge(device.goodness_of_fit) or ""):
        axes.text(
            1.02,
            0.02,
            words.replace(" by ", " by\n").replace(", ", ",\n"),
            transform=axes.transAxes,
            color=COLOURS["fit"],
            fontsize=8,
            fontweight="bold",
        )


def draw_counts(axes: Any, counts: pd.DataFrame, confidence: float, **style: Any) -> None:
    """Draw the shares that passed with Wilson intervals, and the jitter of the field if given.

    Parameters
    ----------
    axes
        Axes of the figure.
    counts
        Table of counts (`dwsynapse.io.contracts.COUNTS`), of any drive.
    confidence
        Confidence of the intervals.
    **style
        Passed to `matplotlib.axes.Axes.errorbar`.
    """
    counts = of_field(counts)
    rates = counts["n_passed"] / counts["n_trials"]
    low, high = wilson_interval(counts["n_passed"], counts["n_trials"], confidence)
    axes.errorbar(
        counts["field_mT"],
        rates,
        yerr=[np.maximum(rates - low, 0), np.maximum(high - rates, 0)],
        xerr=counts.get("field_sd_mT"),
        ms=4,
        lw=1,
        **style,
    )


def _counts_label(counts: pd.DataFrame, n_shown: int, confidence: float) -> str:
    bins = in_bins(counts, n_shown)
    label = f"{counts['n_trials'].sum()} trials{bins}, {percent(confidence)} Wilson intervals"
    if (n_undecided := counts.get("n_undecided", pd.Series(0)).sum()) > 0:
        label += f"\n({n_undecided} more undecided, left out)"
    return label


def _band_label(device: DeviceModel, confidence: float) -> str:
    label = f"{percent(confidence)} band of the draws"
    note = band_note(device.goodness_of_fit, confidence)
    return f"{label},\n{note}" if note else label


def _parameters_text(device: DeviceModel) -> str:
    values, units = device.curve.values(), device.curve.units()
    lines = []
    for name, (low, high) in device.intervals.items():
        written, unit = symbol(name), "" if units[name] == "1" else f" {units[name]}"
        bounds = interval(low, high, digits=4)
        lines.append(f"{written} = {number(values[name], digits=4)} {bounds}{unit}")
        if name in device.at_cap:
            lines.append("    at the highest value allowed")
    return device.drive.drawn("\n".join([*lines, f"[ ]: {device.interval_kind}\n"]))
