"""Fig. 2(c): where a wall driven by spin-orbit torque settles, with notches 30 and 50 nm apart."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dwsynapse.io.figure_style import COLOURS, svg_figure

COLOURS_OF = (COLOURS["fit"], COLOURS["data"])


def numbers(sets: Mapping[float, pd.DataFrame]) -> list[dict[str, Any]]:
    """Return, for each spacing in nm, how many walls came to rest how many notches ahead."""
    rows = []
    for spacing_nm, pulses in sets.items():
        settled = pulses[pulses["outcome"] == "settled"]
        steps = (settled["level_after"] - settled["level_before"]) * settled["direction"]
        values, counts = np.unique(steps, return_counts=True)
        rows.append(
            {
                "spacing_nm": spacing_nm,
                "n_pulses": len(pulses),
                "between": int((pulses["outcome"] == "between").sum()),
                "left": int((pulses["outcome"] == "left").sum()),
                "settled": dict(zip(map(int, values), map(int, counts), strict=True)),
            }
        )
    return rows


def draw(path: Path, rows: list[dict[str, Any]]) -> None:
    """Draw the shares of walls by the number of notches that one pulse moved them."""
    with svg_figure(path, size_inches=(5.6, 3.8)) as (_, axes):
        width = 0.8 / len(rows)
        for number, row in enumerate(rows):
            steps, counts = row["settled"].keys(), np.array([*row["settled"].values()])
            between = f"{row['between']} of {row['n_pulses']} between notches, {row['left']} lost"
            axes.bar(
                [step + (number - (len(rows) - 1) / 2) * width for step in steps],
                100 * counts / row["n_pulses"],
                width,
                color=COLOURS_OF[number % 2],
                label=f"{row['spacing_nm']:g} nm apart; {between}",
            )
        axes.set(xlabel="notches moved by one pulse", ylabel="walls (%)")
        axes.legend(fontsize=9, loc="lower center", bbox_to_anchor=(0.5, 1.0))
