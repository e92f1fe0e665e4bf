"""What disturbs the counts: jitter and calibration of the field, correlated trials."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.stats import betabinom, chi2, norm

from dwsynapse.io.errors import InputError
from fitting.comparison.calibrated_curve import CalibratedCurve
from fitting.counts.pooling import Pooling
from fitting.forms import FORMS, Logistic
from fitting.forms.probit import Probit
from fitting.inference import field_jitter
from fitting.inference.count_model import LOGISTIC, Model
from fitting.inference.field_jitter import COARSEST_GRID, MAX_ERROR, averaging
from fitting.inference.fisher_scoring import Coordinates, fit_many
from fitting.inference.fit import fit_curve
from fitting.inference.fit_problem import FitProblem
from fitting.inference.likelihood import (
    Columns,
    log_coefficients,
    log_likelihood,
    passing_probability,
)
from fitting.inference.overdispersion import (
    adjusted_confidence,
    drawn_correlations,
    held_confidence,
    moment_correlation,
)
from fitting.inference.posterior_draws import posterior_draws

TRUTH = Logistic(floor=0.0219, h0_mT=4.63, delta_per_mT=2.73)
FIELDS_mT = np.linspace(2.0, 8.0, 20)


def table(rng, n_trials=400, curve=TRUTH):
    passed = rng.binomial(n_trials, curve.probability(FIELDS_mT))
    return pd.DataFrame({"field_mT": FIELDS_mT, "n_trials": n_trials, "n_passed": passed})


def test_jitter_is_a_convolution():
    # Two normal spreads add in quadrature.
    columns = Columns(FIELDS_mT, np.full(20, 10.0), np.zeros(20), np.full(20, 0.3))
    found = passing_probability(Probit(0.0, 4.63, 0.4), columns)
    np.testing.assert_allclose(found, norm.cdf((FIELDS_mT - 4.63) / 0.5), atol=1e-6)


@pytest.mark.parametrize("form", FORMS)
def test_few_nodes_average_the_jitter_as_many_do(form):
    # Against a rule of 201 nodes, for jitters of up to eight widths of the curve.
    fields_mT = np.linspace(1.0, 9.0, 100)
    curve = FORMS[form].typical().placed(4.63, 2.73)
    nodes, weights = np.polynomial.hermite_e.hermegauss(201)
    for widths, tolerance in (
        (0.1, 1e-6),
        (0.3, 1e-5),
        (0.9, 5e-5),
        (2, 1e-4),
        (5, 2e-4),
        (8, 2e-3),
    ):
        sd_mT = np.full(100, widths / 2.73)
        at_nodes = curve.probability(fields_mT[:, None] + nodes * sd_mT[:, None])
        exact = at_nodes @ (weights / weights.sum())
        found = passing_probability(curve, Columns(fields_mT, fields_mT, fields_mT, sd_mT))
        np.testing.assert_allclose(found, exact, atol=tolerance)


@pytest.mark.parametrize("form", FORMS)
def test_batches_of_curves_average_the_jitter_as_single_ones_do(form):
    # A hundred rows of which a grid is worth while; the rules are right to 4e-5 (above).
    rng = np.random.default_rng(5)
    fields_mT, sd_mT = rng.uniform(1.0, 9.0, 100), rng.uniform(0.0, 0.5, 100)
    columns = Columns(fields_mT, np.full(100, 9.0), np.full(100, 4.0), sd_mT)
    centres_mT, steepness_per_mT = (
        np.array([[3.0], [4.63], [6.0]]),
        np.array([[1.0], [2.73], [6.0]]),
    )
    batch = passing_probability(FORMS[form].typical().placed(centres_mT, steepness_per_mT), columns)
    for i in range(3):
        curve = FORMS[form].typical().placed(centres_mT[i, 0], steepness_per_mT[i, 0])
        np.testing.assert_allclose(batch[i], passing_probability(curve, columns), atol=1e-4)


def test_a_grid_whose_error_is_too_large_by_rounding_is_refined(monkeypatch):
    errors = iter([np.nextafter(MAX_ERROR, 1), 0.0])
    monkeypatch.setattr(field_jitter, "_cubic_error", lambda p: next(errors))
    fields_mT, sd_mT = np.linspace(2.0, 8.0, 100), np.full(100, 0.1)
    curves = Logistic.typical().placed(np.array([[4.0], [5.0]]), 2.73)
    grid_mT, _ = averaging(curves, fields_mT, sd_mT).args
    assert len(grid_mT) == 2 * COARSEST_GRID


def test_rows_of_two_tables_are_averaged_each_over_its_own_fields():
    rng = np.random.default_rng(6)
    fields_mT, sd_mT = rng.uniform(1.0, 9.0, 200), rng.uniform(0.1, 0.5, 200)
    of_b = np.arange(200) >= 90
    columns = Columns(fields_mT, np.full(200, 9.0), np.full(200, 4.0), sd_mT)
    offsets_mT, scale = np.array([[0.2], [-0.3]]), 1.1
    curve = TRUTH.with_values({"floor": np.zeros((2, 1))})
    found = passing_probability(CalibratedCurve(curve, offsets_mT, scale, of_b), columns)
    for row in (3, 150):
        nodes, weights = np.polynomial.hermite_e.hermegauss(81)
        jittered_mT = fields_mT[row] + nodes * sd_mT[row]
        seen_mT = (jittered_mT - offsets_mT) / scale if of_b[row] else jittered_mT[None]
        exact = TRUTH.with_values({"floor": 0.0}).probability(seen_mT) @ (weights / weights.sum())
        np.testing.assert_allclose(found[:, row], np.broadcast_to(exact, 2), atol=1e-4)


@pytest.mark.parametrize("most_sd_mT", [0.0, 0.3])
def test_pooled_single_trials_give_the_same_curve(most_sd_mT):
    # Within 3 % of a standard error (fitting/counts/pooling.py); a tenth of one is allowed.
    rng = np.random.default_rng(7)
    fields_mT = np.sort(rng.uniform(2, 8, 1000))
    passed = rng.binomial(1, TRUTH.probability(fields_mT)).astype(float)
    sd_mT = most_sd_mT * rng.random(1000)
    columns = Columns(fields_mT, np.ones(1000), passed, sd_mT)
    pooled = Pooling.of(columns, TRUTH.delta_per_mT).pooled(columns)
    assert len(pooled.n_trials) < 300
    assert pooled.n_trials.sum() == 1000
    assert pooled.n_passed.sum() == passed.sum()
    tables = pd.DataFrame(columns._asdict()), pd.DataFrame(pooled._asdict())
    fine, coarse = (fit_curve(FitProblem.of(table), 0.95, "counts.csv") for table in tables)
    for name, (low, high) in fine.intervals.items():
        difference = getattr(fine.curve, name) - getattr(coarse.curve, name)
        assert abs(difference) < 0.1 * (high - low) / 4, name


def test_searches_that_go_back_and_forth_are_damped():
    # For this table and a form that is not its own, Fisher's information is half of the curvature:
    # whole steps, after 60 of which 0.012 of log-likelihood was left to gain.
    rng = np.random.default_rng(13)
    fields_mT, sd_mT = np.sort(rng.uniform(2, 8, 20)), rng.uniform(0.05, 0.2, 20)
    truth = Logistic(0.02, 4.6, 2.7)
    passed = rng.binomial(20, truth.probability(fields_mT))[None].astype(float)
    columns = Columns(fields_mT, np.full(20, 20.0), passed, sd_mT)
    coordinates = Coordinates(FORMS["cloglog"].typical())

    def cost(point):
        return -log_likelihood(coordinates.curve(np.array(point)), columns)[0]

    start = np.array([0.02, 4.63, np.log(2.7)])
    found = fit_many(coordinates, columns, start, (0.04, 50.0))[0]
    bounds = [(0, 0.9), (2, 8), (-3, 4)]
    best = minimize(cost, found, bounds=bounds, method="Nelder-Mead", tol=1e-9).fun
    assert cost(found) < best + 1e-3


def test_rows_of_more_trials_are_not_pooled():
    columns = Columns.of(table(np.random.default_rng(1)))
    assert Pooling.of(columns, 0.001).pooled(columns) is columns


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (Model(Logistic.typical(), floor=(0.02, 0.02)), (0.02, 0.02)),
        (Model(Logistic.typical(), floor=(0.0, 0.01)), (0.0, 0.01)),
    ],
)
def test_a_given_floor_is_kept_and_a_bounded_one_stays_in_its_range(model, expected):
    counts = table(np.random.default_rng(8), 50)
    fit = fit_curve(FitProblem.of(counts, model), 0.95, "counts.csv")
    low, high = fit.intervals["floor"]
    assert expected[0] <= low <= fit.curve.floor <= high <= expected[1]
    draws, _ = posterior_draws(fit, FitProblem.of(counts, model), 100, [1])
    assert (expected[0] <= draws[:, 0]).all()
    assert (draws[:, 0] <= expected[1]).all()


def test_jitter_is_taken_out_of_the_steepness():
    rng = np.random.default_rng(2)
    counts = table(rng, 2000, curve=Probit(0.0219, 4.63, 0.5))
    model = Model(Probit.typical())
    # The exact 99.99 % intervals miss 0.5, and 0.4 without the jitter, once in 10 000 seeds each.
    low, high = fit_curve(FitProblem.of(counts, model), 0.9999, "counts.csv").intervals["sd_mT"]
    assert 0.4 < low < 0.5 < high
    jittered = counts.assign(field_sd_mT=0.3)
    low, high = fit_curve(FitProblem.of(jittered, model), 0.9999, "counts.csv").intervals["sd_mT"]
    assert low < 0.4 < high < 0.5


def test_correlated_counts_have_the_beta_binomial_likelihood():
    columns = Columns.of(table(np.random.default_rng(3), 30))
    p, total = TRUTH.probability(FIELDS_mT), 1 / 0.05 - 1
    expected = betabinom.logpmf(columns.n_passed, 30, p * total, (1 - p) * total).sum()
    found = log_likelihood(TRUTH, columns, correlation=0.05) + log_coefficients(columns)
    assert found == pytest.approx(expected)


def test_a_calibration_offset_widens_the_place_in_quadrature():
    counts = table(np.random.default_rng(4), 1000)
    plain = fit_curve(FitProblem.of(counts), 0.95, "counts.csv")
    uncalibrated = Model(Logistic.typical(), offset_sd_mT=0.1)
    offset = fit_curve(FitProblem.of(counts, uncalibrated), 0.95, "counts.csv")
    expected = np.hypot(np.ptp(plain.intervals["h0_mT"]), 2 * 1.95996 * 0.1)
    assert np.ptp(offset.intervals["h0_mT"]) == pytest.approx(expected, rel=0.01)
    assert offset.intervals["delta_per_mT"] == pytest.approx(
        plain.intervals["delta_per_mT"], rel=1e-3
    )


@pytest.mark.parametrize("form", ["logistic", "neel-brown-2"])
def test_draws_follow_the_posterior_with_nuisances(form):
    # Normal posterior at 1000 trials a field: sd of 2000 draws 1.6 %, of 2000 that the chains make
    # half independent 2.2 %; 12 % is five of them.
    template = FORMS[form].typical()
    curve = template.placed(4.63, 2.73).with_values({"floor": 0.03})
    counts = table(np.random.default_rng(5), 1000, curve)
    model = Model(template, offset_sd_mT=0.05)
    problem = FitProblem.of(counts, model)
    fit = fit_curve(problem, 0.95, "counts.csv")
    draws, covariance = posterior_draws(fit, problem, 1200, [1])
    for i, (name, (low, high)) in enumerate(fit.intervals.items()):
        sd = (high - low) / (2 * 1.95996)
        assert draws[:, i].std() == pytest.approx(sd, rel=0.12), name
        assert np.sqrt(covariance[i, i]) == pytest.approx(sd, rel=0.12), name
    again, _ = posterior_draws(fit, problem, 1200, [1])
    np.testing.assert_array_equal(draws, again)


def test_draws_of_one_seed_do_not_depend_on_the_global_generator():
    counts = table(np.random.default_rng(6))
    problem = FitProblem.of(counts)
    fit = fit_curve(problem, 0.95, "counts.csv")
    first, _ = posterior_draws(fit, problem, 50, [1])
    np.random.seed(99)  # noqa: NPY002
    second, _ = posterior_draws(fit, problem, 50, [1])
    np.testing.assert_array_equal(first, second)


def test_intervals_of_correlated_counts_take_students_t():
    # 20 rows, 3 parameters: t of 17 degrees of freedom is 2.110, and 17 ln(1 + t^2 / 17) = 3.954.
    model = Model(Logistic.typical(), overdispersed=True)
    counts = table(np.random.default_rng(7))
    problem = FitProblem.of(counts, model)
    assert chi2.ppf(adjusted_confidence(0.95, [problem]), 1) == pytest.approx(3.954, abs=2e-3)
    assert chi2.ppf(held_confidence(0.95, [problem]), 1) == pytest.approx(4.452, abs=2e-3)
    binomial = problem.assuming(LOGISTIC)
    assert adjusted_confidence(0.95, [binomial]) == held_confidence(0.95, [binomial]) == 0.95


def test_the_correlation_by_moments_is_that_of_the_counts():
    """Of 4000 rows its standard error is 0.003: four of them, a false alarm in 16 000."""
    rng = np.random.default_rng(9)
    curve = Logistic(floor=0.02, h0_mT=4.6, delta_per_mT=2.7)
    fields_mT = rng.uniform(3.8, 5.4, 4000)
    p = curve.probability(fields_mT)
    passed = rng.binomial(50, rng.beta(9 * p, 9 * (1 - p)))
    counts = pd.DataFrame({"field_mT": fields_mT, "n_trials": 50, "n_passed": passed})
    columns = Columns.of(counts)
    assert moment_correlation([(curve, columns)], 4000) == pytest.approx(0.1, abs=0.012)
    ones = Columns(fields_mT, np.ones(4000), rng.binomial(1, p).astype(float), np.zeros(4000))
    assert moment_correlation([(curve, columns), (curve, ones)], 4000) == pytest.approx(
        moment_correlation([(curve, columns)], 4000)
    )
    still = columns._replace(n_passed=np.round(50 * p))
    assert moment_correlation([(curve, still)], 4000) == 0


def test_correlations_behind_few_rows_scatter_as_a_chi_square_leaves_them():
    """Of near-normal counts, the scatter is the estimate times 8 over a chi-square draw.

    The median of chi-square with 8 degrees of freedom is 7.344; drawing 4000, its standard error
    over 8 is 0.009, and 0.05 leaves room for counts of 2000 trials not being normal.
    """
    curve = Logistic(floor=0.3, h0_mT=4.6, delta_per_mT=1e-9)  # 0.65 at any field.
    apart = np.array([-1.6, -1.2, -0.9, -0.6, -0.2, 0.2, 0.5, 0.9, 1.3, 1.7])
    n, p, scatter = 2000, 0.65, 30.0
    passed = np.round(n * p + apart * np.sqrt(n * p * (1 - p) * scatter))
    columns = Columns(np.full(10, 5.0), np.full(10, float(n)), passed, np.zeros(10))
    drawn = drawn_correlations(curve, columns, 2, 4000, np.random.default_rng(10))
    estimate = (apart**2).sum() * scatter / 8
    ratio = estimate / (1 + (n - 1) * drawn)
    assert np.median(ratio) == pytest.approx(7.344 / 8, abs=0.05)
    assert ratio.std() == pytest.approx(0.5, abs=0.05)  # sqrt(2 * 8) / 8


@pytest.mark.slow
def test_the_restricted_likelihood_does_not_underestimate_a_correlation():
    """The mean of 60 estimates of 0.1 from 13 rows each; the plain likelihood's is 0.070.

    The tolerance is three standard errors of 0.006, a false alarm in 370.
    """
    rng = np.random.default_rng(12)
    model = Model(Logistic.typical(), overdispersed=True)
    curve = Logistic(floor=0.2, h0_mT=4.63, delta_per_mT=1.0)
    fields_mT = np.linspace(2, 8, 13)
    p = curve.probability(fields_mT)
    found = []
    for _ in range(60):
        passed = rng.binomial(50, rng.beta(9 * p, 9 * (1 - p)))
        counts = pd.DataFrame({"field_mT": fields_mT, "n_trials": 50, "n_passed": passed})
        fit = fit_curve(FitProblem.of(counts, model), 0.95, "counts.csv")
        found.append(fit.nuisances["correlation"][0])
    assert np.mean(found) == pytest.approx(0.1, abs=0.018)


def test_rows_of_one_trial_cannot_show_a_correlation():
    counts = table(np.random.default_rng(8), 1)
    model = Model(Logistic.typical(), overdispersed=True)
    with pytest.raises(InputError, match=r"0 rows of more than one trial.*pool trials of equal"):
        fit_curve(FitProblem.of(counts, model), 0.95, "counts.csv")
