"""Where the wall of a trial is released: at one distance from the notch, or at a drawn one."""

from typing import NamedTuple

import numpy as np

from dwsynapse.study import SimulatedDevice
from micromag.sample.wall import variant_of


class Release(NamedTuple):
    """The relaxed wall that a trial starts from.

    Parameters
    ----------
    number
        Of the wall among those that are relaxed (`released_devices`).
    distance_nm
        Its distance from the notch where this is drawn; None where all walls have the same.
    """

    number: int
    distance_nm: float | None = None


def released_devices(device: SimulatedDevice) -> list[SimulatedDevice]:
    """Return the device once for each distance of release, the nearest first.

    A wall is relaxed anew at each distance, not moved there: the notch, free ends, edges and grains
    stay where they are, and with them the field of what continues the wire, which is static.
    """
    return [_at(device, distance_nm) for distance_nm in device.release_distances_nm]


def not_released(device: SimulatedDevice) -> SimulatedDevice:
    """Return the device for walls that are at the notch from the beginning: nothing is drawn."""
    return _at(device, device.protocol.farthest_release_nm)


def _at(device: SimulatedDevice, distance_nm: float) -> SimulatedDevice:
    protocol = device.protocol.model_copy(update={"release_distance_nm": distance_nm})
    return device.model_copy(update={"protocol": protocol})


def release_of(device: SimulatedDevice, seed: int, replica: int, *words: int) -> Release:
    """Return what a trial starts from, drawn from the numbers that its thermal noise has.

    Parameters
    ----------
    device
        The wire and its protocol.
    seed, replica, *words
        As of `micromag.engine.thermal_noise.trial_key`.
    """
    variant, distances_nm = (
        variant_of(device.wall, seed, replica, *words),
        device.release_distances_nm,
    )
    if len(distances_nm) == 1:
        return Release(variant)
    # Apart from the noise (no spawn key) and from the drawn wall (1).
    word = np.random.SeedSequence([seed, replica, *words], spawn_key=(2,)).generate_state(1)[0]
    place = int(word) * len(distances_nm) >> 32
    return Release(place * len(device.wall.variants) + variant, distances_nm[place])
