"""Figures of residuals and of posterior draws."""

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from dwsynapse.study import Fitting
from fitting.curve_figure import plot_curve
from fitting.diagnostic_figures import plot_posterior, plot_residuals
from fitting.forms import Logistic
from fitting.make_device import device_from_counts
from fitting.shown_bins import MOST_ROWS, binned


def device_of(counts):
    return device_from_counts(
        counts,
        Fitting(simulations=9, draws=50),
        name="wire",
        source="measurement",
        seed=1,
        path="counts.csv",
    )


def test_the_figure_of_draws_makes_only_the_axes_that_it_shows(tmp_path, monkeypatch):
    """Axes cost a hundredth of a second each."""
    counts = pd.DataFrame(
        {"field_mT": [3.0, 4, 4.5, 5, 6], "n_trials": 50, "n_passed": [1, 9, 22, 37, 49]}
    )
    device = device_of(counts)
    made = []
    add_subplot = Figure.add_subplot

    def counted(figure, *where, **options):
        made.append(add_subplot(figure, *where, **options))
        return made[-1]

    monkeypatch.setattr(Figure, "add_subplot", counted)
    plot_posterior(tmp_path / "posterior.svg", device)
    svg = (tmp_path / "posterior.svg").read_text()
    n = len(device.intervals)
    assert len(made) == len(re.findall(r'id="axes_\d+"', svg)) == n * (n + 1) // 2
    # A column has its numbers once, below it.
    assert [len(axes.get_xticklabels()) > 0 for axes in made[-n:]] == [True] * n
    shown = [axes.xaxis.get_tick_params()["labelbottom"] for axes in made]
    assert shown == [False] * (len(made) - n) + [True] * n


@pytest.fixture(scope="module")
def long_table():
    """Return a table of more rows than a figure shows, and its device."""
    rng, truth = np.random.default_rng(1), Logistic(floor=0.02, h0_mT=4.6, delta_per_mT=2.7)
    fields_mT = rng.uniform(2, 8, MOST_ROWS + 1)
    passed = rng.binomial(1, truth.probability(fields_mT))
    counts = pd.DataFrame({"field_mT": fields_mT, "n_trials": 1, "n_passed": passed})
    device = device_of(counts)
    return counts, device


def test_a_long_table_is_shown_in_bins(long_table):
    counts, device = long_table
    shown = binned(counts, device.curve)
    assert len(shown) < 300
    for column in ("n_trials", "n_passed"):
        assert shown[column].sum() == counts[column].sum()
    widths_mT = np.diff(np.sort(shown["field_mT"]))
    # Bins of a tenth of 1/Delta: means of two neighbours are at most two of them apart.
    assert widths_mT.max() <= 0.2 / device.curve.delta_per_mT
    short = counts[:MOST_ROWS]
    assert binned(short, device.curve) is short


@pytest.mark.parametrize("plot", [plot_curve, plot_residuals])
def test_the_figure_of_a_long_table_has_few_points_and_says_so(tmp_path, long_table, plot):
    counts, device = long_table
    plot(tmp_path / "figure.svg", device, counts)
    svg = (tmp_path / "figure.svg").read_text()
    assert svg.count("<use") < 2000
    assert re.search(r"in \d+ bins", svg)
