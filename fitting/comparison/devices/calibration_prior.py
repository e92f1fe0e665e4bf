"""How well the fields of two devices are known against each other."""

from dataclasses import dataclass
from math import sqrt
from typing import Self

from dwsynapse.drives import FIELD
from fitting.device import DeviceModel


@dataclass(frozen=True)
class CalibrationPrior:
    """Uncertainty of the calibration h_reference = offset + scale h_device.

    Parameters
    ----------
    offset_sd_mT
        Standard deviation of the offset about 0.
    scale_sd
        Standard deviation of the scale about 1.
    """

    offset_sd_mT: float = 0.0
    scale_sd: float = 0.0

    @classmethod
    def between(
        cls, device: DeviceModel, reference: DeviceModel, offset_sd_mT: float, scale_sd: float
    ) -> Self:
        """Return that of two devices, whose measured field axes each have such an uncertainty.

        The fields of a simulation are exact; so is, as far as is said, what is not a field.
        """
        if device.drive is not FIELD:
            return cls()
        n_measured = sum(model.source != "simulation" for model in (device, reference))
        return cls(sqrt(n_measured) * offset_sd_mT, sqrt(n_measured) * scale_sd)

    def away(self, offset_mT: float, scale: float) -> float:
        """Return the negative logarithm of the density over its greatest value."""
        pulls = ((offset_mT, self.offset_sd_mT), (scale - 1, self.scale_sd))
        return sum((value / sd) ** 2 / 2 for value, sd in pulls if sd)
