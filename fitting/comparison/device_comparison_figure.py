"""The passing curves of two devices drawn, and how their parameters differ."""

from pathlib import Path
from typing import Any

import numpy as np

from dwsynapse.io.figure_style import COLOURS, svg_figure
from dwsynapse.io.number_format import interval, number, of_unit, percent, symbol
from fitting.device import DeviceModel


def plot_comparison(
    path: str | Path, device: DeviceModel, reference: DeviceModel, comparison: dict[str, Any]
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
    """
    confidence = comparison["confidence"]
    with svg_figure(path, size_inches=(8.6, 4.2)) as (_, axes):
        for model, colour in ((device, COLOURS["fit"]), (reference, COLOURS["data"])):
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
            xlabel="propagation field (mT)",
            ylabel="probability of passing the notch",
            ylim=(-0.03, 1.03),
        )
        axes.legend(
            fontsize=8,
            loc="upper left",
            bbox_to_anchor=(1, 1),
            title=_differences_text(comparison),
            title_fontsize=8,
            alignment="left",
        )


def _differences_text(comparison: dict[str, Any]) -> str:
    lines = [f"{comparison['device']} minus {comparison['reference']}:"]
    for test in comparison["tests"]:
        found = test["details"]
        parameter = test["test"].removeprefix("difference in ")
        lines.append(
            f"{symbol(parameter)}: "
            f"{of_unit(number(test['effect_size'], signed=True), found['unit'])} "
            f"{interval(found['low'], found['high'], signed=True)},\n{test['verdict']}"
            + (f", {found['within']}" if found.get("within") else "")
        )
    lines += [f"{name}, {badge}" for name, badge in comparison["fit_badges"].items() if badge]
    return "\n".join([*lines, f"[ ]: {percent(comparison['confidence'])} interval\n"])
