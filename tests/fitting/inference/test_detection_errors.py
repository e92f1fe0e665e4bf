"""Outcomes that were detected wrongly at known rates: the curve fitted is the wire's."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom
from typer.testing import CliRunner

from dwsynapse.io.detection_errors import DetectionErrors, Rate
from dwsynapse.io.errors import InputError
from dwsynapse.study import Fitting
from fitting.cli import app
from fitting.device import DeviceModel
from fitting.forms import Logistic
from fitting.forms.observed_curve import observed_curve
from fitting.inference.count_model import Model
from fitting.inference.detected_counts import rates_log_likelihood
from fitting.inference.fit import fit_curve
from fitting.inference.fit_problem import FitProblem
from fitting.inference.posterior_draws import posterior_draws
from fitting.make_device import device_from_counts

TRUTH = Logistic(floor=0.0219, h0_mT=4.63, delta_per_mT=2.73)
FIELDS_mT = np.linspace(2.5, 7.5, 11)
RATES = {"false_pass": 0.04, "false_pin": 0.03}
ERRORS = DetectionErrors(Rate(8, 200), Rate(6, 200))


def table(seed, n_trials=1000, curve=TRUTH):
    p = 0.04 + 0.93 * curve.probability(FIELDS_mT)
    passed = np.random.default_rng(seed).binomial(n_trials, p)
    return pd.DataFrame({"field_mT": FIELDS_mT, "n_trials": n_trials, "n_passed": passed})


def fitted(counts, detection, **settings):
    model = Model.of(Fitting(**settings), detection)
    problem = FitProblem.of(counts, model)
    return fit_curve(problem, 0.95, "counts"), problem


def detection_file(path, **changes):
    content = {"format": "dwsynapse-detection", "format_version": 1}
    content |= {"false_pass": {"k": 8, "n": 200}, "false_pin": {"k": 6, "n": 200}}
    path.write_text(json.dumps(content | changes))
    return path


def test_the_curve_seen_has_a_higher_floor_and_lapse():
    with_lapse = TRUTH.with_values({"lapse": 0.05})
    seen = observed_curve(with_lapse, RATES)
    expected = 0.04 + 0.93 * with_lapse.probability(FIELDS_mT)
    np.testing.assert_allclose(seen.probability(FIELDS_mT), expected, rtol=1e-14)
    assert observed_curve(TRUTH, {}) is TRUTH


def test_the_rates_have_the_likelihood_of_the_walls_that_show_them():
    exact = binom.logpmf(8, 200, 0.05) + binom.logpmf(6, 200, 0.02)
    coefficients = binom.logpmf(8, 200, 0.04) + binom.logpmf(6, 200, 0.03)
    found = [
        rates_log_likelihood(ERRORS, {"false_pass": a, "false_pin": b})
        for a, b in ((0.05, 0.02), (0.04, 0.03))
    ]
    assert found[0] - found[1] == pytest.approx(exact - coefficients)


def test_intervals_are_of_the_wire_and_wider_than_with_exact_rates():
    counts = table(1)
    without, _ = fitted(counts, None)
    known, _ = fitted(counts, DetectionErrors(Rate(4e6, 1e8), Rate(3e6, 1e8)))
    uncertain, _ = fitted(counts, ERRORS)
    assert without.intervals["delta_per_mT"][1] < TRUTH.delta_per_mT
    for name, value in TRUTH.values().items():
        if name != "lapse":
            for fit in (known, uncertain):
                low, high = fit.intervals[name]
                assert low <= value <= high
    widths = [np.ptp(fit.intervals["floor"]) for fit in (known, uncertain)]
    assert widths[1] > 1.5 * widths[0]
    assert known.nuisances["false_pass"][0] == pytest.approx(0.04, abs=1e-3)


def test_a_detector_that_explains_the_floor_leaves_it_open_down_to_zero():
    counts = table(2, curve=TRUTH.with_values({"floor": 0.0}))
    fit, _ = fitted(counts, ERRORS)
    assert fit.intervals["floor"][0] == 0.0
    assert fit.curve.floor < 0.02


def test_draws_spread_as_the_intervals_do():
    fit, problem = fitted(table(3), ERRORS, lapse=True)
    draws, covariance = posterior_draws(fit, problem, 4000, [1])
    for name, values in zip(problem.model.names, draws.T, strict=True):
        low, high = fit.intervals[name]
        # 95 % of them, but for the floor and the lapse, which end at 0.
        assert 0.88 < np.mean((values >= low) & (values <= high)) <= 1
    assert covariance.shape == (4, 4)


def test_a_plateau_below_one_fits_only_with_the_detector_known():
    counts, settings = table(4, n_trials=4000), Fitting(simulations=199)
    devices = [
        device_from_counts(
            counts, settings, name="wire", source="measurement", seed=1, path="x", detection=errors
        )
        for errors in (None, ERRORS)
    ]
    alone, known = (device.goodness_of_fit["p_value"] for device in devices)
    assert alone < 0.01 < known
    own = next(form for form in devices[1].forms if form["form"] == "logistic")
    assert own["delta_aic"] < 4


def test_p_values_of_a_correct_fit_are_even():
    settings = Fitting(simulations=19, draws=1)
    p_values = [
        device_from_counts(
            table(100 + i, n_trials=100),
            settings,
            name="wire",
            source="measurement",
            seed=i,
            path="x",
            detection=DetectionErrors(*(Rate(k, 200) for k in drawn)),
        ).goodness_of_fit["p_value"]
        for i, drawn in enumerate(np.random.default_rng(5).binomial(200, [0.04, 0.03], (24, 2)))
    ]
    # Three standard errors of 24 even numbers.
    assert abs(np.mean(p_values) - 0.5) < 3 * np.sqrt(1 / 12 / 24)


@pytest.mark.parametrize("floor", [0.0, 0.0219])
def test_intervals_cover_the_wires_parameters(floor):
    truth, covered = TRUTH.with_values({"floor": floor}), {"floor": 0, "h0_mT": 0}
    n_tables = 40
    for i in range(n_tables):
        k = np.random.default_rng([6, i]).binomial(200, list(RATES.values()))
        errors = DetectionErrors(*(Rate(int(wrong), 200) for wrong in k))
        fit, _ = fitted(table([7, i], n_trials=200, curve=truth), errors)
        for name in covered:
            low, high = fit.intervals[name]
            covered[name] += low <= getattr(truth, name) <= high
    # No less than 95 % but by chance of one in a thousand.
    for name, k in covered.items():
        assert binom.cdf(k, n_tables, 0.95) > 1e-3, name


def test_the_command_takes_the_file_and_the_device_keeps_the_rates(tmp_path):
    table(1).to_csv(tmp_path / "counts.csv", index=False)
    detection, out = detection_file(tmp_path / "detection.json"), tmp_path / "wire"
    arguments = ["fit", tmp_path / "counts.csv", "--detection", detection, "--out", out]
    ran = CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    assert "false_pass" in ran.output
    device = DeviceModel.read(out / "device.json")
    assert device.nuisances["false_pass"][0] == pytest.approx(0.04, abs=0.02)
    assert device.observed.floor > device.curve.floor
    assert str(detection) in json.dumps(device.provenance)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"false_pin": {"k": 0, "n": 0}}, "false_pin: no loop of a wall known to be passed"),
        ({"false_pass": {"k": 60, "n": 100}}, "false_pass: 60 of 100 pinned walls"),
        ({"false_pass": {"k": -1, "n": 100}}, "false_pass.k"),
        ({"format": "dwsynapse-device"}, "expected a file of format 'dwsynapse-detection'"),
    ],
)
def test_files_without_rates_are_refused(tmp_path, changes, words):
    with pytest.raises(InputError) as refused:
        DetectionErrors.read(detection_file(tmp_path / "detection.json", **changes))
    assert words in str(refused.value)


def test_a_rate_stated_with_its_standard_deviation_is_known_as_well():
    rate = Rate.of_sd(0.02, 0.005)
    assert rate.value == pytest.approx(0.02)
    assert rate.value * (1 - rate.value) / rate.n == pytest.approx(0.005**2)
    none_seen = Rate.of_sd(0.0, 0.01)
    assert none_seen.k == 0
    assert none_seen.n == pytest.approx(99)
