"""The virtual bench of crossbars: it programs the devices pulse by pulse and logs each pulse.

All of its output is synthetic and marked so.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.io.progress_bars import QUICK_S, progress_bar
from fitting.response.device_spread import device_junction
from fitting.response.junction import Junction
from hardware.crossbars.programming.crossbar_program import CrossbarProgram
from hardware.crossbars.programming.walls import Walls

Floats = NDArray[np.float64]

NAME = "virtual crossbar"
STEPS, READS, STUCK, SWAPPED = range(4)
"""Streams of random numbers, of which each device has its own place."""


@dataclass(frozen=True)
class CrossbarFaults:
    """What is wrong with a virtual crossbar.

    Parameters
    ----------
    rp_sd, tmr_sd
        Relative standard deviations of resistance and magnetoresistance of the junctions about
        those that the program knows.
    stuck, swapped
        Shares of devices whose walls do not move, and that are wired the wrong way round.
    step_scale
        Size of the steps, in those of the response.
    read_offset_S
        Added to each reading.
    relaxation
        Share of its distance from the middle of the range that a wall goes back between pulses.
    """

    rp_sd: float = 0.0
    tmr_sd: float = 0.0
    stuck: float = 0.0
    swapped: float = 0.0
    step_scale: float = 1.0
    read_offset_S: float = 0.0
    relaxation: float = 0.0


@dataclass(frozen=True)
class VirtualCrossbar:
    """A virtual crossbar whose walls move by a response.

    Parameters
    ----------
    walls
        The walls.
    seed
        Seed of its random numbers. Those of a device depend on the seed, its number and the number
        of the pulse alone.
    read_noise_sd_S
        Standard deviation of a reading.
    pulse_period_s
        Time of a pulse with its readings; the devices take turns.
    faults
        What is wrong with it.
    """

    walls: Walls
    seed: int
    read_noise_sd_S: float = 0.0
    pulse_period_s: float = 1e-3
    faults: CrossbarFaults = field(default_factory=CrossbarFaults)

    def instrument(self) -> dict[str, Any]:
        """Return what the manifest says of it."""
        stated = {"read_noise_sd_S": self.read_noise_sd_S, "pulse_period_s": self.pulse_period_s}
        if self.faults == CrossbarFaults():
            return stated
        return {**stated, "faults": asdict(self.faults)}

    def run(self, program: CrossbarProgram) -> tuple[pd.DataFrame, Floats]:
        """Program the devices.

        A device is read before and after each pulse. In closed loop the reading after a pulse says
        whether and where the next one goes, so that the error of the next reading is new.

        Returns
        -------
        tuple of DataFrame and ndarray
            The log (`hardware.crossbars.programming_log`), in the order of the pulses, and a last
            reading of all devices (S), shape (n_devices,).
        """
        low_S, span_S = self._ranges(program)
        x, target, pulses = program.start.copy(), program.target, program.pulses
        closed = program.method == "closed"
        last = program.max_pulses if closed else int(np.abs(pulses).max(initial=0))
        stuck, swapped = (
            self._uniform(stream, 0, len(program)) < share
            for stream, share in ((STUCK, self.faults.stuck), (SWAPPED, self.faults.swapped))
        )
        readings_S = self._readings_S(low_S + span_S * x, 0)
        rows, on = [], np.ones(len(program), dtype=bool)
        for pulse in progress_bar(range(last), desc="pulses", delay=QUICK_S):
            away = target - program.positions(readings_S) if closed else pulses.astype(float)
            # A device that is done is not looked at again, whatever another reading would be.
            on &= np.abs(away) > (program.tolerance if closed else pulse)
            if not on.any():
                break
            direction = np.where(away > 0, 1, -1)
            before_S = readings_S if pulse == 0 else self._readings_S(low_S + span_S * x, 2 * pulse)
            moves = on & ~stuck
            way = np.where(swapped, -direction, direction)
            uniform = self._uniform(STEPS, pulse, len(program))
            x[moves] = self.walls.moved(
                x[moves], way[moves], uniform[moves], self.faults.step_scale
            )
            readings_S = self._readings_S(low_S + span_S * x, 2 * pulse + 1)
            device = np.flatnonzero(on)
            rows.append((device, direction[on], before_S[on], readings_S[on]))
            x[moves] -= self.faults.relaxation * (x[moves] - 0.5)
        final_S = self._readings_S(low_S + span_S * x, 2 * last + 2)
        return self._log(rows), final_S

    def _log(self, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
        numbers = [np.full(len(device), pulse) for pulse, (device, *_) in enumerate(rows)]
        device, direction, before_S, after_S = (
            np.concatenate(parts) if parts else np.zeros(0)
            for parts in (zip(*rows, strict=True) if rows else [()] * 4)
        )
        return pd.DataFrame(
            {
                "device": device.astype(np.int64),
                "pulse": np.concatenate(numbers or [np.zeros(0, np.int64)]),
                "direction": direction.astype(np.int64),
                "conductance_before_S": before_S,
                "conductance_after_S": after_S,
                "timestamp_s": self.pulse_period_s * np.arange(len(device)),
            }
        )

    def _readings_S(self, conductances_S: Floats, number: int) -> Floats:
        rng = np.random.default_rng([self.seed, READS, number])
        error_S = self.read_noise_sd_S * rng.standard_normal(len(conductances_S))
        return conductances_S + self.faults.read_offset_S + error_S

    def _uniform(self, stream: int, number: int, n: int) -> Floats:
        return np.random.default_rng([self.seed, stream, number]).random(n)

    def _ranges(self, program: CrossbarProgram) -> tuple[Floats, Floats]:
        """Return the lowest conductance and the range of each device as it is."""
        low_S, high_S = (program.devices[name].to_numpy(float) for name in ("low_S", "high_S"))
        if self.faults.rp_sd == self.faults.tmr_sd == 0:
            return low_S, high_S - low_S
        spread = self.faults.rp_sd, self.faults.tmr_sd
        own = [
            device_junction(Junction.of_conductances(*ends), self.seed, device, *spread)
            for device, ends in enumerate(zip(low_S.tolist(), high_S.tolist(), strict=True))
        ]
        low_S = np.array([junction.antiparallel_S for junction in own])
        return low_S, np.array([junction.parallel_S for junction in own]) - low_S
