"""A group of trials on a GPU: one large batch of tensors."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dwsynapse.io.errors import InputError
from micromag.engine.gpu.equation_of_motion import Integrator, TorchState
from micromag.engine.gpu.fusion import fused
from micromag.engine.gpu.thermal_noise import Vector
from micromag.engine.terms.demag.lane_fft import padded_length
from micromag.trials.locator import Locator
from micromag.trials.lockstep.group_of_trials import Ensemble, Group

LARGEST_GROUP = 4096
# Enough work to hide that a transform is launched; its buffers take less than 1 GB.
PADDED_CELLS_AT_ONCE = 2**22
# m, its stages and their sum, noise and three demagnetising fields, and as much again for torch.
BYTES_PER_CELL = 200


def cuda_group(ensemble: Ensemble, n_trials: int) -> "TorchGroup":
    """Return a group on the GPU for a number of trials."""
    free_bytes, _ = torch.cuda.mem_get_info()
    lanes, at_once = lanes_for(ensemble.problem.cells, n_trials, free_bytes)
    needed_bytes = BYTES_PER_CELL * math.prod(ensemble.problem.cells) * at_once
    if needed_bytes > free_bytes:
        raise InputError(
            f"{at_once} trials need about {needed_bytes / 1e9:.0f} GB of memory on the GPU, and "
            f"{free_bytes / 1e9:.0f} GB are free",
            where="numerics.device",
            remedy="set it to cpu, or take larger cells (wire.cell_nm) or a smaller wire",
        )
    return TorchGroup(ensemble, lanes, torch.device("cuda"), at_once)


def lanes_for(cells: tuple[int, int, int], n_trials: int, free_bytes: int) -> tuple[int, int]:
    """Return how many lanes the trials need or half of the free memory holds, and `at_once`."""
    padded = math.prod(padded_length(n) for n in cells)
    at_once = max(1, min(LARGEST_GROUP, PADDED_CELLS_AT_ONCE // padded))
    fitting = free_bytes // (2 * BYTES_PER_CELL * math.prod(cells))
    needed = -(-min(n_trials, LARGEST_GROUP) // at_once)
    return at_once * max(1, min(needed, fitting // at_once)), at_once


class TorchGroup(Group):
    """Trials in lockstep on a device of torch.

    Parameters
    ----------
    ensemble
        What the trials share.
    lanes
        Number of lanes, a multiple of `at_once`.
    device
        Where they are computed.
    at_once
        Lanes whose demagnetising field is computed at once, see `TorchDemag`: the same for any
        number of lanes, so that a trial's result does not depend on it.
    """

    def __init__(self, ensemble: Ensemble, lanes: int, device: torch.device, at_once: int):
        super().__init__(ensemble, lanes)
        problem, locator = ensemble.problem, Locator(ensemble.problem)
        self._device = device
        self._integrator = Integrator(ensemble.equation, problem, device, at_once)
        self._released = torch.as_tensor(ensemble.released, dtype=torch.float32, device=device)
        demag = torch.as_tensor(ensemble.demag_A_per_m, dtype=torch.float32, device=device)
        self._released_demag = demag
        self._offset_nm = locator.offset_nm
        self._component = locator.component
        self._weights_nm = torch.as_tensor(locator.weights_nm, device=device)
        self._weighted_sum = fused(_weighted_sum, device)
        self._keys = np.zeros((2, lanes), np.int64)
        self._fresh: dict[int, int] = {}
        none = torch.zeros(lanes, 1, device=device)
        self._state = TorchState(
            m=_in_all_lanes(self._released[0], lanes),
            demag=(_in_all_lanes(demag[0], lanes), _in_all_lanes(demag[0], lanes)),
            applied=none,
            applied_rate=none,
            current=torch.ones_like(none),
            key=torch.as_tensor(self._keys, device=device),
            step=torch.zeros(lanes, dtype=torch.int64, device=device),
            stretch=none[:, 0],
        )

    def positions_nm(self) -> NDArray[np.float64]:
        """Return the position of the wall in every lane; only these numbers leave the device."""
        sums = self._weighted_sum(self._state.m[self._component], self._weights_nm)
        return self._offset_nm + sums.cpu().numpy()

    def _release(self, lane: int, number: int, key: NDArray[np.uint32]) -> None:
        self._keys[:, lane] = key
        self._fresh[lane] = number

    def _fill_fresh_lanes(self) -> None:
        """Put walls into all lanes that were released since the last observation at once."""
        lanes, numbers = (
            torch.tensor(list(values), device=self._device)
            for values in (self._fresh.keys(), self._fresh.values())
        )
        walls, demag = self._released[numbers], self._released_demag[numbers]
        for vector, values in ((self._state.m, walls), *((d, demag) for d in self._state.demag)):
            for component, part in enumerate(vector):
                part[lanes] = values[:, component]
        self._fresh.clear()

    def _integrate(
        self, applied_A_per_m: NDArray[np.float64], rate_A_per_m: NDArray[np.float64]
    ) -> None:
        state = self._state
        if self._fresh:
            self._fill_fresh_lanes()
        state.applied = self._column(applied_A_per_m)
        state.applied_rate = self._column(rate_A_per_m)
        state.key = torch.as_tensor(self._keys, device=self._device)
        state.step = torch.as_tensor(self._steps_done, device=self._device)
        state.stretch = torch.zeros_like(state.stretch)
        self._integrator.advance(state, self._steps)

    def _column(self, values: NDArray[np.float64]) -> Tensor:
        return torch.as_tensor(values, dtype=torch.float32, device=self._device)[:, None]

    def _stretches(self) -> NDArray[np.floating]:
        return self._state.stretch.cpu().numpy()


def _in_all_lanes(vector: Tensor, lanes: int) -> Vector:
    x, y, z = (part.repeat(lanes, 1) for part in vector)
    return x, y, z


def _weighted_sum(mx: Tensor, weights: Tensor) -> Tensor:
    return (mx * weights).sum(dim=1)  # in double precision, as the weights
