"""The directions of a measured train's pulses: by their signs, or by where ramps turn."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.io.number_format import counted
from dwsynapse.io.tables.declared_table import raise_at_first

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]

TURNED = 0.3
"""Share of the range of conductance by which a ramp must come back to have turned."""
MIN_RAMP = 4
"""Pulses of a ramp, on average, below which noise is taken for turns."""


def directions(
    pulses: pd.Series, values_S: Floats, same: Bools, path: Path
) -> tuple[Bools, Integers, list[str]]:
    """Return which rows are one pulse after the row before, and in which direction.

    Parameters
    ----------
    pulses
        Pulses with signs, or their numbers, shape (n,); the index are lines of the file.
    values_S
        Conductances, shape (n,).
    same
        Whether a row belongs to the same device and cycle as the row before, shape (n,).
    path
        What errors name.

    Returns
    -------
    follows
        Whether there is one pulse from the row before, shape (n,).
    direction
        +1 or -1, shape (n,).
    notes
        What the user should know.

    Raises
    ------
    InputError
        If one of several pulses with signs is 0, or numbered pulses come twice or make no ramps.
    """
    pulse = pulses.to_numpy()
    if (pulse > 0).any() and (pulse < 0).any():
        problem = "must not be 0 where pulses have signs"
        raise_at_first(pulse == 0, pulses.index, path, str(pulses.name), None, problem)
        return _by_signs(pulse, values_S, same)
    steps = np.append(0, np.diff(pulse))
    follows = same & (steps == 1)
    _require_in_order(pulses, np.where(same, steps, 0), follows, path)
    place = pulses.index, path, str(pulses.name), pulses
    remedy = "keep one reading of each pulse, such as their mean"
    raise_at_first(same & (steps == 0), *place, "is the number of the row before, too", remedy)
    gaps = int((same & (steps > 0) & ~follows).sum())
    notes = [f"{counted(gaps, 'row')} left out: pulses are missing before"] if gaps else []
    # A ramp goes on over missing pulses.
    starts = np.flatnonzero(~(same & (steps > 0)))
    direction = np.zeros(len(pulse), dtype=np.int64)
    width_S = TURNED * np.subtract(*np.percentile(values_S, [98, 2]))
    for start, end in pairwise([*starts, len(pulse)]):
        direction[start:end] = _by_turning_points(values_S[start:end], width_S)
    n_ramps = 1 + (np.diff(direction[follows]) != 0).sum()
    if follows.sum() < MIN_RAMP * n_ramps:
        raise InputError(
            f"no ramps: the conductance turns every {follows.sum() / n_ramps:.1f} pulses",
            path=path,
            where=f"column {pulses.name}",
            remedy="give the sign of each pulse instead of its number",
        )
    return follows, direction, notes


def _require_in_order(pulses: pd.Series, steps: Floats, follows: Bools, path: Path) -> None:
    """Refuse numbers that are of no train: those of one fall only where a ramp begins."""
    n_falls = int((steps < 0).sum())
    if follows.any() and n_falls <= len(pulses) / MIN_RAMP:
        return
    raise InputError(
        f"{n_falls} of {len(pulses)} numbers are below that of the row before"
        if follows.any()
        else "no number is one above that of the row before",
        path=path,
        where=f"column {pulses.name}",
        remedy="sort the rows by device, cycle and pulse, with the number or sign of each",
    )


def _by_signs(pulse: Floats, values_S: Floats, same: Bools) -> tuple[Bools, Integers, list[str]]:
    """Return what `directions` does, of pulses with signs."""
    of_row, of_row_before = np.sign(pulse).astype(np.int64), np.sign(np.roll(pulse, 1))
    steps_S = np.where(same, np.append(0, np.diff(values_S)), 0)
    before = bool(abs(of_row_before @ steps_S) > abs(of_row @ steps_S))
    applied = np.roll(pulse, 1) if before else pulse
    notes = [f"conductances are taken as read {'before' if before else 'after'} the row's pulse"]
    # Rows of several pulses, next to rows of one.
    several = (np.abs(pulse) > 1).any() and (np.abs(pulse) == 1).any()
    single = same & (np.abs(applied) == 1) if several else same
    if left_out := int((same & ~single).sum()):
        notes.append(f"{counted(left_out, 'row')} of several pulses, not 1 or -1, left out")
    return single, np.sign(applied).astype(np.int64), notes


def _by_turning_points(values_S: Floats, width_S: float) -> Integers:
    """Return the direction of the ramp that leads to each value of a train without a break."""
    turns, way, extreme, low, high = [0], 0, 0, 0, 0
    for row, value in enumerate(values_S):
        if way == 0:
            low = row if value < values_S[low] else low
            high = row if value > values_S[high] else high
            if values_S[high] - values_S[low] >= width_S:
                way, extreme, turn = (1, row, low) if row == high else (-1, row, high)
                # A third of what turns later tells the rest of an earlier ramp from noise.
                if abs(values_S[turn] - values_S[0]) >= width_S / 3:
                    turns.append(turn)
        elif way * (value - values_S[extreme]) >= 0:
            extreme = row
        elif way * (values_S[extreme] - value) >= width_S:
            # Of a saturated ramp the extreme is anywhere on its plateau: the way back begins where
            # it is steepest for its length.
            back = way * (values_S[extreme:row] - value) / np.sqrt(np.arange(row - extreme, 0, -1))
            turns.append(extreme + int(np.argmax(back)))
            way, extreme = -way, row
    turns.append(len(values_S) - 1)
    direction = np.zeros(len(values_S), dtype=np.int64)
    for first, last in pairwise(turns):
        direction[first + 1 : last + 1] = np.sign(values_S[last] - values_S[first]) or 1
    return direction
