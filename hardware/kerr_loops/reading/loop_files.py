"""The files of a folder of Kerr loops: which there are, and what fields their names say."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from dwsynapse.io.errors import InputError
from dwsynapse.io.file_kinds import NPZ, kind_of
from dwsynapse.io.files import require_file
from dwsynapse.io.tables.field_units import UNITS
from hardware.kerr_loops.loops import Loops
from hardware.kerr_loops.reading.loop_arrays import HDF5, read_hdf5, read_npz
from hardware.kerr_loops.reading.loop_tables import read_table

SUFFIXES = (".csv", ".tsv", ".txt", ".dat", ".npz", ".h5", ".hdf5", ".hdf")
FIELD_IN_NAME = re.compile(
    r"(?<![\d.,])(?<!\d[eEpP])(?P<value>\d+(?:[.,pP]\d+)?)[ _]?(?P<unit>mT|T|kOe|Oe|uT|µT)"
    r"(?![A-Za-z])"
)
"""A point, a comma or a p is decimal: 4.6mT, 4,6mT, 4p6mT."""
DECIMAL = re.compile("[,pP]")


def loop_files(path: Path) -> list[Path]:
    """Return the files with loops of a folder and the folders in it, or the one file given.

    Raises
    ------
    InputError
        If there are none.
    """
    if not path.is_dir():
        require_file(path, f"a folder of Kerr loops, or a file ({', '.join(SUFFIXES)})")
        return [path]
    found = sorted(
        file
        for file in path.rglob("*")
        if file.suffix.lower() in SUFFIXES
        and file.is_file()
        and not any(part.startswith(".") for part in file.relative_to(path).parts)
    )
    if not found:
        raise InputError(
            "no loops in this folder", path=path, remedy=f"put files there ({', '.join(SUFFIXES)})"
        )
    return found


def read_loops(path: Path) -> list[Loops]:
    """Read the loops of a file: text, NPZ or HDF5, as its content shows.

    The set field is that of the file, or else the only one in the name of the file, such as
    ``wire_4.6mT_017.csv``; NaN where there is none.

    Raises
    ------
    InputError
        Naming the file, place and remedy of the first defect.
    """
    kind = kind_of(path)
    read = read_npz if kind == NPZ else read_hdf5 if kind == HDF5 else read_table
    set_mT = field_in_name(path)
    return [
        replace(part, field_set_mT=np.where(np.isnan(part.field_set_mT), set_mT, part.field_set_mT))
        for part in read(path)
    ]


def field_in_name(path: Path) -> float:
    """Return the field in mT in the name of a file; NaN if it has none.

    Raises
    ------
    InputError
        If it has several.
    """
    found = {
        round(float(DECIMAL.sub(".", m["value"])) * UNITS[m["unit"].lower()], 9)
        for m in FIELD_IN_NAME.finditer(path.name)
    }
    if len(found) > 1:
        raise InputError(
            f"several fields in the name ({', '.join(f'{f:g} mT' for f in sorted(found))})",
            path=path,
            remedy="say the propagation field in the file, as in a column field_set_mT",
        )
    return found.pop() if found else np.nan
