"""The fit of a long table shows its steps on stderr, and starts where that of its rows would."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dwsynapse.study import Fitting
from fitting.forms import Logistic
from fitting.inference.fit import fit_curve
from fitting.inference.fit_problem import FitProblem
from fitting.inference.starting_points import starting_columns
from fitting.make_device import LONG_ROWS, device_from_counts

TRUTH = Logistic(floor=0.02, h0_mT=4.6, delta_per_mT=2.7)


@pytest.mark.parametrize(("n_rows", "shown"), [(LONG_ROWS, False), (LONG_ROWS + 1, True)])
def test_only_the_fit_of_a_long_table_shows_a_bar(capsys, n_rows, shown):
    fields_mT = np.linspace(2, 8, n_rows)
    passed = np.random.default_rng(1).binomial(1, TRUTH.probability(fields_mT))
    counts = pd.DataFrame({"field_mT": fields_mT, "n_trials": 1, "n_passed": passed})
    settings = Fitting(draws=10, simulations=3)
    device_from_counts(
        counts, settings, name="wire", source="measurement", seed=1, path="counts.csv"
    )
    lines = capsys.readouterr().err.replace("\r", "\n").split("\n")
    bar = [line for line in lines if line.startswith(f"wire, fit of {n_rows} rows")]
    assert bool(bar) == shown
    assert not shown or "4/4" in bar[-1]


@pytest.mark.parametrize("steepness_per_mT", [0.8, 2.7, 40.0])
def test_a_long_table_has_the_fit_that_starts_at_its_rows(monkeypatch, steepness_per_mT):
    truth = replace(TRUTH, delta_per_mT=steepness_per_mT)
    rng = np.random.default_rng(2)
    fields_mT = rng.uniform(2, 8, 2500)
    passed = rng.binomial(1, truth.probability(fields_mT))
    content = {"field_mT": fields_mT, "n_trials": 1, "n_passed": passed}
    problem = FitProblem.of(pd.DataFrame(content))
    of_bins = fit_curve(problem, 0.95, "counts.csv")
    assert len(starting_columns(problem).n_trials) < 1001
    monkeypatch.setattr("fitting.inference.starting_points.MANY_ROWS", len(fields_mT))
    of_rows = fit_curve(problem, 0.95, "counts.csv")
    for name, (low, high) in of_rows.intervals.items():
        # Searches that start elsewhere end within their tolerance.
        assert of_bins.intervals[name] == pytest.approx((low, high), abs=3e-3 * (high - low))
