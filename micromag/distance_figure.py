"""Whether walls forget where they were released: passing against the distance of release."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binomtest

from dwsynapse.io.errors import InputError
from dwsynapse.io.figure_style import COLOURS, svg_figure
from dwsynapse.io.number_format import least_p_value, p_value
from dwsynapse.verdicts import monte_carlo_p

CONFIDENCE = 0.95
BINS = 5
PERMUTATIONS = 1999


def decided(trials: pd.DataFrame) -> pd.DataFrame:
    """Return the trials that passed or were pinned, with `passed` and the bin of their distance.

    Bins have about equally many of the distances that occur.

    Raises
    ------
    InputError
        If the distance of release was not drawn, or no trial has an outcome.
    """
    if "release_distance_nm" not in trials:
        raise InputError(
            "walls that were all released at one distance: the table has no column "
            "release_distance_nm",
            where="trials",
            remedy="give protocol.release_distance_nm a range and simulate",
        )
    kept = trials[trials["outcome"].isin(("passed", "pinned"))]
    if kept.empty:
        raise InputError(
            "no trial passed or was pinned", where="trials", remedy="lengthen protocol.window_ns"
        )
    passed = (kept["outcome"] == "passed").astype(int)
    edges = np.array_split(np.unique(kept["release_distance_nm"]), BINS)
    starts = [part[0] for part in edges if part.size]
    bins = np.searchsorted(starts, kept["release_distance_nm"], side="right") - 1
    return kept.assign(passed=passed, bin=bins)


def memory_p_value(decided: pd.DataFrame, seed: int = 0) -> float:
    """Return the p-value of passing that is the same from every distance, field by field.

    The statistic is the sum of squares of passed minus expected over its variance, over fields and
    bins; its distribution is that of distances exchanged among the trials of a field, which
    is exact for any number of trials.
    """
    rng = np.random.default_rng(seed)
    by_field = decided.groupby("field_mT")
    fields = [rows[["passed", "bin"]].to_numpy().T for _, rows in by_field]
    n_bins = int(decided["bin"].max()) + 1
    observed = sum(_chi_square(passed, bins, n_bins) for passed, bins in fields)
    exchanged = [
        sum(_chi_square(passed, rng.permutation(bins), n_bins) for passed, bins in fields)
        for _ in range(PERMUTATIONS)
    ]
    return monte_carlo_p(observed, exchanged)


def p_text(p: float) -> str:
    """Return what `memory_p_value` found in words."""
    return p_value(p, least_p_value(PERMUTATIONS))


def _chi_square(passed: NDArray[np.int_], bins: NDArray[np.int_], n_bins: int) -> float:
    n = np.bincount(bins, minlength=n_bins)
    k = np.bincount(bins, weights=passed, minlength=n_bins)
    share = passed.mean()
    return float(np.sum((k - n * share) ** 2 / np.maximum(n * share * (1 - share), 1e-12)))


def draw_distances(out: Path, decided: pd.DataFrame, p: float) -> None:
    """Draw the share of walls that passed against the distance of release, field by field."""
    fields = decided["field_mT"].unique()
    with svg_figure(out, size_inches=(6.4, 4.2)) as (_, axes):
        for number, field_mT in enumerate(sorted(fields)):
            there = decided[decided["field_mT"] == field_mT].groupby("bin")
            distance_nm = there["release_distance_nm"].mean()
            n, k = there.size(), there["passed"].sum()
            bounds = [
                binomtest(int(a), int(b)).proportion_ci(CONFIDENCE, method="wilson")
                for a, b in zip(k, n, strict=True)
            ]
            share = k / n
            low, high = (np.array([getattr(b, end) for b in bounds]) for end in ("low", "high"))
            axes.errorbar(
                distance_nm,
                share,
                yerr=[np.maximum(share - low, 0), np.maximum(high - share, 0)],
                fmt="o-",
                color=COLOURS["data"],
                alpha=0.25 + 0.75 * (number + 1) / len(fields),
                capsize=2,
                label=f"{field_mT:g} mT",
            )
        axes.set(
            xlabel="distance from which the wall was released (nm)",
            ylabel="share that passed",
            ylim=(-0.03, 1.03),
        )
        axes.set_title(f"The same from every distance: {p_text(p)}", fontsize=10)
        axes.legend(fontsize=8)
