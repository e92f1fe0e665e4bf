"""All loops of a folder: read, cut to the branch, and searched for steps in batches."""

from collections import defaultdict
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pandas as pd

from dwsynapse.io.errors import InputError
from dwsynapse.io.notes import note_once
from dwsynapse.io.number_format import counted
from dwsynapse.io.progress_bars import progress_bar
from hardware.kerr_loops.loops import Loops
from hardware.kerr_loops.outcomes import Rules, found_steps, with_outcomes
from hardware.kerr_loops.reading.loop_files import SUFFIXES, loop_files, read_loops

BATCH = 1000
"""Loops of equal length that are searched together."""
SAY_THE_FIELD = (
    "say the propagation field: in a column field_set_mT, in a line # field_set_mT: 4.6 above the "
    "header, or in the name of the file, as in wire_4.6mT_017.csv"
)
EXAMPLES = 2
"""Loops of each number of steps in each batch that are kept for the figure."""


def decided_loops(
    folder: Path, rules: Rules, *, known: bool = False
) -> tuple[pd.DataFrame, dict[str, Loops]]:
    """Read the loops of a folder, or of a file, and decide their outcomes.

    Parameters
    ----------
    folder
        The folder.
    rules
        How outcomes are decided.
    known
        Whether the loops are a calibration set, with known outcomes and perhaps without set fields.

    Returns
    -------
    decided : DataFrame
        One row per loop in the order of the files (`hardware.kerr_loops.outcomes.OUTCOMES`); of a
        calibration set with a column ``known``.
    examples : dict of Loops
        Branches of some loops, by the name of the loop.

    Raises
    ------
    InputError
        Naming the file, place and remedy of the first defect.
    """
    batches: dict[int, list[Loops]] = defaultdict(list)
    found: list[pd.DataFrame] = []
    kept: dict[str, Loops] = {}
    files = loop_files(folder)
    first_with: dict[bytes, str] = {}
    copies: list[str] = []

    def search(n_points: int) -> None:
        loops = Loops.joined(batches.pop(n_points))
        steps = found_steps(loops, rules)
        found.append(steps.assign(known=loops.outcome) if known else steps)
        sure = steps["confidence"] >= rules.min_confidence
        for chosen in (~sure, *(sure & (steps["n_steps"] == n) for n in range(4))):
            for row in np.flatnonzero(chosen)[:EXAMPLES]:
                kept[loops.names[row]] = _only(loops, row)

    for path in progress_bar(files, desc="files of loops", unit="file"):
        for loops in _read(path, rules, known, several=len(files) > 1):
            for name, signal in zip(loops.names, loops.signal, strict=True):
                first = first_with.setdefault(blake2b(signal.tobytes()).digest(), name)
                if first is not name:
                    copies.append(f"{name} that of {first}")
            n_points = loops.signal.shape[1]
            batches[n_points].append(loops)
            if sum(len(part.names) for part in batches[n_points]) >= BATCH:
                search(n_points)
    for n_points in list(batches):
        search(n_points)
    if copies:
        note_once(
            folder,
            f"{counted(len(copies), 'loop')} with exactly the signal of another, such as "
            f"{copies[0]}: copies are counted like other loops; remove them",
        )
    table = pd.concat(found, ignore_index=True)
    if (again := table["loop"].duplicated()).any():
        raise InputError(
            "the loop occurs twice", path=table["loop"][again].iloc[0], remedy="number the loops"
        )
    return with_outcomes(table, rules), kept


def _read(path: Path, rules: Rules, known: bool, several: bool) -> list[Loops]:
    try:
        read = [loops.branch(rules.branch) for loops in read_loops(path)]
    except InputError as error:
        if several and path.suffix in SUFFIXES[:4] and "no signal" in str(error):
            hint = InputError(f"{error}; or move files that hold no loops elsewhere")
            raise hint from error
        raise
    for loops in read:
        if known and loops.outcome is None:
            raise InputError(
                "no known outcome",
                path=path,
                remedy="give a column outcome (passed or pinned) in each file of the calibration",
            )
        untold = np.isnan(loops.field_set_mT)
        if untold.any() and not known:
            raise InputError(
                "the field at which the wall was driven is unknown",
                path=loops.names[int(np.argmax(untold))],
                remedy=SAY_THE_FIELD,
            )
    return read if known else [replace(loops, outcome=None) for loops in read]


def _only(loops: Loops, row: int) -> Loops:
    one = slice(row, row + 1)
    return Loops(loops.names[one], loops.field_mT[one], loops.signal[one], loops.field_set_mT[one])
