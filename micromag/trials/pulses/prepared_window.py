"""A window of a track made ready for many pulses: its equation of motion and its relaxed walls."""

from collections.abc import Sequence
from math import floor
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from dwsynapse.study import TrackDevice
from micromag.engine.equation_of_motion import Equation, equation_of
from micromag.engine.lanes import LANES
from micromag.engine.timestep import (
    check_step,
    energy_keeping_step_s,
    longest_step_s,
    thermal_step_s,
)
from micromag.sample.track import wall_at, window_problem
from micromag.sample.track_window import Window, placed_at
from micromag.trials.wall_relaxation import relax

DTYPE = np.float32


class PreparedWindow:
    """What all pulses in one window share.

    Parameters
    ----------
    device
        The track.
    window
        Its columns.
    current_uA
        The largest current, of which the torques are declared; pulses have a share of it.
    dt_s
        The time step.

    Attributes
    ----------
    problem, equation
        The window as numbers, and its equation of motion.
    walls
        Unit vectors of the wall relaxed at each notch of the window, shape (notches, 3, cells).
    """

    def __init__(self, device: TrackDevice, window: Window, current_uA: float, dt_s: float):
        self.device, self.window, self.current_uA, self.dt_s = device, window, current_uA, dt_s
        self.problem = window_problem(device, window, current_uA)
        once = device.numerics.demag_evaluations == 1
        self.equation: Equation = equation_of(self.problem, dt_s, DTYPE, shared_demag=once)
        first, last = window.first_notch, window.first_notch + window.n_notches
        self.walls = self.relaxed_at(device.track.notch_positions_nm[first:last])

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole track."""
        return self.window.at_left_end and self.window.at_right_end

    def relaxed_at(self, walls_nm: Sequence[float], times: int = 1) -> NDArray[np.float64]:
        """Return walls that were put at some places and relaxed at 0 K without a current.

        Parameters
        ----------
        walls_nm
            Places from the left end of the track.
        times
            How often they are given the time of `micromag.trials.wall_relaxation.relax`.
        """
        still = window_problem(self.device, self.window, 0.0)
        walls = np.stack([wall_at(self.device, self.window, wall_nm) for wall_nm in walls_nm])
        m = walls.reshape(len(walls), 3, -1) * (self.problem.Ms > 0)
        for _ in range(times):
            m = np.concatenate([relax(still, m[i : i + LANES]) for i in range(0, len(m), LANES)])
        return m


def time_step_s(device: TrackDevice, current_uA: float) -> float:
    """Return the time step of a device: the one given, or a short enough whole number of fs.

    Raises
    ------
    InputError
        If the given one is unstable or heats or cools waves.
    """
    given_fs, noisy = device.numerics.time_step_fs, device.pulses.temperature_K > 0
    middle = placed_at(device.track, device.track.notches.number // 2).window
    problem = window_problem(device, middle, current_uA)
    if given_fs is not None:
        once = device.numerics.demag_evaluations == 1
        check_step(problem, given_fs * 1e-15, once, noisy, "numerics.time_step_fs")
        return given_fs * 1e-15
    longest_s = min(longest_step_s(problem) / 2, energy_keeping_step_s(problem))
    if noisy:
        longest_s = min(longest_s, thermal_step_s(problem))
    return max(1, floor(longest_s * 1e15)) * 1e-15


class PreparedWindows:
    """The windows of a device, each prepared when it is first needed."""

    def __init__(self, device: TrackDevice):
        self.device = device
        self.current_uA = max(device.pulses.current_uA)
        self.dt_s = time_step_s(device, self.current_uA)
        self._prepared: dict[Window, PreparedWindow] = {}
        self._lock = Lock()

    def in_the_middle(self) -> PreparedWindow:
        """Return the window in the middle of the track."""
        return self.of(placed_at(self.device.track, self.device.track.notches.number // 2).window)

    def of(self, window: Window) -> PreparedWindow:
        """Return a window of the device."""
        with self._lock:
            if window not in self._prepared:
                self._prepared[window] = PreparedWindow(
                    self.device, window, self.current_uA, self.dt_s
                )
            return self._prepared[window]
