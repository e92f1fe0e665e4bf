"""Kerr loops of equal length, and the part of each in which the wall was driven."""

from dataclasses import dataclass, replace
from typing import Literal, Self

import numpy as np

from dwsynapse.io.errors import InputError
from hardware.kerr_loops.steps import MIN_POINTS, Floats

Branch = Literal["rising", "falling"]

ROUNDED_SHARE = 0.02
"""Ends of a branch are moved inwards to multiples of this share of the points: noise of a measured
field would otherwise give each loop another length."""

END_SHARE = 0.1
"""Share of the range of the field at either end, where a sweep has come to that end."""


@dataclass(frozen=True)
class Loops:
    """Loops with the same number of points.

    Parameters
    ----------
    names
        What each is called in errors and results: its file, and its name there.
    field_mT, signal
        Field applied and signal, shape (n_loops, n_points), equally spaced in time.
    field_set_mT
        Propagation field of each loop, shape (n_loops,).
    outcome
        Known outcome of each loop of a calibration set; None where unknown.
    """

    names: tuple[str, ...]
    field_mT: Floats
    signal: Floats
    field_set_mT: Floats
    outcome: tuple[str, ...] | None = None

    def branch(self, which: Branch) -> Self:
        """Return the points at which the field rises, or falls, through its whole range.

        Of a falling field the values change sign, so that fields count along the wall's motion.

        Raises
        ------
        InputError
            If the loops have too few points, or field or signal do not change.
        """
        field_mT = self.field_mT if which == "rising" else -self.field_mT
        mean_mT = field_mT.mean(axis=0)
        n = len(mean_mT)
        if n < MIN_POINTS:
            raise InputError(
                f"{n} point{'s' * (n != 1)}, of {MIN_POINTS} at least",
                path=self.names[0],
                remedy="give the whole loop, or remove it",
            )
        if np.ptp(mean_mT) == 0:
            raise InputError(
                f"the field is {mean_mT[0]:g} mT at all points",
                path=self.names[0],
                remedy="give the field at each point of the loop",
            )
        if (n_rises := _rises(mean_mT)) > 1:
            raise InputError(
                f"the field is {which} through its whole range {n_rises} times: several loops in "
                "one",
                path=self.names[0],
                remedy="number them in a column loop, each its own, or give a file for each",
            )
        start, stop = _rise(mean_mT)
        grid = max(1, round(ROUNDED_SHARE * n))
        start, stop = -(-start // grid) * grid, (stop // grid) * grid if stop < n else n
        if stop - start < MIN_POINTS:
            raise InputError(
                f"the field is {which} at {max(stop - start, 0)} points, of {MIN_POINTS} at least",
                path=self.names[0],
                remedy="give loops with more points there, or choose the other --branch",
            )
        signal = self.signal[:, start:stop]
        constant = np.ptp(signal, axis=1) == 0
        if constant.any():
            dead = int(np.argmax(constant))
            raise InputError(
                f"the signal is {signal[dead, 0]:g} at all points",
                path=self.names[dead],
                remedy="check the magnetometer; remove that loop",
            )
        return replace(self, field_mT=field_mT[:, start:stop], signal=signal)

    @classmethod
    def joined(cls, parts: list[Self]) -> Self:
        """Return loops of equal length one after the other; of known outcomes only all or none."""
        outcomes = [part.outcome for part in parts]
        return cls(
            names=tuple(name for part in parts for name in part.names),
            field_mT=np.concatenate([part.field_mT for part in parts]),
            signal=np.concatenate([part.signal for part in parts]),
            field_set_mT=np.concatenate([part.field_set_mT for part in parts]),
            outcome=None
            if None in outcomes
            else tuple(known for part in outcomes for known in part or ()),
        )


def _rises(field_mT: Floats) -> int:
    """Return how often the field rises from its lowest tenth to its highest."""
    near = np.ptp(field_mT) * END_SHARE
    ends = np.zeros(len(field_mT))
    ends[field_mT <= field_mT.min() + near] = -1
    ends[field_mT >= field_mT.max() - near] = 1
    return int((np.diff(ends[ends != 0]) > 0).sum())


def _rise(field_mT: Floats) -> tuple[int, int]:
    """Return the first point and the one after the last of the longest rise from low to high."""
    highest, lowest = int(field_mT.argmax()), int(field_mT.argmin())
    before = int(field_mT[: highest + 1].argmin()), highest
    after = lowest, lowest + int(field_mT[lowest:].argmax())
    start, last = max((before, after), key=lambda ends: field_mT[ends[1]] - field_mT[ends[0]])
    return start, last + 1
