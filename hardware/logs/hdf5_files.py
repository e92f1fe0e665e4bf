"""Logs in HDF5: one dataset for each column, or one table."""

from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dwsynapse.io.damaged_archives import UNREADABLE_HDF5
from dwsynapse.io.errors import InputError
from dwsynapse.io.file_kinds import STARTS, unreadable
from dwsynapse.io.tables.field_units import UNITS, unit_attribute, with_unit
from hardware.logs.columns import LogColumn, known_as, log_columns, require_seconds
from hardware.logs.typed_reads import typed_reads

HDF5 = STARTS[b"\x89HDF"]
ROWS = 2**20
SHAPE = "give one dataset for each column, all of one length, in the root or in one group"


def hdf5_parts(
    path: Path, given: Mapping[str, str], attrs: dict[Hashable, Any]
) -> Iterator[pd.DataFrame]:
    """Yield the reads of an HDF5 file, a million at a time.

    Columns are datasets of one length in the root or in a group, or the fields of one compound
    dataset. The unit of a field may be its attribute ``unit`` or ``units``; `attrs` gets
    ``synthetic`` where the root has such an attribute.

    Raises
    ------
    InputError
        Naming the file and the first defect.
    """
    import h5py

    try:
        with h5py.File(path) as file:
            if "synthetic" in file.attrs:
                attrs["synthetic"] = bool(file.attrs["synthetic"])
            datasets = _datasets(file, given, path)
            # The manifest may leave out a unit that is an attribute.
            full = {name.partition(" (")[0]: name for name in datasets}
            named = {what: full.get(name, name) for what, name in given.items()}
            columns = log_columns(datasets, named, path)
            for column in columns:
                data, of_table = datasets[column.written]
                if of_table is None:
                    _require_known_unit(column, unit_attribute(data), path)
            used = {column.written: datasets[column.written] for column in columns}
            lengths = {name: _length(name, data, path) for name, data in used.items()}
            n_rows = min(lengths.values())
            for name, length in lengths.items():
                if length != n_rows:
                    raise InputError(
                        f"{length} values, where others have {n_rows}",
                        path=path,
                        where=f"dataset {name}",
                        remedy=SHAPE,
                    )
            for start in range(0, n_rows, ROWS):
                rows = {name: _cells(data, start, ROWS) for name, data in used.items()}
                part = pd.DataFrame(rows)
                part.index = pd.RangeIndex(start + 1, start + 1 + len(part))
                yield typed_reads(part, columns, path)
    except InputError:
        raise
    except UNREADABLE_HDF5 as error:
        problem = f"not a whole HDF5 file ({' '.join(str(error).split())[:200]})"
        raise unreadable(path, "an HDF5 log", problem, "copy or write it again", HDF5) from error


def _datasets(file: Any, given: Mapping[str, str], path: Path) -> dict[str, Any]:
    """Return the columns of the group, or of the table, that has the most names known here."""
    import h5py

    groups: list[dict[str, Any]] = [{}]

    def look(_: str, part: Any) -> None:
        if isinstance(part, h5py.Group):
            groups.append(_members(part))
        elif isinstance(part, h5py.Dataset) and part.dtype.names:
            groups.append({name: (part, name) for name in part.dtype.names})

    groups.append(_members(file))
    file.visititems(look)

    def known(group: dict[str, Any]) -> int:
        return sum(known_as(name) is not None or name in given.values() for name in group)

    best = sorted(groups, key=known)[-1]
    if not known(best):
        raise InputError("no dataset with the name of a column", path=path, remedy=SHAPE)
    if sum(known(group) == known(best) for group in groups) > 1:
        raise InputError("several groups that may be the log", path=path, remedy=SHAPE)
    return best


def _members(group: Any) -> dict[str, Any]:
    import h5py

    found: dict[str, Any] = {}
    for name, part in group.items():
        if not isinstance(part, h5py.Dataset) or part.dtype.names:
            continue
        unit = unit_attribute(part)
        if unit is not None and unit.lower() in UNITS:
            name = with_unit(name, unit, Path(part.file.filename), f"dataset {name}")
        found[name] = (part, None)
    return found


def _require_known_unit(column: LogColumn, unit: str | None, path: Path) -> None:
    """Refuse a field or time whose attribute is a unit that it is not read in."""
    if unit is None:
        return
    if column.name.startswith("field"):
        with_unit(column.written, unit, path, f"dataset {column.written}")
    elif column.name == "timestamp_s":
        require_seconds(f"{column.written} ({unit})", path)


def _length(name: str, column: tuple[Any, str | None], path: Path) -> int:
    data, _ = column
    if len(data.shape or ()) != 1:
        raise InputError(
            f"shape {data.shape}, not one value for each read",
            path=path,
            where=f"dataset {name}",
            remedy=SHAPE,
        )
    return int(data.shape[0])


def _cells(column: tuple[Any, str | None], start: int, n_rows: int) -> Any:
    data, field = column
    values = data[start : start + n_rows] if field is None else data[start : start + n_rows][field]
    if values.dtype.kind in "SO":
        text = [v.decode(errors="replace") if isinstance(v, bytes) else v for v in values]
        return np.array(text, dtype=object)
    return values
