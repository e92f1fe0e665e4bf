"""Trials that an even grid needs for the intervals that adaptive rounds reach, on simulated walls.

Run with ``python benchmarks/fitting/design.py``: a table of factors for h0 and Delta with standard
errors, for each range of fields; ``--experiments 5`` for a quick look. One core, a few minutes; set
``OPENBLAS_NUM_THREADS=1`` where other work runs at the same time.
"""

import argparse
from typing import Any

import numpy as np
import pandas as pd

from dwsynapse.io.progress_bars import progress_bar
from fitting.design.adaptive_grid import focused_posterior
from fitting.design.proposal import next_plan
from fitting.forms import Logistic
from fitting.inference.fit_problem import FitProblem

ELLIS2023 = Logistic(floor=0.0219, h0_mT=4.63, delta_per_mT=2.73)
# Around the rise, and all of the published range.
RANGES_mT = ((2.0, 8.0), (0.0, 10.0))
FIRST_FIELDS = 9
FIRST_TRIALS = 27
EVEN_FIELDS = 21
STEP_mT = 0.1
# Sizes of the even grid, as multiples of the adaptive trials.
MULTIPLES = (1.0, 2.0, 4.0)
PARAMETERS = ("h0_mT", "delta_per_mT")
BOOTSTRAPS = 400


def measured(plan: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    passed = rng.binomial(plan["n_trials"], ELLIS2023.probability(plan["field_mT"].to_numpy()))
    return plan[["field_mT", "n_trials"]].assign(n_passed=passed)


def even_plan(low_mT: float, high_mT: float, n_fields: int, n_trials: int) -> pd.DataFrame:
    trials = np.diff(np.round(np.linspace(0, n_trials, n_fields + 1)).astype(int))
    return pd.DataFrame({"field_mT": np.linspace(low_mT, high_mT, n_fields), "n_trials": trials})


def widths(counts: pd.DataFrame) -> np.ndarray:
    """Return the widths of the central 95 % posterior intervals of h0 (mT) and Delta (1/mT)."""
    posterior = focused_posterior(FitProblem.of(counts))
    found = []
    for column in (1, 2):
        places, cells = np.unique(posterior.centres[:, column], return_inverse=True)
        edges = np.append(places, places[-1] + posterior.edges[column])
        edges -= posterior.edges[column] / 2
        below = np.append(0, np.cumsum(np.bincount(cells, posterior.weights)))
        low, high = np.interp([0.025, 0.975], below, edges)
        found.append(high - low if column == 1 else np.exp(high) - np.exp(low))
    return np.array(found)


def adaptive(low_mT: float, high_mT: float, total: int, rounds: int, rng: Any) -> np.ndarray:
    """Return the widths after a coarse even grid and adaptive rounds of equal size."""
    counts = measured(even_plan(low_mT, high_mT, FIRST_FIELDS, FIRST_TRIALS), rng)
    for n in np.diff(np.round(np.linspace(FIRST_TRIALS, total, rounds + 1)).astype(int)):
        counts = pd.concat([counts, measured(next_plan(counts, int(n), 0, STEP_mT), rng)])
        counts = counts.groupby("field_mT", as_index=False).sum()
    return widths(counts)


def factors(adaptive_widths: np.ndarray, even_widths: np.ndarray) -> np.ndarray:
    """Return the multiple of trials at which the even grid's mean widths equal the adaptive ones.

    Parameters
    ----------
    adaptive_widths
        Shape (n_experiments, 2).
    even_widths
        Shape (n_experiments, n_multiples, 2).
    """
    logs = np.log(even_widths.mean(axis=0))
    wanted = np.log(adaptive_widths.mean(axis=0))
    at = np.log(MULTIPLES)
    return np.exp([np.interp(-w, -column, at) for w, column in zip(wanted, logs.T, strict=True)])


def study(low_mT: float, high_mT: float, args: argparse.Namespace) -> None:
    """Simulate experiments on one range of fields and print their rows of the table."""
    total = args.trials
    ours, evens = [], []
    for number in progress_bar(range(args.experiments), desc=f"{low_mT:g} to {high_mT:g} mT"):
        rng = np.random.default_rng([args.seed, number])
        ours.append(adaptive(low_mT, high_mT, total, args.rounds, rng))
        sizes = [round(multiple * total) for multiple in MULTIPLES]
        plans = [even_plan(low_mT, high_mT, EVEN_FIELDS, size) for size in sizes]
        evens.append([widths(measured(plan, rng)) for plan in plans])
    found, even = np.array(ours), np.array(evens)
    rng = np.random.default_rng(args.seed)
    picks = rng.integers(args.experiments, size=(BOOTSTRAPS, 2, args.experiments))
    spread = np.std([factors(found[a], even[b]) for a, b in picks], axis=0)
    for column, (name, factor) in enumerate(zip(PARAMETERS, factors(found, even), strict=True)):
        print(
            f"| {low_mT:g} to {high_mT:g} mT | {total} | {name} | {found[:, column].mean():.3f} "
            f"| {even[:, 0, column].mean():.3f} | {factor:.2f} ± {spread[column]:.2f} |"
        )


def main() -> None:
    """Print the table of docs/design-study.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--experiments", type=int, default=24, help="simulated experiments")
    parser.add_argument("--trials", type=int, default=300, help="trials of an experiment")
    parser.add_argument("--rounds", type=int, default=5, help="rounds after the coarse grid")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    print("| fields | trials | parameter | width, adaptive | width, even | factor |")
    print("|---|---|---|---|---|---|")
    for low_mT, high_mT in RANGES_mT:
        study(low_mT, high_mT, args)


if __name__ == "__main__":
    main()
