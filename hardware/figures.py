"""Figures of the hardware room: accuracy against reads, and two passing curves compared."""

from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binomtest

from fitting.device import DeviceModel
from workflow.figures import COLOURS, K_TEST, K_TRAIN, percent_ticks, svg_figure
from workflow.numbers import SYMBOLS, interval, number, of_unit, percent
from workflow.summary import RULES

LINES = {"mean-field-limit": "-.", "perceptron": "--"}


def plot_accuracy(
    path: str | Path, verification: dict[str, Any], references: dict[str, float]
) -> None:
    """Draw the laboratory's accuracies over the model's prediction (Fig. 4a, b of the paper).

    Parameters
    ----------
    path
        Where the SVG goes.
    verification
        Content of ``verification.json``.
    references
        Accuracies drawn as lines, by rule.
    """
    table = verification["accuracy"]
    column = {key: np.array([row[key] for row in table]) for key in table[0]}
    n_images = next(t["n"] for t in verification["tests"] if t["test"] == "accuracy")
    bars = [
        binomtest(round(share * n_images), n_images).proportion_ci(method="wilson")
        for share in column["accuracy"]
    ]
    low, high = np.array(bars).T
    synthetic = " (synthetic)" if verification["synthetic"] else ""
    reads, network = column["reads_test"], verification["network"]
    with svg_figure(path, size_inches=(8.6, 4.2)) as (_, axes):
        axes.fill_between(
            reads,
            column["predicted_low"],
            column["predicted_high"],
            color=COLOURS["model"],
            alpha=0.25,
            lw=0,
            label=f"device model, central {percent(0.95)}",
        )
        axes.plot(reads, column["predicted"], color=COLOURS["model"], label="device model, mean")
        axes.errorbar(
            reads,
            column["accuracy"],
            yerr=[column["accuracy"] - low, high - column["accuracy"]],
            fmt="o",
            ms=5,
            lw=1,
            color=COLOURS["hardware"],
            label=f"{verification['laboratory']}{synthetic}, {percent(0.95)} Wilson",
        )
        for rule, accuracy in references.items():
            axes.axhline(accuracy, ls=LINES[rule], color=COLOURS[rule], label=RULES[rule])
        axes.set(
            xlabel=f"reads per synapse, {K_TEST}",
            ylabel=f"accuracy on {n_images} test images (%)",
            title=f"{verification['device']}: {network['rule']}, "
            f"{K_TRAIN} = {network['reads_train']}{synthetic}",
        )
        axes.set_xticks(reads)
        percent_ticks(axes.yaxis)
        axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))


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
    lines = [f"{comparison['device']} less {comparison['reference']}:"]
    for test in comparison["tests"]:
        found = test["details"]
        parameter = test["test"].removeprefix("difference in ")
        lines.append(
            f"{SYMBOLS[parameter]}: "
            f"{of_unit(number(test['effect_size'], signed=True), found['unit'])} "
            f"{interval(found['low'], found['high'], signed=True)},\n{test['verdict']}"
            + (f", {found['within']}" if found.get("within") else "")
        )
    lines += [f"{name}, {badge}" for name, badge in comparison["fit_badges"].items() if badge]
    return "\n".join([*lines, f"[ ]: {percent(comparison['confidence'])} interval\n"])
