"""Draws are the posterior, for any table, and the band over them covers the curve."""

import re

import numpy as np
import pandas as pd
import pytest

from dwsynapse.importance_sampling import posterior_sample
from dwsynapse.io.errors import InputError
from fitting.curve_figure import plot_curve
from fitting.device import DeviceModel
from fitting.fit_report import report
from fitting.forms import Logistic
from fitting.goodness.band_widening import band_note, widening
from fitting.inference.count_model import LOGISTIC, Model
from fitting.inference.fit import fit_curve
from fitting.inference.fit_problem import FitProblem
from fitting.inference.posterior_draws import posterior_draws

FIELDS_mT = np.linspace(2.0, 8.0, 13)
LAPSED = [0, 1, 1, 2, 9, 34, 74, 78, 83, 80, 79, 82, 80]


def table(passed, n_trials, fields_mT=FIELDS_mT):
    return pd.DataFrame({"field_mT": fields_mT, "n_trials": n_trials, "n_passed": passed})


def marginals_on_a_grid(counts, low, high, n=60):
    """Return edges and probabilities of cells of floor, h0 and ln(Delta), from the definition."""
    edges = np.linspace(low, high, n + 1)
    axes = (edges[1:] + edges[:-1]).T / 2
    floor, h0_mT, log_delta = np.meshgrid(*axes, indexing="ij", sparse=True)
    logs = 0.0
    for row in counts.itertuples():
        rise = 1 / (1 + np.exp(-np.exp(log_delta) * (row.field_mT - h0_mT)))
        p = np.clip(floor + (1 - floor) * rise, 1e-12, 1 - 1e-12)
        logs = logs + row.n_passed * np.log(p) + (row.n_trials - row.n_passed) * np.log1p(-p)
    weights = np.exp(logs - logs.max())
    sums = [weights.sum(axis=axis) / weights.sum() for axis in ((1, 2), (0, 2), (0, 1))]
    return edges.T, np.array(sums)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        # No wall passes at low field; a floor; a step; a floor above 0.98: the last two fill the
        # prior, which ends as the fields are spaced.
        (table([0, 0, 0, 1, 5, 18, 39, 47, 49, 50, 50, 50, 50], 50), (0, 3.9, 0), (0.12, 5.2, 2)),
        (table([60, 55, 62, 70, 240, 830, 995, 1000], 1000, np.arange(1.0, 9)),
         (0.03, 5.1, 0.5), (0.09, 5.9, 1.4)),
        (table([0, 50, 50], 50, [4.0, 5.0, 6.0]), (0, 2, 0), (0.2, 6, np.log(40))),
        (table([99, 98, 99, 99, 100, 100, 100], 100, np.arange(1.0, 8)),
         (0.8, 1e-6, np.log(1 / 24)), (0.99, 13, np.log(40))),
    ],
)  # fmt: skip
def test_draws_have_the_moments_and_quantiles_of_the_posterior(counts, low, high):
    problem = FitProblem.of(counts)
    fit = fit_curve(problem, 0.95, "counts.csv")
    draws, _ = posterior_draws(fit, problem, 1500, [1])
    draws[:, 2] = np.log(draws[:, 2])
    for x, edges, cells in zip(draws.T, *marginals_on_a_grid(counts, low, high), strict=True):
        middles = (edges[1:] + edges[:-1]) / 2
        mean = cells @ middles
        sd = np.sqrt(cells @ (middles - mean) ** 2)
        # 1500 draws from points worth four times as many: standard errors of 0.029 sd in the mean,
        # 0.03 sd in the sd, 0.014 in a share. False alarm of four of them: 6e-5 each.
        assert x.mean() == pytest.approx(mean, abs=0.13 * sd)
        assert x.std() == pytest.approx(sd, rel=0.15)
        for share in (0.025, 0.25, 0.5, 0.75, 0.975):
            below = np.interp(np.quantile(x, share), edges, np.append(0, np.cumsum(cells)))
            assert below == pytest.approx(share, abs=0.05)


@pytest.mark.parametrize(
    ("passed", "settings"),
    [
        (LAPSED, {"with_lapse": True}),
        ([197, 198, 196, 199, 198, 199, 198, 200, 200, 200, 200, 200, 200], {}),
        ([0, 0, 0, 0, 0, 200, 200, 200, 200, 200, 200, 200, 200], {"offset_sd_mT": 0.5}),
        ([0, 2, 1, 0, 9, 30, 150, 190, 196, 190, 200, 197, 199], {"overdispersed": True}),
        (LAPSED, {"with_lapse": True, "overdispersed": True, "offset_sd_mT": 0.05}),
    ],
)
def test_draws_stay_inside_the_prior(passed, settings):
    model = Model(Logistic.typical(), **settings)
    counts = table(passed, 200)
    problem = FitProblem.of(counts, model)
    fit = fit_curve(problem, 0.95, "counts.csv")
    draws, _ = posterior_draws(fit, problem, 400, [1])
    low, high = problem.coordinates.bounds(problem.steepness_range_per_mT)
    low[2], high[2] = np.exp([low[2], high[2]])
    assert ((low <= draws) & (draws <= high)).all()
    assert len(np.unique(draws, axis=0)) > 350


def device_of(counts, model=LOGISTIC, **extra):
    problem = FitProblem.of(counts, model)
    fit = fit_curve(problem, 0.95, "counts.csv")
    draws, _ = posterior_draws(fit, problem, 400, [1])
    return DeviceModel(
        "x", "measurement", fit.curve, fit.intervals, "95%", (2.0, 8.0), 0.95, None, draws,
        at_cap=model.at_cap(fit.curve.values()), **extra,
    )  # fmt: skip


def test_a_large_lapse_draws_a_posterior_and_is_said_to_be_at_its_cap(tmp_path):
    device = device_of(table(LAPSED, 200), Model(Logistic.typical(), with_lapse=True))
    low, high = device.band(np.array([8.0]), 0.95)
    assert 0.48 < low < high < 0.53
    assert device.at_cap == {"lapse": 0.495}
    assert "lapse is at the highest value allowed, 0.495" in report(device)
    assert "higher fields, where the curve is flat" in report(device)
    device.write(tmp_path / "device.json")
    assert DeviceModel.read(tmp_path / "device.json").at_cap == device.at_cap
    plot_curve(tmp_path / "curve.svg", device, None)
    assert "at the highest value allowed" in (tmp_path / "curve.svg").read_text()


def test_draws_that_do_not_converge_are_refused():
    def shrinking(points):  # A ridge thinner than floating point resolves.
        return -(((points[:, 0] - np.sin(1e4 * points[:, 1])) * 1e12) ** 2)

    with pytest.raises(InputError, match="did not converge"):
        posterior_sample(shrinking, np.zeros(2), 400, np.random.default_rng(1))


def test_the_band_covers_the_curve_also_where_the_floor_is_zero():
    # 60 tables, each field covered in 95 % of them or more: 50 or fewer of 60 are covered once in
    # 1200 seeds; over the three fields once in 400. Equal tails cover 18 of 60 at 2 mT.
    truth, fields_mT = Logistic(0.0, 4.63, 2.73), np.array([2.0, 3.0, 4.6])
    rng = np.random.default_rng(7)
    covered = np.zeros(3)
    for _ in range(60):
        device = device_of(table(rng.binomial(50, truth.probability(FIELDS_mT)), 50))
        low, high = device.band(fields_mT, 0.95)
        covered += (low <= truth.probability(fields_mT)) & (truth.probability(fields_mT) <= high)
    assert covered.min() > 50


def goodness(**p_values):
    tests = [
        {"test": name.replace("_", " "), "statistic": 4.0, "p_value": p}
        for name, p in ({"overdispersion": 0.5} | p_values).items()
    ]
    return {"deviance": 40.0, "degrees_of_freedom": 10, "p_value": 0.5, "tests": tests}


def test_the_band_of_a_rejected_fit_is_widened_for_scatter_or_not_valid():
    held, scattered = goodness(), goodness(overdispersion=0.001)
    assert (widening(None, 0.95), widening(held, 0.95)) == (1.0, 1.0)
    assert band_note(held, 0.95) is None
    # sqrt(4), times 2.228 of Student's t with 10 degrees of freedom over 1.960.
    assert widening(scattered, 0.95) == pytest.approx(2 * 2.2281 / 1.9600, rel=1e-4)
    assert band_note(scattered, 0.95) == "2.3 times wider for the scatter of the counts"
    assert band_note(goodness(monotonicity=0.001), 0.95).startswith("not valid")
    counts = table([5, 4, 6, 5, 9, 30, 75, 92, 97, 98, 100, 99, 100], 100)
    edges = [
        device_of(counts, goodness_of_fit=found).band(np.array([4.9]), 0.95).ravel()
        for found in (held, scattered)
    ]
    widths = [np.diff(np.log(edge / (1 - edge)))[0] for edge in edges]
    assert widths[1] / widths[0] == pytest.approx(widening(scattered, 0.95))


@pytest.mark.parametrize(
    ("values", "cap", "remedy"),
    [
        ({"floor": 0.1, "lapse": 0.0}, {"floor": 0.1}, "--floor a range .* 0:0.2, or .* lower"),
        ({"floor": 0.05, "lapse": 0.495}, {"lapse": 0.495}, "--lapse a range .* 0:0.89, or .*high"),
        ({"floor": 0.3, "lapse": 0.495}, {"lapse": 0.495}, ": measure at higher fields"),
        ({"floor": 0.99, "lapse": 0.0}, {"floor": 0.99}, ": measure at lower fields"),
    ],
)
def test_what_to_do_about_a_cap_is_of_the_parameter_that_is_there(values, cap, remedy):
    curve = Logistic.of({"h0_mT": 5.0, "delta_per_mT": 1.0} | values)
    device = DeviceModel("wire", "measurement", curve, {}, "profile", (2, 8), at_cap=cap)
    line = next(line for line in report(device).splitlines() if "highest value" in line)
    assert re.search(remedy, line)
