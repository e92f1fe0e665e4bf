"""How often intervals of `micromag sensitivity` contain the change, and what common noise saves.

Run with ``python -m benchmarks.sensitivity_coverage --studies 500``. Passing curves are formulas in
the place of simulations: walls pass where a uniform number is below the probability, which a share
of the replicas has in common between the two wires.
"""

import argparse

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from fitting.inference.distributions import wilson_interval
from micromag.sensitivity.changes import Change, changes

FIELDS_MT = np.array([7.0, 7.6, 8.2, 8.8])
CENTRE_MT, STEEPNESS_PER_MT, SHIFT_MT, STEEPER = 7.9, 3.0, 0.2, 0.1


def paired(n: int, common: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the outcomes of n replicas at each field, (fields, 2, 2): reference, varied wire."""
    steepness = STEEPNESS_PER_MT * (1 + STEEPER)
    reference = expit(STEEPNESS_PER_MT * (FIELDS_MT - CENTRE_MT))
    varied = expit(steepness * (FIELDS_MT - CENTRE_MT - SHIFT_MT))
    first, second = rng.random((2, n, len(FIELDS_MT)))
    second = np.where(rng.random(first.shape) < common, first, second)
    outcomes = 2 * (first < reference) + (second < varied)
    pairs = [(outcomes == pair).sum(axis=0) for pair in range(4)]
    return np.stack(pairs, axis=-1).reshape(-1, 2, 2)


def covered(found: list[Change], truth: float) -> str:
    """Return how often intervals contain the truth, with its own interval, in per cent."""
    hits = sum(change.low <= truth <= change.high for change in found)
    low, high = wilson_interval(hits, len(found), 0.95)
    return f"{100 * hits / len(found):.0f} [{100 * low:.0f}, {100 * high:.0f}]"


def main() -> None:
    """Print a row for each number of walls and share of common noise."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print("| walls a field | share in common | centre, % | steepness, % | saved |")
    print("|---|---|---|---|---|")
    for n in (8, 16, 64):
        for common in (1.0, 0.5, 0.0):
            rng = np.random.default_rng([given.seed, n, round(100 * common)])
            found = [
                changes(FIELDS_MT, paired(n, common, rng), [given.seed, i])
                for i in range(given.studies)
            ]
            shift = covered([one.centre_mT for one in found], SHIFT_MT)
            steeper = covered([one.steepness for one in found], STEEPER)
            saved = np.median([one.saved for one in found])
            print(f"| {n} | {common:g} | {shift} | {steeper} | {saved:.2f} |", flush=True)


if __name__ == "__main__":
    main()
