"""The passing curves of two devices drawn, and how their parameters differ."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dwsynapse.io.figure_style import COLOURS, svg_figure
from dwsynapse.io.number_format import interval, number, of_unit, p_value_of, percent, symbol
from fitting.comparison.devices.reconciling import calibration_lines
from fitting.curve_figure import draw_counts
from fitting.device import DeviceModel


def plot_comparison(
    path: str | Path,
    device: DeviceModel,
    reference: DeviceModel,
    comparison: dict[str, Any],
    tables: Sequence[pd.DataFrame] = (),
) -> None:
    """Draw the passing curves of two devices, their bands, and the differences of parameters.

    Parameters
    ----------
    path
        Where the SVG goes.
    device, reference
        The devices; those without draws have no band.
    comparison
        Content of ``comparison.json``.
    tables
        Counts of both, if they have them.
    """
    confidence = comparison["confidence"]
    with svg_figure(path, size_inches=(8.6, 4.2)) as (_, axes):
        for i, model in enumerate((device, reference)):
            colour = COLOURS[("fit", "data")[i]]
            if tables:
                style = {"fmt": "os"[i], "color": colour, "alpha": 0.7}
                draw_counts(axes, tables[i], confidence, **style)
            fields_mT = np.linspace(*model.field_range_mT, 400)
            axes.plot(
                fields_mT,
                model.curve.probability(fields_mT),
                color=colour,
                label=f"{model.name} ({model.source})",
            )
            if len(model.draws):
                axes.fill_between(
                    fields_mT,
                    *model.band(fields_mT, confidence),
                    color=colour,
                    alpha=0.25,
                    lw=0,
                    label=f"{percent(confidence)} band",
                )
        axes.set(
            xlabel=device.drive.drawn("propagation field (mT)"),
            ylabel="probability of passing the notch",
            ylim=(-0.03, 1.03),
            title=device.drive.drawn(_title(comparison)),
        )
        axes.legend(
            fontsize=8,
            loc="upper left",
            bbox_to_anchor=(1, 1),
            title=device.drive.drawn(_differences_text(comparison), [device.name, reference.name]),
            title_fontsize=8,
            alignment="left",
        )


def _title(comparison: dict[str, Any]) -> str:
    because = [name.removeprefix("difference in ") for name in comparison["because_of"]]
    by = ", ".join(symbol(name) for name in because)
    return f"{comparison['verdict']}{by and f' (by {by})'}; {comparison['compared']} compared"


def _differences_text(comparison: dict[str, Any]) -> str:
    lines = [f"{comparison['device']} minus {comparison['reference']}:"]
    for test in comparison["tests"]:
        if "unit" not in test["details"]:
            lines.append(f"{test['test']}: {test['verdict']} ({p_value_of(test)})")
            continue
        found = test["details"]
        parameter = test["test"].removeprefix("difference in ")
        lines.append(
            f"{symbol(parameter)}: "
            f"{of_unit(number(test['effect_size'], signed=True), found['unit'])} "
            f"{interval(found['low'], found['high'], signed=True)},\n{test['verdict']}"
            + (f", {found['within']}" if found.get("within") else "")
        )
    lines += [f"{name}, {badge}" for name, badge in comparison["fit_badges"].items() if badge]
    lines.append("calibration that would reconcile them:")
    lines += [line.replace("; ", ";\n") for line in calibration_lines(comparison["calibration"])]
    return "\n".join([*lines, f"[ ]: {percent(comparison['confidence'])} interval\n"])
