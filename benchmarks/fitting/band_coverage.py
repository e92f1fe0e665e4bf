"""How often the band of a passing curve covers the true one, at the ends of the parameters' range.

Prints a table of docs/coverage.md: for each case the share of tables whose 95 % band contains the
true curve at each field. Bands are those of `fitting.device.DeviceModel`.

    python benchmarks/fitting/band_coverage.py                # 1000 tables a case, some minutes
    python benchmarks/fitting/band_coverage.py --tables 100
"""

import argparse
from dataclasses import replace

import numpy as np
from scipy.stats import chi2

from dwsynapse.io.progress_bars import progress_bar
from fitting.device import DeviceModel
from fitting.forms import Logistic
from fitting.inference.count_model import Model
from fitting.inference.fisher_scoring import fit_many
from fitting.inference.fit import Fit, Interval
from fitting.inference.fit_problem import FitProblem
from fitting.inference.likelihood import Columns, log_likelihood
from fitting.inference.posterior_draws import posterior_draws

FIELDS_mT = np.linspace(2.0, 8.0, 20)
SHOWN_mT = np.array([2.0, 3.0, 4.0, 4.63, 5.5, 6.5, 8.0])
CONFIDENCE = 0.95
# True floor, trials a field, and whether a lapse (true value 0) is fitted.
CASES = [(floor, n, lapse) for lapse in (False, True) for floor in (0.0, 0.02) for n in (50, 1000)]


def covered(floor: float, n_trials: int, with_lapse: bool, n_tables: int, seed: int) -> np.ndarray:
    """Return the share of tables whose band contains the true curve at each field shown."""
    truth = Logistic(floor, 4.63, 2.73)
    model = Model(Logistic.typical(), with_lapse=with_lapse)
    rng = np.random.default_rng([seed, n_trials])
    passed = rng.binomial(n_trials, truth.probability(FIELDS_mT), (n_tables, len(FIELDS_mT)))
    n = np.full(len(FIELDS_mT), float(n_trials))
    columns = Columns(FIELDS_mT, n, passed.astype(float), np.zeros(len(FIELDS_mT)))
    points, at_zero = _fits(truth, model, columns)
    expected, inside = truth.probability(SHOWN_mT), np.zeros(len(SHOWN_mT))
    for i, point in enumerate(progress_bar(points)):
        arrays = model.coordinates.curve(point)
        curve = truth.with_values({name: getattr(arrays, name).item() for name in model.names})
        problem = FitProblem(columns._replace(n_passed=columns.n_passed[i]), model)
        draws, _ = posterior_draws(Fit(curve, {}, {}, 0.0, 3), problem, 400, [i])
        # The band only uses whether intervals end at 0.
        intervals: dict[str, Interval] = dict.fromkeys(model.names, (None, None))
        intervals |= {name: (0.0, None) for name, zero in at_zero.items() if zero[i]}
        device = DeviceModel("x", "measurement", curve, intervals, "", (2.0, 8.0), draws=draws)
        low, high = device.band(SHOWN_mT, CONFIDENCE)
        inside += (low <= expected) & (expected <= high)
    return inside / n_tables


def _fits(
    truth: Logistic, model: Model, columns: Columns
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the best points of all tables, and which profile intervals of shares end at 0."""
    steepness = FitProblem(columns, model).steepness_range_per_mT
    coordinates = model.coordinates
    points = fit_many(coordinates, columns, coordinates.point(truth), steepness)
    best = log_likelihood(coordinates.curve(points), columns)
    at_zero = {}
    for name in model.shares:
        held = replace(model, **{name: (0.0, 0.0)}).coordinates
        without = fit_many(held, columns, points, steepness)
        statistic = best - log_likelihood(held.curve(without), columns)
        at_zero[name] = statistic <= chi2.ppf(CONFIDENCE, 1) / 2
    return points, at_zero


def main() -> None:
    """Print a table in Markdown: a row for each case."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=int, default=1000, help="tables drawn for each case")
    parser.add_argument("--seed", type=int, default=1, help="seed of the tables")
    parser.add_argument("--case", type=int, help="only this case, counted from 0")
    options = parser.parse_args()
    cases = CASES if options.case is None else [CASES[options.case]]
    print("| floor | lapse | trials a field | " + " | ".join(f"{h:g} mT" for h in SHOWN_mT) + " |")
    print("|---" * (3 + len(SHOWN_mT)) + "|")
    for floor, n_trials, with_lapse in cases:
        shares = covered(floor, n_trials, with_lapse, options.tables, options.seed)
        cells = " | ".join(f"{share:.1%}" for share in shares)
        lapse = "0, fitted" if with_lapse else "none"
        print(f"| {floor:g} | {lapse} | {n_trials} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
