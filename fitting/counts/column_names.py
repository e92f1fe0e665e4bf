"""The columns of a laboratory's table by the names that laboratories give them."""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from dwsynapse.drives import DRIVES, FIELD, Drive
from dwsynapse.io.errors import InputError
from dwsynapse.io.notes import note_once
from dwsynapse.io.tables.declared_table import raise_at_first

Names = dict[str, str]

UNITS = {unit: size for drive in DRIVES.values() for unit, size in drive.units.items()}
"""Units of all drives in lower case, and their size in the unit of their drive."""
UNIT_AT_END = re.compile(rf"[_ ,(\[/](?P<unit>{'|'.join(UNITS)})\s*[)\]]?$")
"""The unit at the end of any name in lower case."""
DECLARE = "name it by its unit: field_mT, field_T, field_Oe, field_A_per_m or field_kA_per_m"
OTHER_NAMES = {
    "n_trials": "n trials ntrials attempts shots repeats repetitions total",
    "n_passed": "npassed passes successes k",
    "n_pinned": "npinned pinned pins not_passed n_not_passed stopped",
    "n_undecided": "nundecided undecided",
    "probability": "p prob p_pass passing_probability pass_probability fraction share",
    "outcome": "passed result",
}
"""Other names of columns in laboratories; capitals, blanks, # and points are ignored."""
KNOWN = {other: name for name, others in OTHER_NAMES.items() for other in others.split()}
NUMBER_AND_UNIT = rf"^\s*([-+]?[\d., ']*\d[\d.,]*(?:e[-+]?\d+)?)\s*({'|'.join(UNITS)})\s*$"
OTHER_UNIT = re.compile(r"[(\[]\s*(?P<unit>[^()\[\]]+?)\s*[)\]]\s*$|_(?P<letter>[As])$")
"""Of a name whose unit is none that is known: in brackets, or _A and _s."""
PERCENT = re.compile(r"[_ ]?(percent|[(\[/]?\s*%\s*[)\]]?)$")
IN_NUMBERS = re.compile(r"\s*[(\[]\s*(#|n|no\.?|counts?|number)\s*[)\]]\s*$")
"""What says that a column counts, as in ``Passed (#)``."""
_AS_PERCENTAGE = dict.fromkeys(("n_passed", "outcome", "probability"), "probability")
OF_DRIVES = {name: drive for drive in DRIVES.values() for name in (drive.name, f"{drive.name}_sd")}
"""The columns of what drives the wall, and of its spread."""
COLUMNS = (*OF_DRIVES, *OTHER_NAMES)
LEAST_NUMBERED = 4
"""Rows from which a column of 1, 2, 3, ... numbers them: so many counts are never 0 or 1 of it."""


def _pattern(drive: Drive) -> re.Pattern[str]:
    """Return the pattern of a drive's column in lower case, as in ``field_mT`` or ``H (A/m)``."""
    unit = rf"\s*[_ ,(\[/]\s*(?P<unit>{'|'.join(drive.units)})\s*[)\]]?"
    may_lack = "" if drive.must_have_unit else "?"
    return re.compile(rf"{drive.names}(?P<sd>[_ ](st?d|error))?({unit}){may_lack}")


PATTERNS = {drive.name: _pattern(drive) for drive in DRIVES.values()}


def with_given_names(
    cells: pd.DataFrame, given: Mapping[str, str], path: str | Path
) -> pd.DataFrame:
    """Return the table with the columns that the user names under the names known here.

    Parameters
    ----------
    cells
        The cells of the table (`dwsynapse.io.tables.cells.read_cells`).
    given
        Names that the header has, by what they are: field (with its unit, as in field_mT, where the
        header has none), field_sd, n_trials, n_passed, n_pinned, n_undecided, probability, outcome.
    path
        The file.

    Raises
    ------
    InputError
        If a name is not in the header, or is assigned to an unknown column.
    """
    renamed = {}
    for what, written in given.items():
        name = _meant(what)
        if name is None or written not in cells.columns:
            problem = f"{what}={written}: "
            problem += (
                f"no column {written!r} (found {', '.join(cells.columns)})"
                if name
                else f"{what!r} is none of {', '.join(COLUMNS)}"
            )
            remedy = "give it as in --columns field_mT=NAME, with the name in the header"
            raise InputError(problem, path=path, where="--columns", remedy=remedy)
        found = UNIT_AT_END.search(written.lower())
        has_none = name in OF_DRIVES and not _has_unit(what)
        if found and name in OF_DRIVES and not has_none and not _same_unit(what, found["unit"]):
            # Names may be wrong, which this puts right.
            note_once(
                path,
                f"{written!r} is taken as {what}, as --columns says; --columns "
                f"{name}={written} would take the unit of its name",
            )
        if not found and name in OF_DRIVES and (other := OTHER_UNIT.search(written)):
            unit = other["unit"] or other["letter"]
            problem = f"{written!r} is taken as {what}, as --columns says"
            note_once(path, f"{problem}; numbers in {unit} are not converted")
        renamed[written] = f"{what}_{found['unit']}" if has_none and found else what
        if is_percent(written) and not is_percent(what):
            renamed[written] = f"{what} (%)"
    meant = {_meant(what) for what in given}
    if any(drive in meant for drive in DRIVES):
        meant |= {name for name in OF_DRIVES if name.removesuffix("_sd") not in meant}
    others = [n for n in cells.columns if n not in renamed and known_as(n) in meant]
    return _renamed(cells.drop(columns=others), renamed)


def _renamed(cells: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the table with other names of columns, also of those with decimal commas."""
    result = cells.rename(columns=names)
    if "decimal_commas" in cells.attrs:
        result.attrs["decimal_commas"] = [
            names.get(name, name) for name in cells.attrs["decimal_commas"]
        ]
    return result


def named(cells: pd.DataFrame, path: str | Path) -> Names:
    """Return the names that a file gives to the columns known here, by `COLUMNS`.

    Raises
    ------
    InputError
        If two names mean the same column.
    """
    names: Names = {}
    for written in cells.columns:
        name = known_as(written)
        if name in names:
            raise InputError(
                f"{names[name]!r} and {written!r} are both columns of {name}",
                path=path,
                where="header",
                remedy="keep one of them",
            )
        if name is not None:
            names[name] = written
    if _is_of_single_trials(names, cells):
        note_once(path, f"each row is one trial: {names.pop('n_trials')!r} is not their number")
    elif "outcome" in names and {"n_trials", "n_pinned"} & names.keys() and "n_passed" not in names:
        # Next to a number of trials, what passed is a number too.
        names["n_passed"] = names.pop("outcome")
    return names


def _is_of_single_trials(names: Names, cells: pd.DataFrame) -> bool:
    """Return whether rows are single trials, although a column is named as a number of trials.

    That column then numbers the rows, from 0 or 1, or those of each field. Next to outcomes in
    words it may also be 1.
    """
    if "outcome" not in names or "n_trials" not in names or {"n_passed", "n_pinned"} & names.keys():
        return False
    outcomes = pd.to_numeric(cells[names["outcome"]], errors="coerce")
    if not (outcomes.isna() | outcomes.isin([0, 1])).all():
        return False
    numbers = pd.to_numeric(cells[names["n_trials"]], errors="coerce")
    if (numbers == 1).all():
        return bool(outcomes.isna().all())
    if len(cells) < LEAST_NUMBERED:
        return False
    field = next((written for name, written in names.items() if name in DRIVES), None)
    of_fields = [] if field is None else [run for _, run in numbers.groupby(cells[field])]
    return _runs(numbers) or (0 < len(of_fields) < len(cells) and all(map(_runs, of_fields)))


def _runs(numbers: pd.Series) -> bool:
    """Return whether these are 0, 1, 2, ... or 1, 2, 3, ..., in any order."""
    return numbers.min() in (0, 1) and bool(
        (np.sort(numbers) == numbers.min() + np.arange(len(numbers))).all()
    )


def drive_named(names: Names, cells: pd.DataFrame, path: str | Path) -> Drive:
    """Return what drives the walls of a table whose columns have these names.

    Raises
    ------
    InputError
        If it has columns of no drive, or of several.
    """
    drives = [drive for name, drive in DRIVES.items() if name in names]
    of_drives = [written for name, written in names.items() if name in OF_DRIVES]
    if len({OF_DRIVES[name].name for name in names if name in OF_DRIVES}) > 1:
        raise InputError(
            f"columns of several drives: {', '.join(map(repr, of_drives))}",
            path=path,
            where="header",
            remedy="keep the one that the passing probability depends on, with its own spread, or "
            f"assign it: --columns {OF_DRIVES[next(n for n in names if n in OF_DRIVES)].column}="
            f"{of_drives[0]}",
        )
    if not drives:
        others = " or ".join(d.column for d in DRIVES.values() if d is not FIELD)
        raise InputError(
            f"no field column of a known unit (found {', '.join(cells.columns)})",
            path=path,
            where="header",
            remedy=f"give the field, and {DECLARE} (of pulses, {others}); or assign it with its "
            "unit, as in --columns field_mT=NAME",
        )
    return drives[0]


def _meant(what: str) -> str | None:
    """Return which of `COLUMNS` the user means."""
    return what if what in OF_DRIVES else known_as(what)


def _of_drive(written: str) -> re.Match[str] | None:
    """Return how a name is that of the column of a drive, or None."""
    plain = written.lower().strip()
    return next(filter(None, (pattern.fullmatch(plain) for pattern in PATTERNS.values())), None)


def known_as(written: str) -> str | None:
    """Return which of `COLUMNS` a name stands for, or None."""
    plain = written.lower().strip()
    for drive, pattern in PATTERNS.items():
        if found := pattern.fullmatch(plain):
            return f"{drive}_sd" if found["sd"] else drive
    plain = IN_NUMBERS.sub("", PERCENT.sub("", written.lower()))
    plain = re.sub(r"[\s.#_-]+", "_", plain).strip("_")
    plain = plain.removeprefix("number_of_").removeprefix("no_of_")
    plain = {"passed_walls": "n_passed", "pinned_walls": "n_pinned"}.get(plain, plain)
    name = plain if plain in OTHER_NAMES else KNOWN.get(plain)
    # In percent, what passed is a probability; other counts in percent are not counts.
    return _AS_PERCENTAGE.get(name or "") if is_percent(written) else name


def factor_of(written: str, path: str | Path) -> float:
    """Return the factor to the drive's unit, as mT, of the unit that a column's name declares.

    Raises
    ------
    InputError
        If the name declares no unit.
    """
    found = _of_drive(written)
    if found is None or found["unit"] is None:
        what = "field_sd" if found is not None and found["sd"] else "field"
        raise InputError(
            f"the column {written!r} declares no unit",
            path=path,
            where="header",
            remedy=DECLARE.replace("field_", f"{what}_"),
        )
    return UNITS[found["unit"]]


def is_percent(written: str) -> bool:
    """Return whether the name of a column says that it contains percentages."""
    return PERCENT.search(written.lower().strip()) is not None


def with_unit_row(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the table with the units of a first row under the header taken into its names."""
    words = [
        ("" if cell is None else str(cell).strip(" ()[]")) for cell in cells.iloc[0].fillna("")
    ]
    units = [word.lower() in UNITS or word == "%" for word in words]
    plain = [
        not word or word in ("-", "1") or unit for word, unit in zip(words, units, strict=True)
    ]
    if not any(units) or not all(plain):
        return cells
    names = {
        name: f"{name} ({word})" if unit and not _has_unit(name) else name
        for name, word, unit in zip(cells.columns, words, units, strict=True)
    }
    of_drives = [known_as(name) in OF_DRIVES and _has_unit(name) for name in cells.columns]
    # A row that contradicts the names is refused as numbers.
    if any(
        of_drive and word.lower() in UNITS and not _same_unit(name, word.lower())
        for name, word, of_drive in zip(cells.columns, words, of_drives, strict=True)
    ):
        return cells
    return _renamed(cells.iloc[1:], names)


def with_cell_units(cells: pd.DataFrame, path: str | Path) -> pd.DataFrame:
    """Return the table with the units after fields, as in ``5 mT``, moved into their names.

    Raises
    ------
    InputError
        If a cell's unit differs from that of the name or of other cells.
    """
    result = cells.copy()
    for name in cells.columns:
        if known_as(name) not in OF_DRIVES:
            continue
        # Bare numbers lack a letter at the end, for which a look takes a tenth of the time.
        if not cells[name].str.strip().str.contains("[A-Za-z]$", na=False).any():
            continue
        parts = cells[name].str.extract(NUMBER_AND_UNIT, flags=re.IGNORECASE)
        units = parts[1].str.lower().map(UNITS)
        if units.isna().all():
            continue
        declared = factor_of(name, path) if _has_unit(name) else units.dropna().iloc[0]
        # A bare number is in the unit of the name; without one, its unit is unknown.
        other = units.notna() & (units != declared)
        if not _has_unit(name):
            other |= units.isna() & cells[name].notna()
        raise_at_first(
            other.to_numpy(),
            cells.index,
            path,
            name,
            cells[name],
            "not in the one unit of its column",
            "write all fields in one unit, in the name of the column",
        )
        unit = parts[1].dropna().iloc[0]
        result[name] = parts[0].where(units.notna(), cells[name])
        if not _has_unit(name):
            result = _renamed(result, {name: f"{name} ({unit})"})
    return result


def _same_unit(name: str, unit: str) -> bool:
    """Return whether a unit is that of the name of a drive's column."""
    found = _of_drive(name)
    drive = OF_DRIVES[_meant(name) or ""]
    return found is not None and drive.units.get(unit) == UNITS[found["unit"]]


def _has_unit(name: str) -> bool:
    found = _of_drive(name)
    return is_percent(name) or (found is not None and found["unit"] is not None)
