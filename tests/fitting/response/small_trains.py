"""Pulses of synapses whose response is known."""

import numpy as np
import pandas as pd

from dwsynapse.io.contracts import PULSES
from dwsynapse.io.track_geometry import TrackGeometry
from fitting.response.updates import Updates

TRACK = TrackGeometry(360, 50, tuple(60 + 30.0 * np.arange(9)), 30, 30)
US = 1e-6


def ramps(
    seed, cycles=12, pulses=24, *, step=0.04, spread=0.02, slope=0.0, asymmetry=0.0, memory=0.0
):
    """Return ramps up and down of a continuous synapse.

    The mean step falls by `slope` from the bottom to the top in both directions, is smaller down by
    `asymmetry`, and keeps a share `memory` of the last deviation.
    """
    rng = np.random.default_rng([11, seed])
    place, last, rows = 1.0, 0.0, []
    for _ in range(cycles):
        for way in (1, -1):
            for _ in range(pulses):
                along = way * (place - 1.5)
                mean = step * (1 - slope * along) * (1 - asymmetry * (way < 0))
                deviation = spread * rng.standard_normal()
                after = place + way * (mean + deviation + memory * last)
                rows.append((place, after, way))
                place, last = after, deviation
    before, after, direction = np.array(rows).T
    return Updates(
        US * before,
        US * after,
        direction.astype(np.int64),
        np.arange(len(before)) > 0,
        np.zeros(len(before), dtype=np.int64),
    )


def track_pulses(seed, replicas=12, *, stay=0.1, jitter_nm=1.0):
    """Return pulses.csv of ramps along a track of nine notches, from one end and back.

    Of ten pulses, one (`stay`) leaves the wall where it is, and all others move it by one notch.
    """
    rng = np.random.default_rng([12, seed])
    last, rows = len(TRACK.notch_positions_nm) - 1, []
    for replica in range(replicas):
        level, position = 0, TRACK.notch_positions_nm[0]
        for pulse in range(20):
            way = 1 if pulse < 10 else -1
            after = int(np.clip(level + way * (rng.random() > stay), 0, last))
            at = round(TRACK.notch_positions_nm[after] + jitter_nm * rng.standard_normal(), 4)
            moved = level, position, after, at, "settled"
            rows.append((replica, 1, pulse, "stt", 300.0, 50.0 * way, 1.0, 4.0, way, *moved))
            level, position = after, at
    return pd.DataFrame(rows, columns=[c.name for c in PULSES.columns if c.required])
