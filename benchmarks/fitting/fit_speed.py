"""How fast a curve is fitted, and many tables are fitted again for a bootstrap.

The batched refits are compared with the same refits by Minuit one by one. Prints a table.

    python benchmarks/fitting/fit_speed.py
"""

import time

import numpy as np
import pandas as pd

from fitting.forms import FORMS
from fitting.inference.count_model import Model
from fitting.inference.fisher_scoring import Coordinates, fit_many
from fitting.inference.fit import fit_curve, negative_log_likelihood
from fitting.inference.fit_problem import FitProblem

FIELDS_mT = np.linspace(2.0, 8.0, 20)
REFITS, ONE_BY_ONE = 10_000, 100
SEED = 1


def main() -> None:
    """Print seconds of a fit with intervals, of 10 000 refits, and the ratio to Minuit's refits."""
    print("| form | fit with intervals (s) | 10 000 refits (s) | Minuit's time for the same |")
    print("|---|---|---|---|")
    for form in FORMS:
        truth = FORMS[form].typical().placed(4.63, 2.73).with_values({"floor": 0.0219})
        rng = np.random.default_rng(SEED)
        drawn = rng.binomial(100, truth.probability(FIELDS_mT), size=(REFITS, len(FIELDS_mT)))
        counts = pd.DataFrame({"field_mT": FIELDS_mT, "n_trials": 100, "n_passed": drawn[0]})
        problem = FitProblem.of(counts, Model(truth))
        fit_curve(problem, 0.95, "counts")
        start = time.perf_counter()
        fit = fit_curve(problem, 0.95, "counts")
        single_s = time.perf_counter() - start
        columns = problem.columns._replace(n_passed=drawn.astype(float))
        coordinates = Coordinates(truth)
        start = time.perf_counter()
        start_at = coordinates.point(fit.curve)
        fit_many(coordinates, columns, start_at, problem.steepness_range_per_mT)
        batched_s = time.perf_counter() - start
        start = time.perf_counter()
        for passed in drawn[:ONE_BY_ONE]:
            one = FitProblem(columns._replace(n_passed=passed.astype(float)), problem.model)
            negative_log_likelihood(one, fit.curve).migrad()
        minuit_s = (time.perf_counter() - start) * REFITS / ONE_BY_ONE
        print(f"| {form} | {single_s:.2f} | {batched_s:.2f} | {minuit_s / batched_s:.0f} times |")


if __name__ == "__main__":
    main()
