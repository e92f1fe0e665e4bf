"""What a curve depends on, as one figure: changes with their intervals, the largest shift first."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from dwsynapse.io.figure_style import COLOURS, svg_figure
from dwsynapse.io.number_format import interval, number

ROW_INCHES = 0.23
ENDS = ("estimate", "low", "high")
BEYOND = 1.15
"""How far axes reach beyond estimates and the ends of closed intervals."""


def draw_sensitivity(path: Path, content: dict[str, Any]) -> None:
    """Draw the changes of centre, steepness and passing, as SVG.

    Parameters
    ----------
    path
        Where the SVG goes.
    content
        `micromag.sensitivity.report.content_of`.
    """
    found = content["variations"]
    fields = content["fields_mT"]
    size = (11.0, 1.7 + ROW_INCHES * len(found))
    with svg_figure(path, size_inches=size, ncols=3, sharey=True) as (figure, axes):
        # Shifts by more than the fields reach are extrapolated: arrows say that they are large.
        span_mT = fields[-1] - fields[0]
        _panel(axes[0], found, lambda one: one["centre_shift_mT"], "data", largest=span_mT)
        _panel(axes[1], found, lambda one: one["steepness_change"], "model", scale=100)
        for field, end, colour, dy in (
            (fields[0], 0, "fit", -0.15),
            (fields[-1], -1, "few reads", 0.15),
        ):
            _panel(
                axes[2],
                found,
                lambda one, end=end: one["passing_change"][end],
                colour,
                scale=100,
                shift=dy,
                label=f"at {field:g} mT",
            )
        axes[0].set_xlabel("shift of the centre (mT)")
        axes[1].set_xlabel("change of the steepness (%)")
        axes[2].set_xlabel("change of passing (points)")
        axes[2].legend(fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
        axes[0].set_yticks(range(len(found)), [one["variation"] for one in found], fontsize=8)
        axes[0].set_ylim(len(found) - 0.4, -0.6)
        axes[2].set_yticks(range(len(found)))
        _write_saved(axes[2], found)
        for ax in axes:
            ax.axvline(0, color="#999999", lw=1, zorder=0)
            ax.grid(axis="y", color="#eeeeee", lw=0.8)
            ax.tick_params(axis="y", length=0)
        figure.suptitle(_title(content), fontsize=10)


def _panel(
    ax: Axes,
    found: list[dict[str, Any]],
    change_of: Any,
    colour: str,
    *,
    scale: float = 1,
    largest: float = np.inf,
    shift: float = 0,
    label: str | None = None,
) -> None:
    """Draw one change of all variations: filled where its interval excludes 0."""
    values = np.array(
        [
            [np.nan if change_of(one)[end] is None else change_of(one)[end] for end in ENDS]
            for one in found
        ]
    )
    values = values * scale
    reach = min(largest, BEYOND * np.nanmax(np.abs(values), initial=1e-9))
    left, right = ax.get_xlim() if ax.has_data() else (0, 0)
    ax.set_xlim(min(left, -reach), max(right, reach))
    for row, (estimate, low, high) in enumerate(values):
        y = row + shift
        clear = low > 0 or high < 0
        beyond = [not low >= -reach, not high <= reach]
        ends = [-reach if beyond[0] else low, reach if beyond[1] else high]
        ax.plot(ends, [y, y], color=COLOURS[colour], lw=1.2)
        for end, marker, is_beyond in zip(ends, "<>", beyond, strict=True):
            if is_beyond:
                ax.plot(end, y, marker, ms=4, color=COLOURS[colour])
        face = COLOURS[colour] if clear else "white"
        style: dict[str, Any] = {"ms": 5, "color": COLOURS[colour], "mfc": face, "label": None}
        if row == 0:
            style["label"] = label
        ax.plot(estimate, y, "o", **style)


def _write_saved(ax: Axes, found: list[dict[str, Any]]) -> None:
    """Write next to each row how many times more independent trials it is worth."""
    texts = ["saved"] + [
        "" if one["saved_factor"] is None else f"× {one['saved_factor']:.2g}" for one in found
    ]
    for row, text in enumerate(texts, start=-1):
        ax.text(1.02, row, text, transform=ax.get_yaxis_transform(), va="center", fontsize=8)


def _title(content: dict[str, Any]) -> str:
    declared = content["declared_wire"]
    parts = []
    for name, key, unit in (
        ("centre", "centre_mT", "mT"),
        ("steepness", "steepness_per_mT", "/mT"),
    ):
        found = declared[key]
        if found["estimate"] is not None:
            said = interval(found["low"], found["high"])
            parts.append(f"{name} {number(found['estimate'])} {said} {unit}")
    fields = ", ".join(f"{field:g}" for field in content["fields_mT"])
    walls = f"{content['trials_per_field']} walls in the same noise at {fields} mT"
    intervals = f"{100 * content['confidence']:g} % intervals from pairs"
    return (
        f"declared wire: {', '.join(parts) or 'no rise'}; {walls}\n"
        f"{intervals}; filled: excludes 0; arrows: beyond the axis or left open; "
        "saved: as many times more trials would be needed in independent noise"
    )
