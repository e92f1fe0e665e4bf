"""The columns of a log by the names that laboratories give them, and the units of its fields."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dwsynapse.io.errors import InputError
from dwsynapse.io.tables.field_units import UNIT_AT_END, UNITS, WITH_UNIT
from hardware.logs.contract import LOG

PATTERNS = {
    "field_set": rf"(field[ _]set|set[ _]field|propagation[ _]field){WITH_UNIT}",
    "field_measured": rf"(field[ _]measured|measured[ _]field){WITH_UNIT}",
    "timestamp": r"(timestamp|time|date[ _]?time)([ _(\[]\s*s\s*[)\]]?)?",
    **{name: name for name in ("image", "out", "in", "read", "outcome")},
}
"""Names in lower case, of what a log has."""
OTHER_TIMES = re.compile(
    r"[_ (\[/](ms|us|µs|ns|min|h|(milli|micro|nano)seconds?|minutes?|hours?)\s*[)\]]?$"
)
MAX_SHOWN = 300
"""Characters of a header in an error."""
ASSIGN = (
    "rename the column, or assign it: --columns {what}=NAME of `python -m hardware manifest`, or "
    '"columns": {{"{what}": "NAME"}} in the manifest'
)


@dataclass(frozen=True)
class LogColumn:
    """A column of a log.

    Parameters
    ----------
    name
        What it is, as in `LOG`.
    written
        What the file calls it.
    to_mT
        Factor to mT of a field; 1 for other columns.
    """

    name: str
    written: str
    to_mT: float = 1.0


def known_as(written: str) -> str | None:
    """Return which of `PATTERNS` a name stands for, or None."""
    name = written.strip().lower()
    found = (what for what, pattern in PATTERNS.items() if re.fullmatch(pattern, name))
    return next(found, None)


def log_columns(
    header: Iterable[str], given: Mapping[str, str], path: str | Path
) -> list[LogColumn]:
    """Return the columns of a log that are known here.

    Parameters
    ----------
    header
        Names in the file.
    given
        Names that the manifest assigns, by what they are, as in ``{"field_set_mT": "B (T)"}``; the
        unit is that of the name in the file, unless the one on the left is another than mT.
    path
        The file.

    Raises
    ------
    InputError
        If a column is missing or there twice, or a field has no unit.
    """
    names = [*header]
    shown = ", ".join(names)[:MAX_SHOWN]
    assigned = {_what(what, path): (what, written) for what, written in given.items()}
    for what, written in assigned.values():
        if written not in names:
            raise InputError(
                f"no column {written!r}, which should be {what} (found {shown})",
                path=path,
                where="header",
                remedy="correct the name in --columns or in the manifest's columns",
            )
    found = {what: written for what, (_, written) in assigned.items()}
    twice = next((name for name in found.values() if [*found.values()].count(name) > 1), None)
    if twice is not None or len(assigned) < len(given):
        raise InputError(
            f"{twice!r} is assigned twice" if twice else "one thing is assigned twice",
            path=path,
            where="columns",
            remedy="assign each column once",
        )
    for written in names:
        meant = known_as(written)
        if meant is None or meant in assigned or written in found.values():
            continue
        if meant in found:
            raise InputError(
                f"{found[meant]!r} and {written!r} are both columns of {meant}",
                path=path,
                where="header",
                remedy=ASSIGN.format(what=meant),
            )
        found[meant] = written
    columns = []
    for column in LOG.columns:
        plain = column.name.removesuffix("_mT").removesuffix("_s")
        if plain in found:
            left = assigned.get(plain, ("", ""))[0]
            factor = _factor(found[plain], left, path) if plain.startswith("field") else 1.0
            if plain == "timestamp":
                require_seconds(found[plain], path)
            columns.append(LogColumn(column.name, found[plain], factor))
        elif column.required:
            raise InputError(
                f"no column {column.name!r} (found {shown})",
                path=path,
                where="header",
                remedy=ASSIGN.format(what=column.name),
            )
    return columns


def require_seconds(written: str, path: str | Path) -> None:
    """Refuse a time whose name has another unit than seconds."""
    if OTHER_TIMES.search(written.lower()):
        raise InputError(
            f"{written!r} is not in seconds",
            path=path,
            where="columns",
            remedy="write seconds, or date and time",
        )


def _what(given: str, path: str | Path) -> str:
    what = known_as(given)
    if what is None:
        raise InputError(
            f"{given[:100]!r} is no column of a log",
            path=path,
            where="columns",
            remedy=f"assign one of {', '.join(c.name for c in LOG.columns)}",
        )
    return what


def _factor(written: str, left: str, path: str | Path) -> float:
    """Return the factor to mT of a field: by its name in the file, unless another is assigned.

    The name of the quantity itself, as in field_set_mT, does not say that the column holds mT.
    """
    in_file, assigned = (UNIT_AT_END.search(name.strip().lower()) for name in (written, left))
    unit = assigned if assigned and assigned["unit"] != "mt" else in_file or assigned
    if unit is None:
        raise InputError(
            f"the column {written!r} declares no unit",
            path=path,
            where="header",
            remedy=ASSIGN.format(what="field_set_mT") + ", with the unit it has",
        )
    return UNITS[unit["unit"]]
