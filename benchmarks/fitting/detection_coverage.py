"""How often nominal 95 % intervals cover the wire's parameters where detection errs.

Counts are drawn from a wire's curve and a detector's two rates, and the known walls that show the
rates are drawn as well. Each table is fitted without them and with them. Prints the table of
docs/coverage.md.

    python benchmarks/fitting/detection_coverage.py                # 400 tables a row, some minutes
    python benchmarks/fitting/detection_coverage.py --tables 50
"""

import argparse

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from dwsynapse.io.detection_errors import DetectionErrors, Rate
from dwsynapse.io.progress_bars import progress_bar
from fitting.forms import Logistic
from fitting.inference.count_model import Model
from fitting.inference.fit import fit_curve
from fitting.inference.fit_problem import FitProblem

FIELDS_mT = np.linspace(2.5, 7.5, 11)
CASES = [
    # floor, both rates, known walls of each outcome, trials a field
    (0.0219, 0.02, 200, 100),
    (0.0219, 0.02, 200, 1000),
    (0.0, 0.02, 200, 1000),
    (0.0219, 0.005, 50, 1000),
    (0.1, 0.05, 100, 1000),
]


def main() -> None:
    """Print a table in Markdown: a row for each case and parameter."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=int, default=400, help="tables drawn for each row")
    parser.add_argument("--seed", type=int, default=1, help="seed of the tables")
    options = parser.parse_args()
    print(
        "| floor | rates | known walls | trials a field | parameter | without errors | with errors "
        "| width, with / without |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for case, (floor, rate, n_known, n_trials) in enumerate(progress_bar(CASES)):
        truth = Logistic(floor, 4.63, 2.73)
        names = ("floor", "h0_mT", "delta_per_mT")
        covered = {name: [0, 0] for name in names}
        widths = {name: [0.0, 0.0] for name in names}
        for i in range(options.tables):
            rng = np.random.default_rng([options.seed, case, i])
            seen = rate + (1 - 2 * rate) * truth.probability(FIELDS_mT)
            passed = rng.binomial(n_trials, seen)
            counts = pd.DataFrame({"field_mT": FIELDS_mT, "n_trials": n_trials, "n_passed": passed})
            wrong = rng.binomial(n_known, rate, size=2)
            errors = DetectionErrors(*(Rate(int(k), n_known) for k in wrong))
            for j, detection in enumerate((None, errors)):
                problem = FitProblem.of(counts, Model(Logistic.typical(), detection=detection))
                fit = fit_curve(problem, 0.95, "drawn counts")
                for name in names:
                    low, high = fit.intervals[name]
                    covered[name][j] += low <= getattr(truth, name) <= high
                    widths[name][j] += high - low
        for name in names:
            shares = [_share(k, options.tables) for k in covered[name]]
            ratio = widths[name][1] / widths[name][0]
            print(
                f"| {floor:g} | {rate:.1%} | {n_known} | {n_trials} | {name} | {shares[0]} "
                f"| {shares[1]} | {ratio:.2f} |",
                flush=True,
            )


def _share(k: int, n: int) -> str:
    low, high = binomtest(k, n).proportion_ci(method="wilson")
    return f"{k / n:.1%} ({low:.1%} to {high:.1%})"


if __name__ == "__main__":
    main()
