"""The SOT device against current: what the paper's 27 uA do, and which current its tables are of.

The paper gives 27 uA, half of it in each layer. Its published tables move a wall by about two
notches at 0 K and by 1.4 at 300 K.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.io.figure_style import COLOURS, svg_figure
from fitting.response.make_response import Response
from studies.liu2021.table1 import Found

DRAWS, SEED, CONFIDENCE = 2000, 7, 0.95
PAPER_uA = 27.0
LEVELS = 31
"""Steps over the range of the published tables."""


def steps(pulses: pd.DataFrame, spacing_nm: float) -> dict[float, NDArray[np.float64]]:
    """Return displacements in notches by current in uA, without walls that were lost."""
    moved = (pulses["position_after_nm"] - pulses["position_before_nm"]) * pulses["direction"]
    return {
        float(current_uA): of.dropna().to_numpy() / spacing_nm
        for current_uA, of in moved.groupby(pulses["current_uA"].abs())
    }


def mean_and_spread(values: NDArray[np.float64]) -> tuple[Found, Found]:
    """Return mean and standard deviation with percentile intervals of a bootstrap over walls."""
    rng = np.random.default_rng(SEED)
    drawn = values[rng.integers(len(values), size=(DRAWS, len(values)))]
    tails = 100 * (1 - CONFIDENCE) / 2
    found = []
    for statistic in (lambda v: v.mean(axis=-1), lambda v: v.std(axis=-1, ddof=1)):
        low, high = np.percentile(statistic(drawn), [tails, 100 - tails])
        found.append(Found(float(statistic(values)), float(low), float(high)))
    return found[0], found[1]


def numbers(cold: pd.DataFrame, warm: pd.DataFrame, spacing_nm: float) -> list[dict[str, Any]]:
    """Return, for each current, the step at 0 K, and mean and spread of those at 300 K."""
    at_0K = steps(cold, spacing_nm)
    lost = (warm["outcome"] == "left").groupby(warm["current_uA"].abs()).sum()
    rows = []
    for current_uA, values in steps(warm, spacing_nm).items():
        mean, spread = mean_and_spread(values)
        rows.append(
            {
                "current_uA": current_uA,
                "step_at_0K": float(at_0K[current_uA][0]),
                "n_walls": len(values),
                "n_lost": int(lost[current_uA]),
                "mean": vars(mean),
                "spread": vars(spread),
            }
        )
    return rows


def published_steps(response: Response) -> tuple[float, float]:
    """Return mean step and spread of a published table, up, in levels."""
    up = response.statistics["up"]
    return up["mean_step"]["value"] * LEVELS, up["spread"]["value"] * LEVELS


def draw(path: Path, rows: list[dict[str, Any]], published: dict[int, Response]) -> None:
    """Draw steps against current, and the steps of the published tables."""
    currents = np.array([row["current_uA"] for row in rows])
    means, spreads = (np.array([row[name]["value"] for row in rows]) for name in ("mean", "spread"))
    with svg_figure(path, size_inches=(5.6, 3.8)) as (_, axes):
        axes.plot(
            currents,
            [row["step_at_0K"] for row in rows],
            "s--",
            color=COLOURS["comparison"],
            label="0 K",
        )
        axes.errorbar(
            currents,
            means,
            spreads,
            fmt="o-",
            color=COLOURS["data"],
            capsize=3,
            label="300 K: mean, bars of one standard deviation",
        )
        for temperature_K, response in published.items():
            step, spread = published_steps(response)
            axes.axhline(
                step,
                color=COLOURS["fit"],
                lw=1,
                ls="-" if temperature_K else ":",
                label=f"published table, {temperature_K} K ({spread:.1f} spread)",
            )
        axes.axvline(PAPER_uA, color="#cccccc", lw=0.8, zorder=0)
        axes.set(
            xlabel="current (µA), half of it in each layer", ylabel="notches moved by one pulse"
        )
        axes.legend(fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
