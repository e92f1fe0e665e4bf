"""From current pulses on walls at notches to passing counts against current or duration."""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from dwsynapse.drives import DRIVES, Drive
from dwsynapse.io.contracts import NO_LEVEL, PULSE_NUMBER, PULSE_PROTOCOL, PULSES
from dwsynapse.io.errors import InputError
from dwsynapse.io.tables.many_tables import read_tables
from fitting.counts.trial_counts import tally

DRIVEN_BY = ("current_uA", "duration_ns")
"""What must not differ between pulses of one curve."""
# A table says what it is in its first lines.
HEAD_CHARACTERS = 4096
LEFT_OUT = "undecided: the pulse failed, or nothing tells how far the wall went"


def is_of_pulses(path: Path) -> bool:
    """Return whether a table is one of pulses, by its first lines."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(HEAD_CHARACTERS)
    return b"dwsynapse-pulses" in head or b"level_before" in head


def count_pulses(
    paths: Sequence[Path],
    *,
    steps: int | None = None,
    current_uA: float | None = None,
    duration_ns: float | None = None,
) -> pd.DataFrame:
    """Count the walls that a pulse moved, against current or duration, whichever varies.

    Pulses of walls that were at no notch are left out. The sizes of currents count: pulses of both
    directions are counted together, which stderr says.

    Parameters
    ----------
    paths
        Tables of pulses (`dwsynapse.io.contracts.PULSES`).
    steps
        A wall has passed if it moved along its drive by so many notches or more; None: if it left
        its notch, either way. How many notches a wall moved by is not known of one that is between
        two, or that came to a side of its window.
    current_uA, duration_ns
        Count only pulses of this size, where both differ.

    Returns
    -------
    DataFrame
        Table of counts (`dwsynapse.io.contracts.COUNTS`) with the column current_uA or duration_ns.

    Raises
    ------
    InputError
        If a pulse occurs twice, pulses differ in more than one quantity, or significantly more than
        a tenth of those of one row have no outcome.
    """
    pulses = read_tables(PULSES, paths)
    _require_each_pulse_once(pulses)
    pulses = _at_a_notch(pulses.assign(current_uA=pulses["current_uA"].abs()))
    for name, value in zip(DRIVEN_BY, (current_uA, duration_ns), strict=True):
        if value is not None:
            pulses = _of_size(pulses, name, value)
    drive = _varied(pulses)
    _require_alike(pulses)
    trials = pd.DataFrame(
        {
            "field_mT": pulses[drive.column],
            "outcome": _outcomes(pulses, steps),
            "path": pulses["path"],
        }
    )
    with drive.errors():
        counts = tally(trials, "simulate more notches, or longer rests, or leave it out", LEFT_OUT)
    return counts.rename(columns=drive.said)


def _outcomes(pulses: pd.DataFrame, steps: int | None) -> pd.Series:
    """Return passed, pinned, undecided or failed of each pulse."""
    after, before = pulses["level_after"], pulses["level_before"]
    found, failed = pulses["outcome"], pulses["outcome"] == "failed"
    if steps is None:
        passed, known = (found != "settled") | (after != before), ~failed
    else:
        passed = (after - before) * pulses["direction"] >= steps
        known = found == "settled"
    words = np.where(passed, "passed", "pinned")
    words = np.where(known, words, np.where(failed, "failed", "undecided"))
    return pd.Series(words, index=pulses.index)


def _at_a_notch(pulses: pd.DataFrame) -> pd.DataFrame:
    there = pulses["level_before"] != NO_LEVEL
    if not there.any():
        raise InputError(
            "no wall was at a notch before its pulse",
            path=pulses["path"].iloc[0],
            where="column level_before",
            remedy="give pulses on walls that rest at a notch",
        )
    if n_away := int((~there).sum()):
        print(f"{n_away} of {len(pulses)} pulses on walls at no notch, left out", file=sys.stderr)
    if pulses.loc[there, "direction"].nunique() > 1:
        print("pulses of both directions are counted together", file=sys.stderr)
    return pulses[there]


def _of_size(pulses: pd.DataFrame, name: str, value: float) -> pd.DataFrame:
    """Return the pulses of a current or duration."""
    chosen = pulses[np.isclose(pulses[name], value, rtol=1e-9, atol=0)]
    if chosen.empty:
        raise InputError(
            f"no pulse of {name} {value:g}",
            path=pulses["path"].iloc[0],
            where=f"column {name}",
            remedy=f"choose one of {_values(pulses[name])}",
        )
    return chosen


def _varied(pulses: pd.DataFrame) -> Drive:
    """Return what the pulses differ in; the current where they are all alike."""
    varied = [name for name in DRIVEN_BY if pulses[name].nunique() > 1]
    if len(varied) > 1:
        current, duration = (_values(pulses[name]) for name in DRIVEN_BY)
        raise InputError(
            f"both current_uA ({current}) and duration_ns ({duration}) vary",
            path=pulses["path"].iloc[0],
            where="columns current_uA, duration_ns",
            remedy="say which is fixed: --at-duration-ns for a curve against the current, or "
            "--at-current-uA for one against the duration",
        )
    column = varied[0] if varied else DRIVEN_BY[0]
    return next(drive for drive in DRIVES.values() if drive.column == column)


def _require_alike(pulses: pd.DataFrame) -> None:
    for name in PULSE_PROTOCOL:
        if pulses[name].nunique() > 1:
            raise InputError(
                f"pulses of several {name} ({_values(pulses[name])}) do not make one curve",
                path=pulses["path"].iloc[0],
                where=f"column {name}",
                remedy="count each alone",
            )


def _require_each_pulse_once(pulses: pd.DataFrame) -> None:
    again = pulses[pulses.duplicated([*PULSE_PROTOCOL, *DRIVEN_BY, *PULSE_NUMBER])]
    if len(again):
        first = again.iloc[0]
        raise InputError(
            f"pulse {first['pulse']} of replica {first['replica']} of seed {first['seed']} occurs "
            "twice",
            path=first["path"],
            where="column replica",
            remedy="give each table of pulses once, and each train its own replica",
        )


def _values(column: pd.Series) -> str:
    values = sorted(column.unique())
    shown = ", ".join(f"{v:g}" if isinstance(v, int | float) else str(v) for v in values[:5])
    return f"{shown}, ..." if len(values) > 5 else shown
