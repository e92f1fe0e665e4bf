"""The declared system: a notched perpendicular track, or a window of it, in ubermag's terms.

A positive current is one whose electrons flow along +x (the charge current along -x): its
spin-transfer torque pushes every wall towards +x. In a heavy metal below, the spin Hall effect of
the same current makes spins along +y if the spin Hall angle is positive; they push right-handed
walls (D < 0) towards +x, as in Thiaville et al., EPL 100, 57002 (2012).
"""

from functools import lru_cache
from typing import Any

import discretisedfield as df
import micromagneticmodel as mm
import numpy as np
from numpy.typing import NDArray

from dwsynapse.study import TrackDevice
from micromag.engine.constants import BOHR_MAGNETON_J_PER_T, ELEMENTARY_CHARGE_C
from micromag.engine.fields_and_energies import fields_A_per_m
from micromag.engine.problem import Problem
from micromag.sample.track_cells import material_shares
from micromag.sample.track_window import Window

NM = 1e-9
G_FACTOR = 2.0
FIXED = ("left", "right")
"""Names of the subregions whose magnetisation is fixed."""


def declare(device: TrackDevice, window: Window, current_uA: float, wall_nm: float) -> mm.System:
    """Return a window of the track with a wall that is not yet relaxed.

    Exchange, demagnetising field, anisotropy along z, the static field of the rest of the track
    (up on its left, down on its right) and the torques of a current.

    Parameters
    ----------
    device
        The track.
    window
        Its columns.
    current_uA
        The current of which the torques are declared.
    wall_nm
        Where the wall is, from the left end of the track.
    """
    mesh, shares = _mesh(device, window), material_shares(device.track)[window.start : window.stop]
    numbers, system = device.material.numbers, mm.System(name="track")
    system.energy = (
        mm.Exchange(A=_scaled(numbers.exchange_stiffness_J_per_m, shares, mesh))
        + mm.Demag()
        + mm.UniaxialAnisotropy(K=_scaled(numbers.anisotropy_J_per_m3, shares, mesh), u=(0, 0, 1))
    )
    if device.heavy_metal is not None and device.heavy_metal.D_J_per_m2:
        # The energy of micromagneticmodel's DMI has the other sign.
        D = _scaled(-device.heavy_metal.D_J_per_m2, shares, mesh)
        system.energy += mm.DMI(D=D, crystalclass="Cnv_z")
    if not (window.at_left_end and window.at_right_end):
        rest = rest_of_track_A_per_m(device, window)
        system.energy += mm.Zeeman(H=df.Field(mesh, nvdim=3, value=rest), name="rest")
    system.dynamics = mm.Precession(gamma0=mm.consts.gamma0) + mm.Damping(
        alpha=numbers.gilbert_damping
    )
    for torque in _torques(device, current_uA, shares, mesh):
        system.dynamics += torque
    system.T = device.pulses.temperature_K
    system.m = df.Field(
        mesh,
        nvdim=3,
        value=np.moveaxis(wall_at(device, window, wall_nm), 0, -1)[:, :, None],
        norm=(numbers.saturation_magnetisation_A_per_m * shares)[..., None, None],
        valid="norm",
    )
    return system


def _mesh(device: TrackDevice, window: Window) -> df.Mesh:
    track = device.track
    dx, width, thickness = (
        edge * NM for edge in (track.cell_nm[0], track.width_nm, track.thickness_nm)
    )

    def region(start: int, stop: int) -> df.Region:
        return df.Region(p1=(start * dx, 0, 0), p2=(stop * dx, width, thickness))

    counts = window.first_columns(track), window.last_columns(track)
    places = (window.start, window.start + counts[0]), (window.stop - counts[1], window.stop)
    return df.Mesh(
        region=region(window.start, window.stop),
        n=(window.stop - window.start, track.cells[1], 1),
        subregions={
            name: region(*place)
            for name, place, count in zip(FIXED, places, counts, strict=True)
            if count
        },
    )


def window_problem(device: TrackDevice, window: Window, current_uA: float) -> Problem:
    """Return a window as numbers, with its fixed ends and the torques of a current."""
    system = declare(device, window, current_uA, device.track.length_nm / 2)
    return Problem.of(system, fixed_subregions=list(system.m.mesh.subregions))


def _scaled(value: float, shares: NDArray[np.floating], mesh: df.Mesh) -> float | df.Field:
    """Return a constant of the material, in cells that are cut by a notch the share of it.

    Energies per volume go with the material in a cell: fields stay what they are, and what one cell
    does to its neighbour is what the neighbour does to it.
    """
    if np.isin(shares, (0, 1)).all():
        return value
    return df.Field(mesh, nvdim=1, value=(value * shares)[..., None, None])


def _torques(
    device: TrackDevice, current_uA: float, shares: NDArray[np.floating], mesh: df.Mesh
) -> list[Any]:
    """Return the declared torques of a current."""
    numbers, metal = device.material.numbers, device.heavy_metal
    if current_uA == 0:
        return []
    in_track, in_metal = current_densities_A_per_m2(device, current_uA)
    u_m_per_s = (
        BOHR_MAGNETON_J_PER_T
        * G_FACTOR
        * numbers.polarisation
        * in_track
        / (2 * ELEMENTARY_CHARGE_C * numbers.saturation_magnetisation_A_per_m)
    )
    torques: list[Any] = []
    if u_m_per_s:
        torques.append(mm.ZhangLi(u=u_m_per_s, beta=numbers.nonadiabaticity))
    if metal is not None and metal.spin_hall_angle:
        torques.append(
            mm.Slonczewski(
                J=_scaled(in_metal, shares, mesh),
                mp=(0, np.sign(metal.spin_hall_angle), 0),
                P=abs(metal.spin_hall_angle),
                Lambda=1,
                eps_prime=metal.field_like_ratio * abs(metal.spin_hall_angle) / 2,
            )
        )
    return torques


def current_densities_A_per_m2(device: TrackDevice, current_uA: float) -> tuple[float, float]:
    """Return the density of the electrons' current in the track and in the heavy metal below.

    Taken over the full width: notches make no difference to it.
    """
    track, metal = device.track, device.heavy_metal
    share = metal.current_share if metal is not None else 0.0
    per_height_A_per_m = 1e-6 * current_uA / (track.width_nm * NM)
    in_track = (1 - share) * per_height_A_per_m / (track.thickness_nm * NM)
    return in_track, share * per_height_A_per_m / (metal.thickness_nm * NM) if metal else 0.0


def wall_at(device: TrackDevice, window: Window, wall_nm: float) -> NDArray[np.float64]:
    """Return unit vectors of a wall that is not yet relaxed, shape (3, nx, ny): up, a wall, down.

    With DMI a Neel wall of the handedness that it prefers, else a Bloch wall along +y.
    """
    track, material, metal = device.track, device.material, device.heavy_metal
    D = metal.D_J_per_m2 if metal is not None else 0.0
    A = material.numbers.exchange_stiffness_J_per_m
    parameter_nm = 1e9 * np.sqrt(A / material.effective_anisotropy_J_per_m3)
    x_nm = (np.arange(window.start, window.stop) + 0.5) * track.cell_nm[0]
    up = np.tanh((wall_nm - x_nm) / parameter_nm)
    across = np.sqrt(1 - up**2)
    along_x, along_y = (-np.sign(D), 0.0) if D else (0.0, 1.0)
    m = np.stack([along_x * across, along_y * across, up])
    return np.broadcast_to(m[:, :, None], (*m.shape, track.cells[1]))


@lru_cache(maxsize=4)
def rest_of_track_A_per_m(device: TrackDevice, window: Window) -> NDArray[np.float64]:
    """Return the field of what a window leaves out, shape (nx, ny, 1, 3).

    The rest, with its notches and ends, is magnetised up on the left and down on the right. Its
    field is the demagnetising field that it has by itself, in the cells of the window.
    """
    nx, ny = device.track.cells
    dx, dy = (edge * NM for edge in device.track.cell_nm)
    Ms = device.material.numbers.saturation_magnetisation_A_per_m * material_shares(device.track)
    problem = Problem((nx, ny, 1), (dx, dy, device.track.thickness_nm * NM), Ms.reshape(-1))
    m = np.zeros((3, nx, ny))
    m[2, : window.start], m[2, window.stop :] = 1, -1
    demag = fields_A_per_m(problem, m.reshape(3, -1))["demag"].reshape(3, nx, ny, 1)
    field = np.moveaxis(demag[:, window.start : window.stop], 0, -1)
    # Fixed cells do not feel it, and it is by far the strongest in them: the time step goes by it.
    field[: window.first_columns(device.track)] = 0
    field[field.shape[0] - window.last_columns(device.track) :] = 0
    return field
