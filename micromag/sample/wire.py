"""The declared system: a notched wire with a head-to-head wall, in ubermag's terms."""

import discretisedfield as df
import micromagneticmodel as mm
import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.study import Notch, SimulatedDevice, Wire
from micromag.sample.cell_shares import sample_points_nm, samples_per_cell, shares_of_cells
from micromag.sample.continued_ends import continuation_field_A_per_m
from micromag.sample.disorder import GrainMap, grain_map, within_edges
from micromag.sample.wall import initial_wall

NM = 1e-9


def declare(device: SimulatedDevice, variant: int = 0) -> mm.System:
    """Return the wire with its wall, not yet relaxed, as a micromagneticmodel system.

    Exchange, demagnetising field, uniaxial anisotropy where the material or its grains have one,
    and the static field of the rest of a continued wire; the protocol adds its own field.

    Parameters
    ----------
    device
        The wire.
    variant
        Which of `device.wall.variants` the wall is.

    Raises
    ------
    InputError
        If rough edges cut the wire.
    """
    wire, protocol, numbers = device.wire, device.protocol, device.material.numbers
    edges = (wire.length_nm, wire.width_nm, wire.thickness_nm)
    region = df.Region(p1=(0, 0, 0), p2=tuple(edge * NM for edge in edges))
    mesh = df.Mesh(region=region, n=wire.cells)
    grains = grain_map(device.disorder.grains, device.disorder.seed, *cell_centres_nm(wire))
    system = mm.System(name="wire")
    shares = material_shares(device)
    # Constants of empty cells count for nothing.
    left = np.where(shares > 0, shares, 1.0)
    exchange = numbers.exchange_stiffness_J_per_m
    system.energy = mm.Exchange(A=_scaled(exchange, left, mesh)) + mm.Demag()
    for term in (_anisotropy(device, mesh, grains, left), _continuation(device, mesh)):
        if term is not None:
            system.energy += term
    system.dynamics = mm.Precession(gamma0=mm.consts.gamma0) + mm.Damping(
        alpha=numbers.gilbert_damping
    )
    system.T = protocol.temperature_K
    Ms = numbers.saturation_magnetisation_A_per_m * grains.saturation[grains.grain]
    x_nm, y_nm = cell_centres_nm(wire)
    release_nm = wire.notch.centre_nm - protocol.farthest_release_nm
    state = (device.wall.kind, *device.wall.variants[variant])
    system.m = df.Field(
        mesh,
        nvdim=3,
        value=_columns(initial_wall(*state, x_nm - release_nm, y_nm, wire.width_nm), mesh),
        norm=_columns(Ms[..., None] * shares[..., None], mesh),
        valid="norm",
    )
    return system


def _columns(values: NDArray[np.floating], mesh: df.Mesh) -> NDArray[np.floating]:
    """Return values of shape (nx, ny, components), the same in every layer of a mesh."""
    return np.broadcast_to(values[:, :, None], (*mesh.n, values.shape[-1]))


def _scaled(number: float, left: NDArray[np.floating], mesh: df.Mesh) -> float | df.Field:
    """Return a constant of the material in proportion to the share that cells have of it."""
    if (left == 1).all():
        return number
    return df.Field(mesh, nvdim=1, value=_columns(number * left[..., None], mesh))


def _anisotropy(
    device: SimulatedDevice, mesh: df.Mesh, grains: GrainMap, left: NDArray[np.floating]
) -> mm.UniaxialAnisotropy | None:
    material, of_grains = device.material, device.disorder.grains
    if material.anisotropy_J_per_m3:
        K = _scaled(material.anisotropy_J_per_m3, left, mesh)
        return mm.UniaxialAnisotropy(K=K, u=material.anisotropy_axis)
    if not of_grains.anisotropy_J_per_m3:
        return None
    of_cells = of_grains.anisotropy_J_per_m3 * grains.anisotropy[grains.grain] * left
    axis = grains.axis[grains.grain]
    return mm.UniaxialAnisotropy(
        K=df.Field(mesh, nvdim=1, value=_columns(of_cells[..., None], mesh)),
        u=df.Field(mesh, nvdim=3, value=_columns(axis, mesh)),
    )


def _continuation(device: SimulatedDevice, mesh: df.Mesh) -> mm.Zeeman | None:
    if device.wire.ends == "free":
        return None
    dx, dy, dz = (edge * NM for edge in device.wire.cell_nm)
    Ms = device.material.numbers.saturation_magnetisation_A_per_m
    field = continuation_field_A_per_m(device.wire.cells, (dx, dy, dz), Ms)
    return mm.Zeeman(
        H=df.Field(mesh, nvdim=3, value=np.moveaxis(field, 0, -1)), name="continuation"
    )


def material_shares(device: SimulatedDevice) -> NDArray[np.float64]:
    """Return the share of each cell that is material, shape (nx, ny): in the edges, not the notch.

    Raises
    ------
    InputError
        If rough edges leave less than two cells somewhere along the wire.
    """
    wire, disorder = device.wire, device.disorder
    x_nm, y_nm = cell_centres_nm(wire)
    inside = within_edges(disorder.roughness, disorder.seed, x_nm, y_nm, wire.width_nm)
    shares = np.where(inside, 1 - notched_shares(wire), 0.0)
    narrowest = int(shares.sum(axis=1).argmin())
    if shares[narrowest].sum() < 2:
        raise InputError(
            f"the rough edges cut the wire at x = {x_nm[narrowest]:g} nm",
            where="disorder.roughness.sd_nm",
            remedy="lower it, lower wire.notch.covered_fraction, or choose another disorder.seed",
        )
    return shares


def notched_shares(wire: Wire) -> NDArray[np.float64]:
    """Return the share of each cell that the notch takes, shape (nx, ny)."""
    samples = samples_per_cell(wire.smooth_edges)
    x_nm, y_nm = (
        sample_points_nm(n, cell_nm, samples)
        for n, cell_nm in zip(wire.cells[:2], wire.cell_nm[:2], strict=True)
    )
    notched = in_notch(x_nm, y_nm, wire.notch, wire.width_nm)
    return 1 - shares_of_cells(~notched, samples)


def cell_centres_nm(wire: Wire) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Return the x and y coordinates of the centres of the cells, shapes (nx,) and (ny,)."""
    nx, ny, _ = wire.cells
    dx_nm, dy_nm, _ = wire.cell_nm
    return (np.arange(nx) + 0.5) * dx_nm, (np.arange(ny) + 0.5) * dy_nm


def in_notch(
    x_nm: NDArray[np.floating], y_nm: NDArray[np.floating], notch: Notch, width_nm: float
) -> NDArray[np.bool_]:
    """Return which points are in the notches, shape (nx, ny)."""
    from_edges_nm = {"bottom": y_nm, "top": width_nm - y_nm}
    notched = from_edges_nm if notch.edges == "both" else (notch.edges,)
    half_nm = [
        [notch.half_length_nm(depth_nm, width_nm) for depth_nm in from_edges_nm[edge]]
        for edge in notched
    ]
    from_centre_nm = np.abs(x_nm - notch.centre_nm)
    return np.asarray(from_centre_nm[:, None] <= np.max(half_nm, axis=0) + 1e-9)
