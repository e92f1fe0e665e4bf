"""Wires that differ from synapse to synapse, about the curve of the device."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fitting.device import PassingCurve

Floats = NDArray[np.float64]
FAR = 6.0  # standard deviations, which contain all but 2e-9 of the wires


@dataclass(frozen=True)
class Wires:
    """Wires, one for each synapse.

    A wire has the curve f(c + (h - c - place) s), where f is the device's curve and c its centre,
    the field at half of the rise: the effective field of the wire differs from the field set.

    Parameters
    ----------
    centre_mT
        The centre c.
    place_mT, steepness
        Shifts and steepnesses s, in the shape of the fields.
    """

    centre_mT: float
    place_mT: Floats
    steepness: Floats

    def felt_mT(self, fields_mT: Floats) -> Floats:
        """Return the effective fields of the wires at these fields."""
        return self.centre_mT + (fields_mT - self.centre_mT - self.place_mT) * self.steepness


@dataclass(frozen=True)
class Population:
    """Wires with normal shifts and lognormal steepnesses.

    Parameters
    ----------
    curve
        The device's curve.
    place_sd_mT, steepness_sd
        Standard deviations of the shift and of ln(s).
    """

    curve: PassingCurve
    place_sd_mT: float = 0.0
    steepness_sd: float = 0.0

    @property
    def differs(self) -> bool:
        """Whether its wires differ."""
        return self.place_sd_mT > 0 or self.steepness_sd > 0

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> Wires:
        """Draw wires; the same numbers of `rng` are used for any standard deviation."""
        places, steepnesses = rng.standard_normal((2, *shape))
        return self._wires(places, steepnesses)

    def felt_range_mT(self, low_mT: float, high_mT: float) -> tuple[float, float]:
        """Return the lowest and highest effective field of wires between two fields.

        At most as far outside these fields as they are from each other: the curve, which its form
        continues there, is flat by then.
        """
        farthest = self._wires(np.array([FAR, -FAR]), np.array([FAR, FAR]))
        low, high = farthest.felt_mT(np.array([low_mT, high_mT]))
        width_mT = high_mT - low_mT
        return max(float(low), low_mT - width_mT), min(float(high), high_mT + width_mT)

    def _wires(self, places: Floats, steepnesses: Floats) -> Wires:
        return Wires(
            float(self.curve.rise_field_mT(0.5)),
            self.place_sd_mT * places,
            np.exp(self.steepness_sd * steepnesses),
        )
