"""How far readings of a programming log are off: their noise, and the digits that were kept."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.io.number_format import number
from hardware.crossbars.programming.crossbar_program import CrossbarProgram

ROUNDING = 1e-3
"""Share of the range up to which readings without noise are the same: logs have three digits."""
SURE_SD = 6.0
"""Noise puts no reading of a crossbar farther off than so many of its standard deviations."""
MOST_DIGITS = 15
"""After the decimal point, in S: readings with more were not rounded."""
SAME = 1e-9
"""A reading is a multiple of a step if it is so near to one, as a share of the reading."""


@dataclass(frozen=True)
class ReadingErrors:
    """Errors of the readings of a log.

    Parameters
    ----------
    noise_sd_S
        Standard deviation of a reading, rounding included; 0 where all readings of one conductance
        are the same.
    step_S
        Power of ten that all readings are multiples of, as 1e-7 where they have seven digits after
        the point; 0 where it is more than half of the program's tolerance, as levels may be such
        multiples, too.
    stated_sd_S
        The noise that the manifest states.
    """

    noise_sd_S: float
    step_S: float = 0.0
    stated_sd_S: float = 0.0

    @classmethod
    def of(
        cls, log: pd.DataFrame, program: CrossbarProgram, read_noise_sd_S: float
    ) -> "ReadingErrors":
        """Find the errors of the log of a program whose manifest states a noise.

        Rounding adds step² / 12 to the variance (W. F. Sheppard, 1898). A noise of less than half
        the step does not blur it: most readings of one conductance are the same then.
        """
        names = ("conductance_before_S", "conductance_after_S")
        step_S = _step_S(log[[*names]].to_numpy(float))
        if step_S > program.tolerance * program.span_S.min() / 2:
            step_S = 0.0
        blurred = read_noise_sd_S > 0 and read_noise_sd_S >= step_S / 2
        noise_sd_S = float(np.hypot(read_noise_sd_S, step_S / np.sqrt(12))) if blurred else 0.0
        return cls(noise_sd_S, step_S, read_noise_sd_S)

    def rounding(self, span_S: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return up to which share of these ranges readings without noise are the same.

        Noise that does not blur steps takes single readings to the next ones.
        """
        largest_S = self.step_S
        if not self.noise_sd_S:
            largest_S += SURE_SD * np.sqrt(2) * self.stated_sd_S
        return np.maximum(ROUNDING, largest_S / span_S)

    def notes(self) -> list[str]:
        """Say it where the readings are rounded to more than their noise."""
        if self.noise_sd_S or not self.stated_sd_S:
            return []
        return [
            f"the readings come in steps of {number(self.step_S)} S, which their noise of "
            f"{number(self.stated_sd_S)} S does not blur: they are taken as readings without "
            "noise, and tests of steps may fail for the rounding"
        ]


def _step_S(readings_S: NDArray[np.float64]) -> float:
    """Return the largest power of ten that all readings are multiples of, or 0."""
    for decimals in range(MOST_DIGITS + 1):
        steps = readings_S * 10.0**decimals
        if np.allclose(steps, np.round(steps), rtol=SAME, atol=0):
            return float(10.0**-decimals)
    return 0.0
