"""Units of a magnetic field as laboratories write them after the names of columns."""

import re
from math import pi

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
# Fields of walls in wires are of the order of millitesla. Above the first of these a wrong unit is
# more likely; no magnet reaches the second.
DOUBTFUL_MT, BEYOND_MAGNETS_MT = 2e3, 1e5
