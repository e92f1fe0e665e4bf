"""The figures: accuracy against epoch, number of levels, and spread."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.figure_style import percent_ticks, svg_figure
from studies.liu2021.learning.conditions import Condition
from studies.liu2021.learning.figure_5 import NUMBERS_OF_LEVELS, Lines, against_levels
from studies.liu2021.learning.noise import LEVELS, NOISES, SPREADS, kinds_of_noise, spreads
from studies.liu2021.learning.results import final, mean_of

Accuracies = Callable[[Condition], NDArray[np.float64]]
COLOURS = "#555555", "#0b6e4f", "#c0392b", "#1f3b73", "#d1791b", "#7b3294"


def plot_epochs(path: Path, title: str, lines: Lines, accuracies: Accuracies) -> None:
    """Draw accuracy against epoch: mean over networks, and a band of one standard deviation."""
    with svg_figure(path) as (_, axes):
        for (name, condition), colour in zip(lines.items(), COLOURS, strict=False):
            found = accuracies(condition)
            epochs = np.arange(1, found.shape[1] + 1)
            _line(axes, epochs, found, name, colour)
        axes.set(xlabel="epoch", ylabel="test images classified correctly (%)", title=title)
        _finish(axes)


def plot_levels(path: Path, accuracies: Accuracies) -> None:
    """Draw Fig. 5(e): the best epoch of each network, as in the paper, against levels."""
    with svg_figure(path) as (_, axes):
        for (name, conditions), colour in zip(against_levels().items(), COLOURS[1:], strict=False):
            best = np.array([accuracies(condition).max(axis=1) for condition in conditions]).T
            _line(axes, NUMBERS_OF_LEVELS, best, name, colour, marker="o")
        axes.set_xscale("log", base=2)
        axes.set_xticks(NUMBERS_OF_LEVELS, [str(n) for n in NUMBERS_OF_LEVELS])
        axes.set(
            xlabel="levels of a device",
            ylabel="test images classified correctly (%)",
            title="Fashion-MNIST, best epoch, published tables, no carry",
        )
        _finish(axes)


def plot_noise(path: Path, accuracies: Accuracies) -> None:
    """Draw accuracy by kind of noise, and against the spread of a pulse, for numbers of levels."""
    noise, spread = kinds_of_noise(), spreads()
    with svg_figure(path, size_inches=(11, 4), ncols=3, sharey=True) as (_, axes):
        for ax, mechanism in zip(axes, ("stt", "sot"), strict=False):
            for name, colour in zip(NOISES, COLOURS, strict=False):
                found = [final(accuracies(noise[mechanism, name, levels])) for levels in LEVELS]
                _line(ax, LEVELS, np.array(found).T, name, colour, marker="o")
            ax.set_xscale("log", base=2)
            ax.set_xticks(LEVELS, [str(n) for n in LEVELS])
            ax.set(xlabel="levels of a device", title=f"{mechanism.upper()}, noise of a pulse")
        for levels, colour in zip(LEVELS, COLOURS[1:], strict=False):
            found = [final(accuracies(spread[levels, factor])) for factor in SPREADS]
            _line(axes[2], SPREADS, np.array(found).T, f"{levels} levels", colour, marker="o")
        axes[2].set(xlabel="spread, in that of the STT response", title="STT steps, other spreads")
        axes[0].set(ylabel="test images classified correctly (%)")
        for ax in axes:
            _finish(ax)
        axes[1].get_legend().remove()  # as on the left


def _line(
    axes: Any,
    x: Sequence[float] | NDArray,
    found: NDArray[np.float64],
    name: str,
    colour: str,
    **style: Any,
) -> None:
    """Draw the mean of values, shape (models, len(x)), with a band of one standard deviation."""
    mean, sd = found.mean(axis=0), found.std(axis=0)
    axes.plot(x, mean, label=name, color=colour, **style)
    axes.fill_between(x, mean - sd, mean + sd, color=colour, alpha=0.2, linewidth=0)


def _finish(axes: Any) -> None:
    percent_ticks(axes.yaxis)
    axes.set_ylim(0, 1)
    axes.legend(fontsize=8)


def table_of(lines: Mapping[str, Condition], accuracies: Accuracies) -> dict[str, Any]:
    """Return the accuracy of each line at the end, with its interval."""
    found = {name: mean_of(final(accuracies(condition))) for name, condition in lines.items()}
    return {name: {"value": number.value, **number.interval} for name, number in found.items()}
