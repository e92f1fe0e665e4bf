"""What fabrication and convention leave open of a wire: the variations that are made unasked."""

from math import floor
from typing import Any, get_args

from dwsynapse.study import SimulatedDevice
from dwsynapse.study.devices.notch_shapes import NotchShape
from dwsynapse.study.wires.variation import SMOOTH, Variation, variation

COVERED, OPENING, THICKNESS, DISTANCE = 0.05, 0.2, 0.1, 0.1
"""Depth of the notch in shares of the width, else in shares of the value."""
SATURATION, EXCHANGE, DAMPING = 0.05, 0.1, 0.5
TEMPERATURE_K = 20.0
ROUGHNESS_NM, SATURATION_SD = 3.0, 0.05
SLIGHTLY = 1.2
"""Waves that are less faster need no shorter time step."""
SEEDS = (1, 2)
"""Devices with rough edges or grains: each is one draw of them."""


def default_variations(device: SimulatedDevice) -> list[Variation]:
    """Return the variations of a device that are made where none are named.

    A config may refuse some of them.
    """
    wire, protocol, numbers = device.wire, device.protocol, device.material.numbers
    notch, numerics = wire.notch, device.numerics
    changes: list[dict[str, Any]] = [
        {"wire.notch.shape": shape} for shape in get_args(NotchShape) if shape != notch.shape
    ]
    for sign in (-1, 1):
        relative = {
            "wire.notch.opening_nm": (notch.opening_nm, OPENING),
            "wire.thickness_nm": (wire.thickness_nm, THICKNESS),
            "material.saturation_magnetisation_A_per_m": (numbers[0], SATURATION),
            "material.exchange_stiffness_J_per_m": (numbers[1], EXCHANGE),
            "material.gilbert_damping": (numbers[2], DAMPING),
        }
        changes += [{key: _few(x * (1 + sign * share))} for key, (x, share) in relative.items()]
        changes += [
            {"wire.notch.covered_fraction": _few(notch.covered_fraction + sign * COVERED)},
            {"protocol.temperature_K": _few(protocol.temperature_K + sign * TEMPERATURE_K)},
        ]
    if not wire.smooth_edges:
        changes.append({SMOOTH: True})
    changes += [
        {
            "protocol.pinned_after_ns": _few(2 * protocol.pinned_after_ns),
            "protocol.window_ns": _few(protocol.window_ns + protocol.pinned_after_ns),
        },
        {"numerics.time_step_fs": _few(numerics.time_step_fs / 2)},
        {"numerics.observe_every_ps": _few(2 * numerics.observe_every_ps)},
    ]
    return [
        *(variation(device, change) for change in changes),
        _layers(device),
        *_distances(device),
        *_disorder(device),
    ]


def _layers(device: SimulatedDevice) -> Variation:
    """Return twice as many layers, with a time step for the faster waves between them."""
    *sides_nm, height_nm = device.wire.cell_nm
    cells = [*sides_nm, height_nm / 2]
    # Exchange makes the shortest waves faster by the inverse squares of the cells' edges.
    before = [
        n > 1 and edge**-2 for n, edge in zip(device.wire.cells, device.wire.cell_nm, strict=True)
    ]
    faster = (sum(before[:2]) + cells[2] ** -2) / sum(before)
    change: dict[str, Any] = {"wire.cell_nm": cells}
    if faster < SLIGHTLY:
        return variation(device, change)
    step_fs = _few(device.numerics.time_step_fs / faster)
    return variation(device, change | {"numerics.time_step_fs": step_fs}, f"step {step_fs:.3g} fs")


def _distances(device: SimulatedDevice) -> list[Variation]:
    """Return other distances of release and a range of them, where there is one, in whole cells."""
    given = device.protocol.release_distance_nm
    if isinstance(given, tuple):
        return []
    cell_nm = device.wire.cell_nm[0]
    half_nm = floor(DISTANCE * given / cell_nm) * cell_nm
    key = "protocol.release_distance_nm"
    values: list[Any] = [given - half_nm, given + half_nm, [given - half_nm, given + half_nm]]
    return [variation(device, {key: value}) for value in values] if half_nm else []


def _disorder(device: SimulatedDevice) -> list[Variation]:
    """Return devices with rough edges and with grains, or other ones where the device has them."""
    disorder, found = device.disorder, []
    amounts = {
        "disorder.roughness.sd_nm": disorder.roughness.sd_nm or ROUGHNESS_NM,
        "disorder.grains.saturation_sd": disorder.grains.saturation_sd or SATURATION_SD,
    }
    for key, amount in amounts.items():
        for seed in SEEDS:
            change = {key: amount, "disorder.seed": disorder.seed + seed}
            found.append(variation(device, change, f"device {seed}"))
    return found


def _few(value: float) -> float:
    return float(f"{value:.6g}")
