"""One style for every figure: SVG with text as text, and the same colours for the same things."""

import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

from matplotlib import rc_context, rcParamsDefault
from matplotlib.artist import Artist
from matplotlib.axis import Axis
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter

from dwsynapse.io.files import atomic_path

STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "dwsynapse",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
}
# Some libraries change the style of all figures when they are imported. Without matplotlib.style,
# which reads all styles that there are.
PLAIN = {name: value for name, value in rcParamsDefault.items() if not name.startswith("backend")}
COLOURS = {
    "comparison": "#555555",
    "data": "#1f3b73",
    "fit": "#c0392b",
    "hardware": "#1f3b73",
    "model": "#0b6e4f",
    "one read": "#7b3294",
    "few reads": "#2c7fb8",
    "many reads": "#17a589",
    "correct": "#1f3b73",
    "incorrect": "#b0a18f",
}
# XML has no sign for these.
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
K_TRAIN, K_TEST = r"K$_\mathrm{train}$", r"K$_\mathrm{test}$"


def percent_ticks(axis: Axis) -> None:
    """Write the shares along an axis as percentages; its label says ``(%)``."""
    axis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g}"))


class ShownFigure(Figure):
    """A figure that notebooks show as the SVG that is saved."""

    def _repr_svg_(self) -> str:
        with rc_context(PLAIN | STYLE):
            _print(self, text := StringIO())
        return text.getvalue()


def _print(figure: Figure, target: Path | StringIO) -> None:
    for text in _texts(figure):
        text.set_text(NOT_IN_XML.sub("\ufffd", text.get_text()))
        # A name with dollar signs is no formula.
        if not all(_is_mathtext(line) for line in text.get_text().splitlines() if "$" in line):
            text.set_parse_math(False)
    with warnings.catch_warnings():
        # The font of the viewer may have what the font that measures texts has not.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        # savefig would draw everything twice.
        FigureCanvasSVG(figure).print_svg(target, metadata={"Date": None})


def _texts(artist: Artist) -> Iterator[Text]:
    """Yield the texts of an artist but for tick labels, which asking for would make early."""
    if isinstance(artist, Text):
        yield artist
    for child in [artist.label] if isinstance(artist, Axis) else artist.get_children():
        yield from _texts(child)


def _is_mathtext(text: str) -> bool:
    try:
        MathTextParser("path").parse(text)
    except ValueError:
        return False
    return True


@contextmanager
def svg_figure(
    path: str | Path | None,
    *,
    size_inches: tuple[float, float] = (6.4, 4.0),
    make_axes: Callable[..., Any] = Figure.subplots,
    **subplots: Any,
) -> Iterator[tuple[Figure, Any]]:
    """Yield a figure and its axes (one, or an array of them) in the common style; save it.

    Parameters
    ----------
    path
        Where the SVG goes; None leaves it to the caller.
    size_inches
        Width and height.
    make_axes
        Makes the axes of the figure, if they are no grid.
    **subplots
        Passed to it, which is `matplotlib.figure.Figure.subplots` if not given.
    """
    with rc_context(PLAIN | STYLE):
        figure = ShownFigure(figsize=size_inches)
        yield figure, make_axes(figure, **subplots)
        if path is None:
            return
        with atomic_path(path) as temporary:
            _print(figure, temporary)
