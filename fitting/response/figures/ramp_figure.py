"""Figure of ramps: conductance against the number of pulses, up and then down."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from dwsynapse.io.figure_style import COLOURS, svg_figure
from dwsynapse.io.number_format import number, percent
from fitting.response.make_response import Response
from fitting.response.response_table import ResponseTable
from fitting.response.statistics.bootstrap import Resampled, interval
from fitting.response.statistics.nonlinearity import expected_ramp, rise
from fitting.response.statistics.whole_ramps import WholeRamps

Floats = NDArray[np.float64]

US, MAX_SHOWN, SEED = 1e6, 60, 0
DRAWS, SAMPLED = 400, 30


def plot_ramp(path: str | Path | None, response: Response) -> Figure:
    """Draw single ramps, their mean with its band, and the exponential of the nonlinearity.

    Where the pulses make no ramps through the range, the ramp that the mean steps give is drawn,
    and single ones are drawn from the table.

    Parameters
    ----------
    path
        Where the SVG goes; None returns the figure only.
    response
        The response.
    """
    with svg_figure(path) as (figure, axes):
        start = 0.0
        for name, way in (("up", 1), ("down", -1)):
            binned, first = response.binned, way > 0
            ramps = WholeRamps.of(binned.updates, way) if binned else None
            drawn = expected = _expected(response, way)
            if ramps is not None and binned is not None:
                resampled = Resampled(binned, DRAWS, SEED)
                drawn = _draw_ramps(axes, ramps, resampled, start, response, first)
            elif len(expected[0]):
                _draw_samples(axes, response.table, way, start, round(expected[0][-1]))
            kind = "mean ramp" if ramps else "ramp of the mean steps"
            colour, label = COLOURS["data"], kind if first else "_"
            axes.plot(start + drawn[0], US * drawn[1], color=colour, label=label)
            fitted = drawn if response.statistics[name]["nonlinearity_of"] == kind else expected
            _draw_exponential(axes, fitted, start, response.statistics[name]["curvature"], way)
            start += drawn[0][-1] if len(drawn[0]) else 0
        axes.set(xlabel="pulses, up and then down", ylabel="conductance (µS)")
        axes.set_title(_title(response), fontsize=10)
        axes.legend(fontsize=8, loc="lower center")
    return figure


def _draw_exponential(
    axes: Any, ramp: tuple[Floats, Floats], start: float, curvature: dict[str, Any], way: int
) -> None:
    """Draw the exponential of a curvature between the ends of a ramp."""
    pulses, ramp_S = ramp
    if curvature["value"] is None or not len(pulses):
        return
    share, nu = np.linspace(0, 1, 100), curvature["value"]
    along = rise(share, nu) if way > 0 else 1 - rise(1 - share, nu)
    axes.plot(
        start + pulses[-1] * share,
        US * (ramp_S[0] + (ramp_S[-1] - ramp_S[0]) * along),
        "--",
        color=COLOURS["fit"],
        lw=1.2,
        label="exponential (Sun and Yu) through the range" if way > 0 else "_",
    )


def _draw_ramps(
    axes: Any,
    ramps: WholeRamps,
    resampled: Resampled,
    start: float,
    response: Response,
    first: bool,
) -> tuple[Floats, Floats]:
    """Draw single ramps and the band of their mean; return pulses and mean."""
    mean_S = ramps.mean_S(resampled.weights)
    pulses = np.arange(mean_S.shape[1], dtype=float)
    for row, single_S in enumerate(ramps.conductances_S[:MAX_SHOWN]):
        label = f"single ramps ({len(ramps.unit)} {'up' if first else 'down'})"
        label = label if first and row == 0 else "_"
        axes.plot(start + pulses, US * single_S, color="#b8c0cf", lw=0.6, label=label)
    confidence = response.statistics["confidence"]
    n_units = len(np.unique(ramps.unit))
    low, high = (US * end for end in interval(mean_S, confidence, n_units))
    label = f"{percent(confidence)} band of the mean" if first and n_units > 1 else "_"
    colour = COLOURS["data"]
    axes.fill_between(start + pulses, low, high, color=colour, alpha=0.3, lw=0, label=label)
    return pulses, mean_S[0]


def _draw_samples(axes: Any, table: ResponseTable, way: int, start: float, n_pulses: int) -> None:
    """Draw ramps of a synapse whose changes are drawn from the table."""
    low_S, high_S = table.conductances_S[[0, -1]]
    single_S = np.full((1 + n_pulses, SAMPLED), low_S if way > 0 else high_S)
    for pulse, uniform in enumerate(np.random.default_rng(SEED).random((n_pulses, SAMPLED))):
        after_S = single_S[pulse] + table.sample(single_S[pulse], uniform, way)
        single_S[pulse + 1] = np.clip(after_S, low_S, high_S)
    label = f"{SAMPLED} ramps drawn from the table"
    for column, ramp_S in enumerate(single_S.T):
        axes.plot(
            start + np.arange(1 + n_pulses),
            US * ramp_S,
            color="#b8c0cf",
            lw=0.6,
            label=label if way > 0 and column == 0 else "_",
        )


def _expected(response: Response, way: int) -> tuple[Floats, Floats]:
    """Return pulses and conductances of the ramp that the mean steps give."""
    table = response.table
    mean_S = table.mean_S(way)
    shares, _ = expected_ramp(table.conductances_S, mean_S)
    if np.isnan(shares).any():
        return np.empty(0), np.empty(0)
    # As many pulses as the range has mean steps of the ramp.
    per_S = (1 / np.abs(mean_S[1:]) + 1 / np.abs(mean_S[:-1])) / 2
    pulses = float(per_S @ np.diff(table.conductances_S)) * shares
    if way > 0:
        return pulses, table.conductances_S
    return (pulses[-1] - pulses)[::-1], table.conductances_S[::-1]


def _title(response: Response) -> str:
    up, down = (response.statistics[name]["nonlinearity"]["value"] for name in ("up", "down"))
    if up is None or down is None:
        return f"nonlinearity unknown: {_why_unknown(response)}"
    return f"nonlinearity {number(up, 2, signed=True)} up, {number(down, 2, signed=True)} down"


def _why_unknown(response: Response) -> str:
    if (response.statistics.get("pulses") or {}).get("pooled_levels"):
        return "pulses from some levels stand for those from all"
    if response.binned and any(response.binned.all_share(way) for way in (1, -1)):
        return "too few pulses"
    return "the mean step changes its sign"
