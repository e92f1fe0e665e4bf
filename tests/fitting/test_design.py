"""The design criterion is right where it can be worked out, and saves trials in simulation."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import entropy
from typer.testing import CliRunner

from dwsynapse.io.contracts import PLAN
from dwsynapse.io.errors import InputError
from dwsynapse.io.number_format import NO_BREAK
from fitting.cli import app
from fitting.counts.laboratory_tables import read_counts
from fitting.design.adaptive_grid import focused_posterior
from fitting.design.expected_information import (
    expected_weights,
    gain_bits,
    interest_covariance,
    outcome_information_bits,
    spread_trials,
)
from fitting.design.proposal import candidate_fields_mT, proposal_text, propose
from fitting.design.proposal_lapse import lapse_doubts
from fitting.forms import Logistic
from fitting.forms.depinning import Dwell32
from fitting.inference.count_model import LOGISTIC, Model
from fitting.inference.fit_problem import FitProblem

TRUTH = Logistic(floor=0.0219, h0_mT=4.63, delta_per_mT=2.73)


def simulated(fields_mT, n_trials, rng):
    passed = rng.binomial(n_trials, TRUTH.probability(np.asarray(fields_mT)))
    return pd.DataFrame({"field_mT": fields_mT, "n_trials": n_trials, "n_passed": passed})


def log_sds(counts):
    posterior = focused_posterior(FitProblem.of(counts))
    covariance = interest_covariance(posterior.weights, posterior.centres[:, 1:])
    return np.log(np.diag(covariance)).sum() / 2


def test_outcome_information_of_two_curves_is_the_entropy_formula():
    # Mutual information is symmetric: worked out here from the two curves' side.
    prior, rates = np.array([0.3, 0.7]), np.array([0.2, 0.9])
    joint = prior * np.array([rates, 1 - rates])
    left = sum(row.sum() * entropy(row / row.sum(), base=2) for row in joint)
    expected = entropy(prior, base=2) - left
    assert outcome_information_bits(prior, rates[:, None]) == pytest.approx([expected])


def test_an_outcome_that_determines_the_curve_is_worth_the_entropy_of_the_posterior():
    prior = np.array([0.25, 0.75])
    found = outcome_information_bits(prior, np.array([[0.0], [1.0]]))
    assert found == pytest.approx([entropy(prior, base=2)])


def test_no_information_where_all_curves_agree():
    weights, probabilities = np.full(3, 1 / 3), np.array([[0.4, 0.0, 1.0]] * 3)
    interest = np.array([[0.0], [1.0], [2.0]])
    assert outcome_information_bits(weights, probabilities) == pytest.approx(np.zeros(3))
    assert gain_bits(weights, probabilities, interest, 10) == pytest.approx(np.zeros(3))


@pytest.mark.parametrize("n_trials", [1, 7])
def test_gain_on_a_rate_of_two_values_is_the_variance_ratio(n_trials):
    # A parameter that is the rate itself: variance v before, v r / (v + r) after a measurement of
    # variance r, the mean of f (1 - f) / n.
    weights, rates = np.array([0.5, 0.5]), np.array([[0.4], [0.6]])
    before, noise = 0.01, 0.24 / n_trials
    expected = 0.5 * np.log2((before + noise) / noise)
    assert gain_bits(weights, rates, rates, n_trials) == pytest.approx([expected])


def test_gain_does_not_depend_on_the_units_of_the_parameters():
    rng = np.random.default_rng(1)
    weights, probabilities = np.full(50, 0.02), rng.random((50, 4))
    interest = rng.random((50, 2))
    moved = interest * [1e3, 1e-3] + [5, -2]
    gain = gain_bits(weights, probabilities, interest, 3)
    assert gain_bits(weights, probabilities, moved, 3) == pytest.approx(gain)


def test_expected_weights_add_up_over_chunks_in_any_order():
    rng = np.random.default_rng(2)
    weights, probabilities = rng.dirichlet(np.ones(30)), rng.uniform(0.1, 0.9, (30, 3))
    first, second, truth = np.array([3, 0, 2]), np.array([0, 4, 1]), np.array([7])

    def in_turn(one, other):
        between = expected_weights(weights, probabilities, truth, one)[0]
        return expected_weights(between, probabilities, truth, other)

    at_once = expected_weights(weights, probabilities, truth, first + second)
    assert in_turn(first, second) == pytest.approx(at_once)
    assert in_turn(second, first) == pytest.approx(at_once)


def test_expected_weights_fall_by_the_relative_entropy():
    weights, rates = np.array([0.5, 0.5]), np.array([[0.3], [0.6]])
    after = expected_weights(weights, rates, np.array([0]), np.array([10]))
    lost = 10 * entropy([0.3, 0.7], [0.6, 0.4])
    assert np.log(after[0, 0] / after[0, 1]) == pytest.approx(lost)


def test_trials_go_where_the_parameter_shows_and_the_nuisance_is_measured_where_it_blurs():
    # f = a at one field and a + b at the other, b of interest: both are needed, equally.
    rng = np.random.default_rng(3)
    a, b = rng.uniform(0.2, 0.4, (2, 4000))
    probabilities = np.column_stack([a, a + b, np.full(4000, 0.5)])
    weights = np.full(4000, 1 / 4000)
    trials, gains = spread_trials(
        weights, probabilities, b[:, None], np.arange(0, 4000, 200), n_trials=200, chunk=10
    )
    assert trials.sum() == 200
    assert trials[2] == gains[2] == 0
    assert trials[:2].min() >= 70


def test_the_focused_posterior_resolves_narrow_curves():
    # 3000 trials per field: the wide grid would hold everything in a cell or two.
    counts = simulated(np.arange(2.0, 8.5, 0.5), 3000, np.random.default_rng(4))
    posterior = focused_posterior(FitProblem.of(counts))
    sd = np.sqrt(np.diag(interest_covariance(posterior.weights, posterior.centres)))
    assert (sd > 2 * posterior.edges).all()
    # Six standard deviations: 2e-9 for each parameter.
    truth = [TRUTH.floor, TRUTH.h0_mT, np.log(TRUTH.delta_per_mT)]
    assert (abs(posterior.weights @ posterior.centres - truth) < 6 * sd).all()


@pytest.mark.slow
def test_designed_rounds_inform_more_than_an_even_grid_of_as_many_trials():
    # Over the published range, 0 to 10 mT: twice 77 trials, or 154 on the even grid. Information on
    # h0 and Delta together (the logarithms of their standard deviations, summed): the six
    # experiments gave 0.65 to 1.70, of mean 1.13 and spread 0.39, so that their mean has a standard
    # error of 0.16, and 0.3 lies five of them below it (2e-7).
    rng = np.random.default_rng(5)
    gained = []
    for _ in range(6):
        first = simulated(np.arange(0.0, 11.0), 5, rng)
        ours = first
        for _ in range(2):
            proposal = propose(FitProblem.of(ours), 77, 0.1)
            used = proposal.n_trials > 0
            batch = simulated(proposal.field_mT[used], proposal.n_trials[used], rng)
            ours = pd.concat([ours, batch], ignore_index=True)
        even = simulated(np.arange(0.0, 11.0), 14, rng)
        theirs = pd.concat([first, even], ignore_index=True)
        gained.append(log_sds(theirs) - log_sds(ours))
    assert np.mean(gained) > 0.3


def test_next_needs_no_option_but_trials_and_prints_a_table(tmp_path):
    (tmp_path / "counts.csv").write_text("field_mT,n_trials,n_passed\n4,20,1\n5,20,13\n6,20,20\n")
    result = CliRunner().invoke(app, ["next", str(tmp_path / "counts.csv"), "--trials", "200"])
    assert result.exit_code == 0
    assert "field (mT)   trials   expected gain (bits)" in result.stdout
    assert "total      200" in result.stdout
    assert list(tmp_path.iterdir()) == [tmp_path / "counts.csv"]


def test_next_refuses_replicas_beyond_the_last_number():
    command = ["next", "counts.csv", "--trials", "10", "--first-replica", "4294967290"]
    with pytest.raises(
        InputError, match=r"--first-replica: 10 replicas .* give 4294967286 or less"
    ):
        CliRunner().invoke(app, command, catch_exceptions=False)


def test_next_draws_the_design(tmp_path):
    (tmp_path / "counts.csv").write_text("field_mT,n_trials,n_passed\n4,20,1\n5,20,13\n6,20,20\n")
    arguments = ["--trials", "40", "--out", tmp_path / "plan.csv", "--figure", tmp_path / "d.svg"]
    command = ["next", tmp_path / "counts.csv", *arguments]
    CliRunner().invoke(app, [str(a) for a in command], catch_exceptions=False)
    plan = PLAN.read(tmp_path / "plan.csv")
    assert plan["n_trials"].sum() == 40
    assert plan["first_replica"].iloc[0] == 0
    figure = (tmp_path / "d.svg").read_text()
    assert "counts so far (n = 60)" in figure
    assert "trials proposed (n = 40)" in figure
    assert "propagation field (mT)" in figure


@pytest.mark.parametrize(
    ("figure", "says"),
    [
        ("x.png", r"x\.png: its name does not end in \.svg"),
        ("x", r"x: its name does not end in \.svg"),
        ("plan.svg", r"plan\.svg: is also an input or another output"),
        ("folder.svg", r"folder\.svg: is a folder, not a file"),
        ("counts.csv/x.svg", r"counts\.csv: is a file, not a folder"),
    ],
)
def test_a_figure_that_cannot_be_written_is_refused_by_the_name_of_its_option(
    tmp_path, monkeypatch, figure, says
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.svg").mkdir()
    (tmp_path / "counts.csv").write_text("nothing that can be read")
    command = ["next", "counts.csv", "--trials", "9", "--out", "plan.svg", "--figure", figure]
    with pytest.raises(InputError, match=rf"^\S*{says}; choose another --figure$"):
        CliRunner().invoke(app, command, catch_exceptions=False)


def next_round(tmp_path, rows, *options):
    (tmp_path / "counts.csv").write_text("field_mT,n_trials,n_passed\n" + rows)
    command = ["next", str(tmp_path / "counts.csv"), "--trials", "100", *map(str, options)]
    return CliRunner().invoke(app, command, catch_exceptions=False)


def expected_rows(n_trials):
    fields_mT = np.arange(9.0)
    passed = np.round(n_trials * TRUTH.probability(fields_mT)).astype(int)
    return "".join(f"{h:g},{n_trials},{k}\n" for h, k in zip(fields_mT, passed, strict=True))


def test_next_says_in_a_line_that_the_curve_it_relies_on_fits_badly(tmp_path):
    # Passing that falls again at high field, as above Walker breakdown.
    falling = "3,100,2\n4,100,40\n5,100,97\n6,100,98\n7,100,60\n8,100,50\n"
    warnings = next_round(tmp_path, falling).stderr.splitlines()
    assert sum("warning: the logistic curve fits the counts badly" in w for w in warnings) == 1
    assert "monotonicity p ≤ 0.001" in warnings[0]
    # Counts at the expectation of a curve: no statistic of a drawn table could be smaller.
    assert not next_round(tmp_path, expected_rows(1000)).stderr


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        # A fall above the rise, as above Walker breakdown, and one below it.
        (
            "3,100,2\n4,100,40\n5,100,97\n6,100,98\n7,100,60\n8,100,50\n",
            "from 98 % at 6 mT to 50 % at 8 mT, which no curve here describes; leave out rows "
            "above 6 mT and give --highest-mT 6",
        ),
        (
            "1,100,40\n2,100,2\n3,100,3\n4,100,20\n5,100,90\n6,100,100\n7,100,100\n",
            "from 40 % at 1 mT to 2 % at 2 mT, which no curve here describes; leave out rows below "
            "2 mT and give --lowest-mT 2",
        ),
    ],
)
def test_next_says_which_rows_of_a_fall_mislead_it(tmp_path, rows, says):
    assert says in next_round(tmp_path, rows).stderr.replace(NO_BREAK, " ")


def rows_with_lapse(lapse, n_trials=200):
    fields_mT = np.arange(2, 8.5, 0.5)
    curve = replace(TRUTH, lapse=lapse)
    passed = np.round(n_trials * curve.probability(fields_mT)).astype(int)
    return "".join(f"{h:g},{n_trials},{k}\n" for h, k in zip(fields_mT, passed, strict=True))


def proposed_fields_mT(result):
    lines = [line.split() for line in result.stdout.splitlines()[1:]]
    return [float(words[0]) for words in lines[: [w[0] for w in lines].index("total")]]


def test_next_warns_of_a_lapse_and_includes_it_when_asked(tmp_path):
    rows = rows_with_lapse(0.2)
    misled = next_round(tmp_path, rows)
    assert "a lapse of 0.2 fits the counts better (p ≤ 0.0001) than 0" in misled.stderr
    assert min(proposed_fields_mT(misled)) > 6
    asked = next_round(tmp_path, rows, "--lapse", "true")
    assert "note: the lapse is taken as 0.2, as fitted" in asked.stderr
    assert max(proposed_fields_mT(asked)) < 6
    given = next_round(tmp_path, rows, "--lapse", "0.2")
    assert not given.stderr
    assert max(proposed_fields_mT(given)) < 6
    assert (
        "than 0.4, which the proposal assumes" in next_round(tmp_path, rows, "--lapse", 0.4).stderr
    )


def test_next_says_that_a_fitted_lapse_ends_its_range(tmp_path):
    rows = rows_with_lapse(0.6)
    assert "give --lapse 0:0.9" in next_round(tmp_path, rows).stderr
    assert (
        "ends its range; give --lapse 0:0.9" in next_round(tmp_path, rows, "--lapse", "true").stderr
    )
    assert "as 0.599, as fitted" in next_round(tmp_path, rows, "--lapse", "0:0.9").stderr


def test_a_lapse_is_seldom_seen_where_there_is_none():
    rng = np.random.default_rng(1)
    fields_mT = np.arange(2, 8.5, 0.5)
    tables = [simulated(fields_mT, 50, rng) for _ in range(40)]
    # At a level of 1 %, 4 of 40 once in 1500.
    assert sum(bool(lapse_doubts(FitProblem.of(t), LOGISTIC.template)) for t in tables) < 4


def test_trials_that_tell_little_are_not_expected_to_widen_what_is_known():
    counts = pd.DataFrame({"field_mT": np.arange(3, 8.5, 0.5), "n_trials": 50, "n_passed": 50})
    proposal = propose(FitProblem.of(counts), 60, 0.1)
    assert (proposal.sd_after <= proposal.sd_before).all()


def test_next_looks_beyond_a_single_field(tmp_path):
    note = next_round(tmp_path, "5,20,9\n5,20,8\n").stderr
    assert "outside the fields considered (5 to 5 mT)" in note
    assert 5 < float(note.split("--highest-mT ")[1]) <= 7.5


MIDDLE = "4,50,7\n4.25,50,13\n4.5,50,20\n4.75,50,27\n5,50,36\n"


def test_next_notes_fields_beyond_the_range_and_takes_them_when_asked(tmp_path):
    # The middle of the rise alone: its upper end, at h0 + 1.5/Delta or so, is more informative
    # about Delta.
    note = next_round(tmp_path, MIDDLE).stderr
    assert "outside the fields considered (4 to 5 mT)" in note
    beyond_mT = float(note.split("--highest-mT ")[1])
    assert 5 < beyond_mT <= 5.5
    plan = tmp_path / "plan.csv"
    result = next_round(tmp_path, MIDDLE, "--highest-mT", 6, "--out", plan)
    assert "outside the fields" not in result.stderr
    assert PLAN.read(plan)["field_mT"].max() > 5
    with pytest.raises(InputError, match=r"--lowest-mT.*between 6 and 5 mT"):
        next_round(tmp_path, MIDDLE, "--lowest-mT", 6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ("--highest-mT", 1e9),
            "--highest-mT: 1e+09 mT is above 10000 mT, .*; give the field in mT",
        ),
        (("--lowest-mT", 2e4), "--lowest-mT: 20000 mT is above"),
        (
            ("--step-mT", 1e-9),
            "--step-mT: a step of 1e-09 mT is below 0.0001 mT, .*; give the step",
        ),
        (
            ("--step-mT", 1000),
            "--step-mT: no multiple of 1000 mT is from 4 to 5 mT; give a smaller",
        ),
    ],
)
def test_next_refuses_steps_and_fields_of_no_magnet(tmp_path, options, message):
    with pytest.raises(InputError, match=message.replace("+", r"\+")):
        next_round(tmp_path, MIDDLE, *options)


def information(counts):
    """Return the Fisher information of counts on h0, ln(Delta) and floor at the true curve."""
    field_mT, p = np.array(counts["field_mT"]), TRUTH.probability(np.array(counts["field_mT"]))
    s = 1 / (1 + np.exp(-TRUTH.delta_per_mT * (field_mT - TRUTH.h0_mT)))
    slope = (1 - TRUTH.floor) * s * (1 - s)
    away = TRUTH.delta_per_mT * (field_mT - TRUTH.h0_mT)
    by = np.stack([-TRUTH.delta_per_mT * slope, away * slope, 1 - s])
    return (by * np.array(counts["n_trials"]) / (p * (1 - p))) @ by.T


@pytest.mark.parametrize("n_trials", [300, 3000])
def test_the_deviations_expected_after_a_batch_are_those_of_its_information(n_trials):
    fields_mT = np.arange(3.0, 6.6, 0.5)
    counts = pd.DataFrame({"field_mT": fields_mT, "n_trials": 400})
    counts["n_passed"] = np.round(400 * TRUTH.probability(fields_mT)).astype(int)
    found = propose(FitProblem.of(counts), n_trials, 0.1)
    batch = pd.DataFrame({"field_mT": found.field_mT, "n_trials": found.n_trials})
    after = np.linalg.inv(information(counts) + information(batch))
    assert found.resolved
    # The posterior is nearly normal; the floor is bounded by 0.
    np.testing.assert_allclose(found.sd_after, np.sqrt(np.diag(after))[:2], rtol=0.12)


def test_next_says_where_trials_are_too_many_to_place_or_tell_nothing(tmp_path):
    result = next_round(tmp_path, MIDDLE, "--trials", 10**6)
    assert result.stdout.count("too small to resolve after") == 2
    assert "propose fewer --trials" in result.stderr
    assert "or equal to 1000000" in next_round(tmp_path, MIDDLE, "--trials", 10**20).output
    far = next_round(tmp_path, MIDDLE, "--lowest-mT", 100, "--highest-mT", 200)
    assert "trials from 100 to 200 mT say nothing about the rise" in far.stderr
    usual = next_round(tmp_path, MIDDLE)
    assert "expected after" in usual.stdout
    assert "propose fewer" not in usual.stderr
    assert "say nothing" not in usual.stderr


@pytest.mark.parametrize("step_mT", [0.0001, 0.003, 0.07, 0.1, 0.3, 1.0])
def test_all_fields_that_next_considers_are_multiples_of_the_step(tmp_path, step_mT):
    plan = tmp_path / "plan.csv"
    result = next_round(
        tmp_path, "3.21,50,7\n4.6,50,25\n5.87,50,40\n", "--step-mT", step_mT, "--out", plan
    )
    steps = PLAN.read(plan)["field_mT"] / step_mT
    np.testing.assert_allclose(steps, steps.round(), atol=1e-6)
    noted = "note: fields are considered" in result.stderr
    assert noted == (2.66 / step_mT > 200)


def test_the_ends_of_the_range_are_candidates_where_they_are_multiples():
    problem = FitProblem.of(simulated(np.array([0.3, 4.0, 6.0]), 5, np.random.default_rng(1)))
    fields_mT, distance_mT = candidate_fields_mT(problem, 0.1)
    assert distance_mT == 0.1
    np.testing.assert_array_equal(fields_mT, np.arange(3, 61) / 10)
    fields_mT, distance_mT = candidate_fields_mT(problem, 0.01, (0.3, 9.99))
    assert distance_mT == pytest.approx(0.05)
    assert (fields_mT[0], fields_mT[1], fields_mT[-2], fields_mT[-1]) == (0.3, 0.35, 9.95, 9.99)


def test_next_takes_a_form_with_the_constants_of_a_config(tmp_path):
    (tmp_path / "fitting.yaml").write_text("{form: neel-brown-3/2, dwell_s: 0.02}")
    result = next_round(tmp_path, expected_rows(100), "--config", tmp_path / "fitting.yaml")
    assert "h0: field at half of the rise" in result.stdout
    counts = read_counts(tmp_path / "counts.csv")
    problem = FitProblem.of(counts, Model(Dwell32.typical({"dwell_s": 0.02})))
    assert proposal_text(propose(problem, 100, 0.1)) + "\n" == result.stdout


def test_the_posterior_of_any_form_has_its_mode_at_the_curve_that_is_fitted():
    truth = Dwell32.typical().placed(4.63, 2.73).with_values({"floor": 0.0219})
    fields_mT = np.arange(2.0, 8.5, 0.5)
    passed = np.round(3000 * truth.probability(fields_mT))
    counts = pd.DataFrame({"field_mT": fields_mT, "n_trials": 3000, "n_passed": passed})
    posterior = focused_posterior(FitProblem.of(counts, Model(Dwell32.typical())))
    sd = np.sqrt(np.diag(interest_covariance(posterior.weights, posterior.centres)))
    # With counts at their expectation the mode is the true value, within a cell of the grid.
    off = posterior.best_point() - [0.0219, 4.63, np.log(2.73)]
    assert (abs(off) < posterior.edges).all()
    assert (sd > posterior.edges).all()
