"""Loops in tables of text: one point per row, one loop or several per file."""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from dwsynapse.io.errors import InputError
from dwsynapse.io.tables.cells import comments_of, read_cells
from dwsynapse.io.tables.declared_table import Column, Table, raise_at_first
from dwsynapse.io.tables.field_units import DOUBTFUL_MT, EARTH_MT, WITH_UNIT, with_unit
from dwsynapse.io.tables.ignored_labels import FEW_LABELS, note_labels
from dwsynapse.io.tables.thousands import require_decimal
from hardware.kerr_loops.loops import Loops
from hardware.kerr_loops.reading.loop_columns import (
    factor_to_mT,
    known_as,
    known_outcome,
    named,
    require_plausible,
)

WANTED = "a table of Kerr loops (CSV)"
SET_IN_COMMENT = re.compile(
    rf'[\s"]*#\s*(?P<name>(field[ _]set|set[ _]field|propagation[ _]field){WITH_UNIT})'
    r"\s*\"?(?:[:=]|[,;\t]\"?(?=\s*[-+]?\.?\d))\s*(?P<value>[^,;\t\"]*(,\d[^,;\t\"]*)?)"
    r"(\"?[,;\t]\s*\"?(units?\s*[:=])?\s*(?P<next_cell>[a-zµμ][\w/]*)\s*(?=[,;\t\"]|$))?",
    re.IGNORECASE,
)
"""A comment, or cells of one: name, value and what may be its unit."""
NUMBER_AND_UNIT = re.compile(r"(?P<number>[-+]?[\d.,]+(?:e[-+]?\d+)?)\s*(?P<unit>[a-zµμ].*)?", re.I)
DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d+$)(?!\d{3}$)")
"""A comma that does not separate thousands."""
NUMBERS = ("field", "signal", "field_set")
MIN_SHARE_OF_POINTS = 0.9
"""Of the longest loop of a table: a shorter loop was cut off."""


def read_table(path: Path) -> list[Loops]:
    """Read the loops of a table (`dwsynapse.io.tables.cells.read_cells`).

    Returns
    -------
    list of Loops
        One for each number of points. field_set_mT is NaN where the table does not say it.

    Raises
    ------
    InputError
        Naming the file, row and column of the first defect.
    """
    cells, _ = read_cells(path, WANTED, lambda name: known_as(name) is not None)
    names = named(cells.columns, path, "header")
    columns = tuple(
        Column(written, "float" if what in NUMBERS else "text") for what, written in names.items()
    )
    typed = Table("loops", 1, columns).typed(cells, path)
    points = typed[[*names.values()]].set_axis([*names], axis=1)
    for what in ("field", "field_set"):
        if what in points:
            place = names[what], path, f"column {names[what]}"
            limits = EARTH_MT, DOUBTFUL_MT
            commas = cells.attrs.get("decimal_commas")
            require_decimal(cells[names[what]], commas, factor_to_mT(*place), limits, path)
            points[what] = (points[what] * factor_to_mT(*place)).round(9)
            require_plausible(points[what].to_numpy(), *place)
    if "field_set" not in points:
        points["field_set"] = _set_in_comments(path)
    if "loop" not in points:
        points["loop"] = ""
    for what in ("field_set", "outcome"):
        if what in points:
            _require_one_per_loop(points, what, names.get(what, what), path)
    _note_labels(cells.drop(columns=names.values()), points["loop"], path)
    return _loops_of(points, path)


def _require_one_per_loop(points: pd.DataFrame, what: str, written: str, path: Path) -> None:
    first = points.groupby("loop", sort=False)[what].transform("first")
    differs = ((points[what] != first) & points[what].notna()).to_numpy()
    sentence = "must be the same in all rows of a loop"
    remedy = "correct that row, or number the loops in a column loop"
    raise_at_first(differs, points.index, path, written, points[what], sentence, remedy)


def _note_labels(others: pd.DataFrame, loop: pd.Series, path: Path) -> None:
    """Say which columns tell loops apart; those of halves of a loop tell points apart."""
    few = others.loc[:, others.nunique() <= FEW_LABELS].groupby(loop, sort=False)
    note_labels(few.first().loc[:, few.nunique().max() <= 1], (), path)


def _loops_of(points: pd.DataFrame, path: Path) -> list[Loops]:
    grouped = points.groupby("loop", sort=False)
    sizes = grouped.size()
    short = sizes < MIN_SHARE_OF_POINTS * sizes.max()
    if short.any():
        loop = sizes.index[int(np.argmax(short))]
        raise InputError(
            f"{sizes[loop]} points, where other loops have {sizes.max()}",
            path=path,
            where=f"loop {loop}, from row {points.index[points['loop'] == loop][0]}",
            remedy="complete that loop, remove it or, if it is whole, give it a file of its own",
        )
    found = []
    for _, same in sizes.groupby(sizes, sort=False):
        chosen = points[points["loop"].isin(same.index)]
        # Loops one after the other, even where their rows are mixed.
        ordered = chosen.iloc[np.argsort(pd.factorize(chosen["loop"])[0], kind="stable")]
        shape = len(same), -1
        first = ordered.groupby("loop", sort=False).first()
        rows = ordered.index[:: len(ordered) // len(same)]
        found.append(
            Loops(
                names=tuple(f"{path}: loop {n}" if n else str(path) for n in first.index),
                field_mT=ordered["field"].to_numpy().reshape(shape),
                signal=ordered["signal"].to_numpy().reshape(shape),
                field_set_mT=first["field_set"].to_numpy(float),
                outcome=tuple(
                    known_outcome(word, path, f"row {row}, column outcome")
                    for word, row in zip(first["outcome"], rows, strict=True)
                )
                if "outcome" in first
                else None,
            )
        )
    return found


def _set_in_comments(path: Path) -> float:
    """Return the set field in mT of the comments of a file; NaN if none says it."""
    found = {}
    for comment in comments_of(path, WANTED):
        if match := SET_IN_COMMENT.match(comment):
            found[_set_in_comment(match, path)] = match[0].strip()
    if len(found) > 1:
        raise InputError(
            f"comments of several set fields ({', '.join(map(repr, found.values()))})",
            path=path,
            remedy="keep one, or say the field of each loop in a column field_set_mT",
        )
    return next(iter(found), np.nan)


def _set_in_comment(found: re.Match[str], path: Path) -> float:
    """Return the set field in mT of a comment; its unit may be in the name or in the value."""
    name, written = found["name"], found["value"].strip()
    where = f"comment {found[0].strip()!r}"
    parts = NUMBER_AND_UNIT.fullmatch(written)
    try:
        value = float(DECIMAL_COMMA.sub(".", parts["number"] if parts else ""))
    except ValueError:
        value = np.nan
    if parts is None or not np.isfinite(value):
        raise InputError(
            f"{written!r} is not a number",
            path=path,
            where=where,
            remedy="correct it; write it with a decimal point",
        )
    if unit := parts["unit"] or found["next_cell"]:
        name = with_unit(name, unit, path, where)
    set_mT = round(value * factor_to_mT(name, path, where), 9)
    require_plausible(np.array([set_mT]), name, path, where)
    return set_mT
