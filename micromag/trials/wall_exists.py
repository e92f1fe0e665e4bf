"""Whether a material has domain walls in a wire, and keeps its order at a temperature."""

import math

from dwsynapse.io.errors import InputError
from dwsynapse.study import SimulatedDevice
from micromag.engine.constants import BOLTZMANN_J_PER_K, MU0

# Moments on a simple cubic lattice, each coupled to its neighbours with J, order below
# 1.443 J / kB (Chen, Ferrenberg, Landau, Phys. Rev. B 48, 3249, 1993); fewer layers, below less.
ORDER = 1.443


def require_wall(device: SimulatedDevice) -> None:
    """Refuse a material without walls that could be followed.

    Raises
    ------
    InputError
        If the exchange length exceeds half the wire, or the noise exceeds what couples the cells.
    """
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
    cell_m = math.prod(device.wire.cell_nm) ** (1 / 3) * 1e-9
    highest_K = ORDER * 2 * stiffness * cell_m / BOLTZMANN_J_PER_K
    if device.protocol.temperature_K > highest_K:
        raise InputError(
            f"at {device.protocol.temperature_K:g} K noise destroys the order of neighbouring "
            f"cells, which exchange keeps below {highest_K:.3g} K",
            where="protocol.temperature_K",
            remedy="lower it, or raise exchange_stiffness_J_per_m or wire.cell_nm",
        )
