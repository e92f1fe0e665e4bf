"""A wire's curves at all levels beside the counts of their target."""

from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np

from dwsynapse.io.figure_style import COLOURS, svg_figure
from fitting.inference.distributions import wilson_interval
from fitting.levels.level import Level

STYLES = ("data", "fit", "one read", "model")


def draw_levels(
    path: Path,
    name: str,
    counts: Sequence[dict[str, Any]],
    levels: Sequence[Level],
    verdicts: Sequence[str],
) -> None:
    """Draw the curves of levels with their bands and verdicts, and the target's shares, as SVG.

    Parameters
    ----------
    path
        Where the SVG goes.
    name
        Name of the wire.
    counts
        Of the target: field_mT, n_trials, n_passed.
    levels
        The levels.
    verdicts
        That on each of them.
    """
    fields_mT, trials, passed = (
        np.array([row[key] for row in counts], dtype=float)
        for key in ("field_mT", "n_trials", "n_passed")
    )
    low, high = wilson_interval(passed, trials, 0.95)
    share = passed / trials
    colours = [*islice(cycle(STYLES[:-1]), len(levels) - 1), STYLES[-1]]
    with svg_figure(path, size_inches=(8.6, 4.2)) as (_, axes):
        for level, verdict, colour in zip(levels, verdicts, colours, strict=True):
            style = {"color": COLOURS[colour]}
            curve = level.curve
            band = curve["low"], curve["high"]
            axes.fill_between(curve["field_mT"], *band, alpha=0.2, lw=0, **style)
            label = f"{level.name}: {verdict}"
            axes.plot(curve["field_mT"], curve["probability"], label=label, **style)
        bars = np.stack([share - low, high - share]).clip(0)
        axes.errorbar(fields_mT, share, bars, fmt="o", ms=4, lw=1, color="black", label="target")
        axes.set(
            xlabel="propagation field (mT)",
            ylabel="probability of passing the notch",
            ylim=(-0.03, 1.03),
            title=f"{name} beside the curve it was calibrated to",
        )
        axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
