"""The fields that an instrument can set on a device."""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class FieldGrid:
    """Whole multiples of a step, made by `fitting.device.DeviceModel.field_grid`.

    Parameters
    ----------
    lowest, highest
        The first and the last multiple.
    step_mT
        Distance of the fields.
    """

    lowest: int
    highest: int
    step_mT: float

    @property
    def low_mT(self) -> float:
        """Lowest field."""
        return round(self.lowest * self.step_mT, 9)

    @property
    def high_mT(self) -> float:
        """Highest field."""
        return round(self.highest * self.step_mT, 9)

    def nearest_mT(self, fields_mT: Any) -> Any:
        """Return the nearest field of the grid for every field of an array."""
        multiples = np.clip(np.round(fields_mT / self.step_mT), self.lowest, self.highest)
        return np.round(multiples * self.step_mT, 9)
