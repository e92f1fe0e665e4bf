"""How often intervals cover h0 and Delta where trials are correlated, and false alarms of compare.

Counts are drawn from a beta-binomial distribution about a known curve, and fitted and compared as
beta-binomial. Prints the tables of docs/coverage.md.

    python benchmarks/fitting/correlated_coverage.py --tables 1000 --pairs 400
"""

import argparse

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from fitting.comparison.shared_curve import shared_curve
from fitting.comparison.table_comparison import with_pooled_correlation
from fitting.forms import Logistic
from fitting.inference.count_model import Model
from fitting.inference.fit import fit_curve
from fitting.inference.fit_problem import FitProblem

TRUTH = Logistic(floor=0.0219, h0_mT=4.63, delta_per_mT=2.73)
MODEL = Model(Logistic.typical(), overdispersed=True)
SIMULATIONS = 199


def problem(
    rng: np.random.Generator, n_fields: int, n_trials: int, correlation: float
) -> FitProblem:
    """Return counts at even fields from 2 to 8 mT."""
    fields_mT = np.linspace(2.0, 8.0, n_fields)
    p = TRUTH.probability(fields_mT)
    if correlation:
        total = 1 / correlation - 1
        p = rng.beta(p * total, (1 - p) * total)
    n_passed = rng.binomial(n_trials, p)
    counts = pd.DataFrame({"field_mT": fields_mT, "n_trials": n_trials, "n_passed": n_passed})
    return FitProblem.of(counts, MODEL)


def line(words: str, k: int, n: int) -> str:
    """Return a row of a table: a share with its 95 % interval."""
    low, high = binomtest(k, n).proportion_ci(method="wilson")
    return f"| {words} | {k / n:.1%} | {low:.1%} to {high:.1%} |"


def main() -> None:
    """Print a row for each number of fields, correlation and parameter."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=int, default=1000)
    parser.add_argument("--pairs", type=int, default=400)
    parser.add_argument("--fields", type=int, nargs="*", default=[7, 13, 20])
    parser.add_argument("--correlations", type=float, nargs="*", default=[0.0, 0.02, 0.1])
    parser.add_argument("--trials", type=int, default=50)
    options = parser.parse_args()
    for n_fields in options.fields:
        for correlation in options.correlations:
            rng = np.random.default_rng([1, n_fields, round(1000 * correlation)])
            words = f"{n_fields} | {correlation:g}"
            draw = (n_fields, options.trials, correlation)
            covered = dict.fromkeys(TRUTH.shape, 0)
            for _ in range(options.tables):
                found = fit_curve(problem(rng, *draw), 0.95, "table").intervals
                for name in covered:
                    low, high = found[name]
                    above = low is None or low <= getattr(TRUTH, name)
                    covered[name] += above and (high is None or getattr(TRUTH, name) <= high)
            for name, k in covered.items() if options.tables else ():
                print(line(f"{words} | {name}", k, options.tables), flush=True)
            alarms = 0
            for _ in range(options.pairs):
                pair = problem(rng, *draw), problem(rng, *draw)
                a, b = (fit_curve(one, 0.95, "table") for one in pair)
                pooled = with_pooled_correlation(pair, (a, b))
                shared = shared_curve(pair, pooled, (), 0.95, rng, SIMULATIONS)
                alarms += shared.p_value <= 0.05
            if options.pairs:
                print(line(f"{words} | false alarms", alarms, options.pairs), flush=True)


if __name__ == "__main__":
    main()
