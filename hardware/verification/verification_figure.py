"""Figure of what the tests of a log looked at: its curve, sums, drift and synapses."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from dwsynapse.io.figure_style import COLOURS, svg_figure
from dwsynapse.io.number_format import percent
from fitting.device import DeviceModel
from fitting.inference.distributions import wilson_interval

CONFIDENCE = 0.95
NORMAL_SD = 1.96


def plot_verification(
    path: str | Path | None, verification: dict[str, Any], device: DeviceModel
) -> Figure:
    """Draw a log's curve over the device's, the transformed sums, the drift and the synapses.

    Parameters
    ----------
    path
        Where the SVG goes; None: nowhere.
    verification
        Content of ``verification.json``.
    device
        The device model under test.
    """
    tests = {test["test"]: test for test in verification["tests"]}
    synthetic = " (synthetic)" if verification["synthetic"] else ""
    with svg_figure(path, size_inches=(10.0, 6.6), nrows=2, ncols=2) as (figure, axes):
        figure.suptitle(
            f"{verification['device']}: log of the {verification['laboratory']}{synthetic}, "
            f"{verification['verdict']['verdict']}"
        )
        _curve(axes[0, 0], verification["curve"], device)
        _sums(axes[0, 1], tests["neuron sums"]["details"])
        _drift(axes[1, 0], tests["drift"]["details"])
        _synapses(axes[1, 1], tests["worst synapses"]["details"])
    return figure


def _curve(axes: Any, curve: dict[str, Any], device: DeviceModel) -> None:
    field_mT, n, passed = (
        np.array(curve["passes"][key]) for key in ("field_mT", "n_reads", "n_passed")
    )
    low, high = wilson_interval(passed, n, CONFIDENCE)
    share = passed / n
    margin_mT = 0.05 * float(np.ptp(field_mT)) + 0.1
    fields_mT = np.linspace(max(field_mT.min() - margin_mT, 0), field_mT.max() + margin_mT, 300)
    if len(device.draws):
        band = device.band(fields_mT, CONFIDENCE)
        label = f"device model, {percent(CONFIDENCE)} band"
        axes.fill_between(fields_mT, *band, color=COLOURS["model"], alpha=0.25, lw=0, label=label)
    model = device.curve.probability(fields_mT)
    axes.plot(fields_mT, model, color=COLOURS["model"], label="device model")
    axes.errorbar(
        field_mT,
        share,
        yerr=[share - low, high - share],
        fmt="o",
        ms=3,
        lw=1,
        color=COLOURS["hardware"],
        label=f"reads of the log, {percent(CONFIDENCE)} Wilson",
    )
    axes.set(xlabel="field (mT)", ylabel="probability of passing", title="(a) curve", ylim=(0, 1))
    axes.legend(fontsize=8)


def _sums(axes: Any, details: dict[str, Any]) -> None:
    counts = np.array(details["histogram"]) / details["points_per_sum"]
    n = counts.sum()
    expected, edges = n / len(counts), np.linspace(0, 1, len(counts) + 1)
    half = NORMAL_SD * np.sqrt(expected * (1 - 1 / len(counts)))
    axes.axhspan(
        max(expected - half, 0),
        expected + half,
        color=COLOURS["model"],
        alpha=0.25,
        lw=0,
        label=f"uniform, central {percent(CONFIDENCE)} of a bar",
    )
    axes.stairs(counts, edges, color=COLOURS["hardware"], label="sums of the log")
    axes.set(
        xlabel="probability of a smaller sum, by the curve of the log",
        ylabel="neuron sums",
        title="(b) neuron sums",
        ylim=(0, None),
    )
    axes.legend(fontsize=8, loc="lower right")


def _drift(axes: Any, details: dict[str, Any]) -> None:
    shift_mT, sd_mT = (np.array(details[key]) for key in ("shift_of_parts_mT", "sd_of_parts_mT"))
    part = (np.arange(len(shift_mT)) + 0.5) / len(shift_mT)
    axes.axhline(0, color=COLOURS["model"])
    axes.errorbar(
        100 * part,
        shift_mT,
        yerr=NORMAL_SD * sd_mT,
        fmt="o",
        ms=4,
        lw=1,
        color=COLOURS["hardware"],
    )
    axes.set(xlabel="part of the log (%)", ylabel="shift of the centre (mT)", title="(c) drift")


def _synapses(axes: Any, details: dict[str, Any]) -> None:
    edges, counts = (np.array(details["histogram_of_z"][key]) for key in ("edges", "counts"))
    middle, width = (edges[1:] + edges[:-1]) / 2, edges[1] - edges[0]
    normal = np.exp(-(middle**2) / 2) / np.sqrt(2 * np.pi) * width * counts.sum()
    axes.plot(middle, normal, color=COLOURS["model"], label="expected")
    axes.stairs(counts, edges, color=COLOURS["hardware"], label="synapses of the log")
    found = details["n_found"]
    axes.set_yscale("symlog", linthresh=1)
    axes.set(
        xlabel="deviation of passes (standard deviations)",
        ylabel="synapses",
        title=f"(d) synapses, {found} found to deviate",
        ylim=(0, None),
    )
    axes.legend(fontsize=8, loc="upper right")
