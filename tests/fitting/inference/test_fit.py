"""The fit finds planted parameters, with intervals that cover them as often as they claim."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import gammaln
from scipy.stats import binom

from dwsynapse.io.errors import InputError
from dwsynapse.study import Fitting
from fitting.design.grid_posterior import wide_posterior
from fitting.design.proposal import next_plan
from fitting.device import DeviceModel
from fitting.forms import FORMS, Logistic
from fitting.goodness.form_selection import compare_forms
from fitting.inference.count_model import LOGISTIC, Model
from fitting.inference.fit import fit_curve
from fitting.inference.fit_problem import FitProblem
from fitting.inference.likelihood import Columns, deviance, log_likelihood
from fitting.make_device import device_from_counts

TRUTH = Logistic(floor=0.0219, h0_mT=4.63, delta_per_mT=2.73)
FIELDS_mT = np.arange(2.0, 8.0, 0.5)


def simulate(curve, rng, n_trials, fields_mT=FIELDS_mT):
    n_passed = rng.binomial(n_trials, curve.probability(np.asarray(fields_mT, dtype=float)))
    return pd.DataFrame({"field_mT": fields_mT, "n_trials": n_trials, "n_passed": n_passed})


def test_likelihood_and_deviance_are_the_binomial_ones():
    counts = simulate(TRUTH, np.random.default_rng(1), 50)
    field_mT, n, k, _ = Columns.of(counts)
    coefficients = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    exact = binom.logpmf(k, n, TRUTH.probability(field_mT)).sum()
    assert log_likelihood(TRUTH, Columns.of(counts)) + coefficients.sum() == pytest.approx(exact)
    saturated = binom.logpmf(k, n, k / n).sum()
    assert deviance(TRUTH, Columns.of(counts)) == pytest.approx(2 * (saturated - exact))


def test_parameters_are_recovered_from_exact_rates():
    # With n_passed at its expectation (a millionth of a trial aside) the maximum is the true value.
    n = 10**6
    counts = pd.DataFrame({"field_mT": FIELDS_mT, "n_trials": n})
    counts["n_passed"] = np.round(n * TRUTH.probability(FIELDS_mT)).astype(int)
    curve = fit_curve(FitProblem.of(counts), 0.95, "counts.csv").curve
    assert curve.values() == pytest.approx(TRUTH.values(), rel=1e-3)


def test_intervals_cover_a_floor_of_zero_as_often_as_they_claim():
    # 160 tables: exact 95 % intervals cover 152 +- 2.8 times, with binomial probability 5e-5 fewer
    # than 140 times and 3e-4 every time, so that it fails for seven seeds in ten thousand.
    # Intervals of 85 % would fail with probability 0.78 per parameter, of 99 % with 0.20. The
    # floor's may cover more often, since it cannot reach below zero.
    truth = Logistic(0.0, TRUTH.h0_mT, TRUTH.delta_per_mT)
    rng = np.random.default_rng(11)
    covered = dict.fromkeys(LOGISTIC.names, 0)
    for _ in range(160):
        intervals = fit_curve(FitProblem.of(simulate(truth, rng, 30)), 0.95, "counts.csv").intervals
        for name in covered:
            covered[name] += intervals[name][0] <= getattr(truth, name) <= intervals[name][1]
    assert min(covered.values()) >= 140
    assert max(covered["h0_mT"], covered["delta_per_mT"]) < 160


def test_floor_interval_ends_at_zero_where_no_wall_passes_at_low_field():
    counts = simulate(Logistic(0.0, 4.63, 2.73), np.random.default_rng(2), 40)
    intervals = fit_curve(FitProblem.of(counts), 0.95, "counts.csv").intervals
    assert intervals["floor"][0] == 0
    assert 0 < intervals["floor"][1] < 0.1


def test_draws_spread_as_the_intervals_say():
    counts = simulate(TRUTH, np.random.default_rng(4), 300)
    settings = Fitting(draws=4000)
    device = device_from_counts(
        counts, settings, name="x", source="measurement", seed=5, path="counts.csv"
    )
    for draws, name in zip(device.draws.T, device.intervals, strict=True):
        low, high = device.intervals[name]
        # The share of 4000 draws inside has a standard error of 0.0034: 0.02 is 5.8 of them (7e-9).
        # Profile and posterior differ less with 300 trials per field: the shares had a mean of
        # 0.9493 to 0.9499 and a spread of 0.0037 over 60 tables.
        assert np.mean((low < draws) & (draws < high)) == pytest.approx(0.95, abs=0.02)
    # The sd of 4000 normal draws has a relative error of 1 / sqrt(8000) = 0.011 (0.012 over those
    # tables): 0.06 is five of them, 2e-6 for the three parameters.
    sd = np.sqrt(np.diag(device.covariance))
    assert device.draws.std(axis=0) == pytest.approx(sd, rel=0.06)


def test_same_seed_gives_the_same_file_and_it_reads_back(tmp_path):
    counts = simulate(TRUTH, np.random.default_rng(6), 100)
    for name in ("a.json", "b.json"):
        device_from_counts(
            counts, Fitting(), name="x", source="measurement", seed=5, path="counts.csv"
        ).write(tmp_path / name)
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    DeviceModel.read(tmp_path / "a.json").write(tmp_path / "c.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "c.json").read_bytes()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([(5.0, 10, 4)], "1 different field cannot determine"),
        (
            [(100 + k * 1e-9, 10, 2 * k) for k in range(5)],
            "all near 100 mT, differ by less than can be told apart",
        ),
        ([(4, 10, 10), (5, 10, 10), (6, 10, 10)], "every wall passed"),
        ([(4, 10, 0), (5, 10, 0), (6, 10, 0)], "no wall passed"),
        ([(4, 90, 80), (5, 90, 40), (6, 90, 20), (7, 90, 9)], "does not rise.*it falls.* n_pinned"),
        ([(4, 90, 45), (5, 90, 47), (6, 90, 44), (7, 90, 45)], r"does not rise.*transition$"),
    ],
)
def test_counts_that_determine_no_curve_are_reported_in_one_line(rows, message):
    counts = pd.DataFrame(rows, columns=["field_mT", "n_trials", "n_passed"])
    with pytest.raises(InputError, match=rf"counts\.csv.*{message}"):
        fit_curve(FitProblem.of(counts), 0.95, "counts.csv")


def test_a_floor_that_is_too_high_for_a_rise_is_questioned():
    counts = pd.DataFrame({"field_mT": [3.0, 4.0, 5.0, 6.0], "n_trials": 50})
    problem = FitProblem.of(
        counts.assign(n_passed=[3, 8, 42, 44]), Model(LOGISTIC.template, floor=(0.9, 0.9))
    )
    with pytest.raises(InputError, match=r"does not rise.*or give another floor or lapse"):
        fit_curve(problem, 0.95, "counts.csv")


@pytest.mark.parametrize(
    ("rows", "h0_mT", "least_delta"),
    [
        # A step at 5 mT, or just next to it: only its position is known.
        ([(4, 50, 0), (5, 50, 50), (6, 50, 50)], (4.0, 5.0), 7.89),
        ([(4, 20, 0), (5, 20, 0), (6, 20, 20), (7, 20, 20)], (5.0, 6.0), 6.0),
        ([(4, 5, 0), (5, 5, 2), (6, 5, 5), (7, 5, 5)], (4.67, 6.0), 1.7),
    ],
)
def test_a_step_bounds_the_steepness_from_below_and_its_place_from_both_sides(
    rows, h0_mT, least_delta
):
    counts = pd.DataFrame(rows, columns=["field_mT", "n_trials", "n_passed"])
    intervals = fit_curve(FitProblem.of(counts), 0.95, "counts.csv").intervals
    low, high = intervals["delta_per_mT"]
    assert high is None
    assert low == pytest.approx(least_delta, rel=0.02)
    np.testing.assert_allclose(intervals["h0_mT"], h0_mT, atol=0.02)


def test_next_fields_crowd_where_the_curve_changes():
    first = simulate(TRUTH, np.random.default_rng(8), 100, fields_mT=[2.0, 3, 4, 5, 6, 8])
    plan = next_plan(first, n_trials=112, first_replica=96, step_mT=0.1)
    assert plan["n_trials"].sum() == 112
    ends = plan["first_replica"] + plan["n_trials"]
    assert plan["first_replica"].tolist() == [96, *ends[:-1]]
    np.testing.assert_allclose(plan["field_mT"] * 10, np.round(plan["field_mT"] * 10), atol=1e-9)
    rising = TRUTH.probability(plan["field_mT"].to_numpy())
    # Trials are most informative on the two flanks of the curve, and least in its tails.
    # 30 other first rounds all put every trial on the rise, the lowest rate 0.21 to 0.36 and the
    # highest 0.74 to 0.89.
    on_the_rise = (rising > 0.05) & (rising < 0.95)
    assert plan["n_trials"][on_the_rise].sum() >= 100
    assert rising.min() < 0.5 < rising.max()


@pytest.mark.parametrize("n_passed", [(0, 0, 0), (10, 10, 10), (0, 0, 10)])
def test_next_fields_are_found_from_counts_that_cannot_be_fitted(n_passed):
    counts = pd.DataFrame({"field_mT": [4.0, 5.0, 6.0], "n_trials": 10, "n_passed": n_passed})
    plan = next_plan(counts, n_trials=50, first_replica=0, step_mT=0.1)
    fields_mT = plan["field_mT"]
    assert fields_mT.between(4, 6).all()
    if n_passed == (0, 0, 0):
        assert fields_mT.max() == 6
    elif n_passed == (10, 10, 10):
        assert fields_mT.min() == 4
    else:
        assert ((fields_mT > 5) & (fields_mT < 6)).sum() >= 3


def test_next_fields_stay_within_those_tried_for_a_flat_curve():
    # The tail of so flat a curve is below 2 mT, where walls may never arrive at the notch.
    fields_mT = np.arange(4.0, 13.0)
    counts = pd.DataFrame({"field_mT": fields_mT, "n_trials": 20})
    counts["n_passed"] = np.round(20 * Logistic(0.02, 6.0, 1.0).probability(fields_mT)).astype(int)
    plan = next_plan(counts, n_trials=100, first_replica=0, step_mT=0.1)
    assert plan["field_mT"].between(4, 12).all()
    assert plan["n_trials"].sum() == 100


def test_starting_values_come_near_without_hints():
    counts = simulate(TRUTH, np.random.default_rng(9), 200)
    _, centre_mT, log_steepness = wide_posterior(FitProblem.of(counts)).best_point()
    # Half a cell of the grid is 0.16 mT in h0 and 9 % in Delta. Over 1000 other tables h0 was never
    # out by more than 0.25 mT, and Delta by more than 30 % three times.
    assert centre_mT == pytest.approx(TRUTH.h0_mT, abs=0.3)
    assert np.exp(log_steepness) == pytest.approx(TRUTH.delta_per_mT, rel=0.3)


def test_a_critical_field_that_no_counts_can_determine_is_left_open(capfd):
    # Straight barriers, for any end: the profile over Hc falls to nothing but a limit. What
    # Minuit thinks of the search is not printed.
    fields_mT = [1.3, 2.5, 0.7, 0.9, 0.1, 2.1, 11.0, 24.0]
    counts = pd.DataFrame(
        {"field_mT": fields_mT, "n_trials": 2, "n_passed": [0, 1, 2, 1, 0, 0, 2, 2]}
    )
    model = Model(FORMS["neel-brown-3/2-sweep"].typical(), floor=(0.0, 0.1))
    fit = fit_curve(FitProblem.of(counts, model), 0.95, "counts.csv")
    low, high = fit.intervals["hc_mT"]
    assert low is not None
    assert 0 < low < fit.curve.hc_mT <= 1e6
    assert high is None
    assert capfd.readouterr() == ("", "")


@pytest.mark.filterwarnings("error")
def test_trials_of_a_field_with_one_outcome_are_fitted():
    # Each row passes as a whole or not at all: the correlation is 1, where no likelihood is.
    fields_mT = np.repeat([2.0, 3.0, 4.0, 5.0, 6.0, 7.0], 2)
    passed = np.array([0, 0, 0, 20, 0, 20, 20, 0, 20, 20, 20, 20])
    counts = pd.DataFrame({"field_mT": fields_mT, "n_trials": 20, "n_passed": passed})
    model = Model(Logistic.typical(), overdispersed=True)
    fit = fit_curve(FitProblem.of(counts, model), 0.95, "counts.csv")
    correlation, low, high = fit.nuisances["correlation"]
    assert 0.9 < correlation < 1
    assert 0 < low < correlation
    assert high == 1


def test_many_single_trials_fit_as_the_counts_of_their_fields_do():
    """The likelihood is the same, and a million rows cost no more than their fields."""
    rng = np.random.default_rng(3)
    fields_mT = np.round(rng.uniform(3, 7, 3000), 1)
    passed = rng.random(3000) < 1 / (1 + np.exp(-2.7 * (fields_mT - 4.6)))
    single = pd.DataFrame({"field_mT": fields_mT, "n_trials": 1, "n_passed": passed.astype(int)})
    counted = single.groupby("field_mT", as_index=False).sum()
    problems = [FitProblem.of(table) for table in (single, counted)]
    assert len(problems[0].condensed().columns.n_trials) == len(counted)
    fits = [fit_curve(problem, 0.95, "counts.csv") for problem in problems]
    assert fits[0].curve.values() == pytest.approx(fits[1].curve.values(), rel=1e-6)
    for name, interval in fits[0].intervals.items():
        assert interval == pytest.approx(fits[1].intervals[name], rel=1e-4), name
    one_by_one = [
        compare_forms(fit, problem, Fitting(simulations=9), [1])
        for fit, problem in zip(fits, problems, strict=True)
    ]
    # Only the number of ways to order the trials differs.
    for ours, theirs in zip(*one_by_one, strict=True):
        assert ours["delta_aic"] == pytest.approx(theirs["delta_aic"], abs=0.2)
    assert fits[0].log_likelihood == pytest.approx(one_by_one[0][0]["log_likelihood"], rel=1e-3)


@pytest.mark.parametrize(
    ("fields_mT", "n_passed", "least"),
    [([7, 7.5, 8], [93, 97, 99], 0.292), ([6.5, 7, 7.5, 8], [92, 93, 97, 99], 0.430)],
)
def test_a_step_at_the_last_field_leaves_the_steepness_open(fields_mT, n_passed, least):
    """Where only the top of a curve was measured, one as steep as a step at 8 mT is as likely.

    Twice its log-likelihood is 1.73 below the best for any steepness above 30 /mT, by a search
    from many starts; so the profile never falls by 3.84.
    """
    counts = pd.DataFrame({"field_mT": fields_mT, "n_trials": 100, "n_passed": n_passed})
    low, high = fit_curve(FitProblem.of(counts), 0.95, "counts.csv").intervals["delta_per_mT"]
    assert low == pytest.approx(least, abs=2e-3)
    assert high is None
