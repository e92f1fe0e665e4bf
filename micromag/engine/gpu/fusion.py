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
    # Each wire and number of lanes is compiled again; torch gives up after eight unless given more.
    torch._dynamo.config.recompile_limit = 256
    compiled: Any = torch.compile(function, dynamic=False, fullgraph=True)
    return compiled
