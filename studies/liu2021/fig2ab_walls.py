"""Figs. 2(a) and 2(b): walls on the smooth and on the notched track."""

from pathlib import Path

import pandas as pd

from dwsynapse.io.figure_style import COLOURS, svg_figure

STYLES = {
    "smooth": {"color": COLOURS["data"], "label": "smooth track"},
    "notched": {"color": COLOURS["fit"], "label": "32 notches"},
}


def draw(path: Path, walls: pd.DataFrame, time_is: str) -> None:
    """Draw the position of every wall against time, of which the axis says what it is."""
    with svg_figure(path, size_inches=(5.6, 3.8)) as (_, axes):
        for track, style in STYLES.items():
            of_track = walls[walls["track"] == track].groupby("start_nm")
            for number, (_, wall) in enumerate(of_track):
                label = style["label"] if number == 0 else "_"
                axes.plot(wall["time_ns"], wall["position_nm"], color=style["color"], label=label)
        axes.axhline(525, color=COLOURS["comparison"], lw=0.8, ls=":", label="middle of the track")
        axes.set(xlabel=time_is, ylabel="position of the wall (nm)")
        axes.legend(fontsize=9, loc="upper center", bbox_to_anchor=(0.5, 1.14), ncols=3)
