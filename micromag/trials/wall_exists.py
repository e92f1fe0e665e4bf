"""Whether a wire has domain walls that its cells resolve, and keeps its order at a temperature."""

import math

from dwsynapse.io.errors import InputError
from dwsynapse.io.notes import note_once
from dwsynapse.study import SimulatedDevice
from micromag.engine.constants import BOLTZMANN_J_PER_K, MU0

# Moments on a simple cubic lattice, each coupled to its neighbours with J, order below
# 1.443 J / kB (Chen, Ferrenberg, Landau, Phys. Rev. B 48, 3249, 1993); fewer layers, below less.
ORDER = 1.443
# Edge of a cell over the exchange length, in the plane: a note above the first, an error above the
# second. Coarser cells pin walls by themselves.
COARSE, TOO_COARSE = 1.5, 4.0


def require_wall(device: SimulatedDevice) -> None:
    """Refuse a wire without walls that could be followed at its temperature.

    Raises
    ------
    InputError
        As of `require_resolved_wall`, or if the noise exceeds what couples the cells.
    """
    _require_wall_that_fits(device)
    stiffness = device.material.numbers.exchange_stiffness_J_per_m
    cell_m = math.prod(device.wire.cell_nm) ** (1 / 3) * 1e-9
    highest_K = ORDER * 2 * stiffness * cell_m / BOLTZMANN_J_PER_K
    if device.protocol.temperature_K > highest_K:
        raise InputError(
            f"at {device.protocol.temperature_K:g} K noise destroys the order of neighbouring "
            f"cells, which exchange keeps below {highest_K:.3g} K",
            where="protocol.temperature_K",
            remedy="lower it, or raise exchange_stiffness_J_per_m or wire.cell_nm",
        )
    _require_fine_cells(device)


def require_resolved_wall(device: SimulatedDevice) -> None:
    """Refuse a wire without walls that its cells resolve; note on stderr if these are coarse.

    Raises
    ------
    InputError
        If the exchange length exceeds half the wire, or cells are much larger than it.
    """
    _require_wall_that_fits(device)
    _require_fine_cells(device)


def _require_wall_that_fits(device: SimulatedDevice) -> None:
    material, anisotropy = device.material.numbers, abs(device.material.anisotropy_J_per_m3)
    stiffness = material.exchange_stiffness_J_per_m
    density = MU0 * material.saturation_magnetisation_A_per_m**2 / 2 + anisotropy
    length_nm = math.sqrt(stiffness / density) * 1e9
    if length_nm > device.wire.length_nm / 2:
        raise InputError(
            f"exchange keeps {length_nm:.3g} nm parallel, and no wall fits into "
            f"{device.wire.length_nm:g} nm of wire",
            where="material",
            remedy="raise saturation_magnetisation_A_per_m, or lower exchange_stiffness_J_per_m",
        )


def _require_fine_cells(device: SimulatedDevice) -> None:
    """Compare cells with sqrt(2 A / (mu0 Ms^2)), or with sqrt(A / K) if that is shorter."""
    numbers = device.material.numbers
    density = max(
        MU0 * numbers.saturation_magnetisation_A_per_m**2 / 2,
        abs(device.material.anisotropy_J_per_m3),
    )
    length_nm = math.sqrt(numbers.exchange_stiffness_J_per_m / density) * 1e9
    edge_nm = max(device.wire.cell_nm[:2])
    words = f"cells of {edge_nm:g} nm, and the exchange length is {length_nm:.2g} nm"
    if edge_nm > TOO_COARSE * length_nm:
        raise InputError(
            f"{words}: no wall is resolved",
            where="wire.cell_nm",
            remedy=f"take cells of {length_nm:.2g} nm or less along x and y",
        )
    if edge_nm > COARSE * length_nm:
        note_once("wire.cell_nm", f"{words}: coarse cells pin walls; check with smaller ones")
