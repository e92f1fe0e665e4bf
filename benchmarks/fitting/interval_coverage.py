"""How often nominal 95 % intervals cover the true value, for every form of the curve.

Tables of counts are drawn from a known curve and fitted (`fitting.goodness.interval_coverage`).
Prints the table of docs/coverage.md. With --measured tables as laboratories keep them are fitted by
`fit_curve` itself (fitting/goodness/interval_coverage.py, `TABLE_KINDS`): an interval may be open
at one end, and none may fail.

    python benchmarks/fitting/interval_coverage.py        # 20 000 tables a row, some minutes
    python benchmarks/fitting/interval_coverage.py --tables 500
    python benchmarks/fitting/interval_coverage.py --measured --tables 240
"""

import argparse

import numpy as np
from scipy.stats import binomtest

from dwsynapse.io.progress_bars import progress_bar
from fitting.forms import FORMS
from fitting.goodness.interval_coverage import TABLE_KINDS, coverage, measured_coverage
from fitting.inference.likelihood import Columns

CENTRE_mT, STEEPNESS_PER_mT, FLOOR = 4.63, 2.73, 0.0219
FIELDS_mT = np.linspace(2.0, 8.0, 20)
STEEPNESS_RANGE_PER_mT = (1 / 24, 40 / 0.3)


def main() -> None:
    """Print a table in Markdown: a row for each form, number of trials and parameter."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=int, default=20_000, help="tables drawn for each row")
    parser.add_argument("--seed", type=int, default=1, help="seed of the tables")
    parser.add_argument("--measured", action="store_true", help="tables of six measured kinds")
    options = parser.parse_args()
    if options.measured:
        print_measured(options.tables, options.seed)
        return
    print("| form | trials a field | parameter | coverage | 95 % interval of the coverage |")
    print("|---|---|---|---|---|")
    for form in progress_bar(FORMS):
        truth = FORMS[form].typical().placed(CENTRE_mT, STEEPNESS_PER_mT)
        truth = truth.with_values({"floor": FLOOR})
        for n_trials in (1000, 100, 20):
            rng = np.random.default_rng([options.seed, n_trials])
            shape = (options.tables, len(FIELDS_mT))
            passed = rng.binomial(n_trials, truth.probability(FIELDS_mT), size=shape)
            n = np.full(len(FIELDS_mT), float(n_trials))
            columns = Columns(FIELDS_mT, n, passed.astype(float), np.zeros(len(FIELDS_mT)))
            found = coverage(truth, columns, STEEPNESS_RANGE_PER_mT, 0.95)
            for name, k in found.items():
                low, high = binomtest(k, options.tables).proportion_ci(method="wilson")
                print(
                    f"| {form} | {n_trials} | {name} | {k / options.tables:.2%} "
                    f"| {low:.2%} to {high:.2%} |",
                    flush=True,
                )


def print_measured(n_tables: int, seed: int) -> None:
    """Print for each kind of table the coverage of each parameter, and how many ends are open."""
    print("| tables | fitted | parameter | coverage | 95 % interval of the coverage | open ends |")
    print("|---|---|---|---|---|---|")
    for kind in progress_bar(TABLE_KINDS):
        found = measured_coverage(kind, n_tables, seed)
        for name, k in found.covered.items():
            low, high = binomtest(k, found.fitted).proportion_ci(method="wilson")
            print(
                f"| {kind} | {found.fitted} of {n_tables} | {name} | {k / found.fitted:.1%} "
                f"| {low:.1%} to {high:.1%} | {found.open_ends[name]} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
