"""Pinned walls, followed until they depin: where they start, and how long they were at risk."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.study import SimulatedDevice
from micromag.barriers.notch_barriers import PinnedWire
from micromag.trials.referee import Referee, Verdict


@dataclass(frozen=True)
class Followed(Verdict):
    """The outcome of a wall that was followed, and when it was last seen.

    Parameters
    ----------
    last_seen_ns
        When the wall had left the notch, or the window ended.
    """

    last_seen_ns: float = 0.0

    def depinned(self) -> bool:
        """Return whether a pinned wall depinned."""
        return self.depinning_field_mT is not None

    def survived_ns(self) -> float:
        """Return the time from when the wall counted as pinned until it was last seen."""
        return self.last_seen_ns - self.decided_at_ns


class Follower(Referee):
    """Follows pinned walls to the end of the window, also under a constant field."""

    def __init__(self, device: SimulatedDevice, lanes: int):
        super().__init__(device, lanes)
        self._follows = True

    def _verdict(self, lane: int, time_ns: float, left: bool, beyond: bool) -> Verdict:
        found = super()._verdict(lane, time_ns, left, beyond)
        return Followed(**vars(found), last_seen_ns=time_ns)


class Sitter(Follower):
    """Follows walls that are at the notch from the beginning, anywhere before its end."""

    def __init__(self, device: SimulatedDevice, lanes: int):
        anywhere = device.protocol.model_copy(update={"notch_zone_nm": np.inf})
        super().__init__(device.model_copy(update={"protocol": anywhere}), lanes)

    def start(self, lane: int) -> None:
        """Count the wall as at the notch from time 0."""
        super().start(lane)
        self._arrived_ns[lane] = 0.0


def pinned_walls(device: SimulatedDevice, field_mT: float) -> NDArray[np.float64]:
    """Return the wall at rest at the notch at a field, in each of its variants.

    Returns
    -------
    numpy.ndarray
        Unit vectors at rest at 0 K, shape (variants, 3, cells).

    Raises
    ------
    InputError
        If no wall stays there at this field.
    """
    walls = []
    for variant in range(len(device.wall.variants)):
        m = PinnedWire(device, variant).pinned(field_mT)
        if m is None:
            raise InputError(
                f"no wall stays at the notch at {field_mT:g} mT",
                where="--field-mT",
                remedy="stay below the field that `python -m micromag depinning` finds",
            )
        walls.append(m)
    return np.stack(walls)
