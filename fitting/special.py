"""Special functions by the array type of their argument."""

from typing import Any

import scipy.special
from array_api_compat import is_torch_array


def special(x: Any) -> Any:
    """Return the module of special functions, torch's or scipy's, that takes `x`."""
    if is_torch_array(x):
        import torch

        return torch.special
    return scipy.special
