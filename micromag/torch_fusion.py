"""Fusing chains of tensor operations into few GPU kernels."""

from collections.abc import Callable
from typing import Any, TypeVar

import torch

Function = TypeVar("Function", bound=Callable[..., Any])


def fused(function: Function, device: torch.device) -> Function:
    """Return a function that reads and writes each number once where it runs on a GPU.

    Left alone, torch would write the result of every single operation to memory; the equation of
    motion is limited by memory traffic. On a processor the function is left as it is.
    """
    if device.type != "cuda":
        return function
    # Shapes do not change within a run. With a break in the graph the rest would not be fused.
    compiled: Any = torch.compile(function, dynamic=False, fullgraph=True)
    return compiled
