"""Figures of residuals and of posterior draws."""

import re

import pandas as pd
from matplotlib.figure import Figure

from dwsynapse.study import Fitting
from fitting.diagnostic_figures import plot_posterior
from fitting.make_device import device_from_counts


def test_the_figure_of_draws_makes_only_the_axes_that_it_shows(tmp_path, monkeypatch):
    """Axes cost a hundredth of a second each."""
    counts = pd.DataFrame(
        {"field_mT": [3.0, 4, 4.5, 5, 6], "n_trials": 50, "n_passed": [1, 9, 22, 37, 49]}
    )
    device = device_from_counts(
        counts,
        Fitting(simulations=9, draws=50),
        name="wire",
        source="measurement",
        seed=1,
        path="counts.csv",
    )
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
