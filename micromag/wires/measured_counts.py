"""Passing counts that were measured on a wire, as a table (CSV, Excel)."""

from pathlib import Path

import numpy as np
import pandas as pd

from dwsynapse.drives import DRIVES, FIELD
from dwsynapse.io.contracts import COUNTS
from dwsynapse.io.errors import InputError
from dwsynapse.io.notes import note_once
from dwsynapse.io.tables.cells import read_cells
from dwsynapse.io.tables.ignored_labels import note_labels

WANTED = "a table of passing counts with field_mT, n_trials, n_passed"
OF_FIELD = "give counts against a field: a track's current is no field of a wire"


def read_measured_counts(path: Path, wanted: str = WANTED) -> pd.DataFrame:
    """Read passing counts, rows of one field taken together, in the order of the fields.

    Parameters
    ----------
    path
        The table.
    wanted
        What the file should be, for errors.

    Returns
    -------
    DataFrame
        Columns field_mT, n_trials, n_passed.

    Raises
    ------
    InputError
        If it is no such table, or is against another quantity than a field.
    """
    names = {column.name for column in COUNTS.columns}
    drives = {drive.column for drive in DRIVES.values()}
    cells, declared = read_cells(path, wanted, (names | drives).__contains__)
    if others := [d for d in DRIVES.values() if d is not FIELD and d.column in cells]:
        raise InputError(f"counts against a {others[0].name}", path=path, remedy=OF_FIELD)
    counts = COUNTS.read(path)
    note_labels(cells, names, path)
    if "field_sd_mT" in counts and (counts["field_sd_mT"] > 0).any():
        note_once(path, "field_sd_mT is left out: fields are taken as exact")
    if declared is None and "n_undecided" in counts and (n := counts["n_undecided"].sum()):
        note_once(path, f"n_trials is taken as the decided trials, {n} undecided not among them")
    counts = counts.assign(field_mT=counts["field_mT"].round(6))
    counts = counts.groupby("field_mT", as_index=False)[["n_trials", "n_passed"]].sum()
    return counts.astype({"n_trials": np.int64, "n_passed": np.int64})
