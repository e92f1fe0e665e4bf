"""Tests of the fit are uniform where the model holds, and small where it is broken on purpose."""

import numpy as np
import pandas as pd
import pytest

from dwsynapse.study import Fitting
from fitting.forms import Logistic
from fitting.forms.cloglog import ComplementaryLogLog
from fitting.goodness.bootstrap import effective
from fitting.goodness.drift import Drift
from fitting.goodness.form_selection import compare_forms
from fitting.goodness.goodness_of_fit import goodness_of_fit
from fitting.inference.count_model import LOGISTIC, Model
from fitting.inference.fit import fit_curve
from fitting.inference.fit_problem import FitProblem
from fitting.inference.likelihood import passing_probability

TRUTH = Logistic(floor=0.0219, h0_mT=4.63, delta_per_mT=2.73)
FIELDS_mT = np.arange(2.0, 8.0, 0.5)


def table(rng, n_trials=100, curve=TRUTH, fields_mT=FIELDS_mT):
    passed = rng.binomial(n_trials, curve.probability(np.asarray(fields_mT)))
    return pd.DataFrame({"field_mT": fields_mT, "n_trials": n_trials, "n_passed": passed})


def p_values_of(counts, model=LOGISTIC, simulations=199):
    problem = FitProblem.of(counts, model)
    fit = fit_curve(problem, 0.95, "counts.csv")
    found = goodness_of_fit(fit, problem, simulations, [1])
    return {test["test"]: test["p_value"] for test in found["tests"]}


@pytest.mark.slow
def test_p_values_are_uniform_where_the_model_holds():
    # 100 tables: the number of p-values up to 0.05 is binomial with mean 5; more than 15 in any of
    # the five tests has a probability of 2e-4, none at all for the deviance 0.006. Fields shuffled
    # for each table give a time order that is no field order.
    rng = np.random.default_rng(3)
    small = []
    for _ in range(100):
        small.append(
            {
                name: p <= 0.05
                for name, p in p_values_of(
                    table(rng, fields_mT=rng.permutation(FIELDS_mT)), simulations=99
                ).items()
            }
        )
    counts = pd.DataFrame(small).sum()
    assert len(counts) == 5
    assert counts.max() <= 15
    assert counts["deviance"] >= 1


def test_passing_that_falls_again_is_found():
    # Transmission that falls above Walker breakdown: 60 % pass at the highest fields.
    counts = table(np.random.default_rng(3))
    counts.loc[counts["field_mT"] > 6.4, "n_passed"] = [97, 80, 60]
    found = p_values_of(counts)
    assert found["monotonicity"] <= 0.01
    assert found["deviance"] <= 0.01


def test_drift_in_time_shows_in_time_order_only_where_the_order_is_known():
    rng = np.random.default_rng(5)
    fields_mT = np.concatenate([rng.permutation(FIELDS_mT) for _ in range(4)])
    drifted = Logistic(0.0219, 4.63 + np.linspace(-0.3, 0.3, len(fields_mT)), 2.73)
    counts = table(rng, 100, drifted, fields_mT)
    assert p_values_of(counts)["residuals against time order"] <= 0.01
    assert "residuals against time order" not in p_values_of(counts.sort_values("field_mT"))


def test_overdispersed_counts_are_found_and_modelled():
    # Ten rows at each field, whose curves shift by 0.2 mT: correlation up to 0.08.
    rng = np.random.default_rng(6)
    fields_mT = np.tile(FIELDS_mT, 10)
    shifted = Logistic(0.0219, 4.63 + 0.2 * rng.standard_normal(len(fields_mT)), 2.73)
    counts = table(rng, 100, shifted, fields_mT)
    assert p_values_of(counts)["overdispersion"] <= 0.01
    model = Model(Logistic.typical(), overdispersed=True)
    wide = fit_curve(FitProblem.of(counts, model), 0.95, "counts.csv")
    narrow = fit_curve(FitProblem.of(counts), 0.95, "counts.csv")
    assert wide.nuisances["correlation"][1] > 0.005
    assert np.ptp(wide.intervals["h0_mT"]) > 1.3 * np.ptp(narrow.intervals["h0_mT"])


def test_the_true_form_is_preferred_and_a_wrong_one_refused():
    # 2000 trials at 12 fields distinguish the skewed curve from the logistic one by over 100 in
    # AIC.
    curve = ComplementaryLogLog(0.0219, 4.8, 2.0)
    counts = table(np.random.default_rng(7), 2000, curve)
    settings = Fitting(simulations=99)
    fit = fit_curve(FitProblem.of(counts, Model.of(settings)), 0.95, "counts.csv")
    forms = {f["form"]: f for f in compare_forms(fit, FitProblem.of(counts), settings, [1])}
    assert forms["cloglog"]["delta_aic"] < 10 < forms["logistic"]["delta_aic"]
    assert forms["cloglog"]["p_value"] == pytest.approx(0.01)
    assert forms["logistic"]["p_value"] is None
    assert sum(f["akaike_weight"] for f in forms.values()) == pytest.approx(1)


def test_where_every_curve_is_perfect_no_test_rejects():
    # A step between two fields: all statistics are 0 but for the rounding and the last steps of a
    # search, which separated what is tied and gave p-values down to 0.44.
    fields_mT = [3.0, 4.0, 5.0, 6.0, 7.0]
    counts = pd.DataFrame({"field_mT": fields_mT, "n_trials": 5, "n_passed": [0, 0, 2, 5, 5]})
    settings = Fitting(simulations=199)
    problem = FitProblem.of(counts)
    fit = fit_curve(problem, 0.95, "counts.csv")
    tests = goodness_of_fit(fit, problem, settings.simulations, [1])["tests"]
    found = {test["test"]: test["p_value"] for test in tests}
    forms = compare_forms(fit, FitProblem.of(counts), settings, [1])
    found |= {form["form"]: form["p_value"] for form in forms}
    del found["logistic"]  # The form under test has none.
    assert found == dict.fromkeys(found, 1.0)


def test_forms_with_a_dwell_too_short_for_the_counts_lose():
    # One attempt passes 1 - 1/e of the walls at most, wherever the barrier goes: where all of 300
    # pass, a floor of even 0.2 leaves them a likelihood of 0.7^300.
    counts = table(np.random.default_rng(3))
    assert (counts["n_passed"] == 100).sum() >= 3
    fit = fit_curve(FitProblem.of(counts), 0.95, "counts.csv")
    settings = Fitting(simulations=19, dwell_s=1e-9)
    forms = {f["form"]: f for f in compare_forms(fit, FitProblem.of(counts), settings, [1])}
    for form in ("neel-brown-3/2", "neel-brown-2"):
        assert 100 < forms[form]["delta_aic"] < np.inf
    # A thousand attempts are enough for the same curve as of a second.
    again = compare_forms(fit, FitProblem.of(counts), Fitting(simulations=19, dwell_s=1e-6), [1])
    assert {f["form"]: f["delta_aic"] for f in again}["neel-brown-2"] < 30


def single_trials(rng, n_rows=400):
    return table(rng, n_trials=1, fields_mT=rng.uniform(2, 8, n_rows))


@pytest.mark.parametrize("function", [goodness_of_fit, compare_forms])
def test_tables_drawn_in_parts_are_those_drawn_at_once(monkeypatch, function):
    problem = FitProblem.of(single_trials(np.random.default_rng(5)))
    fit = fit_curve(problem, 0.95, "counts.csv")
    settings = 50 if function is goodness_of_fit else Fitting(simulations=50)
    at_once = function(fit, problem, settings, [1])
    monkeypatch.setattr("fitting.goodness.bootstrap.COUNTS_OF_A_PART", 3000)
    assert function(fit, problem, settings, [1]) == at_once


def test_drift_is_the_trend_of_residuals_over_the_order_of_measurement():
    counts = single_trials(np.random.default_rng(6))
    counts.loc[::3, "n_trials"] = 2
    problem = FitProblem.of(counts)
    fit = fit_curve(problem, 0.95, "counts.csv")
    columns, bin_of_row = problem.columns, problem.pooling(fit.curve).bin_of_row
    pooled = problem.pooling(fit.curve).pooled(columns)
    p = passing_probability(fit.curve, pooled)
    drift = Drift(effective(columns, fit.nuisances), bin_of_row, problem.measured)
    drift.add(columns._replace(n_passed=columns.n_passed[None]))
    order, n = problem.measured, columns.n_trials
    r = (columns.n_passed - n * p[bin_of_row]) / np.sqrt(n * (p * (1 - p))[bin_of_row])
    place = np.arange(len(n)) - (len(n) - 1) / 2
    expected = abs(r[order] @ place) / np.linalg.norm(place)
    assert drift.statistics(p[None]) == pytest.approx([expected], rel=1e-9)
