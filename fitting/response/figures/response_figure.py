"""Figure of a response: the distribution of conductance changes at each conductance."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from dwsynapse.io.figure_style import svg_figure
from dwsynapse.io.number_format import percent
from fitting.response.make_response import Response

Floats = NDArray[np.float64]

COLOUR_MAP = "viridis"
STEPS, US = 400, 1e6


def plot_response(path: str | Path | None, response: Response) -> Figure:
    """Draw the cumulative probability of dG against G, up and down, with the mean and its band.

    As Fig. 3(a) of S. Liu et al., Appl. Phys. Lett. 118, 202405 (2021).

    Parameters
    ----------
    path
        Where the SVG goes; None returns the figure only.
    response
        The response.
    """
    table, bands = response.table, response.statistics.get("bins")
    with svg_figure(path, size_inches=(8.4, 3.8), ncols=2) as (figure, both):
        images = []
        for axes, (name, way) in zip(both, (("up", 1), ("down", -1)), strict=True):
            quantiles_uS = US * np.sort(table.quantiles_S(way), axis=0)
            low, high = quantiles_uS.min(), quantiles_uS.max()
            margin = 0.15 * max(high - low, abs(high) / 10, abs(low) / 10)
            grid_uS = np.linspace(min(low - margin, 0), max(high + margin, 0), STEPS)
            image = axes.pcolormesh(
                _edges(US * table.conductances_S),
                _edges(grid_uS),
                _cumulative(quantiles_uS, table.probabilities, grid_uS),
                cmap=COLOUR_MAP,
                vmin=0,
                vmax=1,
                rasterized=True,
            )
            images.append(image)
            _draw_mean(axes, table.conductances_S, table.mean_S(way), bands and bands[name])
            axes.axhline(0, color="white", lw=0.6, ls=":")
            axes.set_xlabel("conductance before the pulse (µS)")
            axes.set_title(f"pulses {name}", fontsize=10)
        both[0].set_ylabel("change of conductance (µS)")
        if bands:
            confidence = percent(response.statistics["confidence"])
            figure.suptitle(f"white: mean and its {confidence} band", fontsize=10)
        else:
            figure.suptitle("white: mean", fontsize=10)
        figure.colorbar(images[0], ax=both, label="cumulative probability")
    return figure


def _draw_mean(axes: Any, conductances_S: Floats, mean_S: Floats, band: Any) -> None:
    axes.plot(US * conductances_S, US * mean_S, color="white", lw=1.2)
    if band:
        low, high = (US * np.array(band[f"mean_{end}_S"], float) for end in ("low", "high"))
        axes.fill_between(US * conductances_S, low, high, color="white", alpha=0.45, lw=0)


def _edges(centres: Floats) -> Floats:
    middle = (centres[1:] + centres[:-1]) / 2
    return np.concatenate([[2 * centres[0] - middle[0]], middle, [2 * centres[-1] - middle[-1]]])


def _cumulative(quantiles: Floats, probabilities: Floats, grid: Floats) -> Floats:
    """Return the probability of a change of at most each value of a grid, (n_grid, n_bins)."""
    return np.stack(
        [np.interp(grid, column, probabilities, left=0, right=1) for column in quantiles.T],
        axis=1,
    )
