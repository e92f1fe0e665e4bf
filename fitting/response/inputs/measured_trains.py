"""Measured pulse trains: a column of pulses and one of conductances."""

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.io.notes import note_once
from dwsynapse.io.number_format import counted
from dwsynapse.io.tables.cells import read_cells
from dwsynapse.io.tables.declared_table import Column, Table, raise_at_first
from dwsynapse.io.tables.ignored_labels import note_labels
from dwsynapse.io.tables.thousands import require_decimal
from fitting.response.inputs.pulse_directions import directions
from fitting.response.inputs.read_updates import ReadUpdates
from fitting.response.updates import Updates

UNITS_S = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ns": 1e-9, "ps": 1e-12}
UNIT = rf"\s*[_ ,(\[/]\s*(?P<unit>{'|'.join(UNITS_S)})\s*[)\]]?$"
CONDUCTANCE = re.compile(rf"(conductance|g)({UNIT})?")
OTHER_UNIT = re.compile(rf"{UNIT}|[_ (\[/](?P<other>[kmg]?(ohms?|ω|Ω)|[mnuµμ]?[av])\s*[)\]]?$")
PULSE = re.compile(r"(pulses?|n|number|sign|polarity|direction)([_ ](no\.?|number|sign|count))?|#")
REPLICA = re.compile(r"replica|cycle|device|repetition|run")
COLUMNS = "pulse, conductance_uS (or _S, _mS, _nS) and, if there are several, cycle or device"
WANTED = f"a pulse train (CSV): {COLUMNS}"
NONE_S = 1e-18
"""No instrument tells a lower conductance from none."""
MIXED = 300.0
"""No pulse changes a conductance by this factor: units of prefixes differ by 1000."""
MIN_PULSES = 5


def is_known(name: str) -> bool:
    """Return whether a column of pulse trains may have the name."""
    plain = name.strip().lower()
    return any(pattern.match(plain) for pattern in (CONDUCTANCE, PULSE, REPLICA))


def read_train(path: Path, columns: Mapping[str, str] | None = None) -> ReadUpdates:
    """Read a measured pulse train.

    Pulses of both signs are up and down. The conductance of a row was read before its pulse, as
    aihwkit keeps them (`fit_measurements`), or after it: whichever the steps fit better, which a
    note says. Pulses of one sign are numbers, which begin again where a new ramp starts; the
    conductance of a row was read after its pulse, and a ramp turns where the conductance has come
    back by three tenths of its range.

    Parameters
    ----------
    path
        The table.
    columns
        Names of columns that are not recognised, by ``pulse``, ``conductance_uS`` and so on, or
        ``cycle``.

    Raises
    ------
    InputError
        Naming the row and column that is wrong; if units are mixed or missing, or there are no
        pulses up or none down.
    """
    assigned = columns or {}
    cells = _cells(path, {written: what for what, written in assigned.items()})
    pulse, conductance, unit_S = _columns(cells, path, assigned)
    replicas = [n for n in cells.columns if REPLICA.fullmatch(n.strip().lower())]
    replica = next(iter(_assigned(replicas, assigned)), None)
    commas = cells.attrs.get("decimal_commas")
    if conductance not in (commas or ()):
        # Any conductance is plausible: points are doubtful only beside decimal commas.
        require_decimal(cells[conductance], commas, unit_S, (0, np.inf), path)
    cells, after_unread = _read_rows(cells, conductance, path)
    kept = cells[[pulse, conductance]]
    kept.attrs = cells.attrs
    table = Table("train", 1, (Column(pulse, "float"), Column(conductance, "float", low=0)))
    typed = table.typed(kept, path)
    values_S = typed[conductance].to_numpy() * unit_S
    _require_one_unit(typed[conductance], unit_S, path)
    numbers = _replica_numbers(cells, replica, path)
    same = np.append(False, np.diff(numbers) == 0) & ~after_unread
    follows, direction, notes = directions(typed[pulse], values_S, same, path)
    used = np.flatnonzero(follows)
    labels = _labels_of_both_ways(cells.iloc[used], direction[used])
    note_labels(cells[labels], (pulse, conductance, replica), path)
    _require_both_ways(direction[used], notes, path)
    return ReadUpdates(
        Updates(
            before_S=values_S[used - 1],
            after_S=values_S[used],
            direction=direction[used],
            continues=np.append(False, np.diff(used) == 1),
            replica=numbers[used],
        ),
        "measured pulses",
        (path,),
        notes,
        {"pulses": len(used)},
    )


def _cells(path: Path, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the cells of a table under the names that are assigned, by those in the file."""
    cells, _ = read_cells(path, WANTED, is_known)
    if absent := [written for written in names if written not in cells]:
        raise InputError(
            f"no column {absent[0]!r} (found {', '.join(cells.columns)})",
            path=path,
            where="--columns",
            remedy="give it as in --columns conductance_uS=NAME",
        )
    _note_other_units(names, path)
    replaced = [what for what in names.values() if what in cells and what not in names]
    return cells.drop(columns=replaced).rename(columns=names)


def _read_rows(
    cells: pd.DataFrame, conductance: str, path: Path
) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """Return the rows with a reading, and which of them come after one without.

    The pulse of a row without was given: the step between its neighbours is that of two pulses.
    """
    unread = cells[conductance].isna().to_numpy()
    if unread.any():
        note_once(
            path,
            f"{counted(int(unread.sum()), 'row')} without a conductance (first: row "
            f"{cells.index[unread][0]}): the steps before and after are left out",
        )
    return cells[~unread], np.append(False, unread[:-1])[~unread]


def _replica_numbers(cells: pd.DataFrame, replica: str | None, path: Path) -> NDArray[np.int64]:
    """Return the number of each row's cycle or device, shape (n_rows,)."""
    if replica is None:
        return np.zeros(len(cells), dtype=np.int64)
    numbers = pd.factorize(cells[replica])[0].astype(np.int64)
    if replica.strip().lower() == "device" and numbers.max() > 0:
        problem = f"{numbers.max() + 1} devices are taken as one, over the range of all"
        note_once(path, f"{problem}; for the response of each give its rows alone")
    return numbers


def _require_both_ways(direction: NDArray[np.int64], notes: Sequence[str], path: Path) -> None:
    for way, word in ((1, "up"), (-1, "down")):
        if (direction == way).sum() < MIN_PULSES:
            raise InputError(
                f"{counted(int((direction == way).sum()), 'pulse')} {word}"
                + f" ({'; '.join(notes)})" * bool(notes),
                path=path,
                remedy=f"give ramps up and down, of {MIN_PULSES} pulses or more each",
            )


def _note_other_units(names: Mapping[str, str], path: Path) -> None:
    """Say that a column whose name has another unit is taken for a conductance."""
    for written, what in names.items():
        meant = CONDUCTANCE.fullmatch(what.strip().lower())
        found = OTHER_UNIT.search(written.strip().lower())
        if not (meant and meant["unit"] and found):
            continue
        if UNITS_S.get(found["unit"]) != UNITS_S[meant["unit"]]:
            note_once(path, f"{written!r} is taken as {what}, as --columns says")


def _assigned(columns: list[str], assigned: Collection[str]) -> list[str]:
    """Return those of several columns of one meaning that the user assigned, if there are any."""
    return [name for name in columns if name in assigned] or columns


def _labels_of_both_ways(cells: pd.DataFrame, direction: NDArray[np.int64]) -> list[str]:
    """Return columns whose every label has pulses up and down: a pulse's voltage has one."""
    up = pd.Series(direction > 0, cells.index)
    # Noise may move a turn by a pulse or two: a voltage of one direction is far below a tenth.
    return [n for n in cells.columns if up.groupby(cells[n]).mean().between(0.1, 0.9).all()]


def _columns(cells: pd.DataFrame, path: Path, assigned: Collection[str]) -> tuple[str, str, float]:
    """Return the names of the columns of pulses and conductance, and its unit in S."""
    names = []
    for what, pattern, example in (
        ("pulses", PULSE, "pulse"),
        ("conductance", CONDUCTANCE, "conductance_uS"),
    ):
        several = [n for n in cells.columns if pattern.fullmatch(n.strip().lower())]
        several = _assigned(several, assigned)
        if len(several) != 1:
            problem = f"columns {' and '.join(several)}" if several else "no column"
            raise InputError(
                f"{problem} of {what} (found {', '.join(cells.columns)})",
                path=path,
                where="header",
                remedy=f"give {COLUMNS}; or assign it, as in --columns {example}=NAME",
            )
        names += several
    pulse, conductance = names
    match = CONDUCTANCE.fullmatch(conductance.strip().lower())
    if match is None or match["unit"] is None:
        raise InputError(
            f"no unit of the conductance {conductance!r}",
            path=path,
            where="header",
            remedy="name it by its unit, as in conductance_uS",
        )
    return pulse, conductance, UNITS_S[match["unit"]]


def _require_one_unit(values: pd.Series, unit_S: float, path: Path) -> None:
    """Refuse conductances that jump by a factor that only a change of unit explains."""
    numbers = values.to_numpy()
    none, sentence = unit_S * numbers <= NONE_S, f"must be above {NONE_S:g} S"
    raise_at_first(none, values.index, path, str(values.name), values, sentence)
    typical = np.median(numbers)
    ratios = np.maximum(numbers / typical, typical / numbers)
    raise_at_first(
        ratios > MIXED,
        values.index,
        path,
        str(values.name),
        values,
        f"is {ratios[np.argmax(ratios > MIXED)]:.2g} times off the median conductance: are units "
        "mixed?",
        "write all rows in one unit, without outliers",
    )
