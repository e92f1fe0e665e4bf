"""From simulated trials to passing counts."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from scipy.special import bdtrc

from dwsynapse.io.contracts import TRIALS
from dwsynapse.io.errors import InputError
from dwsynapse.io.tables.cells import read_cells
from dwsynapse.io.tables.many_tables import read_tables, require_each_replica_once
from dwsynapse.provenance.same_sample import require_one_sample

UNDECIDED_ALLOWED = 0.1
NOT_SETTLED = "undecided: not passed, and not settled at the notch, when the window ended"
FAILED = (
    "undecided, most of them as they failed",
    "`micromag simulate` and its log say why: correct the config accordingly, or leave that field "
    "out",
)


def count_trials(paths: Sequence[Path]) -> pd.DataFrame:
    """Count the walls that passed and were pinned, over all tables of trials.

    Undecided trials, and those that failed, are left out of n_trials, a censoring that biases the
    curve if they would have passed more or less often than the others; n_undecided and stderr say
    how many there are.

    Parameters
    ----------
    paths
        Tables of trials (`dwsynapse.io.contracts.TRIALS`).

    Returns
    -------
    DataFrame
        Table of counts (`dwsynapse.io.contracts.COUNTS`), in the order of the fields;
        ``attrs["source"]`` says that they are simulated.

    Raises
    ------
    InputError
        If a table is not of simulated trials, a replica occurs twice, tables are of different
        wires, or significantly more than a tenth of the trials at a field are undecided (one-sided
        binomial test at 2.5 %), or all of them.
    """
    try:
        trials = read_tables(TRIALS, paths)
    except InputError:
        for path in paths:
            _require_trials(path)
        raise
    require_each_replica_once(trials)
    require_one_sample(paths)
    counts = tally(trials, "lengthen protocol.window_ns or leave that field out")
    counts.attrs["source"] = "simulation"
    return counts


def tally(trials: pd.DataFrame, remedy: str, undecided: str = NOT_SETTLED) -> pd.DataFrame:
    """Count outcomes per field.

    Parameters
    ----------
    trials
        One trial per row: field_mT, outcome (`dwsynapse.io.contracts.OUTCOMES`), path.
    remedy
        What to do if too many trials at a field are undecided.
    undecided
        What that means.

    Returns
    -------
    DataFrame
        Table of counts (`dwsynapse.io.contracts.COUNTS`), in the order of the fields.

    Raises
    ------
    InputError
        As for `count_trials`.
    """
    trials = trials.assign(field_mT=trials["field_mT"].round(6))
    if n_failed := (trials["outcome"] == "failed").sum():
        print(f"{n_failed} of {len(trials)} trials failed, counted as undecided", file=sys.stderr)
    failed = trials[trials["outcome"] == "failed"].groupby("field_mT").size()
    trials["outcome"] = trials["outcome"].replace("failed", "undecided")
    per_field = pd.crosstab(trials["field_mT"], trials["outcome"])
    per_field = per_field.reindex(columns=["passed", "pinned", "undecided"], fill_value=0)
    for field_mT, n_undecided, n_all in zip(
        per_field.index, per_field["undecided"], per_field.sum(axis=1), strict=True
    ):
        mostly_failed = 2 * failed.get(field_mT, 0) > n_undecided
        words = FAILED if mostly_failed else (undecided, remedy)
        _require_decided(trials, field_mT, int(n_undecided), int(n_all), words)
    if n_undecided := per_field["undecided"].sum():
        print(f"{n_undecided} of {len(trials)} trials undecided, left out", file=sys.stderr)
    n_trials = per_field["passed"] + per_field["pinned"]
    counts = {"n_passed": per_field["passed"], "n_undecided": per_field["undecided"]}
    return pd.DataFrame({"n_trials": n_trials, **counts}).reset_index()


def _require_trials(path: Path) -> None:
    names = {column.name for column in TRIALS.columns}
    cells, _ = read_cells(path, "a table of simulated trials (CSV)", names.__contains__)
    missing = [c.name for c in TRIALS.columns if c.required and c.name not in cells]
    if missing:
        raise InputError(
            f"not a table of simulated trials: no column {missing[0]!r} (found "
            f"{', '.join(cells.columns)})",
            path=path,
            where="header",
            remedy="only those need counting; fit, compare and next take a laboratory's table, of "
            "counts or of trials, as it is",
        )


def _require_decided(
    trials: pd.DataFrame, field_mT: float, n_undecided: int, n_all: int, words: tuple[str, str]
) -> None:
    p_value = bdtrc(n_undecided - 1, n_all, UNDECIDED_ALLOWED)  # of as many or more
    if p_value > 0.025 and n_undecided < n_all:
        return
    there = trials[(trials["field_mT"] == field_mT) & (trials["outcome"] == "undecided")]
    raise InputError(
        f"{n_undecided} of {n_all} trials at {field_mT:g} mT "
        f"{'is' if n_undecided == 1 else 'are'} {words[0]}",
        path=there["path"].iloc[0],
        where=f"field_mT {field_mT:g}",
        remedy=words[1],
    )
