"""A pinned wall followed in a rising field until it depins at 0 K, and its barriers from that.

A path over a barrier need not be found to know it: the moment of the pinned wall says how its
energy falls with field, that of the wall on the saddle how the saddle's does, and near depinning,
where the two states merge, one is the mirror image of the other.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from dwsynapse.io.errors import InputError
from dwsynapse.study import SimulatedDevice
from micromag.barriers.notch_barriers import PinnedWire
from micromag.engine.resources import engine_bytes, require_memory

Floats = NDArray[np.float64]
Walls = dict[float, Floats]
Follow = Callable[[float, Floats | None], Floats | None]

STEP_MT, STEP_SHARE = 0.5, 1 / 16
"""The field rises by the larger one of a step and a share of itself."""
NEAR_SHARE, NEAR_FIELDS = 0.2, 16
"""Share of the depinning field below it where the moment is fitted, and at how many fields."""
HIGHEST_POWER = 4
LEAST_BEND = 0.1
"""Least change of the moment by its term a_1, in units of the whole change."""
SETTLED_A_PER_M = 0.1
HIGHEST_MT = 1000.0


@dataclass(frozen=True)
class DepinningBranch:
    """Walls at rest at the notch, up to the field at which none stays.

    Parameters
    ----------
    fields_mT
        Fields of the walls, rising, shape (walls,).
    moments_A_m2
        Moment of the wire along x, shape (walls,).
    positions_nm
        Position of the wall, shape (walls,).
    depinning_mT
        Lowest field at which it was found to leave the notch.
    """

    fields_mT: Floats
    moments_A_m2: Floats
    positions_nm: Floats
    depinning_mT: float

    @property
    def near(self) -> NDArray[np.bool_]:
        """Which walls are near depinning, shape (walls,)."""
        return self.fields_mT >= (1 - NEAR_SHARE) * self.depinning_mT

    def fitted(self) -> "DepinningLaw":
        """Return the law of its moment near depinning.

        Raises
        ------
        InputError
            If the wall left the notch from too few of the fields near depinning, or its moment
            shows no fold there: the wall leaves by a motion that hardly changes the moment.
        """
        fields_mT, moments = self.fields_mT[self.near], self.moments_A_m2[self.near]
        if len(fields_mT) <= HIGHEST_POWER + 2:
            raise InputError(
                f"the wall leaves the notch after {len(fields_mT)} fields near depinning",
                where="--from-mT, --resolution-mT",
                remedy="start at a lower field, or find where it leaves more finely",
            )
        scale = float(np.ptp(moments))

        def solved(critical_mT: float) -> tuple[Floats, float]:
            powers = _powers(fields_mT, critical_mT)
            found, *_ = np.linalg.lstsq(powers, moments / scale, rcond=None)
            miss = float(np.sqrt(np.mean((powers @ found - moments / scale) ** 2)))
            return np.asarray(found, dtype=np.float64), miss

        best = minimize_scalar(
            lambda critical_mT: solved(critical_mT)[1],
            bounds=(fields_mT[-1] * (1 + 1e-9), self.depinning_mT),
            method="bounded",
            options={"xatol": 1e-6},
        )
        found, miss = solved(float(best.x))
        if -found[1] * np.sqrt(NEAR_SHARE) < LEAST_BEND:
            raise InputError(
                f"the moment of the pinned wall does not bend towards {self.depinning_mT:.4g} mT, "
                "where it leaves: by a motion that the moment does not show",
                where="--out",
                remedy="take `barriers`, or `survive` at fields just below",
            )
        return DepinningLaw(float(best.x), found * scale, miss)


@dataclass(frozen=True)
class DepinningLaw:
    """The moment of a pinned wall near the field Hc at which it depins.

    It is a series in u = sqrt(1 - H/Hc), m = sum_k a_k u^k, with a_1 < 0: minimum and saddle merge
    at Hc in a fold, on whose other side, at -u, is the saddle. As dE/dH = -mu0 m, the barrier is
    E = -4 mu0 Hc (a_1 u^3 / 3 + a_3 u^5 / 5); its first term is the law of exponent 3/2 (Victora,
    Phys. Rev. Lett. 63, 457 (1989); Garg, Phys. Rev. B 51, 15592 (1995)).

    Parameters
    ----------
    critical_mT
        Hc.
    coefficients_A_m2
        a_k, from k = 0.
    miss
        Root-mean-square deviation of the series, in units of the range of the moments.
    """

    critical_mT: float
    coefficients_A_m2: Floats
    miss: float

    def moments_A_m2(self, u: Floats) -> Floats:
        """Return the moment at u, or, where u is negative, that of the wall on the saddle."""
        return np.asarray(np.polynomial.polynomial.polyval(u, self.coefficients_A_m2))

    def barriers_J(self, fields_mT: Floats) -> Floats:
        """Return the barrier at fields up to Hc."""
        u = np.sqrt(1 - fields_mT / self.critical_mT)
        odd = range(1, HIGHEST_POWER + 1, 2)
        series = sum(self.coefficients_A_m2[k] * u ** (k + 2) / (k + 2) for k in odd)
        return np.asarray(-4e-3 * self.critical_mT * series)


def depinning_branch(
    device: SimulatedDevice,
    from_mT: float = 0.0,
    resolution_mT: float = 0.05,
    *,
    near: bool = True,
    on_field: Callable[[float], None] | None = None,
) -> DepinningBranch:
    """Follow a wall at 0 K from where it is pinned to the field at which it depins.

    The field rises in steps from one wall at rest to the next, and the last step is halved down to
    the resolution: a wall that is put to a higher field at once may settle elsewhere.

    Parameters
    ----------
    device
        The wire; of the variants of its wall the first.
    from_mT
        Field at which the wall is placed at the notch.
    resolution_mT
        The depinning field found is too high by at most this much.
    near
        Whether the wall is followed once more, at the fields near depinning that `fitted` needs.
    on_field
        Called with each field before it.

    Raises
    ------
    InputError
        If no wall stays at the first field, or one still does at 1 T.
    """
    require_memory(engine_bytes(device), device)
    wire = PinnedWire(device)

    def at(field_mT: float, before: Floats | None) -> Floats | None:
        if on_field is not None:
            on_field(field_mT)
        try:
            return wire.pinned(field_mT, before, SETTLED_A_PER_M)
        except InputError as error:
            remedy = (
                "start at another field; if the wall moves backwards, set wire.ends to continued"
            )
            raise InputError(error.problem, where="--from-mT", remedy=remedy) from error

    walls, left_mT = _risen(at, from_mT, resolution_mT)
    if near:
        walls, left_mT = _followed_near(at, walls, left_mT)
    fields_mT, states = np.array(list(walls)), np.stack(list(walls.values()))
    moments = wire.moments_A_m2(states)
    return DepinningBranch(fields_mT, moments, wire.positions_nm(states), left_mT)


def _risen(at: Follow, from_mT: float, resolution_mT: float) -> tuple[Walls, float]:
    """Return walls at rising fields, and the field at which the last one left."""
    m = at(from_mT, None)
    if m is None:
        raise InputError(
            f"no wall stays at the notch at {from_mT:g} mT",
            where="--from-mT",
            remedy="start at a lower field" if from_mT else "raise wire.notch.covered_fraction",
        )
    walls, low_mT, left_mT = {from_mT: m}, from_mT, HIGHEST_MT
    step_mT = max(STEP_MT, resolution_mT)
    while low_mT + resolution_mT < left_mT:
        if low_mT + step_mT >= left_mT:
            step_mT = (left_mT - low_mT) / 2
        moved = at(low_mT + step_mT, walls[low_mT])
        if moved is None:
            left_mT = low_mT + step_mT
        else:
            low_mT += step_mT
            walls[low_mT] = moved
            if left_mT == HIGHEST_MT:
                step_mT = max(step_mT, low_mT * STEP_SHARE)
    if left_mT == HIGHEST_MT:
        raise InputError(
            f"the wall stays pinned at the notch even at {HIGHEST_MT:g} mT",
            remedy="lower wire.notch.covered_fraction",
        )
    return walls, left_mT


def _followed_near(at: Follow, walls: Walls, left_mT: float) -> tuple[Walls, float]:
    """Return walls with those near depinning at fields even in u, in which the moment is smooth."""
    shares = np.linspace(1, 0, NEAR_FIELDS + 1) ** 2
    near_mT = max(walls) * (1 - NEAR_SHARE * shares)
    below = {field_mT: m for field_mT, m in walls.items() if field_mT <= near_mT[0]}
    if not below:
        below = dict([next(iter(walls.items()))])
    m = below[max(below)]
    for field_mT in near_mT[near_mT > max(below)]:
        moved = at(float(field_mT), m)
        if moved is None:
            return below, float(field_mT)
        below[float(field_mT)] = m = moved
    return below, left_mT


def _powers(fields_mT: Floats, critical_mT: float) -> Floats:
    u = np.sqrt(1 - fields_mT / critical_mT)
    return np.stack([u**power for power in range(HIGHEST_POWER + 1)], axis=1)
