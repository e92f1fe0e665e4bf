"""A group of trials on the processor: one replica in each SIMD lane."""

import numpy as np
from numpy.typing import NDArray

from micromag.engine.equation_of_motion import State, advance, state_of
from micromag.engine.lanes import LANES
from micromag.trials.locator import Locator
from micromag.trials.lockstep.group_of_trials import DTYPE, Ensemble, Group


class LaneGroup(Group):
    """`LANES` trials in lockstep on one processor thread."""

    def __init__(self, ensemble: Ensemble):
        super().__init__(ensemble, LANES)
        self._state: State = state_of(ensemble.problem, DTYPE)
        self._locator = Locator(ensemble.problem)
        for lane in range(LANES):
            self._release(lane, 0, np.zeros(2, np.uint32))

    @property
    def m(self) -> NDArray[np.floating]:
        """Unit vectors, shape (3, cells, LANES)."""
        return self._state.m

    def positions_nm(self) -> NDArray[np.float64]:
        """Return the position of the wall in every lane."""
        return self._locator.position_nm(self._state.m)

    def _release(self, lane: int, number: int, key: NDArray[np.uint32]) -> None:
        self._state.m[..., lane] = self._ensemble.released[number]
        self._state.demag[..., lane] = self._ensemble.demag_A_per_m[number]
        self._state.key[:, lane] = key
        self._state.step[0, lane] = 0

    def _integrate(
        self, applied_A_per_m: NDArray[np.float64], rate_A_per_m: NDArray[np.float64]
    ) -> None:
        self._state.applied[0] = applied_A_per_m
        self._state.applied_rate[0] = rate_A_per_m
        self._state.stretch[:] = 0
        advance(self._state, self._ensemble.equation, self._steps)

    def _stretches(self) -> NDArray[np.floating]:
        return self._state.stretch[0]
