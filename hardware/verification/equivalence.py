"""Does it matter? Differences in field and in accuracy against the tolerance of the study."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from dwsynapse.study import Hardware
from hardware.verification.curve_scores import CurveScores

Floats = NDArray[np.float64]

POWER = 0.8


@dataclass(frozen=True)
class Difference:
    """A difference with its interval, to be held against a tolerance.

    Parameters
    ----------
    name, unit
        What differs.
    value, sd
        The difference, and its standard deviation.
    tolerance
        The largest that does not matter.
    significance
        Probability of calling a larger one equivalent (two one-sided tests; Schuirmann 1987).
    """

    name: str
    unit: str
    value: float
    sd: float
    tolerance: float
    significance: float

    @property
    def bounds(self) -> tuple[float, float]:
        """Bounds that leave out more than the significance on neither side."""
        half = -float(ndtri(self.significance)) * self.sd
        return self.value - half, self.value + half

    def sd_or(self, value: float) -> float:
        """Return the standard deviation, or a value if nothing is known."""
        return self.sd if np.isfinite(self.sd) else value

    @property
    def equivalent(self) -> bool:
        """Whether the difference is within the tolerance, with that significance."""
        return max(map(abs, self.bounds)) < self.tolerance

    @property
    def beyond(self) -> bool:
        """Whether the difference is larger than the tolerance, with that significance."""
        low, high = self.bounds
        return low > self.tolerance or high < -self.tolerance

    @property
    def reads_factor(self) -> float:
        """How many times as many reads would find a difference as large as the tolerance.

        With a probability of 80 %, by a two-sided test.
        """
        z = ndtri(POWER) - ndtri(self.significance / 2)
        return float((z * self.sd / self.tolerance) ** 2)

    def content(self) -> dict[str, Any]:
        """Return the difference for ``verification.json``; None for what is not finite."""
        low, high = (float(b) if np.isfinite(b) else None for b in self.bounds)
        return {
            "difference": self.name,
            "unit": self.unit,
            "value": self.value,
            "low": low,
            "high": high,
            "tolerance": self.tolerance,
            "equivalent": self.equivalent,
            "beyond": self.beyond,
        }


def field_difference(scores: CurveScores, settings: Hardware) -> Difference:
    """Return the shift of the curve's centre in the log, as the log alone can tell it."""
    shift_mT, _ = scores.fitted.shifts["centre_mT"]
    return Difference(
        "field at half of the rise",
        "mT",
        float(shift_mT),
        scores.sd_of_centre_mT(),
        settings.tolerance_mT,
        settings.significance,
    )


def accuracy_difference(
    correct: NDArray[np.bool_], p_of_log: Floats, p_of_device: Floats, settings: Hardware
) -> Difference:
    """Return the accuracy found minus that of the device model, with all reads.

    Parameters
    ----------
    correct
        Whether each image is classified correctly, shape (n_images,).
    p_of_log, p_of_device
        Probability of that at the curve of the log, and at the device's.
    settings
        Tolerance and significance.
    """
    n = len(correct)
    # A quarter of an image squared, for the images that are certain.
    sd = float(np.sqrt((p_of_log * (1 - p_of_log)).sum() + 0.25)) / n
    value = float((correct - p_of_device).sum()) / n
    return _of_accuracy("accuracy found", value, sd, settings)


def curve_difference(
    drawn: NDArray[np.bool_],
    moved: NDArray[np.bool_],
    of_device: NDArray[np.bool_],
    settings: Hardware,
) -> Difference:
    """Return what the difference of the curves alone is worth in accuracy, with all reads.

    All draws have the same random numbers, so that images contribute little to the difference.

    Parameters
    ----------
    drawn, moved, of_device
        Whether images are classified correctly in draws from the curve of the log, from that curve
        one standard deviation away, and from the device's, each of shape (draws, n_images).
    settings
        Tolerance and significance.
    """
    by_draw = (drawn.astype(float) - of_device).mean(axis=1)
    by_curve = float((drawn.astype(float) - moved).mean())
    sd = float(np.hypot(by_draw.std(ddof=1) / np.sqrt(len(by_draw)), by_curve))
    return _of_accuracy("accuracy by the curve", float(by_draw.mean()), sd, settings)


def _of_accuracy(name: str, value: float, sd: float, settings: Hardware) -> Difference:
    tolerance = settings.tolerance_accuracy
    return Difference(name, "", value, sd, tolerance, settings.significance)
