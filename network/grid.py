"""The fields that an instrument can set."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class FieldGrid:
    """Whole multiples of a step within bounds.

    Parameters
    ----------
    low_mT, high_mT
        Lowest and highest field, from `network.kinds.usable_fields_mT`: the nucleation field, at
        which walls appear without an input, lies above.
    step_mT
        Distance of the fields, such as the paper's precision of 0.1 mT.
    """

    low_mT: float
    high_mT: float
    step_mT: float = 0.1

    def nearest_mT(self, fields_mT: Tensor) -> Tensor:
        """Return the nearest fields of the grid; gradients pass as if this changed nothing."""
        # Fields such as 0.3 / 0.1 must not fall below their own multiple.
        lowest = torch.ceil(torch.tensor(self.low_mT / self.step_mT - 1e-9))
        highest = torch.floor(torch.tensor(self.high_mT / self.step_mT + 1e-9))
        steps = torch.round(fields_mT.detach() / self.step_mT).clamp(lowest, highest)
        return fields_mT + (steps * self.step_mT - fields_mT).detach()
