"""CPU time of pulses per nanosecond and cell, on the tracks of Liu et al. 2021 and the quick one.

Use: python benchmarks/pulses_speed.py
"""

import time

import numpy as np

from dwsynapse.study import TrackDevice
from dwsynapse.study.presets.liu import LIU_SOT, LIU_STT
from dwsynapse.study.presets.quick_track import QUICK_TRACK
from micromag.engine.lanes import LANES
from micromag.trials.pulses.lockstep_pulses import Drive, pulse_walls
from micromag.trials.pulses.prepared_window import PreparedWindows

PULSE_NS, REST_NS = 0.2, 0.3


def measure(name: str, device: TrackDevice) -> None:
    """Print what a full group of walls in the window in the middle takes."""
    window = PreparedWindows(device).in_the_middle()
    walls = np.repeat(window.walls[window.window.n_notches // 2][None], LANES, axis=0)
    keys = np.arange(2 * LANES, dtype=np.uint32).reshape(LANES, 2)
    current_uA = device.pulses.current_uA[0]
    pulse_walls(window, walls, [Drive(current_uA, 0, 0.001, 0)] * LANES, keys)  # compiles
    started_s = time.process_time()
    pulse_walls(window, walls, [Drive(current_uA, 0, PULSE_NS, REST_NS)] * LANES, keys)
    taken_s = time.process_time() - started_s
    nx, ny, _ = window.problem.cells
    per_ns_s = taken_s / LANES / (PULSE_NS + REST_NS)
    print(
        f"{name}: {nx} x {ny} cells, step {window.dt_s * 1e15:.0f} fs, {per_ns_s:.3g} s per ns, "
        f"{1e6 * per_ns_s / (nx * ny):.3g} us per ns and cell, "
        f"{1e9 * per_ns_s / (nx * ny) * window.dt_s * 1e9:.3g} ns per step and cell"
    )


if __name__ == "__main__":
    for name, device in (("STT", LIU_STT), ("SOT", LIU_SOT), ("quick", QUICK_TRACK)):
        measure(name, device)
