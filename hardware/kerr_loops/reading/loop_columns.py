"""What the columns and arrays of loops are, by the names that laboratories give them."""

import re
from collections.abc import Iterable
from pathlib import Path

from dwsynapse.io.errors import InputError
from dwsynapse.io.tables.field_units import (
    BEYOND_MAGNETS_MT,
    DOUBTFUL_MT,
    FIELD_NAMES,
    NAME_IT,
    UNITS,
    WITH_UNIT,
)
from dwsynapse.io.tables.outcome_words import OUTCOME_WORDS
from hardware.kerr_loops.steps import Floats

PATTERNS = {
    "field_set": re.compile(rf"(field[ _]set|set[ _]field|propagation[ _]field){WITH_UNIT}"),
    "field": re.compile(rf"{FIELD_NAMES}{WITH_UNIT}"),
    "signal": re.compile(r"(kerr|moke|signal|voltage|intensity|rotation)([ _(\[/].*)?"),
    "loop": re.compile(r"(loop|trial|repeat|sweep|cycle)([ _]?(number|no\.?|id|index))?"),
    "outcome": re.compile(r"(known[ _])?outcome"),
}
"""Patterns of names in lower case, the more special ones first."""


def known_as(written: str) -> str | None:
    """Return which of `PATTERNS` a name stands for, or None."""
    name = written.strip().lower()
    return next((what for what, pattern in PATTERNS.items() if pattern.fullmatch(name)), None)


def named(written: Iterable[str], path: str | Path, where: str) -> dict[str, str]:
    """Return the names that a file gives to field, signal and what else is known of its loops.

    Raises
    ------
    InputError
        If two names mean the same, or the field or the signal is missing.
    """
    names: dict[str, str] = {}
    all_names = [*written]
    for name in all_names:
        what = known_as(name)
        if what in names:
            raise InputError(
                f"{names[what]!r} and {name!r} both mean the {what.replace('_', ' ')}",
                path=path,
                where=where,
                remedy="keep one of them",
            )
        if what is not None:
            names[what] = name
    for what, remedy in (
        ("field", f"name the field by its unit: {NAME_IT}"),
        ("signal", "name the signal of the magnetometer: signal, or kerr"),
    ):
        if what not in names:
            raise InputError(
                f"no {what} (found {', '.join(all_names) or 'nothing'})",
                path=path,
                where=where,
                remedy=remedy,
            )
    return names


def unit_of(written: str) -> str | None:
    """Return the unit in the name of a field, as in `UNITS`; None if it has none."""
    found = PATTERNS[known_as(written) or "field"].fullmatch(written.strip().lower())
    return None if found is None else found["unit"]


def factor_to_mT(written: str, path: str | Path, where: str) -> float:
    """Return the factor to mT of the unit in the name of a field.

    Raises
    ------
    InputError
        If there is none.
    """
    unit = unit_of(written)
    if unit is None:
        raise InputError(
            f"{written!r} declares no unit",
            path=path,
            where=where,
            remedy=f"name it by its unit, as in {NAME_IT}",
        )
    return UNITS[unit]


def require_plausible(field_mT: Floats, written: str, path: str | Path, where: str) -> None:
    """Refuse fields that were likely written in another unit than their name says.

    Raises
    ------
    InputError
        If they are above 2 T.
    """
    highest = float(abs(field_mT).max())
    if highest > DOUBTFUL_MT:
        magnets = ", which no magnet reaches" if highest > BEYOND_MAGNETS_MT else ""
        raise InputError(
            f"{written!r} goes to {highest:g} mT{magnets}: no wall in a wire needs as much",
            path=path,
            where=where,
            remedy=f"name it by the unit it holds, as in {NAME_IT}",
        )


def known_outcome(word: object, path: str | Path, where: str) -> str:
    """Return a known outcome, passed or pinned, from a laboratory's word for it.

    Raises
    ------
    InputError
        If it is neither.
    """
    text = word.decode() if isinstance(word, bytes) else str(word)
    outcome = OUTCOME_WORDS.get(text.strip().lower())
    if outcome is None:
        raise InputError(
            f"{text!r} is no known outcome",
            path=path,
            where=where,
            remedy="write passed or pinned, and leave out loops of which it is not known",
        )
    return outcome
