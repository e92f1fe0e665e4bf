"""The trains of pulses that a device is given, and the random numbers of each pulse."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dwsynapse.study import TrackDevice
from dwsynapse.study.reading import flat
from micromag.engine.thermal_noise import trial_key


@dataclass(frozen=True)
class Train:
    """Pulses on one wall, one after the other; a single pulse is a train of one.

    Parameters
    ----------
    replica
        Number of the trial.
    level
        The notch at which the wall is relaxed before.
    current_uA, duration_ns
        Of every pulse; the current without a sign.
    directions
        1 for each pulse up, which drives the wall towards larger x, and -1 for each down.
    """

    replica: int
    level: int
    current_uA: float
    duration_ns: float
    directions: tuple[int, ...]

    @property
    def name(self) -> tuple[int, float, float]:
        """What tells it from the others of a device."""
        return self.replica, self.current_uA, self.duration_ns


def trains_of(device: TrackDevice) -> list[Train]:
    """Return all trains of a device.

    A replica has the same number however many others there are: the number of the ramp, or, of
    single pulses, one made from wall, level and direction.
    """
    pulses, number = device.pulses, device.track.notches.number
    protocols = [(uA, ns) for uA in pulses.current_uA for ns in pulses.duration_ns]
    sequence = pulses.sequence
    if sequence.kind == "ramps":
        directions = (1,) * sequence.up + (-1,) * sequence.down
        return [
            Train(i, sequence.level, *protocol, directions)
            for protocol in protocols
            for i in range(sequence.number)
        ]
    levels = range(number) if sequence.levels is None else sequence.levels
    signs = {"both": (1, -1), "up": (1,), "down": (-1,)}[sequence.directions]
    return [
        Train(2 * (wall * number + level) + (sign < 0), level, *protocol, (sign,))
        for protocol in protocols
        for wall in range(sequence.walls)
        for level in levels
        for sign in signs
    ]


def track_words(device: TrackDevice) -> tuple[int, ...]:
    """Return the words that distinguish the random numbers of two tracks, four of 32 bits.

    They follow from what affects a wall, and not from which pulses it is given.
    """
    moving: dict[str, Any] = {
        "track": True,
        "material": True,
        "mechanism": True,
        "heavy_metal": True,
        "numerics": {"time_step_fs"},
        "pulses": {"temperature_K"},
    }
    keys = flat(device.model_dump(mode="json", include=moving, exclude_defaults=True))
    text = json.dumps(keys, sort_keys=True)
    return tuple(np.frombuffer(hashlib.sha256(text.encode()).digest()[:16], "<u4").tolist())


def pulse_key(seed: int, train: Train, pulse: int, words: tuple[int, ...]) -> NDArray[np.uint32]:
    """Return the key of the noise of one pulse, shape (2,).

    Parameters
    ----------
    seed
        The study's seed.
    train, pulse
        Its train, and its number there.
    words
        `track_words`.
    """
    current_pA, duration_fs = round(train.current_uA * 1e6), round(train.duration_ns * 1e6)
    return trial_key(seed, train.replica, *words, pulse, current_pA, duration_fs)
