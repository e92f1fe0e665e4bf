"""The declared system: a notched wire with a head-to-head wall, in ubermag's terms."""

import discretisedfield as df
import micromagneticmodel as mm
import numpy as np
from numpy.typing import NDArray

from config import Notch, SimulatedDevice, Wire
from micromag.ends import continuation_field_A_per_m
from micromag.wall import initial_wall

NM = 1e-9


def declare(device: SimulatedDevice, variant: int = 0) -> mm.System:
    """Return the wire with its wall, not yet relaxed, as a micromagneticmodel system.

    Exchange, demagnetising field, uniaxial anisotropy where the material has one, and the static
    field of the rest of a continued wire; the protocol applies its own field besides.

    Parameters
    ----------
    device
        The wire.
    variant
        Which of `device.wall.variants` the wall is.
    """
    wire, material, protocol = device.wire, device.material, device.protocol
    edges = (wire.length_nm, wire.width_nm, wire.thickness_nm)
    region = df.Region(p1=(0, 0, 0), p2=tuple(edge * NM for edge in edges))
    mesh = df.Mesh(region=region, n=wire.cells)
    x, y = cell_centres_nm(wire)
    release_nm = wire.notch.centre_nm - protocol.release_distance_nm
    system = mm.System(name="wire")
    system.energy = mm.Exchange(A=material.exchange_stiffness_J_per_m) + mm.Demag()
    if material.anisotropy_J_per_m3:
        system.energy += mm.UniaxialAnisotropy(
            K=material.anisotropy_J_per_m3, u=material.anisotropy_axis
        )
    if wire.ends == "continued":
        system.energy += mm.Zeeman(H=_continuation(device, mesh), name="continuation")
    system.dynamics = mm.Precession(gamma0=mm.consts.gamma0) + mm.Damping(
        alpha=material.gilbert_damping
    )
    system.T = protocol.temperature_K
    magnetic = ~in_notch(x, y, wire.notch, wire.width_nm)
    layers = (*wire.cells, 1)
    norm = material.saturation_magnetisation_A_per_m * magnetic[:, :, None, None]
    state = (device.wall.kind, *device.wall.variants[variant])
    m = initial_wall(*state, x - release_nm, y, wire.width_nm)[:, :, None, :]
    system.m = df.Field(
        mesh,
        nvdim=3,
        value=np.broadcast_to(m, (*wire.cells, 3)),
        norm=np.broadcast_to(norm, layers),
        valid="norm",
    )
    return system


def _continuation(device: SimulatedDevice, mesh: df.Mesh) -> df.Field:
    wire = device.wire
    dx, dy, dz = (edge * NM for edge in wire.cell_nm)
    Ms = device.material.saturation_magnetisation_A_per_m
    field = continuation_field_A_per_m(wire.cells, (dx, dy, dz), Ms)
    return df.Field(mesh, nvdim=3, value=np.moveaxis(field, 0, -1))


def cell_centres_nm(wire: Wire) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Return the x and y coordinates of the centres of the cells, shapes (nx,) and (ny,)."""
    nx, ny, _ = wire.cells
    dx_nm, dy_nm, _ = wire.cell_nm
    return (np.arange(nx) + 0.5) * dx_nm, (np.arange(ny) + 0.5) * dy_nm


def in_notch(
    x_nm: NDArray[np.floating], y_nm: NDArray[np.floating], notch: Notch, width_nm: float
) -> NDArray[np.bool_]:
    """Return which cells lie in the notches, shape (nx, ny): those whose centres do."""
    from_edges_nm = {"bottom": y_nm, "top": width_nm - y_nm}
    notched = from_edges_nm if notch.edges == "both" else (notch.edges,)
    half_nm = [
        [notch.half_length_nm(depth_nm, width_nm) for depth_nm in from_edges_nm[edge]]
        for edge in notched
    ]
    from_centre_nm = np.abs(x_nm - notch.centre_nm)
    return np.asarray(from_centre_nm[:, None] <= np.max(half_nm, axis=0) + 1e-9)
