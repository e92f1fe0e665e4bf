"""What drives a wall past its notch, each registered once in `DRIVES` for all rooms.

The rooms are written about a field: arrays and parameters of curves have the names of the first
drive (``field_mT``, ``h0_mT``), and for a device of another drive they are in its unit. What a user
reads and writes - columns, keys, texts, axes - has the drive's own names, by `Drive.said`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dwsynapse.io.errors import InputError
from dwsynapse.io.tables.field_units import EARTH_MT, FIELD_NAMES, UNITS

if TYPE_CHECKING:
    import pandas as pd

NOT_SAID = {"name", "names", "source", "sources", "drive", "provenance"}
"""Keys of a document whose values are no words about the drive."""


@dataclass(frozen=True, eq=False)
class Drive:
    """A quantity that a passing probability depends on.

    Parameters
    ----------
    name
        Its name in files, as in the column ``current_uA``.
    unit, unit_drawn
        Its unit in files, and in figures.
    label
        What axes of figures call it.
    names
        Pattern of the names of its columns in laboratories, in lower case.
    units
        Units of such columns in lower case, and their size in `unit`.
    negligible
        Below it a value was likely written in another unit, or in thousands.
    doubtful, impossible
        Above the first a value was likely written in another unit; none reaches the second.
    highest
        Highest value that may be asked for.
    must_have_unit
        Whether a column of that name without a unit is another one.
    pulse_keys
        What else a pulse of current has, which says what energy a read takes.
    """

    name: str
    unit: str
    unit_drawn: str
    label: str
    names: str
    units: dict[str, float]
    negligible: float
    doubtful: float
    impossible: float
    highest: float
    must_have_unit: bool = True
    pulse_keys: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how a copy is made: it is the registered drive itself, also in other processes."""
        return _registered, (self.name,)

    @property
    def column(self) -> str:
        """Its column of tables."""
        return f"{self.name}_{self.unit}"

    @cached_property
    def _words(self) -> dict[str, str]:
        """The words for a field, and those for this drive."""
        return {FIELD.label: self.label, FIELD.name: self.name, FIELD.unit: self.unit}

    def said(self, text: str, names: Sequence[str] = ()) -> str:
        """Return a text, column or key that is written about a field, about this drive.

        Names, those given and words in single quotation marks, stay.
        """
        if self is FIELD:
            return text
        return _with_words(text, self._words | {"magnet": "source"}, names)

    def of_field(self, text: str) -> str:
        """Return a column or key of this drive as it is written about a field."""
        back = {new: old for old, new in self._words.items()}
        return text if self is FIELD else _with_words(text, back)

    def drawn(self, text: str, names: Sequence[str] = ()) -> str:
        """Return a text of a figure that is written about a field, about this drive."""
        said = self.said(text, names)
        return said if self is FIELD else _with_words(said, {self.unit: self.unit_drawn}, names)

    def document(self, content: Any, names: Sequence[str] = ()) -> Any:
        """Return a document that is written about a field, about this drive: keys and texts."""
        return content if self is FIELD else _document(content, lambda t: self.said(t, names))

    def document_of_field(self, content: Any) -> Any:
        """Return a document of this drive as it is written about a field."""
        return content if self is FIELD else _document(content, self.of_field)

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Say the errors of what is written about a field about this drive."""
        try:
            yield
        except InputError as error:
            if self is FIELD:
                raise
            where, remedy = (text and self.said(text) for text in (error.where, error.remedy))
            problem = self.said(error.problem)
            raise InputError(problem, path=error.path, where=where, remedy=remedy) from error


def _with_words(text: str, words: dict[str, str], names: Sequence[str] = ()) -> str:
    """Return a text with other words, also in the plural and as parts of a key; names stay.

    So does a mean field, which is no field of a magnet.
    """
    stay = "|".join(["'[^']*'", "mean-field", *map(re.escape, names)])
    pattern = rf"{stay}|(?<![A-Za-z])({'|'.join(words)})(?=s?(?![A-Za-z]))"
    return re.sub(pattern, lambda found: words[found[1]] if found[1] else found[0], text)


def _document(content: Any, say: Callable[[str], str]) -> Any:
    if isinstance(content, str):
        return say(content)
    if isinstance(content, list | tuple):
        return [_document(item, say) for item in content]
    if isinstance(content, dict):
        return {
            say(key): item if key in NOT_SAID else _document(item, say)
            for key, item in content.items()
        }
    return content


FIELD = Drive(
    name="field",
    unit="mT",
    unit_drawn="mT",
    label="propagation field",
    names=FIELD_NAMES,
    units=UNITS,
    # Fields of walls in wires are of the order of millitesla: the first is that of the Earth, and
    # no magnet reaches 100 T.
    negligible=EARTH_MT,
    doubtful=2e3,
    impossible=1e5,
    highest=1e4,
    must_have_unit=False,
)
_REGISTERED = (
    FIELD,
    Drive(
        name="current",
        unit="uA",
        unit_drawn="µA",
        label="pulse current",
        names=r"((pulse|driving|drive|applied)[ _])?(current|i)",
        units={"na": 1e-3, "ua": 1.0, "µa": 1.0, "μa": 1.0, "ma": 1e3},
        negligible=0.1,
        doubtful=1e5,
        impossible=1e7,
        highest=1e6,
        pulse_keys=("resistance_ohm", "duration_ns"),
    ),
    Drive(
        name="duration",
        unit="ns",
        unit_drawn="ns",
        label="pulse duration",
        names=r"((pulse[ _])?duration|pulse[ _](width|length))",
        units={"ps": 1e-3, "ns": 1.0, "us": 1e3, "µs": 1e3, "μs": 1e3, "ms": 1e6},
        negligible=0.01,
        doubtful=1e8,
        impossible=1e12,
        highest=1e9,
        pulse_keys=("resistance_ohm", "current_uA"),
    ),
)
DRIVES = {drive.name: drive for drive in _REGISTERED}


def _registered(name: str) -> Drive:
    return DRIVES[name]


def drive_of(table: "pd.DataFrame") -> Drive:
    """Return the drive of a table of counts, by its column; a field where it has none.

    Raises
    ------
    InputError
        If the table has columns of several drives.
    """
    found = [drive for drive in DRIVES.values() if drive.column in table]
    if len(found) > 1:
        names = " and ".join(repr(drive.column) for drive in found)
        raise InputError(f"a table with {names}", where="header", remedy="keep one of them")
    return found[0] if found else FIELD


def of_field(table: "pd.DataFrame") -> "pd.DataFrame":
    """Return a table with the columns of its drive under the names of those of a field."""
    return table.rename(columns=drive_of(table).of_field)
