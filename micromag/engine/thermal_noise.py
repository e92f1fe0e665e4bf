"""Thermal noise from a counter: it depends on (seed, replica, wire, step, cell) and nothing else.

Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC11) turns a counter and a key into four random
words; the method of Box and Muller turns these into normal numbers.
"""

import hashlib
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dwsynapse.study import SimulatedDevice
from dwsynapse.study.reading import flat
from micromag.engine.lanes import (
    bits_as_float32,
    float32_as_bits,
    high_half,
    kernel,
    load,
    sqrt,
    store,
    to_float32,
)

MULTIPLIERS = (np.uint32(0xD2511F53), np.uint32(0xCD9E8D57))
WEYL = (np.uint32(0x9E3779B9), np.uint32(0xBB67AE85))


def wire_words(device: SimulatedDevice) -> tuple[int, ...]:
    """Return the words that distinguish the random numbers of two wires.

    They follow from everything that affects a wall (wire, wall, disorder, material, temperature,
    field, release distance, time step), and from nothing that only observes it: a trial continues
    with the same noise in a longer window.

    Returns
    -------
    tuple
        Four words of 32 bits; none where `numerics.noise` is common.
    """
    if device.numerics.noise == "common":
        return ()
    moving: dict[str, Any] = {
        "wire": True,
        "wall": True,
        "disorder": True,
        "material": True,
        "protocol": {"temperature_K", "field", "release_distance_nm"},
        "numerics": {"time_step_fs"},
    }
    # Without values at their defaults, so that new config keys do not change the noise.
    keys = flat(device.model_dump(mode="json", include=moving, exclude_defaults=True))
    text = json.dumps(keys, sort_keys=True)
    return tuple(np.frombuffer(hashlib.sha256(text.encode()).digest()[:16], "<u4").tolist())


def trial_key(seed: int, replica: int, *words: int) -> NDArray[np.uint32]:
    """Return the two words of the key of one trial's noise, shape (2,).

    Parameters
    ----------
    seed
        The study's seed.
    replica
        Number of the trial.
    *words
        Further words that the trial's random numbers depend on (`wire_words`).
    """
    key = np.random.SeedSequence([seed, replica, *words]).generate_state(2, np.uint32)
    return key.astype(np.uint32)


@kernel
def philox(c0, c1, c2, c3, k0, k1):  # type: ignore[no-untyped-def]
    """Return four random words for a counter of four words and a key of two, all lanes at once."""
    for _ in range(10):
        h0, l0 = high_half(c0, MULTIPLIERS[0]), c0 * MULTIPLIERS[0]
        h1, l1 = high_half(c2, MULTIPLIERS[1]), c2 * MULTIPLIERS[1]
        c0, c1, c2, c3 = h1 ^ c1 ^ k0, l1, h0 ^ c3 ^ k1, l0
        k0, k1 = k0 + WEYL[0], k1 + WEYL[1]
    return c0, c1, c2, c3


@kernel
def _log(x):  # type: ignore[no-untyped-def]
    """Return the natural logarithm of positive floats to about 2e-7 (relative to 1)."""
    bits = float32_as_bits(x)
    # Split x = 2^e (1 + f) with 1 + f between sqrt(1/2) and sqrt(2).
    shifted = bits - np.uint32(0x3F3504F3)
    exponent = to_float32((shifted >> np.uint32(23)) ^ np.uint32(0x100)) - np.float32(256)
    mantissa = (shifted & np.uint32(0x007FFFFF)) + np.uint32(0x3F3504F3)
    f = bits_as_float32(mantissa) - np.float32(1)
    s = f / (f + np.float32(2))
    z = s * s
    series = np.float32(2 / 3) + z * (
        np.float32(2 / 5) + z * (np.float32(2 / 7) + z * np.float32(2 / 9))
    )
    return exponent * np.float32(np.log(2)) + s * (np.float32(2) + z * series)


@kernel
def _cos_sin_eighth(x):  # type: ignore[no-untyped-def]
    """Return cos and sin of an angle between -pi/4 and pi/4 to about 1e-7 (Taylor series)."""
    z = x * x
    c = np.float32(1) - z * (
        np.float32(1 / 2)
        - z * (np.float32(1 / 24) - z * (np.float32(1 / 720) - z * np.float32(1 / 40320)))
    )
    s = x * (
        np.float32(1)
        - z
        * (
            np.float32(1 / 6)
            - z * (np.float32(1 / 120) - z * (np.float32(1 / 5040) - z * np.float32(1 / 362880)))
        )
    )
    return c, s


@kernel
def normal_pair(w0, w1):  # type: ignore[no-untyped-def]
    """Return two independent standard normal numbers for two random words (Box and Muller)."""
    uniform = (to_float32(w0 >> np.uint32(8)) + np.float32(0.5)) * np.float32(2**-24)
    radius = sqrt(_log(uniform) * np.float32(-2))
    # The angle: uniform in an eighth of the circle either side of an axis, then two random signs
    # and a random choice of the axis, taken from bits that the angle does not use.
    fraction = to_float32(w1 >> np.uint32(8)) * np.float32(2**-24)
    c, s = _cos_sin_eighth((fraction - np.float32(0.5)) * np.float32(np.pi / 2))
    c, s = c * radius, s * radius
    sign_c = (w1 << np.uint32(31)) & np.uint32(0x80000000)
    sign_s = (w1 << np.uint32(30)) & np.uint32(0x80000000)
    c = bits_as_float32(float32_as_bits(c) ^ sign_c)
    s = bits_as_float32(float32_as_bits(s) ^ sign_s)
    swap = to_float32((w1 >> np.uint32(2)) & np.uint32(1))
    return c + swap * (s - c), s + swap * (c - s)


@kernel
def add_normal_field(key, step, scale, field):  # type: ignore[no-untyped-def]
    """Fill `field` with normal numbers times `scale`, the thermal field of one step.

    Parameters
    ----------
    key
        `trial_key` of each lane, shape (2, LANES), uint32.
    step
        Number of the step of each lane's trial, shape (1, LANES), uint32.
    scale
        Standard deviation in each cell, shape (cells,); empty cells have 0.
    field
        Shape (3, cells, LANES), float32.
    """
    cells = field.shape[1]
    k0, k1, t = load(key, 0), load(key, 1), load(step, 0)
    for cell in range(cells):
        if scale[cell] == 0:
            continue
        zero = t & np.uint32(0)
        w0, w1, w2, w3 = philox(t, zero + np.uint32(cell), zero, zero, k0, k1)
        x, y = normal_pair(w0, w1)
        z, _ = normal_pair(w2, w3)
        store(field, cell, x * scale[cell])
        store(field, cells + cell, y * scale[cell])
        store(field, 2 * cells + cell, z * scale[cell])
