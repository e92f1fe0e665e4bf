"""How long the job that simulates a track's pulses lasts."""

from math import ceil, prod

from dwsynapse.study.devices.track_device import TrackDevice
from dwsynapse.study.runs.simulation_jobs import CELL_STEP_S, LIMIT_FACTOR, MIN_LIMIT_MINUTES

TORQUES_COST = 1.4
"""What a step with the torques of a current costs, over one without."""
STEP_FS_PER_NM2 = 0.11e3 / 2.5**2
"""Time step by the area of a cell, where the device gives none: exchange sets it."""


def pulses_s(device: TrackDevice) -> float:
    """Return about how many seconds of one core a device's pulses take."""
    pulses, track, sequence = device.pulses, device.track, device.pulses.sequence
    protocols = len(pulses.current_uA) * sum(
        duration_ns + pulses.rest_ns for duration_ns in pulses.duration_ns
    )
    if sequence.kind == "ramps":
        n_pulses = sequence.number * (sequence.up + sequence.down)
    else:
        n_levels = len(sequence.levels or track.notch_positions_nm)
        n_pulses = sequence.walls * n_levels * (2 if sequence.directions == "both" else 1)
    step_fs = device.numerics.time_step_fs or STEP_FS_PER_NM2 * min(track.cell_nm) ** 2
    nx, ny = track.cells
    if track.window_notches is not None:
        per_window = track.window_notches * track.notches.spacing_nm / track.cell_nm[0]
        nx = min(nx, round(per_window))
    steps = protocols * n_pulses * 1e6 / step_fs
    return steps * prod((nx, ny)) * CELL_STEP_S["embedded"] * TORQUES_COST


def pulses_minutes(device: TrackDevice) -> int:
    """Return a time limit that the job keeps on slower processors too."""
    expected_s = pulses_s(device) / device.threads
    return max(MIN_LIMIT_MINUTES, ceil(LIMIT_FACTOR * expected_s / 60))
