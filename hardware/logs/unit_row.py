"""A row of units under the header of a log, as some programs write it."""

from collections.abc import Mapping

import pandas as pd

from dwsynapse.io.tables.field_units import UNIT_AT_END, UNITS

OTHERS = ("", "-", "1", "s")
"""What stands there for columns that are no fields."""


def with_unit_row(
    cells: pd.DataFrame, given: Mapping[str, str]
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return a log with such a row taken into the names of its columns, and those assigned.

    Parameters
    ----------
    cells
        The log as text.
    given
        Names in the file that the manifest assigns, by what they are.
    """
    units = {name: str(cell).strip(" ()[]") for name, cell in cells.iloc[0].fillna("").items()}
    of_fields = {name: unit for name, unit in units.items() if unit.lower() in UNITS}
    if not of_fields or any(
        name not in of_fields and unit not in OTHERS for name, unit in units.items()
    ):
        return cells, dict(given)
    named = {name: UNIT_AT_END.search(str(name).strip().lower()) for name in of_fields}
    if any(found and found["unit"] != of_fields[name].lower() for name, found in named.items()):
        return cells, dict(given)  # The row contradicts the names: it is refused as numbers.
    names = {name: f"{name} ({of_fields[name]})" for name, found in named.items() if found is None}
    assigned = {what: names.get(written, written) for what, written in given.items()}
    return cells.iloc[1:].rename(columns=names), assigned
