"""Energy barriers of a wall pinned at the notch, against the field."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.study import SimulatedDevice
from micromag.barriers import IMAGES
from micromag.barriers.minimum_energy_path import minimum_energy_path
from micromag.engine.constants import MU0
from micromag.engine.fields_and_energies import Fields
from micromag.engine.problem import Problem
from micromag.engine.resources import engine_bytes, require_memory
from micromag.engine.steepest_descent import descend
from micromag.sample.wall import initial_wall
from micromag.sample.wire import cell_centres_nm, declare
from micromag.trials.locator import Locator
from micromag.trials.wall_exists import require_resolved_wall

PINNED_A_PER_M = 1.0
MAX_DESCENTS = 20000
GUESS_EVERY_NM = 20.0


@dataclass(frozen=True)
class Barrier:
    """The barrier at one field, along the path of least energy over the ridge.

    Parameters
    ----------
    field_mT
        Field along +x.
    pinned
        Unit vectors of the pinned wall, where the path begins, shape (3, cells); None if no wall is
        pinned at this field.
    energies_J, positions_nm
        Energy of each image and the position of its wall, shape (images,); empty without a path.
    torque_A_per_m
        Largest remaining torque of the path.
    """

    field_mT: float
    pinned: NDArray[np.float64] | None
    energies_J: NDArray[np.float64]
    positions_nm: NDArray[np.float64]
    torque_A_per_m: float

    @classmethod
    def absent(cls, field_mT: float) -> "Barrier":
        """Return what there is at a field at which no wall is pinned."""
        return cls(field_mT, None, np.empty(0), np.empty(0), 0.0)

    @property
    def saddle(self) -> int:
        """Number of the image of highest energy."""
        return int(self.energies_J.argmax())

    @property
    def barrier_J(self) -> float:
        """Energy of the saddle above the pinned wall; 0 if none is pinned."""
        if self.pinned is None:
            return 0.0
        return float(self.energies_J[self.saddle] - self.energies_J[0])


class PinnedWire:
    """A wire with a wall pinned at its notch, under a rising field.

    Parameters
    ----------
    device
        The wire.
    variant
        Which of the variants of its wall is pinned there.

    Raises
    ------
    InputError
        If its cells resolve no wall.
    """

    def __init__(self, device: SimulatedDevice, variant: int = 0):
        require_resolved_wall(device)
        self._device = device
        self._variant = variant
        self._problem = Problem.of(declare(device))
        self._locator = Locator(self._problem)

    def at(self, field_mT: float) -> Problem:
        """Return the wire under a field along +x."""
        H = np.array([field_mT * 1e-3 / MU0, 0, 0])
        return self._problem.changed(H=self._problem.H + H[:, None])

    def wall(self, position_nm: float) -> NDArray[np.float64]:
        """Return an unrelaxed wall at a position, shape (3, cells)."""
        device, (x_nm, y_nm) = self._device, cell_centres_nm(self._device.wire)
        state = (device.wall.kind, *device.wall.variants[self._variant])
        m = initial_wall(*state, x_nm - position_nm, y_nm, device.wire.width_nm)
        layers = np.broadcast_to(m[:, :, None], (*device.wire.cells, 3))
        return np.moveaxis(layers, -1, 0).reshape(3, -1) * (self._problem.Ms > 0)

    def positions_nm(self, m: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the position of the wall in each state, for shape (states, 3, cells)."""
        return self._locator.position_nm(np.moveaxis(m, 0, -1))

    def moments_A_m2(self, m: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the moment along x of each state, for shape (states, 3, cells)."""
        cell_m3 = float(np.prod(self._problem.cell_m))
        return np.asarray(m[:, 0] @ (self._problem.Ms * cell_m3), dtype=float)

    def pinned(
        self,
        field_mT: float,
        before: NDArray[np.floating] | None = None,
        settled_A_per_m: float = PINNED_A_PER_M,
    ) -> NDArray[np.float64] | None:
        """Return the wall pinned at the notch, or None if it leaves the notch.

        Parameters
        ----------
        field_mT
            Field along +x.
        before
            The wall pinned there at a lower field; without it, a new wall is placed where the notch
            begins.
        settled_A_per_m
            Largest torque |m x H| of a wall at rest.

        Raises
        ------
        InputError
            If the wall moves backwards from the notch, or does not relax.
        """
        notch, protocol = self._device.wire.notch, self._device.protocol
        start = self.wall(notch.centre_nm - notch.opening_nm / 2) if before is None else before
        for number, step in enumerate(descend(Fields(self.at(field_mT)), start)):
            ahead_nm = float(self.positions_nm(step.m[None])[0]) - notch.centre_nm
            if ahead_nm > protocol.passed_beyond_nm:
                return None
            if ahead_nm < -protocol.farthest_release_nm:
                raise InputError(
                    f"at {field_mT:g} mT the wall moves backwards from the notch",
                    where="--field-mT",
                    remedy="take higher fields, or set wire.ends to continued",
                )
            if step.torque_A_per_m < settled_A_per_m:
                return np.ascontiguousarray(step.m, np.float64)
            if number == MAX_DESCENTS:
                break
        raise InputError(
            f"at {field_mT:g} mT the wall did not relax: a torque of "
            f"{step.torque_A_per_m:.3g} A/m remains",
            where="--field-mT",
            remedy="leave this field out",
        )


def barriers(
    device: SimulatedDevice,
    fields_mT: Iterable[float],
    *,
    beyond_nm: float | None = None,
    n_images: int = IMAGES,
    on_step: Callable[[float], None] | None = None,
    kept: Sequence[Barrier] = (),
) -> Iterator[Barrier]:
    """Yield the barrier at every field, from the lowest field to the highest.

    The pinned wall is followed to higher fields; at each, the minimum-energy path
    leads from it over the ridge to a wall behind the notch.

    Parameters
    ----------
    device
        The wire.
    fields_mT
        Fields along +x; at a field that is named twice, one barrier is computed.
    beyond_nm
        How far behind the centre of the notch the path ends; by default as far as the protocol
        releases walls before it.
    n_images
        Images of the path.
    on_step
        Called with the remaining torque of the path in A/m after every step.
    kept
        Barriers of a stopped call, from the lowest field. They are not computed again as far as
        their fields are those of this call: a barrier depends on the lower fields, through which
        its wall was followed.

    Raises
    ------
    InputError
        If a path does not converge, or has no ridge before it ends.
    """
    require_memory(engine_bytes(device, images=n_images), device, "fewer --path-images")
    wire = PinnedWire(device)
    far_nm = device.wire.notch.centre_nm + (beyond_nm or device.protocol.farthest_release_nm)
    if far_nm > device.wire.length_nm - device.wire.width_nm / 2:
        raise InputError(
            f"the path would end at {far_nm:g} nm, where no wall fits into the wire",
            where="--beyond-nm",
            remedy="lower it, or take a longer wire",
        )
    m, gone, left = None, False, list(kept)
    for field_mT in sorted(set(fields_mT)):
        if left and left[0].field_mT == field_mT:
            barrier = left.pop(0)
        else:
            left = []
            m = None if gone else wire.pinned(field_mT, m)
            barrier = (
                Barrier.absent(field_mT)
                if m is None
                else _barrier(wire, field_mT, m, far_nm, n_images, on_step)
            )
        m, gone = barrier.pinned, barrier.pinned is None
        yield barrier


def _barrier(
    wire: PinnedWire,
    field_mT: float,
    pinned: NDArray[np.float64],
    far_nm: float,
    n_images: int,
    on_step: Callable[[float], None] | None,
) -> Barrier:
    here_nm = float(wire.positions_nm(pinned[None])[0])
    stops = max(3, round((far_nm - here_nm) / GUESS_EVERY_NM) + 1)
    walls = np.stack([wire.wall(x) for x in np.linspace(here_nm, far_nm, stops)[1:]])
    try:
        path = minimum_energy_path(
            wire.at(field_mT), pinned, walls[-1], n_images, via=walls[:-1], on_step=on_step
        )
    except InputError as error:
        raise InputError(
            f"at {field_mT:g} mT: {error.problem}",
            where="--field-mT",
            remedy="change --beyond-nm, give more --path-images, or leave this field out",
        ) from error
    positions_nm = wire.positions_nm(path.m)
    return Barrier(field_mT, pinned, path.energies_J, positions_nm, path.torque_A_per_m)
