"""Loops in files of arrays, NPZ and HDF5."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dwsynapse.io.damaged_archives import UNREADABLE_HDF5, UNREADABLE_NPZ
from dwsynapse.io.errors import InputError
from dwsynapse.io.file_kinds import NPZ, STARTS, unreadable
from dwsynapse.io.limits import MAX_NUMBER
from dwsynapse.io.tables.field_units import unit_attribute, with_unit
from hardware.kerr_loops.loops import Loops
from hardware.kerr_loops.reading.loop_columns import (
    factor_to_mT,
    known_as,
    known_outcome,
    named,
    require_plausible,
)
from hardware.kerr_loops.steps import Floats

HDF5 = STARTS[b"\x89HDF"]
WANTED_NPZ, WANTED_HDF5 = "Kerr loops (NPZ)", "Kerr loops (HDF5)"


def read_npz(path: Path) -> list[Loops]:
    """Read loops from arrays of numpy; see `loops_of_arrays`.

    Raises
    ------
    InputError
        Naming the file and array of the first defect.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            return [loops_of_arrays(dict(file), path)]
    except InputError:
        raise
    except UNREADABLE_NPZ as error:
        remedy = "copy or write it again, with numpy.savez and numbers only"
        raise unreadable(
            path, WANTED_NPZ, f"not a whole NPZ file ({str(error)[:60]})", remedy, NPZ
        ) from error


def read_hdf5(path: Path) -> list[Loops]:
    """Read loops from datasets in the root of an HDF5 file or in its groups.

    What is said of a loop may be an attribute of the group as well; the unit of a field may be its
    attribute ``unit`` or ``units``.

    Raises
    ------
    InputError
        Naming the file, group and dataset of the first defect.
    """
    import h5py

    try:
        with h5py.File(path) as file:
            groups = _groups_with_data(file)
            if not groups:
                raise InputError(
                    "no datasets", path=path, remedy="give a field and a signal for each loop"
                )
            return [
                loops_of_arrays(_arrays_of(group, path), path, group.name.rstrip("/"))
                for group in groups
            ]
    except InputError:
        raise
    except UNREADABLE_HDF5 as error:
        problem = f"not a whole HDF5 file ({error})"
        raise unreadable(path, WANTED_HDF5, problem, "copy or write it again", HDF5) from error


def _groups_with_data(file: Any) -> list[Any]:
    import h5py

    groups = [file]
    file.visititems(lambda _, part: groups.append(part) if isinstance(part, h5py.Group) else None)
    return [g for g in groups if any(isinstance(part, h5py.Dataset) for part in g.values())]


def _arrays_of(group: Any, path: Path) -> dict[str, Any]:
    import h5py

    arrays: dict[str, Any] = dict(group.attrs)
    for name, part in group.items():
        if not isinstance(part, h5py.Dataset):
            continue
        unit = unit_attribute(part)
        if unit is not None and known_as(name) in ("field", "field_set"):
            name = with_unit(name, unit, path, part.name)
        arrays[name] = part[()]
    return arrays


def loops_of_arrays(arrays: Mapping[str, Any], path: Path, group: str = "") -> Loops:
    """Return loops from arrays by name.

    Parameters
    ----------
    arrays
        The signal, shape (n_points,) or (n_loops, n_points); the field, of the same shape, or
        (n_points,) for all loops; and where known the set field, the number or name of the loop
        and the outcome, one of each or shape (n_loops,).
    path, group
        The file, and the place in it.

    Raises
    ------
    InputError
        Naming the file and array of the first defect.
    """
    names = named(arrays, path, group or "arrays")

    def place(what: str) -> tuple[str, Path, str]:
        return names[what], path, f"{group}/{names[what]}" if group else f"array {names[what]}"

    signal = np.atleast_2d(_numbers(arrays[names["signal"]], *place("signal")[1:]))
    field_mT = np.atleast_2d(_numbers(arrays[names["field"]], *place("field")[1:]))
    _require_finite(field_mT, *place("field")[1:])
    field_mT = field_mT * factor_to_mT(*place("field"))
    n_loops, n_points = signal.shape if signal.ndim == 2 else (0, 0)
    if signal.ndim != 2 or field_mT.shape not in {(1, n_points), signal.shape}:
        raise InputError(
            f"shape {np.shape(arrays[names['field']])}, where the signal has the shape "
            f"{np.shape(arrays[names['signal']])}",
            path=path,
            where=place("field")[2],
            remedy="give a field for each point, of all loops or of each: (n_loops, n_points)",
        )
    if signal.size == 0:
        where = place("signal")[2]
        raise InputError("no points", path=path, where=where, remedy="give loops, or remove it")
    _require_finite(signal, *place("signal")[1:])
    require_plausible(field_mT, *place("field"))

    def of_each(what: str, values: Any) -> Any:
        values = np.ravel(values)
        if len(values) not in (1, n_loops):
            raise InputError(
                f"{len(values)} values for {n_loops} loops",
                path=path,
                where=place(what)[2],
                remedy="give one value, or one for each loop",
            )
        return np.broadcast_to(values, n_loops)

    set_mT: Floats = np.full(n_loops, np.nan)
    if "field_set" in names:
        set_mT = of_each("field_set", _numbers(arrays[names["field_set"]], *place("field_set")[1:]))
        _require_finite(set_mT, *place("field_set")[1:])
        set_mT = (set_mT * factor_to_mT(*place("field_set"))).round(9)
        require_plausible(set_mT, *place("field_set"))
    numbers = of_each("loop", arrays[names["loop"]]) if "loop" in names else range(1, n_loops + 1)
    start = f"{path}: {group}" if group else f"{path}:"
    single = n_loops == 1 and "loop" not in names
    outcome = None
    if "outcome" in names:
        words = of_each("outcome", arrays[names["outcome"]])
        outcome = tuple(known_outcome(word, *place("outcome")[1:]) for word in words)
    return Loops(
        names=tuple(start.rstrip(":") if single else f"{start} loop {_text(n)}" for n in numbers),
        field_mT=np.broadcast_to(field_mT, signal.shape),
        signal=signal,
        field_set_mT=set_mT,
        outcome=outcome,
    )


def _numbers(values: Any, path: Path, where: str) -> Floats:
    array = np.asarray(values)
    if array.dtype.kind not in "fiu":
        raise InputError(
            f"{array.dtype} where numbers are expected",
            path=path,
            where=where,
            remedy="write it as an array of numbers",
        )
    return array.astype(float)


def _require_finite(values: Floats, path: Path, where: str) -> None:
    bad = ~(np.abs(values) <= MAX_NUMBER)
    if bad.any():
        first = np.argwhere(bad)[0] + 1
        more = f" (and {bad.sum() - 1} more)" if bad.sum() > 1 else ""
        point = f", point {first[1]}" if len(first) == 2 else ""
        raise InputError(
            f"must be a finite number (found {values[tuple(first - 1)]})",
            path=path,
            where=f"{where}, loop {first[0]}{point}{more}",
            remedy="correct it, or remove that loop",
        )


def _text(name: Any) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)
