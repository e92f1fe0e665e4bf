"""From steps in Kerr loops to outcomes: what a loop must show for passed, pinned or undecided."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from dwsynapse.io.errors import InputError
from dwsynapse.io.limits import MAX_FIELD_MT
from dwsynapse.io.tables.declared_table import Column, Table
from hardware.kerr_loops import change_point, differentiated_signal
from hardware.kerr_loops.loops import Branch, Loops
from hardware.kerr_loops.slow_edges import slow_edges
from hardware.kerr_loops.steps import MIN_POINTS_APART, MIN_SHARE, Floats, Integers, Steps

Detector = Literal["change-point", "derivative"]

DETECTORS: dict[Detector, Callable[[Floats, Floats, Integers], Steps]] = {
    "change-point": change_point.find_steps,
    "derivative": differentiated_signal.find_steps,
}
DEFAULT_DETECTOR: Detector = "change-point"
MIN_LOOPS = 10
"""Least number of loops from which the total change of a whole loop is taken."""
WHOLE_QUANTILE = 0.9
"""Quantile of the total changes that is that of a whole loop: parts of it may lack in many."""
FASTEST_LAG = 0.02
"""Share of the points over which the speed of the field is taken: noise averages out."""

OUTCOMES = Table(
    kind="loop-outcomes",
    version=1,
    columns=(
        Column("loop", "text"),
        Column("field_set_mT", "float", low=0, high=MAX_FIELD_MT),
        Column("outcome", "text", choices=("passed", "pinned", "undecided")),
        Column("confidence", "float", low=0, high=1),
        Column("first_switch_mT", "float", may_be_empty=True),
        Column("second_switch_mT", "float", may_be_empty=True),
        Column("first_share", "float", may_be_empty=True),
        Column("signal_to_noise", "float", low=0),
        Column("reason", "text", may_be_empty=True),
    ),
)
"""Outcomes of Kerr loops, one per row; reason says why a loop is undecided."""


@dataclass(frozen=True)
class Rules:
    """How outcomes are decided.

    Parameters
    ----------
    detector
        What finds the steps.
    branch
        Part of the loop in which walls are injected.
    min_confidence
        Confidence in the number of steps below which a loop is undecided.
    resolution_mT
        Two steps closer than this are taken for one.
    tolerance_mT
        Greatest distance of the first switch from the set field.
    """

    detector: Detector = DEFAULT_DETECTOR
    branch: Branch = "rising"
    min_confidence: float = 0.95
    resolution_mT: float = 0.2
    tolerance_mT: float = 0.5


def found_steps(loops: Loops, rules: Rules) -> pd.DataFrame:
    """Find the steps of loops.

    Parameters
    ----------
    loops
        The branches in which walls are injected (`Loops.branch`).
    rules
        How outcomes are decided.

    Returns
    -------
    DataFrame
        One row per loop: those of `OUTCOMES` but for outcome and reason, with n_steps,
        total_change and those of `slow_edges`.

    Raises
    ------
    InputError
        If the loops have too few points for the resolution, or a set field is not among theirs.
    """
    _require_reached(loops)
    apart = _points_apart(loops, rules.resolution_mT)
    # In units of its range the square of a signal is a number, whatever its unit is.
    range_ = np.ptp(loops.signal, axis=1)
    scaled = (loops.signal - loops.signal[:, :1]) / range_[:, None]
    steps = DETECTORS[rules.detector](scaled, loops.field_mT, apart)
    noise_sd = np.maximum(steps.noise_sd, 1e-300)
    found = pd.DataFrame(
        {
            "loop": loops.names,
            "field_set_mT": loops.field_set_mT,
            "confidence": steps.confidence,
            "first_switch_mT": _field_at(loops.field_mT, steps.first),
            "second_switch_mT": _field_at(loops.field_mT, steps.second),
            "first_share": steps.first_share,
            "signal_to_noise": np.minimum(np.abs(steps.total_change) / noise_sd, 1e9),
            "n_steps": steps.n_steps,
            "total_change": steps.total_change * range_,
        }
    )
    return found.join(slow_edges(scaled, steps, apart))


def with_outcomes(found: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Decide the outcomes of all loops of a session, which tell what a whole loop looks like.

    One step passed and two were pinned, if the first is at the set field, where it is known, and
    the whole signal changed, in the direction of the other loops. Otherwise a switch is missing, or
    a wall was nucleated, and the loop is undecided.

    Parameters
    ----------
    found
        From `found_steps`.
    rules
        How outcomes are decided.
    """
    n_steps, change = found["n_steps"], found["total_change"]
    switched = change[n_steps.isin([1, 2])]
    whole = 0.0
    same_way = np.ones(len(found), dtype=bool)
    if len(switched) >= MIN_LOOPS:
        whole = float(switched.abs().quantile(WHOLE_QUANTILE))
        same_way = (np.sign(change) == np.sign(switched.median())).to_numpy()
    off_mT = found["first_switch_mT"] - found["field_set_mT"]
    part = change.abs() / (whole or 1.0)
    reasons = pd.Series("", index=found.index)
    for wrong, text in (
        (n_steps == 0, lambda row: "no switch"),
        (n_steps > 2, lambda row: "neither one step nor two"),
        (
            found["confidence"] < rules.min_confidence,
            lambda row: f"confidence below {rules.min_confidence:g}",
        ),
        (~same_way, lambda row: "switches in the other direction than most loops"),
        (
            part < (1 - MIN_SHARE if whole else 0.0),
            lambda row: (
                f"{100 * part[row]:.0f} % of the change of a whole loop: a switch is missing"
            ),
        ),
        (
            off_mT.abs() > rules.tolerance_mT,
            lambda row: f"first switch {off_mT[row]:+.2f} mT off the set field",
        ),
    ):
        for row in found.index[wrong & (reasons == "")]:
            reasons[row] = text(row)
    outcome = n_steps.map({1: "passed", 2: "pinned"}).where(reasons == "", "undecided")
    return found.assign(outcome=outcome, reason=reasons)


def counts_of(decided: pd.DataFrame) -> pd.DataFrame:
    """Return the table of counts (`dwsynapse.io.contracts.COUNTS`) of decided loops.

    Fields at which no loop is decided are left out.
    """
    fields_mT = decided["field_set_mT"].round(6).rename("field_mT")
    per_field = pd.crosstab(fields_mT, decided["outcome"])
    per_field = per_field.reindex(columns=["passed", "pinned", "undecided"], fill_value=0)
    counts = pd.DataFrame(
        {
            "n_trials": per_field["passed"] + per_field["pinned"],
            "n_passed": per_field["passed"],
            "n_undecided": per_field["undecided"],
        }
    ).reset_index()
    return counts[counts["n_trials"] > 0].reset_index(drop=True)


def _require_reached(loops: Loops) -> None:
    negative = loops.field_set_mT < 0
    if negative.any():
        first = int(np.argmax(negative))
        raise InputError(
            f"set field of {loops.field_set_mT[first]:g} mT",
            path=loops.names[first],
            remedy="give its magnitude: fields count along the wall's motion (--branch falling)",
        )
    low, high = loops.field_mT.min(axis=1), loops.field_mT.max(axis=1)
    outside = (loops.field_set_mT < low) | (loops.field_set_mT > high)
    if outside.any():
        first = int(np.argmax(outside))
        raise InputError(
            f"set field of {loops.field_set_mT[first]:g} mT, where the loop goes from "
            f"{low[first]:.4g} to {high[first]:.4g} mT",
            path=loops.names[first],
            remedy="correct the set field or its unit, or give the whole loop",
        )


def _points_apart(loops: Loops, resolution_mT: float) -> Integers:
    """Return the least distance of two steps in points, by the speed of the field."""
    n = loops.field_mT.shape[1]
    lag = max(1, round(FASTEST_LAG * n))
    speed = np.median(np.abs(loops.field_mT[:, lag:] - loops.field_mT[:, :-lag]), axis=1) / lag
    apart = np.ceil(resolution_mT / np.maximum(speed, 1e-12))
    if (3 * apart > n).any():
        first = int(np.argmax(apart))
        raise InputError(
            f"{n} points are too few to tell steps apart that are {resolution_mT:g} mT apart: a "
            f"third of them cover {speed[first] * n / 3:.3g} mT",
            path=loops.names[first],
            where="--resolution-mT",
            remedy="choose a smaller one, or give the whole loop",
        )
    return np.maximum(apart, MIN_POINTS_APART).astype(np.int64)


def _field_at(field_mT: Floats, points: Integers) -> Floats:
    """Return the field halfway between the points before and after a step; NaN where none is."""
    rows = np.arange(len(points))
    last = np.clip(points, 1, field_mT.shape[1] - 1)
    return np.where(points > 0, (field_mT[rows, last] + field_mT[rows, last - 1]) / 2, np.nan)
