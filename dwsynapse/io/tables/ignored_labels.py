"""Columns that tell measurements apart, such as temperatures, which one curve does not describe."""

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
FEW_DIRECTIONS, FEW_LABELS = 4, 5
"""Up to so many values tell directions, or other labels, apart; more are measurements."""


def note_labels(cells: pd.DataFrame, used: Iterable[str | None], path: str | Path) -> None:
    """Say on stderr that rows of several directions, temperatures or samples are taken as one.

    Labels are few values, each in several rows; those of a direction also in a single row.

    Parameters
    ----------
    cells
        The cells of the table.
    used
        Names of the columns that the measurement is taken from.
    path
        The file.
    """
    for name in cells.columns.difference([*used], sort=False):
        n_rows = cells[name].dropna().astype(str).str.strip().value_counts(sort=False)
        if not 1 < len(n_rows) <= FEW_LABELS:
            continue
        found = [*n_rows.index]
        of_direction = NAME.fullmatch(name.strip()) or all(map(WORDS.fullmatch, found))
        if n_rows.min() > 1 or (of_direction and len(found) <= FEW_DIRECTIONS):
            note_once(
                path,
                f"the column {name!r} ({', '.join(found)}) is ignored, and its rows are taken "
                "together; to fit one of them, put its rows into a file of their own",
            )
