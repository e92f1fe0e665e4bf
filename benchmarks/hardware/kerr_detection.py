"""How often the detectors of Kerr loops are wrong, on synthetic loops of known outcome.

Prints a table of docs/hardware.md and draws its figure: for each signal-to-noise ratio and offset
of the spot the share of loops decided wrongly if every loop were decided, the share that is
decided with a confidence of 95 %, and the share of wrong ones among these. Then how many loops are
decided in which a switch is missing or a wall was nucleated.

    python benchmarks/hardware/kerr_detection.py --figure docs/figures/kerr-detection.svg
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr
from scipy.stats import binomtest

from dwsynapse.io.figure_style import COLOURS, percent_ticks, svg_figure
from hardware.kerr_loops.outcomes import DETECTORS, Rules, found_steps, with_outcomes
from hardware.kerr_loops.synthetic_loops import SPOT_SD_UM, Setup, synthetic_loops

RATIOS = (1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50)
OFFSETS_UM = (0.0, 0.4, 0.8)
STYLES = {"change-point": COLOURS["hardware"], "derivative": COLOURS["fit"]}
FEW = 50
"""Decided loops, below which their errors are not given."""
LINES = ("-", "--", ":")


def measured(ratio: float, offset_um: float, detector: Any, n_loops: int, seed: int) -> dict:
    """Return the shares for one kind of loops."""
    setup = Setup(signal_to_noise=ratio, spot_offset_um=offset_um)
    loops = synthetic_loops(n_loops, setup, seed)
    rules = Rules(detector=detector)
    decided = with_outcomes(found_steps(loops, rules), rules)
    truth = np.array(loops.outcome)
    counted = decided["n_steps"].map({1: "passed", 2: "pinned"})
    settled = (decided["outcome"] != "undecided").to_numpy()
    wrong_settled = settled & (decided["outcome"].to_numpy() != truth)
    return {
        "ratio": ratio,
        "offset_um": offset_um,
        "detector": detector,
        "wrong": int((counted.to_numpy() != truth).sum()),
        "decided": int(settled.sum()),
        "wrong_decided": int(wrong_settled.sum()),
        "n": n_loops,
    }


def faults(n_loops: int, seed: int) -> str:
    """Return how many loops with a fault were decided, and how many others were not."""
    lines = []
    for fault in ("missing_share", "nucleated_share"):
        for ratio in (5.0, 10.0):
            loops = synthetic_loops(n_loops, Setup(signal_to_noise=ratio, **{fault: 0.2}), seed)
            decided = with_outcomes(found_steps(loops, Rules()), Rules())["outcome"] != "undecided"
            faulty = np.array(loops.outcome) == "undecided"
            lines.append(
                f"{fault} 0.2, ratio {ratio:g}: {decided[faulty].sum()} of {faulty.sum()} decided, "
                f"{(~decided[~faulty]).sum()} of {(~faulty).sum()} others undecided"
            )
    return "\n".join(lines)


def plot(path: Path, table: pd.DataFrame) -> None:
    """Draw errors and decided shares against the signal-to-noise ratio."""
    panels = (
        ("wrong", "n", "wrong if all were decided (%)"),
        ("decided", "n", "decided at 95 % confidence (%)"),
        ("wrong_decided", "decided", "wrong, of those decided (%)"),
    )
    with svg_figure(path, size_inches=(12, 4), ncols=3) as (figure, axes):
        for axis, (k, n, label) in zip(axes, panels, strict=True):
            for (detector, offset), part in table.groupby(["detector", "offset_um"], sort=False):
                part = part[part[n] >= FEW]
                share = part[k] / part[n]
                first = float(ndtr(offset / SPOT_SD_UM))
                axis.plot(
                    part["ratio"],
                    share,
                    LINES[OFFSETS_UM.index(offset)],
                    marker="o",
                    ms=3,
                    color=STYLES[detector],
                    label=f"{detector}, spot {offset:g} µm off: steps {first:.2f}, {1 - first:.2f}",
                )
            axis.set(xscale="log", xlabel="total change / noise of a point", ylabel=label)
            axis.set_xticks(RATIOS, [f"{r:g}" for r in RATIOS], fontsize=8)
            axis.minorticks_off()
            percent_ticks(axis.yaxis)
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=8)
        n_loops = int(table["n"].iloc[0])
        figure.suptitle(
            f"Synthetic loops of 1000 points, {n_loops} for each point; no measurements",
            fontsize=10,
        )


def main() -> None:
    """Print the table, and draw the figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loops", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--figure", type=Path)
    options = parser.parse_args()
    table = pd.DataFrame(
        [
            measured(ratio, offset, detector, options.loops, options.seed + i)
            for i, ratio in enumerate(RATIOS)
            for offset in OFFSETS_UM
            for detector in DETECTORS
        ]
    )
    print("| total change / noise | detector | wrong if all decided | decided | wrong of decided |")
    print("|---|---|---|---|---|")
    for (ratio, detector), part in table.groupby(["ratio", "detector"], sort=False):
        k, n = part[["wrong_decided", "decided"]].sum()
        wrong = "-"
        if n >= FEW:
            low, high = binomtest(int(k), int(n)).proportion_ci(method="wilson")
            wrong = f"{100 * k / n:.2f} % ({100 * low:.2g} to {100 * high:.2g})"
        print(
            f"| {ratio:g} | {detector} | {100 * part['wrong'].sum() / part['n'].sum():.2f} % "
            f"| {100 * n / part['n'].sum():.1f} % "
            f"| {wrong} |"
        )
    print(faults(options.loops, options.seed))
    if options.figure:
        plot(options.figure, table)


if __name__ == "__main__":
    main()
