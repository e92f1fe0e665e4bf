"""The verification of a programming log on one page, with its figure."""

from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from dwsynapse.io.figure_style import COLOURS, percent_ticks, svg_figure
from dwsynapse.io.number_format import number, percent
from dwsynapse.io.pages import SYNTHETIC, VERDICTS, badge, notes, number_cell, page, table
from hardware.verification.verification_page import differences_and_questions

NORMAL_SD = 1.96


def to_html(verification: dict[str, Any], figure: str) -> str:
    """Return the verdict, the questions with their tests, and the figure (SVG), on one page."""
    verdict, final = verification["verdict"], verification["final"]
    synthetic = SYNTHETIC if verification["synthetic"] else ""
    share, expected = (
        percent(final[f"{of}missed"] / final[f"{of}n"], 1) for of in ("", "expected_")
    )
    of_device = f"{verification['device']}: " if verification["device"] else ""
    return page(
        f"{of_device}programming log of the {verification['laboratory']}",
        [
            f"<p>{badge(VERDICTS[verdict['verdict']], verdict['verdict'])}{synthetic} "
            f"{escape(verdict['why'])}.</p>",
            f"<p>Chance that any test fails if the response is right: "
            f"{percent(verification['significance'])} ({escape(verification['correction'])}).</p>",
            f"<p>{share} of {final['n']} devices end farther than {percent(final['tolerance'], 1)} "
            f"of their range from their conductance, {expected} on virtual crossbars (loop: "
            f"{escape(final['method'])}).</p>",
            *differences_and_questions(verification),
            *_devices(verification["tests"]),
            *notes(verification["notes"]),
            f"<div>{figure[figure.index('<svg') :]}</div>",
        ],
    )


def _devices(tests: list[dict[str, Any]]) -> list[str]:
    """Return the devices that deviate most, where the steps of any are compared."""
    worst = [one for t in tests if t["test"] == "worst devices" for one in t["details"]["worst"]]
    if not worst:
        return []
    found = table(
        ("device", "pulses", "how much longer its steps are (spreads)", "p (Bonferroni)"),
        [
            (
                number_cell(str(one["device"])),
                number_cell(str(one["pulses"])),
                number_cell(number(one["mean_score"])),
                number_cell(number(one["p_value_adjusted"])),
            )
            for one in worst
        ],
    )
    return ["<h2>Devices that deviate most</h2>", found]


def plot_steps(path: str | Path | None, verification: dict[str, Any]) -> Figure:
    """Draw mean steps by conductance, in the log and as the response says, and their transforms."""
    synthetic = " (synthetic)" if verification["synthetic"] else ""
    with svg_figure(path, size_inches=(10.0, 3.6), ncols=2) as (figure, axes):
        title = f"log of the {verification['laboratory']}{synthetic}"
        figure.suptitle(f"{title}, {verification['verdict']['verdict']}")
        for name, of in verification["by_conductance"].items():
            x, step, expected, sd = (np.array(of[key]) for key in ("x", "step", "expected", "sd"))
            label = "response" if name == "up" else None
            axes[0].plot(x, expected, color=COLOURS["model"], label=label)
            axes[0].errorbar(
                x,
                step,
                yerr=NORMAL_SD * sd,
                fmt="^" if name == "up" else "v",
                ms=4,
                lw=1,
                color=COLOURS["hardware"],
                label=f"pulses {name}, 95 %",
            )
        axes[0].set(xlabel="conductance (% of the range)", ylabel="mean step (% of the range)")
        percent_ticks(axes[0].xaxis)
        percent_ticks(axes[0].yaxis)
        axes[0].legend(fontsize=8)
        tests = {test["test"]: test for test in verification["tests"]}
        if "distribution" in tests:
            counts = np.array(tests["distribution"]["details"]["histogram"])
            expected = counts.sum() / len(counts)
            axes[1].axhline(expected, color=COLOURS["model"], label="as the response says")
            edges = np.linspace(0, 1, len(counts) + 1)
            axes[1].stairs(counts, edges, color=COLOURS["hardware"], label="log")
            axes[1].legend(fontsize=8, loc="lower right")
        axes[1].set(
            xlabel="probability of a smaller step", ylabel="pulses", xlim=(0, 1), ylim=(0, None)
        )
    return figure
