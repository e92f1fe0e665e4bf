"""Two tables compared: planted differences and calibrations are recovered, with correct errors."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from dwsynapse.study import Fitting
from fitting.comparison.calibrated_curve import CalibratedCurve
from fitting.comparison.joint_likelihood import Estimate, joint_fit, parameter_limits
from fitting.comparison.likelihood_ratio import _pooled, likelihood_ratios, stack
from fitting.comparison.shared_curve import shared_curve
from fitting.comparison.table_comparison import (
    _about,
    _open,
    compare_counts,
    differences,
    with_pooled_correlation,
)
from fitting.forms import Logistic
from fitting.inference.count_model import LOGISTIC, Model
from fitting.inference.fit import Fit, fit_curve
from fitting.inference.fit_problem import FitProblem
from tests.fitting.comparison.two_tables import AFTER, BEFORE, FIELDS_mT, expected, simulate


def problems_of(*tables, model=LOGISTIC):
    return tuple(FitProblem.of(table, model) for table in tables)


def fitted(*problems, start=BEFORE, nuisances=None):
    """Fit each table from the truth on, which is quicker than to search for a start."""
    fits = []
    for problem in problems:
        found = joint_fit(
            lambda v, columns=problem.columns: [(start.with_values(v), columns)],
            {name: getattr(start, name) for name in problem.model.names},
            parameter_limits([problem]),
        )
        curve = start.with_values(found.values)
        fits.append(Fit(curve, {}, nuisances or {}, -found.fval, 3))
    return tuple(fits)


def test_a_planted_difference_is_recovered_from_exact_rates():
    # With n_passed at its expectation the maximum is the truth, so that no seed is involved.
    pair = problems_of(expected(BEFORE), expected(AFTER))
    found = differences(pair, fitted(*pair), 0.95)
    for name in LOGISTIC.names:
        value = AFTER.values()[name]
        planted = value - BEFORE.values()[name]
        assert found[name].value == pytest.approx(planted, rel=1e-3, abs=1e-5)
        assert found[name].low < planted < found[name].high


def test_an_interval_of_a_difference_joins_those_of_many_trials_in_quadrature():
    # With a million trials per field the likelihood is normal: errors add in quadrature.
    pair = problems_of(expected(BEFORE), expected(AFTER))
    found = differences(pair, fitted(*pair), 0.95)
    before = fit_curve(pair[0], 0.95, "a.csv").intervals
    after = fit_curve(pair[1], 0.95, "b.csv").intervals
    for name, estimate in found.items():
        lengths = [high - low for low, high in (before[name], after[name])]
        assert estimate.high - estimate.low == pytest.approx(np.hypot(*lengths), rel=5e-3)


def test_the_profile_of_a_difference_is_the_least_over_all_pairs_of_that_difference():
    # Few trials and no floor: the interval ends at a boundary of the parameters, where the least
    # is found here by brute force over the floors of both.
    rng = np.random.default_rng(8)
    truth = Logistic(floor=0.0, h0_mT=4.63, delta_per_mT=2.73)
    pair = problems_of(simulate(truth, rng, 20), simulate(AFTER, rng, 20))
    found = differences(pair, fitted(*pair), 0.95)["floor"]
    floors = np.linspace(0, 0.5, 101)

    def profile(columns):
        return np.array(
            [
                joint_fit(
                    lambda v, d=d: [
                        (
                            Logistic(floor=d, h0_mT=v["h0_mT"], delta_per_mT=v["delta_per_mT"]),
                            columns,
                        )
                    ],
                    {"h0_mT": 4.8, "delta_per_mT": 2.5},
                    {"delta_per_mT": (0.05, 80.0)},
                ).fval
                for d in floors
            ]
        )

    total = profile(pair[0].columns)[:, None] + profile(pair[1].columns)[None, :]
    for bound in (found.low, found.high):
        place = np.interp(bound, floors - floors[-1], np.arange(101) - 100) if bound < 0 else None
        steps = bound / (floors[1] - floors[0]) if place is None else place
        at = [np.diagonal(total, int(k)).min() for k in (np.floor(steps), np.ceil(steps))]
        least = np.interp(steps, [np.floor(steps), np.ceil(steps)], at)
        # chi2(1) at 95 % is 3.841; linear interpolation of the grid costs a few hundredths.
        assert 2 * (least - total.min()) == pytest.approx(3.841, abs=0.15)


@pytest.mark.slow
def test_intervals_of_differences_cover_as_often_as_they_claim():
    # 100 pairs: exact 95 % intervals cover 95 +- 2.2 times; fewer than 86 with probability 1.6e-4
    # each, so that the test fails for one seed in two thousand. The floors' may cover more often,
    # since they cannot reach below zero.
    rng = np.random.default_rng(5)
    covered = dict.fromkeys(LOGISTIC.names, 0)
    for _ in range(100):
        pair = problems_of(simulate(BEFORE, rng, 20), simulate(AFTER, rng, 20))
        for name, found in differences(pair, fitted(*pair), 0.95).items():
            planted = AFTER.values()[name] - BEFORE.values()[name]
            low, high = (-np.inf if found.low is None else found.low, found.high)
            covered[name] += low <= planted and (high is None or planted <= high)
    assert min(covered.values()) >= 86


def test_swapping_the_tables_negates_differences_and_inverts_the_calibration():
    rng = np.random.default_rng(6)
    a, b = simulate(BEFORE, rng, 50), simulate(AFTER, rng, 50)
    there = compare_counts(a, b, ("a", "b"), Fitting(simulations=1), seed=1)
    back = compare_counts(b, a, ("b", "a"), Fitting(simulations=1), seed=1)
    for name, one in there.differences.items():
        other = back.differences[name]
        assert one.value == -other.value
        # The mirrored searches end within Minuit's tolerance of each other.
        width = one.high - one.low
        assert one.low == pytest.approx(-other.high, abs=2e-3 * width)
        assert one.high == pytest.approx(-other.low, abs=2e-3 * width)
    for one, other in zip(there.shared, back.shared, strict=True):
        assert one.statistic == pytest.approx(other.statistic, abs=1e-3)
    scale, again = (c.shared[2].calibration["scale"] for c in (there, back))
    assert scale.value * again.value == pytest.approx(1, rel=1e-3)
    assert scale.low * again.high == pytest.approx(1, rel=1e-3)


def test_a_table_does_not_differ_from_itself():
    table = simulate(BEFORE, np.random.default_rng(7), 50)
    found = compare_counts(table, table, ("a", "a"), Fitting(simulations=19), seed=1)
    for estimate in found.differences.values():
        assert estimate.low < estimate.value == 0 < estimate.high
    for shared in found.shared:
        assert shared.statistic == pytest.approx(0, abs=1e-3)
        assert shared.p_value_chi2 > 0.9


@pytest.mark.parametrize(
    "given", [{"floor": 0.0}, {"floor": (0.0, 0.03)}, {"lapse": 0.02}, {"lapse": (0.0, 0.02)}]
)
def test_given_ranges_of_floor_and_lapse_hold_for_differences_and_the_shared_curve(given):
    tables = expected(BEFORE, 100), expected(AFTER, 100)
    settings = Fitting(simulations=1, **given)
    found = compare_counts(*tables, ("a", "b"), settings, seed=1)
    low, high = Model.of(settings).shares[next(iter(given))]
    (name,) = given
    difference = found.differences[name]
    bounds = [bound for bound in difference[1:] if bound is not None]
    assert max(np.abs(bounds), default=0.0) <= high - low
    if low == high:
        assert difference == (0.0, 0.0, 0.0)
    n_fitted = Model.of(settings).n_fitted
    for shared, n_free in zip(found.shared, range(3), strict=True):
        assert low <= getattr(shared.curve, name) <= high
        assert shared.degrees_of_freedom == n_fitted - n_free


def test_tables_of_nearly_equal_fields_differ_as_those_of_wide_ones():
    # The same counts over a millionth of the fields: h0 and its difference scale with them.
    wide = expected(BEFORE, 50), expected(AFTER, 50)
    near = tuple(table.assign(field_mT=5 + 1e-6 * table["field_mT"]) for table in wide)
    expects, found = (
        differences(pair, tuple(fit_curve(problem, 0.95, "x") for problem in pair), 0.95)
        for pair in (problems_of(*wide), problems_of(*near))
    )
    for name, scale in {"floor": 1, "h0_mT": 1e-6, "delta_per_mT": 1e6}.items():
        assert np.array(found[name]) == pytest.approx(scale * np.array(expects[name]), rel=0.02)


def test_a_planted_calibration_is_recovered_and_only_with_it_is_the_curve_shared():
    offset_mT, scale = -0.8, 1.3
    fields_of_b_mT = offset_mT + scale * FIELDS_mT
    a = expected(BEFORE, 2000)
    b = expected(BEFORE, 2000).assign(field_mT=fields_of_b_mT)
    found = compare_counts(a, b, ("a", "b"), Fitting(simulations=19), seed=1)
    none, offset, both = found.shared
    assert both.calibration["offset_mT"].value == pytest.approx(offset_mT, abs=1e-2)
    assert both.calibration["scale"].value == pytest.approx(scale, rel=1e-3)
    for name, planted in {"offset_mT": offset_mT, "scale": scale}.items():
        assert both.calibration[name].low < planted < both.calibration[name].high
    assert (none.degrees_of_freedom, offset.degrees_of_freedom, both.degrees_of_freedom) == (
        3,
        2,
        1,
    )
    assert max(none.p_value_chi2, offset.p_value_chi2) < 1e-6
    assert both.p_value_chi2 > 0.9
    # 1/20 is the least that 19 simulations can give.
    assert none.p_value == offset.p_value == 1 / 20
    assert both.p_value > 0.5


def test_the_interval_of_an_offset_is_as_long_as_the_difference_in_h0_says():
    # Equal but for h0, many trials: the offset is that difference, and nothing else determines it.
    later = Logistic(floor=0.0219, h0_mT=5.0, delta_per_mT=2.73)
    pair = problems_of(expected(BEFORE), expected(later))
    fits = fitted(*pair)
    rng = np.random.default_rng(1)
    offset = shared_curve(pair, fits, ("offset_mT",), 0.95, rng, 1).calibration["offset_mT"]
    assert offset.value == pytest.approx(0.37, abs=1e-3)
    # A shared floor and steepness can only sharpen it.
    h0 = differences(pair, fits, 0.95)["h0_mT"]
    assert 0.8 < (offset.high - offset.low) / (h0.high - h0.low) <= 1.001


def test_p_values_are_uniform_where_the_curve_is_shared():
    # 60 pairs, each ranked among 9 drawn from its own common curve: ranks uniform over 1 to 10 if
    # the test is exact. Their mean is 5.5 +- 2.87 / sqrt(60); beyond 3.3 standard deviations for
    # one seed in a thousand. p = 0.1 comes 6 +- 2.3 times, 15 or more with probability 7e-4.
    rng = np.random.default_rng(9)
    ranks = []
    for _ in range(60):
        tables = simulate(BEFORE, rng, 30), simulate(BEFORE, rng, 60, FIELDS_mT + 0.2)
        pair = problems_of(*tables)
        ranks.append(10 * shared_curve(pair, fitted(*pair), (), 0.95, rng, 9).p_value)
    z = (np.mean(ranks) - 5.5) / np.sqrt((10**2 - 1) / 12 / 60)
    assert abs(z) < norm.isf(0.0005)
    assert (np.array(ranks) < 1.5).sum() < 15


def test_a_shift_is_noticed():
    rng = np.random.default_rng(10)
    tables = (
        simulate(BEFORE, rng, 100),
        simulate(Logistic(floor=0.0219, h0_mT=5.0, delta_per_mT=2.73), rng, 100),
    )
    pair = problems_of(*tables)
    found = shared_curve(pair, fitted(*pair), (), 0.95, rng, 99)
    # The shift is about five standard deviations: fewer than one seed in a thousand misses it.
    assert found.p_value == 0.01
    assert found.p_value_chi2 < 0.01


@pytest.mark.parametrize("free", [(), ("offset_mT",), ("offset_mT", "scale")])
@pytest.mark.parametrize("form", ["logistic", "neel-brown-3/2"])
def test_refits_of_many_tables_at_once_reach_what_minuit_finds_one_at_a_time(form, free):
    model = Model.of(Fitting(form=form))
    truth = model.template.placed(4.63, 2.73).with_values({"floor": 0.0219})
    rng = np.random.default_rng(13)
    for _ in range(3):
        a, b = simulate(truth, rng, 30), simulate(truth, rng, 60, FIELDS_mT + 0.3)
        pair = problems_of(a, b, model=model)
        fits = fitted(*pair, start=truth)

        def parts(v, columns=tuple(problem.columns for problem in pair)):
            curve = truth.with_values({name: v[name] for name in model.names})
            of_b = CalibratedCurve(curve, v["offset_mT"], v["scale"], np.array(True))
            return [(curve, columns[0]), (of_b, columns[1])]

        start = {name: getattr(truth, name) for name in model.names}
        shared = joint_fit(
            parts,
            start | {"offset_mT": 0.0, "scale": 1.0},
            parameter_limits(pair) | {"scale": (0.05, 20)},
            held=[name for name in ("offset_mT", "scale") if name not in free],
        )
        expected = 2 * (shared.fval + fits[0].log_likelihood + fits[1].log_likelihood)
        common = CalibratedCurve(truth, 0.0, 1.0, np.repeat([False, True], len(a)))
        found, _ = likelihood_ratios(pair, fits, common, free, rng, 1)
        # Minuit stops within 1e-4 of the least of each of three fits.
        assert found == pytest.approx(expected, abs=2e-3)


def test_correlated_trials_widen_differences_and_leave_the_test_exact():
    # 100 trials a row, correlated by 0.05: each is worth 1 / (1 + 99 x 0.05) independent ones.
    inflation = 1 + 99 * 0.05
    correlated = {"correlation": (0.05, 0.0, 0.2)}
    shift = Logistic(floor=0.0219, h0_mT=4.8, delta_per_mT=2.73)
    tables = expected(BEFORE, 10_000), expected(shift, 10_000)
    pair = problems_of(*tables)
    narrow = differences(pair, fitted(*pair), 0.95)["h0_mT"]
    # The same rates of a hundredth of the trials: 10 times as wide without correlation.
    rows = (t.assign(n_trials=100, n_passed=t["n_passed"] / 100) for t in tables)
    few = problems_of(*rows)
    wide = differences(few, fitted(*few, nuisances=correlated), 0.95)["h0_mT"]
    ratio = (wide.high - wide.low) / (narrow.high - narrow.low)
    # Wide intervals are less symmetric, but for few per cent as long.
    assert ratio == pytest.approx(10 * np.sqrt(inflation), rel=0.05)
    # Drawn tables scatter with the correlation, and their weights take it out again: what they lack
    # is about chi-square of 3 degrees of freedom, of mean 3 +- 0.12 over 400 pairs. Counts that
    # were not drawn correlated would give 0.5, correlated ones without weights 18.
    fits = fitted(*few, nuisances=correlated)
    common = CalibratedCurve(BEFORE, 0.0, 1.0, np.repeat([False, True], len(FIELDS_mT)))
    _, ratios = likelihood_ratios(few, fits, common, (), np.random.default_rng(14), 400)
    assert 2.2 < ratios[1:].mean() < 3.8


def test_pooling_of_single_trials_leaves_the_statistic_and_hardly_moves_those_of_the_p_value():
    rng = np.random.default_rng(15)
    tables = [simulate(curve, rng, 1, rng.uniform(3, 7, 600)) for curve in (BEFORE, AFTER)]
    pair = problems_of(*tables)
    fits = fitted(*pair)
    common = CalibratedCurve(BEFORE, 0.0, 1.0, np.repeat([False, True], 600))
    found, ratios = likelihood_ratios(pair, fits, common, (), np.random.default_rng(16), 50)
    stacked = FitProblem(stack(*(problem.columns for problem in pair)))
    together = fitted(stacked)[0]
    expected = 2 * (sum(fit.log_likelihood for fit in fits) - together.log_likelihood)
    assert found == pytest.approx(expected, abs=2e-3)
    # Estimates move by up to 3 % of a standard error, and the root of the statistic with them.
    assert np.sqrt(ratios[0]) == pytest.approx(np.sqrt(expected), abs=0.06)
    # About chi-square of 3 degrees of freedom, of mean 3 +- 0.35 over 50 pairs.
    assert 1.9 < ratios[1:].mean() < 4.1
    pooled = _pooled(pair, fits, common, np.random.default_rng(16), 50)
    assert all(len(columns.n_trials) < 150 for columns in pooled)


def test_an_interval_of_correlated_counts_contains_its_difference():
    """The separate fits of these tables have correlations, and places, of their own."""
    rng = np.random.default_rng(31)
    model = Model(Logistic.typical(), overdispersed=True)
    fields_mT = np.linspace(2, 8, 9)
    p = Logistic(0.02, 4.63, 2.73).probability(fields_mT)
    for n_trials in ([10] * 4 + [2000] * 5, [2000] * 5 + [10] * 4):
        passed = [rng.binomial(n_trials, rng.beta(4 * p, 4 * (1 - p))) for _ in range(2)]
        problems = tuple(
            FitProblem.of(
                pd.DataFrame({"field_mT": fields_mT, "n_trials": n_trials, "n_passed": k}), model
            )
            for k in passed
        )
        fits = tuple(fit_curve(problem, 0.95, "counts.csv") for problem in problems)
        pooled = with_pooled_correlation(problems, fits)
        for found in differences(problems, pooled, 0.1).values():
            assert found.low is None or found.low <= found.value
            assert found.high is None or found.value <= found.high


def test_an_interval_contains_the_difference_of_the_separate_fits():
    found = Estimate(6541637.3, 6541637.3, None)
    assert _about(6762769.2, found) == (6762769.2, 6541637.3, None)
    assert _about(-1.0, found._replace(high=0.3)) == (-1.0, -1.0, 0.3)


def test_bounds_that_a_step_leaves_open_are_open():
    # The rise of A is anywhere within a step of the field, as steep as may be.
    found, steep = Estimate(-1.0, -5000.0, -0.5), (7.9, None)
    assert _open(found, steep, (2.1, 3.5)) == (-1.0, None, -0.5)
    assert _open(found, (2.1, 3.5), steep) == (-1.0, -5000.0, None)
    assert _open(found, (None, 3.5), (2.1, 3.5)) == (-1.0, -5000.0, None)
    assert _open(found, (2.1, 3.5), (2.1, 3.5)) == found


def test_the_scale_to_a_step_has_one_bound_that_inverts_when_tables_are_swapped():
    fields_mT = np.arange(1.0, 7.0)
    passed = 50 * (fields_mT > 3.5).astype(int)
    step = pd.DataFrame({"field_mT": fields_mT, "n_trials": 50, "n_passed": passed})
    curve = expected(Logistic(floor=0.0, h0_mT=4.63, delta_per_mT=2.73), 50)

    def calibration(*tables):
        pair = problems_of(*tables)
        fits = tuple(fit_curve(problem, 0.95, "counts.csv") for problem in pair)
        rng = np.random.default_rng(1)
        return shared_curve(pair, fits, ("offset_mT", "scale"), 0.95, rng, 1).calibration

    there, back = calibration(step, curve), calibration(curve, step)
    assert there["scale"].high is back["scale"].low is None
    assert there["offset_mT"].low is back["offset_mT"].high is None
    # The steepness of the step is 7.9/mT or more, that of the curve about 2.73/mT.
    assert 2 < there["scale"].low < 7.9 / 2
    assert back["scale"].high == pytest.approx(1 / there["scale"].low, rel=0.01)
