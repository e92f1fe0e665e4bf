"""Depinning rates from censored survival times, the Neel-Brown law, and its extrapolation."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.constants import Boltzmann
from scipy.integrate import quad
from scipy.stats import binom, kstest
from typer.testing import CliRunner

from dwsynapse.importance_sampling import posterior_sample
from dwsynapse.io.contracts import BARRIERS, PREDICTION, SURVIVAL
from dwsynapse.io.errors import InputError
from fitting.cli import app
from fitting.forms.neel_brown import NeelBrown
from fitting.lifetime.barrier_fit import fit_barriers
from fitting.lifetime.depinning_rates import constant_hazard, depinning_rates
from fitting.lifetime.extrapolate_command import ATTEMPTS_HZ, DWELLS_S, SWEEPS_MT_PER_S
from fitting.lifetime.extrapolation_limits import Limits
from fitting.lifetime.fitted_law import LawFit
from fitting.lifetime.prediction import Exposure, predict, verdict
from fitting.lifetime.survival_fit import fit_survival

LAW = NeelBrown(3e9, 25.0, 9.0, 1.5)
# Field in mT, window in ns, walls: two windows at 6.5 mT, and a field at which hardly any depin.
PLAN = [(5, 100, 60), (6, 100, 60), (6.5, 50, 30), (6.5, 10, 30), (7, 50, 60), (7.5, 20, 60)]
SWEEP = Exposure(sweep_mT_per_s=100.0)


def walls_of(law, seed, plan=PLAN):
    rng = np.random.default_rng(seed)
    parts = []
    for field_mT, window_ns, n in plan:
        times_ns = rng.exponential(1e9 / law.rate_Hz(field_mT), n)
        parts.append(
            pd.DataFrame(
                {
                    "field_mT": float(field_mT),
                    "survived_ns": np.minimum(times_ns, window_ns),
                    "depinned": (times_ns < window_ns).astype(int),
                }
            )
        )
    walls = pd.concat(parts, ignore_index=True)
    return walls.assign(replica=walls.index, seed=seed, engine="planted", temperature_K=300.0)


def barriers_of(law, fields_mT=range(8)):
    barrier_J = law.barrier_at_kT(np.array(fields_mT)) * Boltzmann * 300
    return pd.DataFrame({"field_mT": fields_mT, "barrier_J": barrier_J, "temperature_K": 300.0})


def fit(walls, attempt_Hz=None, **options):
    settings = {"exponent": 1.5, "confidence": 0.95, "draws": 400, "seed": 0, "path": "s.csv"}
    return fit_survival(walls, attempt_Hz=attempt_Hz, **(settings | options))


def test_rates_pool_windows_and_count_the_time_of_walls_that_stayed():
    walls = pd.DataFrame(
        {
            "field_mT": [5.0, 5.0, 5.0, 6.0],
            "survived_ns": [10.0, 30.0, 10.0, 100.0],
            "depinned": [1, 0, 1, 0],
        }
    )
    rates = depinning_rates(walls, 0.95).set_index("field_mT")
    assert rates.loc[5.0, "rate_Hz"] == pytest.approx(2 / 50e-9)
    # Garwood's interval of a Poisson mean for two counts, from tables: 0.2422 to 7.2247.
    assert rates.loc[5.0, "low_Hz"] == pytest.approx(0.2422 / 50e-9, rel=1e-3)
    assert rates.loc[5.0, "high_Hz"] == pytest.approx(7.2247 / 50e-9, rel=1e-3)
    # None depinned: the rate at which that happens in 5 of 100 cases.
    assert rates.loc[6.0, "rate_Hz"] == rates.loc[6.0, "low_Hz"] == 0
    assert rates.loc[6.0, "high_Hz"] == pytest.approx(-np.log(0.05) / 100e-9)


@pytest.mark.parametrize("expected_in_window", [0.05, 0.5, 3.0])
def test_intervals_of_rates_cover_the_true_value(expected_in_window):
    # 400 tables of 20 walls: a coverage of exactly 90 % falls below the 1e-4 quantile once in 1e4.
    plan = [(6, expected_in_window * 1e9 / LAW.rate_Hz(6), 20)]
    covered = 0
    for seed in range(400):
        row = depinning_rates(walls_of(LAW, seed, plan), 0.9).iloc[0]
        covered += row["low_Hz"] <= LAW.rate_Hz(6) <= row["high_Hz"]
    assert covered >= binom.ppf(1e-4, 400, 0.9)


def test_a_constant_hazard_is_distinguished_from_one_that_falls():
    rng = np.random.default_rng(0)
    p_values = []
    for _ in range(200):
        times = rng.exponential(1.0, 60)
        p_values.append(constant_hazard(np.minimum(times, 1.5), times < 1.5)[1])
    # Uniform if the chi-square approximation holds; the seed is fixed, false alarm once in 1e3.
    assert kstest(p_values, "uniform").pvalue > 1e-3
    times = rng.weibull(0.5, 200)
    shape, p_value = constant_hazard(np.minimum(times, 2.0), times < 2.0)
    assert p_value < 1e-6
    assert shape == pytest.approx(0.5, abs=0.15)  # its standard error is about 0.035
    assert np.isnan(constant_hazard(np.ones(4), np.ones(4, bool))).all()


def test_draws_follow_a_correlated_normal_distribution():
    covariance = np.array([[1.0, 9.9], [9.9, 100.0]])
    inverse = np.linalg.inv(covariance)
    rng = np.random.default_rng(0)
    found = posterior_sample(
        lambda x: -0.5 * np.einsum("ni,ij,nj->n", x, inverse, x), np.array([1.0, 9.0]), 4000, rng
    )
    draws = found.points[found.resampled(4000, rng)]
    # 4000 independent draws: five standard errors of a variance are 0.11 of it.
    np.testing.assert_allclose(np.cov(draws.T), covariance, rtol=0.11)


@pytest.mark.parametrize("attempt_Hz", [None, (1e9, 1e10), (3e9, 3e9)])
def test_planted_laws_are_recovered_from_censored_times(attempt_Hz):
    truth = np.array(list(LAW.values().values()))
    n, inside, best = 12, np.zeros(3), []
    for seed in range(n):
        found = fit(walls_of(LAW, seed), attempt_Hz)
        low, high = np.quantile(found.draws, [0.05, 0.95], axis=0)
        inside += (low * (1 - 1e-9) <= truth) & (truth <= high * (1 + 1e-9))
        best.append(found.law.rate_Hz(6))
    # 90 % intervals: 6 or fewer of 12 cover once in 2000 if the coverage is nominal.
    assert inside.min() > 6
    # The rate where the data lie: 300 walls fix it to about 10 %, 12 tables to about 3 %.
    assert np.mean(best) == pytest.approx(LAW.rate_Hz(6), rel=0.12)


def test_the_bands_of_a_fit_hold_the_planted_curve_and_no_test_rejects_it():
    dwell = Exposure(dwell_s=1e-5)
    inside = rejected = 0
    for seed in range(12):
        found = fit(walls_of(LAW, seed), draws=200)
        frame = predict(found, dwell, 0.9, Limits())
        middle = frame.iloc[(frame["probability"] - 0.5).abs().argmin()]
        truth = dwell.probability(LAW, np.array(middle["field_mT"]))
        inside += middle["low"] <= truth <= middle["high"]
        rejected += bool(found.rejected_by)
    assert inside > 6  # as above: a false alarm once in 2000
    # Each of two tests rejects 1 to 3 of 100: at 6 % together 5 of 12 once in 2000.
    assert rejected < 5


@pytest.mark.parametrize("exponent", [1.5, 2])
def test_a_law_is_recovered_exactly_from_its_barriers(exponent):
    law = NeelBrown(1.0, 40.0, 9.0, exponent)
    found = fit_barriers(
        barriers_of(law), exponent=exponent, attempt_Hz=None, draws=400, seed=0, path="b.csv"
    )
    assert found.law.barrier_kT == pytest.approx(40)
    assert found.law.critical_mT == pytest.approx(9)
    # Not a word of the attempt frequency in barriers: log-uniform over its range.
    decades = np.log10(found.draws[:, 0]) - 9
    assert kstest(decades, "uniform").pvalue > 1e-3


def test_barriers_that_no_wall_gets_over_are_not_fitted_where_three_fields_remain():
    law = NeelBrown(1.0, 4000.0, 20.0, 1.5)
    options = {"exponent": 1.5, "attempt_Hz": None, "draws": 50, "seed": 0, "path": "b.csv"}
    fields_mT = np.array([5, 10, 18.4, 18.8, 19.0, 19.2])
    table = barriers_of(law, fields_mT)
    table.loc[fields_mT <= 10, "barrier_J"] *= 1.5
    found = fit_barriers(table, **options)
    assert found.details["n_barriers"] == 4
    assert found.law.barrier_kT == pytest.approx(4000)
    # Of rows at one field only, which give no law, the higher barriers are needed.
    repeated = barriers_of(law, [5, 10, 15, 19, 19, 19])
    repeated["barrier_J"] *= 1 + 1e-12 * np.arange(6)  # the same one twice is refused
    found = fit_barriers(repeated, **options)
    assert found.details["n_barriers"] == 6
    assert found.law.critical_mT == pytest.approx(20)


def test_a_dwell_passes_the_walls_that_do_not_survive_it():
    dwell = Exposure(dwell_s=20e-9, floor=0.1)
    expected = 0.1 + 0.9 * (1 - np.exp(-20e-9 * LAW.rate_Hz(7.0)))
    assert dwell.probability(LAW, np.array(7.0)) == pytest.approx(expected)


@pytest.mark.parametrize("exponent", [1.5, 2])
@pytest.mark.parametrize("field_mT", [0.0, 1.0, 5.0, 8.9, 9.0, 12.0])
def test_the_closed_form_of_a_sweep_equals_the_integral(exponent, field_mT):
    law = NeelBrown(3e9, 25.0, 9.0, exponent)
    below, _ = quad(law.rate_Hz, 0, min(field_mT, 9.0), epsabs=0, epsrel=1e-11)
    above = law.attempt_Hz * max(field_mT - 9.0, 0)
    # Both to about 1e-11; the difference of incomplete gamma functions loses a few digits near 0.
    found = law.expected_in_sweep(field_mT, 50.0)
    assert found == pytest.approx((below + above) / 50.0, rel=1e-8)


def test_a_prediction_says_where_it_is_not_credible_and_why():
    found = fit(walls_of(LAW, 1), draws=200)
    far = predict(found, Exposure(dwell_s=1e3), 0.95, Limits())
    assert not far["credible"].any()
    assert "rate more than 3 decades from any observed" in verdict(found, far)
    near = predict(found, Exposure(dwell_s=1e-7), 0.95, Limits())
    rise = near[near["probability"].between(0.1, 0.9)]
    assert rise["credible"].all()
    assert (near["low"] <= near["high"]).all()
    fast = predict(found, Exposure(dwell_s=1e-9), 0.95, Limits())
    assert fast[fast["barrier_kT"] < 3]["reason"].str.contains("barrier below 3 kT").all()


def mixed_walls():
    """Return walls of two kinds, that differ threefold in critical field over barrier."""
    weaker = NeelBrown(3e9, 20.0, 8.5, 1.5)
    walls = pd.concat([walls_of(LAW, 0), walls_of(weaker, 1)], ignore_index=True)
    return walls.sort_values(["field_mT", "seed"], ignore_index=True)


def weibull_walls():
    """Return walls whose hazard falls with time: a Weibull law of shape 0.5."""
    rng = np.random.default_rng(0)
    parts = []
    for field_mT, window_ns, _ in PLAN:
        times_ns = rng.weibull(0.5, 60) * 1e9 / LAW.rate_Hz(field_mT) / 2
        depinned = (times_ns < window_ns).astype(int)
        survived_ns = np.minimum(times_ns, window_ns)
        parts.append(walls_of(LAW, 0, [(field_mT, window_ns, 60)]))
        parts[-1] = parts[-1].assign(survived_ns=survived_ns, depinned=depinned)
    walls = pd.concat(parts, ignore_index=True)
    return walls.assign(replica=walls.index)


def walls_whose_rates_fall_in_between():
    swapped = {5.0: 5.0, 6.0: 7.5, 6.5: 7.0, 7.0: 6.5, 7.5: 9.0}
    walls = walls_of(LAW, 0)
    return walls.assign(field_mT=walls["field_mT"].map(swapped))


@pytest.mark.parametrize(
    ("walls", "test", "meaning"),
    [
        (mixed_walls, "constant hazard", "longer depin more slowly"),
        (weibull_walls, "constant hazard", "longer depin more slowly"),
        (walls_whose_rates_fall_in_between, "deviance", "do not follow the law over the fields"),
    ],
)
def test_no_field_is_credible_where_the_tests_reject_the_law(tmp_path, walls, test, meaning):
    SURVIVAL.write(tmp_path / "walls.csv", walls(), {})
    command = ["extrapolate", "--survival", tmp_path / "walls.csv", "--dwell-s", "1e-7"]
    options = ["--seed", "1", "--draws", "50", "--out", tmp_path]
    result = CliRunner().invoke(app, [*map(str, command), *map(str, options)])
    assert "credible at no field, since the law is rejected" in result.stdout
    assert meaning in result.stdout
    assert test in json.loads((tmp_path / "prediction.json").read_text())["rejected_by"]
    frame = PREDICTION.read(tmp_path / "prediction.csv")
    assert not frame["credible"].any()
    assert frame["reason"].str.contains(f"law rejected by {test}").all()
    figure = (tmp_path / "prediction.svg").read_text()
    assert f"NOT CREDIBLE: law rejected by {test}" in figure
    assert "credible nowhere" in figure


def test_a_law_through_as_many_fields_as_parameters_is_said_not_to_be_tested():
    found = fit(walls_of(LAW, 0, [(6, 100, 60), (7, 50, 60), (7.5, 20, 60)]), draws=50)
    texts = [test.text() for test in found.tests]
    assert "deviance: not tested (no more fields than parameters)" in texts


def fitted_barriers(barriers, exponent=1.5) -> LawFit:
    options = {"attempt_Hz": None, "draws": 50, "seed": 0, "path": "b.csv"}
    return fit_barriers(barriers, exponent=exponent, **options)


def test_barriers_that_the_law_misses_reject_it():
    straight = barriers_of(NeelBrown(1.0, 60.0, 9.0, 1.0))
    found = fitted_barriers(straight, exponent=2)
    assert found.details["rms_residual_kT"] > 1
    prediction = predict(found, SWEEP, 0.95, Limits())
    assert not prediction["credible"].any()
    assert "the barriers do not follow the law" in verdict(found, prediction)
    assert not fitted_barriers(barriers_of(LAW)).rejected_by


@pytest.mark.parametrize("unit_J", [1.6e-19, 1.4e-23, 1e-7, 1e-21, 1e3])
def test_barriers_in_another_unit_are_refused(unit_J):
    barriers = barriers_of(LAW)
    wrong = barriers.assign(barrier_J=barriers["barrier_J"] / unit_J)
    with pytest.raises(
        InputError, match=r"column barrier_J: a highest barrier .* outside that of any magnet"
    ):
        fitted_barriers(wrong)


def test_barriers_given_twice_and_barriers_that_do_not_fall_are_refused():
    barriers = barriers_of(LAW)
    with pytest.raises(InputError, match="the same barrier at 0 mT occurs twice; give each table"):
        fitted_barriers(pd.concat([barriers, barriers]))
    with pytest.raises(InputError, match="do not fall with field"):
        fitted_barriers(barriers.assign(barrier_J=7e-20))
    none = barriers.assign(barrier_J=barriers["barrier_J"].where(barriers.index != 2, 0))
    with pytest.raises(InputError, match=r"no barrier at .* mT, but one at .* mT; remove rows"):
        fitted_barriers(none)


@pytest.mark.parametrize(("field_mT", "left_kT"), [(10.0, 0.0), (6.0, 25 / 3**1.5)])
def test_fields_without_a_barrier_reject_a_law_that_has_one_there(field_mT, left_kT):
    zero = pd.DataFrame({"field_mT": [field_mT], "barrier_J": 0.0, "temperature_K": 300.0})
    found = fitted_barriers(pd.concat([barriers_of(LAW, range(6)), zero], ignore_index=True))
    (test,) = found.tests
    assert test.rejects == (left_kT > 0)
    # Of seven rows.
    assert test.statistic == pytest.approx(left_kT / 7**0.5, abs=1e-6)


def test_survival_times_in_seconds_are_refused():
    walls = walls_of(LAW, 0)
    with pytest.raises(InputError, match=r"column survived_ns: .* above the attempt frequency"):
        fit(walls.assign(survived_ns=walls["survived_ns"] * 1e-9))


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        ([(5, 0.01, 5), (7, 50, 20)], "walls depinned at 1 field,"),
        ([(7, 50, 20), (7, 50, 20), (7.5, 20, 20)], "walls depinned at 2 fields"),
    ],
)
def test_too_little_is_refused_in_one_line(plan, says):
    with pytest.raises(InputError, match=says) as error:
        fit(walls_of(LAW, 0, plan))
    assert "\n" not in str(error.value)


def test_rates_that_fall_with_field_are_refused():
    walls = walls_of(LAW, 0)
    with pytest.raises(InputError, match="do not rise with field"):
        fit(walls.assign(field_mT=12.5 - walls["field_mT"]), (3e9, 3e9))


def test_a_wall_that_occurs_twice_and_mixed_temperatures_are_refused():
    walls = walls_of(LAW, 0)
    with pytest.raises(InputError, match="replica 0 of seed 0 occurs twice"):
        fit(pd.concat([walls, walls]))
    for other in ({"seed": 7}, {"replica": walls["replica"] + 10_000}):
        with pytest.raises(InputError, match=r"each of .* times occurs twice, as of another"):
            fit(pd.concat([walls, walls.assign(**other)]))
    with pytest.raises(InputError, match="column temperature_K: needs one temperature above 0"):
        fit(walls.assign(temperature_K=np.where(walls.index < 9, 300.0, 310.0)))


@pytest.mark.parametrize("survival", [True, False])
def test_the_command_writes_a_prediction(tmp_path, survival):
    table = tmp_path / "table.csv"
    if survival:
        SURVIVAL.write(table, walls_of(LAW, 0), {})
        source, exposure = "--survival", ("--dwell-s", "1e-3")
    else:
        BARRIERS.write(table, barriers_of(LAW), {})
        source, exposure = "--barriers", ("--sweep-mT-per-s", "100")
    command = ("extrapolate", source, str(table), *exposure, "--seed", "3", "--out")
    for folder in ("a", "b"):
        done = CliRunner().invoke(app, [*command, str(tmp_path / folder)], catch_exceptions=False)
        assert done.exit_code == 0
    for name in ("prediction.json", "prediction.csv", "prediction.svg"):
        assert (tmp_path / "a" / name).read_text() == (tmp_path / "b" / name).read_text()
    frame = PREDICTION.read(tmp_path / "a" / "prediction.csv")
    found = json.loads((tmp_path / "a" / "prediction.json").read_text())
    assert frame["probability"].is_monotonic_increasing
    assert found["verdict"] in done.output
    assert found["median_field_mT"]["low"] <= found["median_field_mT"]["value"]
    figure = (tmp_path / "a" / "prediction.svg").read_text()
    assert "field at the notch (mT)" in figure
    assert ("n = 300 walls" if survival else "n = 8 barriers") in figure


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "exposure",
    [
        f"{option} {value:g} {attempts}"
        for option, values in (("--dwell-s", DWELLS_S), ("--sweep-mT-per-s", SWEEPS_MT_PER_S))
        for value in values
        for attempts in ("", f"--attempt-Hz {ATTEMPTS_HZ[0]:g}:{ATTEMPTS_HZ[1]:g}")
    ],
)
def test_the_longest_and_the_shortest_exposures_are_computed_in_silence(tmp_path, exposure):
    BARRIERS.write(tmp_path / "b.csv", barriers_of(LAW), {})
    words = f"extrapolate --barriers {tmp_path}/b.csv --out {tmp_path} --draws 50 --seed 1"
    CliRunner().invoke(app, f"{words} {exposure}", catch_exceptions=False)
    frame = PREDICTION.read(tmp_path / "prediction.csv")
    assert frame["probability"].between(0, 1).all()
    # All walls pass after an infinite dwell, and none after a very short one. (At 0 a sweep
    # begins.)
    ends = {"1e-15": 0.0, "1e+18": 1.0} if "dwell" in exposure else {"1e-18": 1.0, "1e+18": 0.0}
    if "attempt" not in exposure:
        rise = frame.loc[frame["field_mT"] > 0, "probability"]
        np.testing.assert_allclose(rise, ends[exposure.split()[1]], atol=1e-4)


def test_tables_of_different_wires_are_refused(tmp_path):
    low, high = tmp_path / "low.csv", tmp_path / "high.csv"
    table = barriers_of(LAW)
    words = f"extrapolate --barriers {low},{high} --dwell-s 1 --draws 50 --out {tmp_path}/out"
    for path, rows, sample in ((low, table[:3], "a"), (high, table[3:], "b")):
        BARRIERS.write(path, rows.reset_index(drop=True), {"sample_sha256": sample})
    with pytest.raises(InputError, match=r"high.csv: of another wire, .* than .*low.csv; give"):
        CliRunner().invoke(app, words, catch_exceptions=False)
    BARRIERS.write(high, table[3:].reset_index(drop=True), {})  # as of earlier versions
    CliRunner().invoke(app, words, catch_exceptions=False)
    assert (tmp_path / "out/prediction.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--dwell-s", "1"], "--survival or --barriers: needs exactly one"),
        (["--survival", "s.csv"], "--dwell-s or --sweep-mT-per-s: needs exactly one"),
        (["--survival", "s.csv", "--dwell-s", "-1"], "--dwell-s: -1 s is not within 1e-15 to 1e"),
        (["--survival", "s.csv", "--dwell-s", "nan"], "--dwell-s: must be a finite number; give s"),
        (
            ["--survival", "s.csv", "--dwell-s", "1", "--exponent", "3"],
            "not an exponent of the law",
        ),
        (["--survival", "s.csv", "--dwell-s", "1", "--attempt-Hz", "9:1"], "not a range"),
        (["--barriers", "b.csv", "--dwell-s", "1", "--attempt-Hz", "1:10"], "within 1e.06 to 1e"),
        (
            ["--barriers", "b.csv", "--dwell-s", "1", "--attempt-Hz", "1e300"],
            "not a range .* to 1e.20",
        ),
    ],
)
def test_wrong_options_are_refused_in_one_line(tmp_path, arguments, says):
    command = ["extrapolate", "--seed", "1", "--out", str(tmp_path), *arguments]
    with pytest.raises(InputError, match=says):
        CliRunner().invoke(app, command, catch_exceptions=False)
