"""Passing counts as laboratories keep them, read into one table of counts in mT."""

import re
from dataclasses import replace
from decimal import Decimal
from math import pi
from pathlib import Path

import numpy as np
import pandas as pd

from fitting.counts import count_trials, tally
from workflow.cells import read_cells
from workflow.contracts import COUNTS, OUTCOMES, TRIALS
from workflow.errors import InputError
from workflow.tables import Column, Table, raise_at_first

Names = dict[str, str]

MT_PER_A_PER_M = 4e-4 * pi
UNITS = {
    "mt": 1.0,
    "t": 1e3,
    "oe": 0.1,
    "koe": 100.0,
    "g": 0.1,
    "a_per_m": MT_PER_A_PER_M,
    "a/m": MT_PER_A_PER_M,
    "ka_per_m": 1e3 * MT_PER_A_PER_M,
    "ka/m": 1e3 * MT_PER_A_PER_M,
}
"""Units of a field in lower case, and what they are in mT (as mu0 H)."""

FIELD = re.compile(
    r"(field|h|b|(mu|[µμ])_?[0₀][ *]?h)(?P<sd>[_ ]st?d)?"
    rf"(\s*[_ (\[/]\s*(?P<unit>{'|'.join(UNITS)})\s*[)\]]?)?"
)
DECLARE = "name it by its unit: field_mT, field_T, field_Oe, field_A_per_m or field_kA_per_m"

ALONG = (
    "the field counts along the wall's way: give its magnitude, and walls driven the other way a "
    "table of their own"
)
COLUMNS = {
    "field": Column("", "float", low=0, remedy=ALONG),
    "field_sd": Column("", "float", low=0, may_be_empty=True),
    "n_trials": Column("", "integer", low=1),
    "n_passed": Column("", "integer", low=0),
    "n_undecided": Column("", "integer", low=0),
    "probability": Column("", "float", low=0),
    "outcome": Column("", "text"),
}
"""What a column holds; its name is the one that the file gives it."""
OTHER_NAMES = {"n": "n_trials", "passed": "outcome"}
WANTED = (
    "n_trials and n_passed; or n_trials and probability; or, with one trial per row, outcome "
    f"({', '.join(OUTCOMES)}; or 1 and 0)"
)
WORDS = {word: word for word in OUTCOMES} | {
    **dict.fromkeys(("1", "1.0", "true"), "passed"),
    **dict.fromkeys(("0", "0.0", "false"), "pinned"),
}
# n * probability this close to a whole number is one, but for the arithmetic of floats.
WHOLE = 1e-6


def read_counts(path: str | Path) -> pd.DataFrame:
    """Read passing counts from any of the tables that a laboratory may keep.

    Beside the field, in a column whose name declares the unit (``field_mT``, ``field_Oe``,
    ``H (A/m)``, ``mu0H [mT]``), and where known its standard deviation (``field_sd_mT``), a table
    has columns

    - ``n_trials`` (or ``n``), ``n_passed`` and where known ``n_undecided``: counts, row by row;
    - ``n_trials`` (or ``n``) and ``probability``: the count is their product, which must be whole
      within the rounding of the digits written (beside n_passed, probability is not looked at);
    - ``outcome`` (or ``passed``): one trial per row, counted per field. Simulated trials
      (`workflow.contracts.TRIALS`) are among these.

    Names are taken in any case and order; further columns are left out. Rows of counts at equal
    fields stay apart.

    Parameters
    ----------
    path
        The table (`workflow.cells.read_cells`).

    Returns
    -------
    DataFrame
        Table of counts (`workflow.contracts.COUNTS`).

    Raises
    ------
    InputError
        Naming the file, row (line of the file) and column of the first defect.
    """
    cells, declared = read_cells(path, "a table of passing counts or of trials (CSV)")
    if {c.name for c in TRIALS.columns if c.required} <= set(cells.columns):
        return count_trials([Path(path)])
    COUNTS.require_format(declared, path)
    names = _names(cells, path)
    read = {"n_passed": _counts, "probability": _proportions, "outcome": _trials}
    given = [name for name in read if name in names]
    if given == ["n_passed", "probability"]:
        given = ["n_passed"]  # the counts say it all
    if len(given) != 1:
        raise InputError(
            f"both {' and '.join(map(repr, given))}" if given else "no column of what passed",
            path=path,
            where=f"header ({', '.join(cells.columns)})",
            remedy=f"beside the field give {WANTED}",
        )
    counts = read[given[0]](cells, names, path)
    COUNTS.check(counts, path)
    return counts[[c.name for c in COUNTS.columns if c.name in counts]].reset_index(drop=True)


def _names(cells: pd.DataFrame, path: str | Path) -> Names:
    """Return the names that the file gives to the columns known here."""
    names: Names = {}
    for written in cells.columns:
        name = written.lower()
        if found := FIELD.fullmatch(name):
            name = "field_sd" if found["sd"] else "field"
        name = OTHER_NAMES.get(name, name)
        if name in COLUMNS and name in names:
            raise InputError(
                f"{names[name]!r} and {written!r} are both columns of {name}",
                path=path,
                where="header",
                remedy="keep one of them",
            )
        names[name] = written
    if "field" not in names:
        raise InputError(
            f"no field column of a known unit (found {', '.join(cells.columns)})",
            path=path,
            where="header",
            remedy=f"give the field, and {DECLARE}",
        )
    return names


def _typed(cells: pd.DataFrame, names: Names, wanted: list[str], path: str | Path) -> pd.DataFrame:
    """Return the wanted columns, those known of field_sd and n_undecided, and the field in mT."""
    missing = [name for name in wanted if name not in names]
    if missing:
        raise InputError(
            f"no column {missing[0]!r} (found {', '.join(cells.columns)})",
            path=path,
            where="header",
            remedy=f"beside the field give {WANTED}",
        )
    taken = ["field", *wanted, *(name for name in ("field_sd", "n_undecided") if name in names)]
    columns = tuple(replace(COLUMNS[name], name=names[name]) for name in taken)
    to_mT = {name: _in_mT(names[name], path) for name in taken if name.startswith("field")}
    typed = Table(COUNTS.kind, COUNTS.version, columns).typed(cells, path)
    typed = typed[[names[name] for name in taken]].set_axis(taken, axis=1)
    for name, factor in to_mT.items():
        # Rounded, so that 57 Oe are 5.7 mT and not 5.7 and a bit.
        typed[f"{name}_mT"] = (typed.pop(name) * factor).round(9)
    return typed


def _in_mT(written: str, path: str | Path) -> float:
    found = FIELD.fullmatch(written.lower())
    if found is None or found["unit"] is None:
        what = "field_sd" if found is not None and found["sd"] else "field"
        raise InputError(
            f"the column {written!r} declares no unit",
            path=path,
            where="header",
            remedy=DECLARE.replace("field_", f"{what}_"),
        )
    return UNITS[found["unit"]]


def _counts(cells: pd.DataFrame, names: Names, path: str | Path) -> pd.DataFrame:
    return _typed(cells, names, ["n_trials", "n_passed"], path)


def _proportions(cells: pd.DataFrame, names: Names, path: str | Path) -> pd.DataFrame:
    table = _typed(cells, names, ["n_trials", "probability"], path)
    written, p, n = names["probability"], table["probability"], table["n_trials"]
    place = (table.index, path, written, cells[written])
    raise_at_first((p > 1).to_numpy(), *place, "must be at most 1", "divide percentages by 100")
    # Half a unit of the last digit written here, and of the last one written anywhere: writers
    # drop zeros at the end.
    digits = np.array([Decimal(cell.strip()).as_tuple().exponent for cell in cells[written]], float)
    here, anywhere = n * 0.5 * 10**digits, n * 0.5 * 10 ** digits.min()
    off = (n * p - (n * p).round()).abs()
    remedy = "give n_passed instead, or the probability with all its digits; mend that row"
    sentence = f"times {names['n_trials']} must be a whole number of passed walls"
    raise_at_first((off > here + WHOLE).to_numpy(), *place, sentence, remedy)
    ambiguous = (off > WHOLE) & (1 - off < anywhere)
    sentence = f"times {names['n_trials']} is no whole number, and more than one lies within its "
    raise_at_first(ambiguous.to_numpy(), *place, f"{sentence}rounding", remedy)
    return table.assign(n_passed=(n * p).round().astype("int64"))


def _trials(cells: pd.DataFrame, names: Names, path: str | Path) -> pd.DataFrame:
    if "n_trials" in names:
        raise InputError(
            f"{names['outcome']!r} is of one trial, but {names['n_trials']!r} of many",
            path=path,
            where="header",
            remedy="call a number of passed walls n_passed, or remove one of the columns",
        )
    trials = _typed(cells, names, ["outcome"], path)
    told = trials["outcome"].str.lower().map(WORDS)
    sentence = f"must be one of {', '.join(OUTCOMES)}, or 1 and 0"
    place = (trials.index, path, names["outcome"], trials["outcome"])
    raise_at_first(told.isna().to_numpy(), *place, sentence)
    trials = trials.assign(outcome=told, path=str(path), field_mT=trials["field_mT"].round(6))
    counts = tally(trials, "wait longer in each trial or leave that field out")
    if "field_sd_mT" in trials:
        # Trials at one field, set with different care, scatter by their mean variance.
        variance = (trials["field_sd_mT"] ** 2).groupby(trials["field_mT"]).mean()
        counts["field_sd_mT"] = np.sqrt(variance.reindex(counts["field_mT"]).to_numpy())
    return counts
