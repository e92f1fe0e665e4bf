"""The thermal noise of `micromag.engine.thermal_noise` on tensors.

The random words are the same; the normal numbers differ by the rounding of log, cos and sin.
"""

import math

import torch
from torch import Tensor

from micromag.engine.thermal_noise import MULTIPLIERS, WEYL

Vector = tuple[Tensor, Tensor, Tensor]
_WORD = 0xFFFFFFFF


def _halves(a: Tensor, multiplier: int) -> tuple[Tensor, Tensor]:
    """Return the upper and the lower 32 bits of the product of a word and a multiplier."""
    # Words live in int64, where a product of two would overflow: with 2^32 taken off the
    # multiplier it does not, and a 2^32 is then missing from it.
    product = a * (multiplier - 2**32)
    return (product >> 32) + a, product & _WORD


def philox(counter: tuple[Tensor, ...], key: tuple[Tensor, Tensor]) -> tuple[Tensor, ...]:
    """Return four random words for a counter of four words and a key of two, as int64 tensors."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        h0, l0 = _halves(c0, int(MULTIPLIERS[0]))
        h1, l1 = _halves(c2, int(MULTIPLIERS[1]))
        c0, c1, c2, c3 = h1 ^ c1 ^ k0, l1, h0 ^ c3 ^ k1, l0
        k0, k1 = (k0 + int(WEYL[0])) & _WORD, (k1 + int(WEYL[1])) & _WORD
    return c0, c1, c2, c3


def normal_pair(w0: Tensor, w1: Tensor) -> tuple[Tensor, Tensor]:
    """Return two independent standard normal numbers for two words, see `noise.normal_pair`."""
    uniform = ((w0 >> 8).to(torch.float32) + 0.5) * 2**-24
    radius = torch.sqrt(torch.log(uniform) * -2)
    fraction = (w1 >> 8).to(torch.float32) * 2**-24
    angle = (fraction - 0.5) * (math.pi / 2)
    c = torch.cos(angle) * radius * (1 - 2 * (w1 & 1))
    s = torch.sin(angle) * radius * (1 - (w1 & 2))
    swap = (w1 & 4) != 0
    return torch.where(swap, s, c), torch.where(swap, c, s)


def normal_field(key: Tensor, step: Tensor, scale: Tensor) -> Vector:
    """Return normal numbers times `scale`, the thermal field of one step.

    Parameters
    ----------
    key
        `noise.trial_key` of each replica, shape (2, replicas), int64.
    step
        Number of the step of each replica's trial, shape (replicas,), int64.
    scale
        Standard deviation in each cell, shape (cells,), float32.

    Returns
    -------
    tuple
        Components x, y and z, each of shape (replicas, cells), float32.
    """
    cell = torch.arange(scale.shape[0], device=scale.device)[None, :]
    zero = torch.zeros_like(cell)
    words = philox((step[:, None], cell, zero, zero), (key[0, :, None], key[1, :, None]))
    x, y = normal_pair(words[0], words[1])
    z, _ = normal_pair(words[2], words[3])
    return x * scale, y * scale, z * scale
