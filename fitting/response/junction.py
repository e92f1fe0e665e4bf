"""Conductance of a tunnel junction over a track: two resistors in parallel."""

import math
from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.io.track_geometry import TrackGeometry

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Junction:
    """A magnetic tunnel junction that covers the track between its fixed ends.

    The part of the track before the wall is parallel to the reference layer, that behind it
    antiparallel: G = s / Rp + (1 - s) / (Rp (1 + TMR)), with the parallel share s of the length
    (S. Liu et al., Appl. Phys. Lett. 118, 202405, 2021). Up, towards larger x, G rises.

    Parameters
    ----------
    parallel_ohm
        Resistance Rp with all of the track parallel.
    tmr
        Tunnel magnetoresistance ratio (R_AP - R_P) / R_P, as in 1.5 for 150 %.
    """

    parallel_ohm: float
    tmr: float

    def __post_init__(self) -> None:
        """Refuse what no junction has.

        Raises
        ------
        InputError
            If the resistance or the ratio is not above 0 and finite.
        """
        for name, value in (("parallel_ohm", self.parallel_ohm), ("tmr", self.tmr)):
            if not isinstance(value, Real) or not 0 < value < math.inf:
                shown = f"{value:g}" if isinstance(value, Real) else repr(value)
                problem = f"must be above 0 and finite (found {shown})"
                raise InputError(problem, where=f"junction: {name}", remedy="correct it")

    @property
    def parallel_S(self) -> float:
        """With all of the track parallel."""
        return 1 / self.parallel_ohm

    @property
    def antiparallel_S(self) -> float:
        """With all of the track antiparallel."""
        return 1 / (self.parallel_ohm * (1 + self.tmr))

    @classmethod
    def of_conductances(cls, antiparallel_S: float, parallel_S: float) -> "Junction":
        """Return the junction of two conductances."""
        return cls(1 / parallel_S, parallel_S / antiparallel_S - 1)

    def conductance_S(self, position_nm: ArrayLike, track: TrackGeometry) -> Floats:
        """Return the conductances with the wall at positions along the track."""
        free_nm = track.length_nm - 2 * track.fixed_end_nm
        share = np.clip((np.asarray(position_nm) - track.fixed_end_nm) / free_nm, 0, 1)
        return self.antiparallel_S + share * (self.parallel_S - self.antiparallel_S)
