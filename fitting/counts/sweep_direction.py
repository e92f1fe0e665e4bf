"""A column that tells two directions of a sweep apart, which one curve does not describe."""

import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from dwsynapse.io.notes import note_once

NAME = re.compile(r"((field|sweep|scan|ramp)[ _-]*)?(direction|dir|branch|polarity|sweep)", re.I)
WORDS = re.compile(
    r"(up|down|ascending|descending|asc|desc|forwards?|backwards?|back|fwd|bwd|reverse[d]?|rev|"
    r"increasing|decreasing|rising|falling|left|right|positive|negative|pos|neg|"
    r"[-+]x?|[-+]1)([ _-]?(sweep|branch|ramp))?",
    re.I,
)
FEW = 4


def note_directions(cells: pd.DataFrame, used: Iterable[str], path: str | Path) -> None:
    """Say on stderr that rows of several directions are fitted as one.

    Parameters
    ----------
    cells
        The cells of the table.
    used
        Names of the columns that the counts are taken from.
    path
        The file.
    """
    for name in cells.columns.difference([*used], sort=False):
        found = cells[name].dropna().astype(str).str.strip().unique()
        few = 1 < len(found) <= FEW
        if few and (NAME.fullmatch(name.strip()) or all(map(WORDS.fullmatch, found))):
            note_once(
                path,
                f"the column {name!r} ({', '.join(found)}) is ignored, and its rows are taken "
                "together; to fit one of them, put its rows into a file of their own",
            )
