"""The CSV tables that pass between the rooms."""

from dataclasses import replace

import numpy as np
import pandas as pd

from dwsynapse.drives import FIELD, Drive
from dwsynapse.io.limits import MAX_FIELD_MT, MAX_SEED, MAX_TRIALS
from dwsynapse.io.tables.declared_table import Column, Table

OUTCOMES = ("passed", "pinned", "undecided", "failed")
PULSE_OUTCOMES = ("settled", "between", "left", "failed")
MECHANISMS = ("stt", "sot")
NO_LEVEL = -1
"""Of a wall that is at no notch."""
PULSE_PROTOCOL = ("mechanism", "temperature_K", "rest_ns")
"""What all pulses of a curve or a response have in common."""
PULSE_NUMBER = ("seed", "replica", "pulse")


def table_of_drive(table: Table, drive: Drive) -> Table:
    """Return a table of this module with the columns of a drive in the place of those of a field.

    ``field_mT`` becomes ``current_uA``, and its spread ``current_sd_uA``.
    """
    if drive is FIELD:
        return table
    columns = tuple(
        replace(
            column,
            name=drive.said(column.name),
            high=drive.highest if column.high == MAX_FIELD_MT else column.high,
        )
        for column in table.columns
    )
    return replace(table, columns=columns)


def _replicas_are_apart(plan: pd.DataFrame) -> pd.Series:
    """Return which rows have no replica that a row of lower replicas has."""
    rows = plan.sort_values("first_replica", kind="stable")
    ends = (rows["first_replica"] + rows["n_trials"]).cummax().shift(fill_value=0)
    return (rows["first_replica"] >= ends).reindex(plan.index)


PLAN = Table(
    kind="plan",
    version=1,
    columns=(
        Column("field_mT", "float", low=0, high=MAX_FIELD_MT),
        Column("n_trials", "integer", low=1, high=MAX_TRIALS),
        Column("first_replica", "integer", low=0, high=MAX_SEED),
    ),
    checks=((_replicas_are_apart, "another row has the same replicas"),),
)
"""A round of trials: row by row, replicas first_replica, first_replica + 1, ...; for other drives
than a field, see `table_of_drive`."""

TRIALS = Table(
    kind="trials",
    version=1,
    columns=(
        Column("field_mT", "float", low=0, high=MAX_FIELD_MT),
        Column("replica", "integer", low=0),
        Column("seed", "integer", low=0),
        Column("outcome", "text", choices=OUTCOMES),
        Column("decided_at_ns", "float", low=0, may_be_empty=True),
        Column("wall_position_nm", "float", may_be_empty=True),
        Column("engine", "text"),
        Column("release_distance_nm", "float", low=0, required=False),
        Column("arrived_ns", "float", low=0, required=False, may_be_empty=True),
        Column("depinning_field_mT", "float", required=False, may_be_empty=True),
        Column("failure", "text", required=False, may_be_empty=True),
    ),
)
"""Simulated trials, one per row; an undecided trial has no decided_at_ns.

Where the distance of release is drawn, release_distance_nm is the trial's, and arrived_ns the time
from its release until it was first seen at the notch or behind it.
depinning_field_mT is the field at which a pinned wall depinned later, under a field that changes
after release; failure says why a failed trial has no outcome.
"""

FOLLOWED = Table(
    kind="followed",
    version=1,
    columns=(
        *TRIALS.columns,
        Column("survived_ns", "float", low=0, required=False, may_be_empty=True),
    ),
)
"""Trials whose pinned walls were followed further; survived_ns is empty for those never pinned."""

COUNTS = Table(
    kind="counts",
    version=1,
    columns=(
        Column("field_mT", "float", low=0),
        Column("n_trials", "integer", low=1),
        Column("n_passed", "integer", low=0),
        Column("n_undecided", "integer", low=0, required=False),
        Column("field_sd_mT", "float", low=0, required=False, may_be_empty=True),
    ),
    checks=(
        (lambda counts: counts["n_passed"] <= counts["n_trials"], "n_passed exceeds n_trials"),
    ),
)
"""Passing counts, simulated or measured, one field per row; or one current or duration, for which
see `table_of_drive`.

n_trials are the walls that passed or were pinned; n_undecided other walls did neither in the time
of a trial, and are left out of the fit. field_sd_mT is the spread of the field from trial to trial
of the row, over which the fit averages the curve.
"""

SURVIVAL = Table(
    kind="survival",
    version=1,
    columns=(
        Column("field_mT", "float", low=0),
        Column("replica", "integer", low=0),
        Column("seed", "integer", low=0),
        Column("survived_ns", "float", low=0),
        Column("depinned", "integer", low=0),
        Column("engine", "text"),
        Column("temperature_K", "float", low=0, required=False),
        Column("start", "text", choices=("pinned", "released"), required=False),
    ),
    checks=(
        (lambda walls: walls["depinned"] <= 1, "depinned is neither 0 nor 1"),
        (lambda walls: walls["survived_ns"] > 0, "survived_ns is not above 0"),
    ),
)
"""Walls pinned at the notch under a constant field, one per row.

survived_ns runs from when the wall counts as pinned until it depinned (1) or was last seen there
(0), a censored time. start says whether the wall was at the notch from the beginning
(pinned) or arrived there (released).
"""

BARRIERS = Table(
    kind="barriers",
    version=1,
    columns=(
        Column("field_mT", "float", low=0),
        Column("barrier_J", "float", low=0),
        Column("temperature_K", "float", low=0),
        Column("pinned_position_nm", "float", required=False, may_be_empty=True),
        Column("saddle_position_nm", "float", required=False, may_be_empty=True),
        Column("converged_A_per_m", "float", low=0, required=False, may_be_empty=True),
    ),
)
"""Energy barriers of a wall at the notch, one field per row.

At and above the static depinning field the barrier is 0, and the columns that may be empty are.
temperature_K is the protocol's, for barriers in units of kB T; converged_A_per_m is the largest
remaining torque along the path over the barrier.
"""

PREDICTION = Table(
    kind="prediction",
    version=1,
    columns=(
        Column("field_mT", "float", low=0),
        Column("probability", "float", low=0),
        Column("low", "float", low=0),
        Column("high", "float", low=0),
        Column("rate_Hz", "float", low=0),
        Column("barrier_kT", "float", low=0),
        Column("credible", "integer", low=0),
        Column("reason", "text", may_be_empty=True),
    ),
)
"""A predicted passing curve with its band; reason says why a field is not credible (0)."""

PULSES = Table(
    kind="pulses",
    version=1,
    columns=(
        Column("replica", "integer", low=0, high=MAX_SEED),
        Column("seed", "integer", low=0, high=MAX_SEED),
        Column("pulse", "integer", low=0),
        Column("mechanism", "text", choices=MECHANISMS),
        Column("temperature_K", "float", low=0),
        Column("current_uA", "float"),
        Column("duration_ns", "float", low=0),
        Column("rest_ns", "float", low=0),
        Column("direction", "integer", low=-1, high=1),
        Column("level_before", "integer", low=NO_LEVEL),
        Column("position_before_nm", "float"),
        Column("level_after", "integer", low=NO_LEVEL),
        Column("position_after_nm", "float", may_be_empty=True),
        Column("outcome", "text", choices=PULSE_OUTCOMES),
        Column("failure", "text", required=False, may_be_empty=True),
    ),
    checks=(
        (lambda p: p["duration_ns"] > 0, "duration_ns is not above 0"),
        (lambda p: p["current_uA"] != 0, "a pulse without current"),
        (
            lambda p: (p["direction"] != 0) & (np.sign(p["current_uA"]) == p["direction"]),
            "direction is not the sign of current_uA",
        ),
        (
            lambda p: (p["outcome"] == "settled") == (p["level_after"] != NO_LEVEL),
            f"a wall has settled if and only if it is at a level (none: level_after {NO_LEVEL})",
        ),
        (
            lambda p: p["position_after_nm"].notna() | p["outcome"].isin(("left", "failed")),
            "no position_after_nm of a wall that is in the track",
        ),
        (
            lambda p: ~p.duplicated([*PULSE_PROTOCOL, "current_uA", "duration_ns", *PULSE_NUMBER]),
            "another row is the same pulse of the same replica",
        ),
    ),
)
"""Current pulses on the wall of a notched track, one per row; pulse counts within a replica.

In a train, pulse n starts where pulse n - 1 of its replica ended; a single pulse has number 0.
A current above 0 drives the wall towards larger x, which is up. Levels are the notches, from 0 at
that of least x. After its rest a wall has settled in the zone of a notch, is between two, or has
left the track or the window that was simulated.
"""
