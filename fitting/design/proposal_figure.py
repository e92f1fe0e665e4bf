"""Figure of the design: the posterior of the curve, and where the next trials go and why."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dwsynapse.drives import drive_of, of_field
from dwsynapse.io.figure_style import COLOURS, svg_figure
from dwsynapse.io.number_format import percent
from fitting.design.proposal import Proposal, curve_probabilities

BAND = 0.95
DRAWS = 2000


def plot_design(path: str | Path, proposal: Proposal, counts: pd.DataFrame) -> None:
    """Draw the posterior curve, counts and proposed trials, and the information of a trial, as SVG.

    Parameters
    ----------
    path
        Where the SVG goes.
    proposal
        The batch proposed (`fitting.design.proposal.propose`).
    counts
        The counts it was proposed from (`dwsynapse.io.contracts.COUNTS`), of any drive.
    """
    drive, counts = drive_of(counts), of_field(counts)
    with svg_figure(path, size_inches=(6.4, 6.4), nrows=2, sharex=True) as (_, (top, bottom)):
        _draw_bars(top.twinx(), proposal)
        _draw_curve(top, proposal, counts)
        bottom.plot(
            proposal.field_mT,
            proposal.single_gain_bits,
            color=COLOURS["model"],
            label="on h₀ and Δ (decides)",
        )
        bottom.plot(
            proposal.field_mT,
            proposal.outcome_bits,
            color=COLOURS["comparison"],
            ls="--",
            label="on the whole curve, floor included",
        )
        bottom.set(
            xlabel=drive.drawn("propagation field (mT)"),
            ylabel="information of one trial now (bits)",
            ylim=(0, None),
        )
        bottom.legend(fontsize=8)


def _draw_curve(axes: Any, proposal: Proposal, counts: pd.DataFrame) -> None:
    fields_mT = np.linspace(proposal.field_mT[0], proposal.field_mT[-1], 200)
    posterior = proposal.posterior
    # The band is only drawn: a fixed seed is enough.
    drawn = np.random.default_rng(0).choice(len(posterior.weights), DRAWS, p=posterior.weights)
    curves = curve_probabilities(posterior.template, posterior.centres[drawn], fields_mT)
    low, high = np.quantile(curves, [(1 - BAND) / 2, (1 + BAND) / 2], axis=0)
    label = f"{percent(BAND)} posterior band"
    axes.fill_between(fields_mT, low, high, color=COLOURS["fit"], alpha=0.25, lw=0, label=label)
    mean = posterior.mean_probability(fields_mT)
    axes.plot(fields_mT, mean, color=COLOURS["fit"], label="posterior mean")
    axes.plot(
        counts["field_mT"],
        counts["n_passed"] / counts["n_trials"],
        "o",
        ms=4,
        color=COLOURS["data"],
        label=f"counts so far (n = {counts['n_trials'].sum()})",
    )
    axes.set(ylabel="probability of passing the notch", ylim=(-0.03, 1.03))
    # Above the bars, which twinx would otherwise put in front.
    axes.set_zorder(2)
    axes.patch.set_visible(False)
    axes.legend(fontsize=8, loc="upper left")


def _draw_bars(axes: Any, proposal: Proposal) -> None:
    several = len(proposal.field_mT) > 1
    spacing_mT = np.median(np.diff(proposal.field_mT)) if several else 0.1
    axes.bar(
        proposal.field_mT,
        proposal.n_trials,
        width=0.9 * spacing_mT,
        color=COLOURS["model"],
        alpha=0.5,
    )
    axes.set_ylabel(f"trials proposed (n = {proposal.n_trials.sum()})", color=COLOURS["model"])
    # Room above, so that the tallest bar does not hide the curve.
    axes.set_ylim(0, 1.5 * proposal.n_trials.max())
    axes.spines["right"].set_visible(True)
