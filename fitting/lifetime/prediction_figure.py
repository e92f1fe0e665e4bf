"""Figure of a predicted passing curve, with its band and where it is credible."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dwsynapse.fit_badge import fit_badge
from dwsynapse.io.figure_style import COLOURS, svg_figure
from dwsynapse.io.number_format import percent
from fitting.device import DeviceModel
from fitting.lifetime.fitted_law import LawFit
from fitting.lifetime.prediction import Exposure


def plot_prediction(
    path: str | Path,
    fit: LawFit,
    exposure: Exposure,
    prediction: pd.DataFrame,
    confidence: float,
    beside: DeviceModel | None = None,
) -> None:
    """Draw a predicted passing curve as SVG.

    Parameters
    ----------
    path
        Where the SVG goes.
    fit
        The law of the prediction.
    exposure
        What is predicted.
    prediction
        Table of `dwsynapse.io.contracts.PREDICTION`.
    confidence
        Confidence of the bands.
    beside
        A device whose fitted curve is drawn, too.
    """
    fields_mT = prediction["field_mT"]
    ends_mT = [float(np.min(fields_mT)), float(np.max(fields_mT))]
    with svg_figure(path) as (_, axes):
        if beside is not None:
            draw_beside(axes, beside, confidence)
            ends_mT = [
                min(ends_mT[0], beside.field_range_mT[0]),
                max(ends_mT[1], beside.field_range_mT[1]),
            ]
        credible = prediction["credible"] == 1
        axes.fill_between(
            fields_mT,
            0,
            1,
            where=credible,
            transform=axes.get_xaxis_transform(),
            color=COLOURS["model"],
            alpha=0.12,
            lw=0,
            label="credible" if credible.any() else "credible nowhere",
        )
        axes.fill_between(
            fields_mT,
            prediction["low"],
            prediction["high"],
            color=COLOURS["fit"],
            alpha=0.25,
            lw=0,
            label=f"{percent(confidence)} band",
        )
        name = "Néel–Brown" + (", rejected" if fit.rejected_by else "")
        style = "--" if fit.rejected_by else "-"
        axes.plot(fields_mT, prediction["probability"], style, color=COLOURS["fit"], label=name)
        axes.set(
            xlabel="field at the notch (mT)",
            ylabel="probability of passing the notch",
            ylim=(-0.03, 1.03),
            xlim=ends_mT,
        )
        axes.set_title(_title(fit, exposure), fontsize=10)
        place = {"transform": axes.transAxes, "ha": "right", "va": "bottom"}
        axes.text(0.98, 0.06, _law_text(fit, confidence), fontsize=8, **place)
        axes.legend(loc="upper left", fontsize=8)


def draw_beside(axes: Any, device: DeviceModel, confidence: float) -> None:
    """Draw the fitted curve of a device with its band, which a test of the fit may reject."""
    fields_mT = np.linspace(*device.field_range_mT, 200)
    if len(device.draws):
        band = device.band(fields_mT, confidence)
        axes.fill_between(fields_mT, *band, color=COLOURS["data"], alpha=0.2, lw=0)
    rejected = ", rejected" if fit_badge(device.goodness_of_fit) else ""
    label = f"{device.name}, {device.source}{rejected}"
    axes.plot(fields_mT, device.curve.probability(fields_mT), color=COLOURS["data"], label=label)


def _title(fit: LawFit, exposure: Exposure) -> str:
    lines = [f"{exposure.text()}, predicted from {_basis(fit)}"]
    lines += [f"NOT CREDIBLE: law rejected by {test.text()}" for test in fit.rejected_by]
    return "\n".join(lines)


def _basis(fit: LawFit) -> str:
    if "n_barriers" in fit.details:
        return f"n = {fit.details['n_barriers']} barriers"
    return f"n = {fit.details['n_walls']} walls, {fit.details['n_depinned']} depinned"


def _law_text(fit: LawFit, confidence: float) -> str:
    symbols = {"attempt_Hz": "f₀", "barrier_kT": "E₀/kT", "critical_mT": "Hc"}
    lines = []
    for name, found in fit.parameters(confidence).items():
        value, low, high = (f"{found[key]:.3g}" for key in ("value", "low", "high"))
        unit = "" if found["unit"] == "1" else f" {found['unit']}"
        lines.append(f"{symbols[name]} = {value} [{low}, {high}]{unit}")
    return "\n".join([*lines, f"exponent {fit.law.exponent:g}"])
