"""Demagnetising field of many replicas by zero-padded convolution, on tensors."""

import numpy as np
import torch
from torch import Tensor

from micromag.engine.gpu.fusion import fused
from micromag.engine.gpu.thermal_noise import Vector
from micromag.engine.problem import Problem
from micromag.engine.terms.demag.demag_field import tensor_of
from micromag.engine.terms.demag.lane_fft import padded_length
from micromag.engine.terms.demag.newell_tensor import on_padded_grid


class TorchDemag:
    """The demagnetising field of a problem.

    Transformed along all axes the tensor is real: each component is odd along none or two of them.

    Parameters
    ----------
    problem
        The wire as numbers.
    device
        Where the field is computed.
    at_once
        Replicas that are transformed at once. FFT libraries may round differently for other batch
        sizes; with a fixed one a replica's field cannot depend on how many others there are.
    """

    def __init__(self, problem: Problem, device: torch.device, at_once: int):
        self._at_once = at_once
        self._cells = tuple(n for n in problem.cells if n > 1) or (1,)
        self._padded = tuple(padded_length(n) for n in self._cells)
        self._axes = tuple(range(1, len(self._cells) + 1))
        nx, ny, nz = (padded_length(n) for n in problem.cells)
        full = on_padded_grid(tensor_of(problem), (nx, ny, nz))
        # The transforms carry no factors: the sign of H = -N M and 1/n of the way back go here.
        transformed = np.fft.rfftn(full.reshape(6, *self._padded), axes=self._axes).real
        tensor = torch.as_tensor(-transformed / np.prod(self._padded), dtype=torch.float32)
        self._tensor = tensor.to(device)[..., None]
        self._Ms = torch.as_tensor(problem.Ms, dtype=torch.float32, device=device)
        self._product = fused(_product, device)

    def __call__(self, m: Vector) -> Vector:
        """Return the field in A/m for unit vectors; components of shape (replicas, cells)."""
        field = torch.empty_like(m[0]), torch.empty_like(m[1]), torch.empty_like(m[2])
        for first in range(0, m[0].shape[0], self._at_once):
            some = slice(first, first + self._at_once)
            products = self._product(self._tensor, *(self._transformed(part[some]) for part in m))
            for target, product in zip(field, products, strict=True):
                self._transform_back(product, target[some])
        return field

    def _transformed(self, m: Tensor) -> Tensor:
        """Return real and imaginary parts of the transform, along a last axis."""
        on_grid = (m * self._Ms).view(-1, *self._cells)
        return torch.view_as_real(torch.fft.rfftn(on_grid, s=self._padded, dim=self._axes))

    def _transform_back(self, product: Tensor, target: Tensor) -> None:
        spectrum = torch.view_as_complex(product)
        padded = torch.fft.irfftn(spectrum, s=self._padded, dim=self._axes, norm="forward")
        cut = (slice(None), *(slice(n) for n in self._cells))
        target.view(-1, *self._cells).copy_(padded[cut])


def _product(tensor: Tensor, x: Tensor, y: Tensor, z: Tensor) -> Vector:
    xx, yy, zz, xy, xz, yz = tensor.unbind()
    return xx * x + xy * y + xz * z, xy * x + yy * y + yz * z, xz * x + yz * y + zz * z
