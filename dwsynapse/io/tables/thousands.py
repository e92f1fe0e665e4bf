"""Commas and points of a quantity that may be decimal or separate thousands."""

from pathlib import Path

import pandas as pd

from dwsynapse.io.errors import InputError

THREE_DIGITS = r"[-+]?[1-9]\d{0,2}\.\d{3}"
WHOLE = r"[-+]?\d+"
# Of a whole number beside it, as 950 beside 1.050.
MUCH_SMALLER = 100


def require_decimal(
    cells: pd.Series,
    decimal_commas: list[str] | None,
    size: float,
    limits: tuple[float, float],
    path: str | Path,
) -> None:
    """Refuse numbers such as 2.250 (or 1,250) that are as likely thousands, as Germans write them.

    Numbers with commas are doubtful where all have three digits behind it and thousands are
    plausible. So are those with points where other columns have decimal commas. Where commas are
    not seen, points are decimal unless the numbers are then implausibly small: all of them, or
    beside the whole numbers of their column.

    Parameters
    ----------
    cells
        A column of a table (`dwsynapse.io.tables.cells.read_cells`): decimal commas are points.
    decimal_commas
        The columns that had such; None where commas separate, so that points are decimal.
    size, limits
        The unit of the numbers, in that of the values below and above which none is plausible.
    path
        The file.

    Raises
    ------
    InputError
        Naming the row and the column of the first one, and what to write.
    """
    least, doubtful = limits
    if decimal_commas is None:
        return
    texts = cells.dropna().astype(str).str.strip()
    doubted = texts[texts.str.fullmatch(THREE_DIGITS)]
    others = texts.drop(doubted.index)
    if doubted.empty or not others.str.fullmatch(WHOLE).all():
        return
    values = size * doubted.astype(float).abs()
    # Thousands of a unit in which no wall needs as much are no other reading.
    if 1000 * values.max() > doubtful:
        return
    commas = cells.name in decimal_commas
    whole = size * others.astype(float).abs()
    much_smaller = whole.max() > MUCH_SMALLER * values.min()
    if not (decimal_commas or values.max() < least or much_smaller):
        return
    first, sign = doubted.iloc[0], "," if commas else "."
    raise InputError(
        f"{'commas' if commas else 'points'} that may be decimal or separate thousands (found "
        f"{first.replace('.', sign)!r})",
        path=path,
        where=f"row {doubted.index[0]}, column {cells.name}",
        remedy=f"write {first.replace('.', '')} or {first if commas else first + '0'}",
    )
