"""Calibrations of wires that are known: what they find, and what they say."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dwsynapse.io.errors import InputError
from dwsynapse.study.wires.priors import CUT_SD, Prior
from micromag.calibration.calibration_run import warn
from micromag.calibration.emulator import Emulator
from micromag.calibration.evidence import Measured
from micromag.calibration.explanation import explanation_test
from micromag.calibration.fabrication import fabricated
from micromag.calibration.next_measurement import next_measurement
from micromag.calibration.posterior import discrepancy_sd, draw_posterior
from micromag.calibration.proposal import MIN_TRIALS, TRIALS_PER_WIRE, first_round, next_round
from micromag.calibration.report import OPEN, agreement
from micromag.calibration.rounds import trials_of
from tests.micromag.calibration.known_wires import FIELDS_MT, PRIORS, calibrated, log_odds, measured

TRUE = np.array([0.3, -0.4])


@pytest.fixture(scope="module")
def found():
    rng = np.random.default_rng(4)
    counts = measured(TRUE, 400, rng)
    return counts, calibrated(counts, 2400, rng, seed=4)


def test_the_posterior_holds_the_true_wire(found):
    _, last = found
    draws = last.posterior.wires
    away = (draws.mean(axis=0) - TRUE) / draws.std(axis=0)
    # chi-square with two degrees of freedom or wider intervals: above 4.3 once in ten thousand.
    assert np.sqrt(away @ np.linalg.solve(np.corrcoef(draws.T), away)) < 4.3
    assert (draws.std(axis=0) < 0.75 * np.sqrt(1 / 3)).all()
    assert last.n_trials <= 2400


def test_the_best_wire_is_one_that_a_normal_prior_allows(found):
    counts, last = found
    few = Measured(counts.fields_mT, counts.trials / 40, counts.passed / 40)
    known = [Prior(prior.name, 0, 1, sd=0.5 / CUT_SD) for prior in PRIORS]
    free, informed = (
        draw_posterior(last.emulator, few, priors, 0.0, 1).best for priors in (PRIORS, known)
    )
    assert np.abs(informed).sum() < 0.9 * np.abs(free).sum()


def test_the_best_wire_is_not_one_that_takes_an_unlikely_error_of_the_model(monkeypatch):
    """At 0.9 the counts are likelier, by exp(3), with an error of 3 standard deviations only."""

    def two_wires(_, __, wires, sd):
        near, far = (-5 * ((wires[:, 0] - x) ** 2 + (sd - at) ** 2) for x, at in ((0, 0), (0.9, 3)))
        return SimpleNamespace(log_evidence=np.maximum(near, 3 + far))

    monkeypatch.setattr("micromag.calibration.posterior.evidence", two_wires)
    best = draw_posterior(None, None, [Prior("x", 0, 1)], 1.0, 1).best
    assert abs(best[0]) < 0.3


def test_counts_of_a_wire_are_explained_and_those_of_another_curve_are_not(found):
    counts, last = found
    assert explanation_test(last.emulator, counts, last.posterior, 1)["p_value"] > 0.01

    def flat(wires, field_mT):
        return 0.15 * (field_mT - 7.5)

    others = measured(TRUE, 400, np.random.default_rng(5), flat)
    posterior = draw_posterior(last.emulator, others, PRIORS, 0.0, 1)
    test = explanation_test(last.emulator, others, posterior, 1)
    assert test["p_value"] == pytest.approx(0.002)
    assert test["deviance"] > 5 * test["expected_deviance"]
    allowed = draw_posterior(last.emulator, others, PRIORS, 2.0, 1)
    assert allowed.discrepancy_sd.mean() > 0.5
    assert (allowed.wires.std(axis=0) > posterior.wires.std(axis=0)).all()


def test_fields_without_a_decided_trial_say_nothing_about_the_best_wire():
    counts = Measured(np.array([6.0, 7.0, 8.0]), np.full(3, 50.0), np.array([5.0, 25.0, 45.0]))
    rows = {"field_mT": counts.fields_mT, "n_trials": [20, 0, 20], "n_passed": [2, 0, 18]}
    simulated = pd.DataFrame(rows)
    found = agreement(counts, simulated, 1)
    assert found["p_value"] > 0.5
    assert found["fields"] == len(found["simulated"]) == 2
    with pytest.raises(InputError, match="all trials of the best wire are undecided"):
        agreement(counts, simulated.assign(n_trials=0, n_passed=0), 1)


@pytest.mark.parametrize(
    ("scale", "says"), [(0.0, "raise --max-trials"), (0.5, "a --discrepancy may be why")]
)
def test_more_trials_are_asked_for_only_where_they_help(scale, says, capsys):
    content = {"verdict": OPEN, "discrepancy": {"prior_scale": scale}}
    content |= {"explanation": {"p_value": 0.5, "simulations": 499}}
    warn(content | {"simulations": {"undecided_share": 0.0, "stable": True}})
    assert capsys.readouterr().err.endswith(f"measured curve; {says}\n")


def test_wires_whose_centre_is_beyond_the_fields_are_told(found):
    counts, _ = found

    class HardlyPassing(Emulator):
        def predict(self, wires, fields):
            return np.tile(-6 + fields, (len(wires), 1)), np.empty(0)

    emulator = HardlyPassing(np.empty(0), np.empty(0))
    made = fabricated(emulator, counts, PRIORS, np.zeros(2), {"a": 0.1}, 1)
    assert made["centre_outside_share"] == 1


def test_the_next_field_tells_and_a_known_parameter_narrows_the_other(found):
    counts, last = found
    said = next_measurement(last.emulator, counts, last.posterior, PRIORS)
    assert 6 < said["field_mT"] < 9.5
    assert said["information_nats"] > 0
    for name in ("a", "b"):
        assert said["sd_after"][name] < said["sd_now"][name]
    assert said["if_one_were_known"]["a"]["b"] < said["sd_now"]["b"]


def test_the_same_seed_gives_the_same_calibration(found):
    rng = np.random.default_rng(4)
    counts = measured(TRUE, 400, rng)
    again = calibrated(counts, 1200, rng, seed=4)
    np.testing.assert_array_equal(again.wires[:12], found[1].wires[:12])
    planned = first_round(counts, PRIORS, 4)
    assert trials_of(planned) == 12 * TRIALS_PER_WIRE
    assert set().union(*(one.trials for one in planned)) == set(FIELDS_MT)


@pytest.mark.parametrize("trials_per_wire", [16, 32])
def test_wires_of_few_trials_have_fewer_fields_and_together_all(found, trials_per_wire):
    counts, last = found
    planned = first_round(counts, PRIORS, 4, trials_per_wire)
    later = next_round(
        last.emulator, counts, last.posterior, PRIORS, [4], trials_per_wire=trials_per_wire
    )
    for one in (*planned, *later):
        assert sum(one.trials.values()) == trials_per_wire
        assert min(one.trials.values()) >= MIN_TRIALS
    assert set().union(*(one.trials for one in planned)) == set(FIELDS_MT)


def test_a_discrepancy_has_a_half_normal_prior():
    z = np.random.default_rng(0).standard_normal(100_000)
    sd = discrepancy_sd(z, 0.3)
    # Standard errors of mean and mean square are 0.3 and 0.5 % of them.
    assert sd.min() >= 0
    assert sd.mean() == pytest.approx(0.3 * np.sqrt(2 / np.pi), rel=0.015)
    assert (sd**2).mean() == pytest.approx(0.09, rel=0.025)


def test_log_odds_of_the_formula_rise_with_the_field():
    assert (np.diff(log_odds(TRUE, FIELDS_MT)) > 0).all()
