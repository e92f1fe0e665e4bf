"""Updates of a synapse: its conductance before and after each pulse, in ramps."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MIN_REPLICAS = 8
"""From so many on, replicas are what a bootstrap draws, instead of single ramps."""


@dataclass(frozen=True)
class Updates:
    """Pulses with their conductances, in the order in which they were applied.

    Parameters
    ----------
    before_S, after_S
        Conductances, shape (n,).
    direction
        +1 for pulses up, -1 for pulses down, shape (n,).
    continues
        Whether a pulse starts where the row before ended, shape (n,).
    replica
        Independent repetitions, shape (n,).
    levels_S
        Conductances of the levels, rising; empty for a continuous synapse.
    """

    before_S: Floats
    after_S: Floats
    direction: Integers
    continues: NDArray[np.bool_]
    replica: Integers
    levels_S: Floats = field(default_factory=lambda: np.empty(0))

    @property
    def steps_S(self) -> Floats:
        """Changes of conductance, shape (n,)."""
        return self.after_S - self.before_S

    @property
    def ramp(self) -> Integers:
        """Number of each pulse's ramp, one direction without a break, from 0; shape (n,)."""
        turns = np.append(True, np.diff(self.direction) != 0)
        return np.cumsum(turns | ~self.continues) - 1

    @property
    def unit(self) -> Integers:
        """Number of what a bootstrap draws as a whole, from 0; shape (n,).

        The replica, or the ramp where there are few replicas.
        """
        numbers = np.unique(self.replica, return_inverse=True)[1]
        return numbers if numbers.max() + 1 >= MIN_REPLICAS else self.ramp

    def range_S(self) -> tuple[float, float]:
        """Return the lowest and the highest conductance of levels, or else of pulses."""
        seen = self.levels_S if self.levels_S.size else np.append(self.before_S, self.after_S)
        return float(seen.min()), float(seen.max())
