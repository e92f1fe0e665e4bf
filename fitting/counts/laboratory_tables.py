"""Passing counts as laboratories keep them, read into one table of counts in one unit."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path

import numpy as np
import pandas as pd

from dwsynapse.drives import FIELD, Drive
from dwsynapse.io.contracts import COUNTS, OUTCOMES, TRIALS
from dwsynapse.io.errors import InputError
from dwsynapse.io.notes import note_once
from dwsynapse.io.tables.cells import read_cells
from dwsynapse.io.tables.declared_table import Column, Table, raise_at_first
from dwsynapse.io.tables.field_units import EARTH_MT
from dwsynapse.io.tables.ignored_labels import note_labels
from dwsynapse.io.tables.outcome_words import OUTCOME_WORDS
from dwsynapse.io.tables.thousands import require_decimal
from dwsynapse.io.tables.written_numbers import remedy_of
from fitting.counts.column_names import (
    Names,
    drive_named,
    factor_of,
    is_percent,
    known_as,
    named,
    with_cell_units,
    with_given_names,
    with_unit_row,
)
from fitting.counts.foreign_content import (
    of_header,
    require_no_last_sum,
    require_no_summary,
    require_outcomes,
)
from fitting.counts.trial_counts import count_trials, tally

ALONG = (
    "the field counts along the wall's motion: give its magnitude, and walls driven back in a "
    "separate table"
)
EACH_ROW = (
    "write the field in each row (of merged cells only the first has it), or remove a row of totals"
)
UNTOLD = "write undecided for a trial whose outcome is unknown, or remove that row"
SPREAD = "fill it in (0 where the field is exact), or leave the whole column out"
COLUMNS = {
    "field": Column("", "float", low=0, remedy=ALONG, empty_remedy=EACH_ROW),
    "field_sd": Column("", "float", low=0, empty_remedy=SPREAD),
    "n_trials": Column("", "integer", low=1),
    "n_passed": Column("", "integer", low=0),
    "n_pinned": Column("", "integer", low=0),
    "n_undecided": Column("", "integer", low=0),
    "probability": Column("", "text"),
    "outcome": Column("", "text", empty_remedy=UNTOLD),
}
"""What a column contains; its name is the one in the file."""
WANTED = (
    "two of n_trials, n_passed and n_pinned; or n_trials and probability; or, with one trial per "
    f"row, outcome ({', '.join(OUTCOMES)}; or yes and no, 1 and 0)"
)
WORDS = {word: word for word in OUTCOMES} | OUTCOME_WORDS
# n * probability this close to a whole number is one, up to rounding.
WHOLE = 1e-6
# In mT, uA or ns: no wall is as sensitive, and no search for draws reaches so far.
LEAST = 1e-6
# Fields in two groups this far apart were written in two units, up to rounding.
TWO_UNITS = 100 * (1 - 1e-9)


def read_counts(path: str | Path, columns: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Read passing counts from any of the kinds of table that laboratories keep.

    Besides the field, in a column whose name declares the unit (``field_mT``, ``field_Oe``,
    ``H (A/m)``, ``mu0H [mT]``; or in a row of units below the names), and where known its standard
    deviation (``field_sd_mT``) - or, in the place of both, another of `dwsynapse.drives.DRIVES`
    (``current_uA``, ``duration_ns``) - a table has columns

    - ``n_trials``, ``n_passed``, ``n_pinned``, two of the three, and where known ``n_undecided``:
      counts, row by row; ``n_trials`` are the decided trials, or all of them where the other three
      sum up to it in each row;
    - ``n_trials`` and ``probability``: the count is their product, which must be the only whole
      number within the rounding of the digits written (next to counts, probability is not looked
      at); percentages where the name or the cells say so;
    - ``outcome``: one trial per row, counted per field. Simulated trials
      (`dwsynapse.io.contracts.TRIALS`) are among these.

    Names are taken in any case and order, and as laboratories vary them
    (`fitting.counts.column_names`); other columns are ignored. Rows of counts at equal fields
    stay separate.

    Parameters
    ----------
    path
        The table (`dwsynapse.io.tables.cells.read_cells`).
    columns
        Names that the file gives to columns, by what they are, as in ``{"field_mT": "B_set"}``.

    Returns
    -------
    DataFrame
        Table of counts (`dwsynapse.io.contracts.COUNTS`), with the column of its drive.

    Raises
    ------
    InputError
        Naming the file, row (line of the file) and column of the first defect.
    """
    given = columns or {}
    cells, declared = read_cells(
        path,
        "a table of passing counts or of trials (CSV)",
        lambda name: known_as(name) is not None or name in given.values(),
    )
    if {c.name for c in TRIALS.columns if c.required} <= set(cells.columns):
        return count_trials([Path(path)])
    COUNTS.require_format(declared, path)
    require_no_summary(cells, path)
    cells = with_cell_units(with_given_names(with_unit_row(cells), given, path), path)
    names = _without_empty(named(cells, path), cells)
    drive = drive_named(names, cells, path)
    names = {drive.of_field(name): written for name, written in names.items()}
    with drive.errors():
        counts = _counts_of_field(cells, names, drive, given, declared, path)
    return counts.rename(columns=drive.said)


def _counts_of_field(
    cells: pd.DataFrame,
    names: Names,
    drive: Drive,
    given: Mapping[str, str],
    declared: str | None,
    path: str | Path,
) -> pd.DataFrame:
    """Return the counts of a table, whatever its drive, as those of a field."""
    require_decimal(
        cells[names["field"]],
        cells.attrs.get("decimal_commas"),
        factor_of(names["field"], path),
        (drive.negligible, drive.doubtful),
        path,
    )
    read = {"n_passed": _counts, "n_pinned": _counts, "probability": _shares, "outcome": _trials}
    found = [name for name in read if name in names]
    kinds = list(dict.fromkeys(read[name] for name in found))
    if kinds == [_counts, _shares]:
        kinds = [_counts]  # the counts are enough
    if len(kinds) != 1:
        raise InputError(
            f"both {' and '.join(repr(names[name]) for name in found)}"
            if found
            else "no column for what passed",
            path=path,
            where=f"header ({', '.join(cells.columns)})",
            remedy=of_header(cells.columns)
            or _of_percentages(cells.columns)
            or f"besides the field give {WANTED}",
        )
    counts = kinds[0](cells, names, path)
    note_labels(cells, names.values(), path)
    if declared is None:
        if kinds[0] is not _trials:
            _note_undecided(counts, names, path)
            require_no_last_sum(counts, path)
        # Repeating the name in the header confirms its unit.
        confirmed = given.get(names["field"]) == names["field"]
        _require_plausible(counts["field_mT"], names["field"], drive, confirmed, path)
        if "field_sd_mT" in counts:
            _require_plausible_spread(counts, names["field_sd"], path)
    COUNTS.check(counts, path)
    return counts[[c.name for c in COUNTS.columns if c.name in counts]].reset_index(drop=True)


def _of_percentages(names: pd.Index) -> str | None:
    """Return what to do if no column says what passed, but one is in percent."""
    found = next((name for name in names if is_percent(name) and known_as(name) is None), None)
    return found and (
        f"if {found!r} is the share that passed, say so: --columns 'probability={found}'"
    )


def _typed(cells: pd.DataFrame, names: Names, wanted: list[str], path: str | Path) -> pd.DataFrame:
    """Return the wanted columns, field_sd and n_undecided where given, and the field in mT."""
    missing = [name for name in wanted if name not in names]
    if missing:
        raise InputError(
            f"no column {missing[0]!r} (found {', '.join(cells.columns)})",
            path=path,
            where="header",
            remedy=f"besides the field give {WANTED}",
        )
    taken = ["field", *wanted, *(name for name in ("field_sd", "n_undecided") if name in names)]
    columns = tuple(replace(COLUMNS[name], name=names[name]) for name in taken)
    to_mT = {name: factor_of(names[name], path) for name in taken if name.startswith("field")}
    typed = Table(COUNTS.kind, COUNTS.version, columns).typed(cells, path)
    typed = typed[[names[name] for name in taken]].set_axis(taken, axis=1)
    for name, factor in to_mT.items():
        value = typed.pop(name)
        # Rounded, so that 57 Oe are exactly 5.7 mT.
        typed[f"{name}_mT"] = (value * factor).round(9) + 0.0  # no -0
        if name == "field":
            lost = ((value > 0) & (typed["field_mT"] == 0)).to_numpy()
            sentence = "a field below 1e-9 mT, the last digit that is read"
            remedy = "name the column by the unit it holds"
            raise_at_first(lost, cells.index, path, names[name], value, sentence, remedy)
    return typed


def _without_empty(names: Names, cells: pd.DataFrame) -> Names:
    """Return the names without those of columns that a form provides and that are empty."""
    enough = {"n_trials", "n_passed"} <= names.keys()
    optional = ["field_sd", *(("n_pinned", "n_undecided", "probability") if enough else ())]
    unused = {name for name in optional if name in names and cells[names[name]].isna().all()}
    return {name: written for name, written in names.items() if name not in unused}


def _counts(cells: pd.DataFrame, names: Names, path: str | Path) -> pd.DataFrame:
    of_walls = ("n_trials", "n_passed", "n_pinned")
    wanted = [name for name in of_walls if name in names]
    if len(wanted) == 1:
        wanted = ["n_trials", *wanted]
    counts = _typed(cells, names, wanted, path)
    if "n_pinned" not in counts:
        return counts
    pinned = counts.pop("n_pinned")
    if "n_passed" not in counts:
        return counts.assign(n_passed=counts["n_trials"] - pinned)
    total = counts["n_passed"] + pinned
    if "n_trials" in counts and "n_undecided" in counts:
        of_all = counts["n_trials"] - counts["n_undecided"]
        if (of_all == total).all():
            return counts.assign(n_trials=total)
    if "n_trials" in counts:
        raise_at_first(
            (counts["n_trials"] != total).to_numpy(),
            counts.index,
            path,
            names["n_trials"],
            counts["n_trials"],
            f"must be the sum of {names['n_passed']} and {names['n_pinned']}",
            "correct that row, or leave one of the columns out",
        )
    return counts.assign(n_trials=total)


def _note_undecided(counts: pd.DataFrame, names: Names, path: str | Path) -> None:
    """Say on stderr that undecided trials are not among the trials, where no sum tells."""
    if "n_undecided" not in counts or {"n_passed", "n_pinned"} <= names.keys():
        return
    if n_undecided := counts["n_undecided"].sum():
        note_once(
            path,
            f"{names['n_trials']} is taken as the decided trials, the {n_undecided} of "
            f"{names['n_undecided']} not among them; otherwise subtract these",
        )


def _shares(cells: pd.DataFrame, names: Names, path: str | Path) -> pd.DataFrame:
    """Return the counts for given n_trials and probability."""
    table, written = _typed(cells, names, ["n_trials", "probability"], path), names["probability"]
    percent = is_percent(written)
    shares = [_share(cell, percent) for cell in table["probability"]]
    place = (table.index, path, written, cells[written])
    bad = np.array([share is None for share in shares])
    if bad.any():
        remedy = remedy_of(cells[written][bad].iloc[0])
        raise_at_first(bad, *place, "must be a finite number", remedy)
    p, n = np.array(shares, float), table["n_trials"].to_numpy()
    raise_at_first(p < 0, *place, "must be at least 0")
    raise_at_first(
        p > 1,
        *place,
        "must be at most 1",
        "correct that row" if percent else "mark percentages: probability_%, or 46 % in the cell",
    )
    # Half a unit of the last digit written here, and of the last one written anywhere: writers
    # drop zeros at the end.
    digits = np.array([share.as_tuple().exponent for share in shares if share is not None], float)
    here, anywhere = n * 0.5 * 10**digits, n * 0.5 * 10 ** digits.min()
    off = np.abs(n * p - np.round(n * p))
    remedy = "give n_passed instead, or the probability with all its digits; correct that row"
    sentence = f"times {names['n_trials']} must be a whole number of passed walls"
    raise_at_first(off > here + WHOLE, *place, sentence, remedy)
    # Within the rounding there is one whole number, or several.
    several = (np.floor(n * p + anywhere - WHOLE) - np.ceil(n * p - anywhere + WHOLE) > 0) & (n > 0)
    sentence = f"has too few digits: times {names['n_trials']}, several whole numbers of walls are "
    raise_at_first(several, *place, f"{sentence}rounded to it", remedy)
    return table.drop(columns="probability").assign(n_passed=np.round(n * p).astype("int64"))


def _share(cell: str, percent: bool) -> Decimal | None:
    """Return a probability with the digits as written, or None if it is not a number."""
    text = cell.strip()
    if text.endswith("%"):
        text, percent = text.removesuffix("%").strip(), True
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    if not value.is_finite() or "_" in text:  # Python reads 0.1_5 as 0.15
        return None
    return value.scaleb(-2) if percent else value


def _trials(cells: pd.DataFrame, names: Names, path: str | Path) -> pd.DataFrame:
    trials = _typed(cells, names, ["outcome"], path)
    require_outcomes(trials["outcome"].rename(names["outcome"]), path)
    outcomes = trials["outcome"].str.lower().map(WORDS)
    sentence = f"must be one of {', '.join(OUTCOMES)}; or yes and no, or 1 and 0"
    place = (trials.index, path, names["outcome"], trials["outcome"])
    raise_at_first(outcomes.isna().to_numpy(), *place, sentence)
    trials = trials.assign(outcome=outcomes, path=str(path), field_mT=trials["field_mT"].round(6))
    counts = tally(trials, "wait longer in each trial or leave that field out")
    if "field_sd_mT" in trials:
        # Trials at one field, set with different precision, have their mean variance.
        variance = (trials["field_sd_mT"] ** 2).groupby(trials["field_mT"]).mean()
        counts["field_sd_mT"] = np.sqrt(variance.reindex(counts["field_mT"]).to_numpy())
    return counts


def _require_plausible(
    field_mT: pd.Series, written: str, drive: Drive, confirmed: bool, path: str | Path
) -> None:
    """Refuse fields that were likely written in another unit than the column's name says."""
    highest = field_mT.max()
    where = f"column {written}"
    doubt = ""
    if highest > drive.doubtful:
        doubt = f"a field of {highest:g} mT: no wall in a wire needs as much"
    elif drive is FIELD and 0 < highest < EARTH_MT:
        doubt = f"no field above {highest:g} mT, less than that of the Earth"
    elif 0 < highest < LEAST:
        doubt = f"no field above {highest:g} mT"
    possible = LEAST <= highest <= drive.impossible
    if doubt and not (possible and confirmed):
        hint = ""
        if possible:
            hint = f"; if it is right, confirm it: --columns {written}={written}"
        raise InputError(
            f"{doubt}; is the unit another one?",
            path=path,
            where=where,
            remedy=f"name the column by the unit it holds, as in field_mT{hint}",
        )
    fields_mT = np.unique(field_mT[field_mT > 0])
    ratios = fields_mT[1:] / fields_mT[:-1]
    # A single low field is allowed: it may be the remanence of the magnet.
    if len(ratios) > 2 and ratios[1:-1].max(initial=0) >= TWO_UNITS:
        split = int(np.argmax(ratios[1:-1])) + 2
        raise InputError(
            f"fields from {fields_mT[0]:g} to {fields_mT[split - 1]:g} mT and from "
            f"{fields_mT[split]:g} to {fields_mT[-1]:g} mT: are they in two units?",
            path=path,
            where=where,
            remedy="write all fields in the unit of the column's name, or fit them separately",
        )


def _require_plausible_spread(counts: pd.DataFrame, written: str, path: str | Path) -> None:
    """Refuse a spread of the field beyond all fields: in no such field would passing rise."""
    spread, highest = counts["field_sd_mT"].max(), counts["field_mT"].max()
    if spread > highest:
        raise InputError(
            f"a field that varies by {spread:g} mT, where the highest field is {highest:g} mT: "
            "is the unit another one?",
            path=path,
            where=f"column {written}",
            remedy="name the column by the unit it holds, as in field_sd_mT",
        )
