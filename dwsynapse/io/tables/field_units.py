"""Units of a magnetic field as laboratories write them after the names of columns."""

import re
from math import pi
from pathlib import Path
from typing import Any

from dwsynapse.io.errors import InputError

MT_PER_A_PER_M = 4e-4 * pi
UNITS = {
    "mt": 1.0,
    "t": 1e3,
    "oe": 0.1,
    "koe": 100.0,
    "g": 0.1,
    "ut": 1e-3,
    "µt": 1e-3,
    "μt": 1e-3,
    "a_per_m": MT_PER_A_PER_M,
    "a/m": MT_PER_A_PER_M,
    "ka_per_m": 1e3 * MT_PER_A_PER_M,
    "ka/m": 1e3 * MT_PER_A_PER_M,
}
"""Units of a field in lower case, and their size in mT (as mu0 H)."""

WITH_UNIT = rf"(\s*[_ ,(\[/]\s*(?P<unit>{'|'.join(UNITS)})\s*[)\]]?)?"
"""Pattern of a unit after a name in lower case, as in ``field_mT`` or ``H (A/m)``; it may lack."""
UNIT_AT_END = re.compile(rf"[_ ,(\[/](?P<unit>{'|'.join(UNITS)})\s*[)\]]?$")
"""The unit at the end of any name in lower case."""
FIELD_NAMES = r"((applied|propagation|magnetic|measured)[ _])?(field|h|b|(mu|[µμ])_?[0₀][ *]?h)"
"""Pattern of the names of a field, in lower case."""
NAME_IT = "field_mT, field_T, field_Oe, field_A_per_m or field_kA_per_m"
# Fields of walls in wires are of the order of millitesla. Above the first of these a wrong unit is
# more likely; no magnet reaches the second.
DOUBTFUL_MT, BEYOND_MAGNETS_MT = 2e3, 1e5
EARTH_MT = 0.05


def with_unit(written: str, unit: str, path: str | Path, where: str) -> str:
    """Return the name of a field with the unit that is given beside its name.

    Raises
    ------
    InputError
        If it is no unit of a field, or another one than that of the name.
    """
    declared, size = UNIT_AT_END.search(written.lower()), UNITS.get(unit.lower())
    if size is None or (declared and size != UNITS[declared["unit"]]):
        but = "no unit of a field"
        if declared:
            but = f"where its name is in {written[slice(*declared.span('unit'))]}"
        raise InputError(
            f"{written!r} has the unit {unit!r}, {but}",
            path=path,
            where=where,
            remedy=f"give the one unit it holds, in its name, as in {NAME_IT}",
        )
    return written if declared else f"{written} ({unit})"


def unit_attribute(dataset: Any) -> str | None:
    """Return the attribute ``units`` or ``unit`` of a dataset in HDF5, or None."""
    unit = dataset.attrs.get("units", dataset.attrs.get("unit"))
    unit = unit.decode(errors="replace") if isinstance(unit, bytes) else unit
    return unit.strip() if isinstance(unit, str) and unit.strip() else None
