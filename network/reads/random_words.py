"""Random words of 64 bits, by the number of an image in a stream.

They are splitmix64 (Steele, Lea & Flood 2014), counted on from a state that is hashed from (stream,
image): word w, the first being 1, is ``mix(first_state(stream, image) + w * GOLDEN)``.
"""

import numpy as np

from dwsynapse.kernels import compiled

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
HALF, LOW = np.uint64(32), np.uint64(0xFFFFFFFF)  # to take the upper and the lower half of a word
HALF_RANGE = 4294967296.0  # 2^32, how many values a half has
_MULTIPLY = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_SHIFT = np.uint64(30), np.uint64(27), np.uint64(31)


@compiled()
def mix(state):  # type: ignore[no-untyped-def]
    """Return the word of a state."""
    state = (state ^ (state >> _SHIFT[0])) * _MULTIPLY[0]
    state = (state ^ (state >> _SHIFT[1])) * _MULTIPLY[1]
    return state ^ (state >> _SHIFT[2])


@compiled()
def first_state(stream, image):  # type: ignore[no-untyped-def]
    """Return the state before the first word of an image in a stream; GOLDEN leads to the next."""
    return mix(mix(image) + stream)
