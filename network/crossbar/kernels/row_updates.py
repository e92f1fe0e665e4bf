"""Pulses on the pairs of devices of one row of a crossbar.

A weight is W = scale (g+ - g-), with g = low + span x from the position x of the wall of each
device. A wanted change of W is shared by both devices, in opposite directions. Every function
works on rows of equal length, in place; what can be vectorised has loops without anything else.
"""

import numpy as np

from dwsynapse.kernels import compiled
from network.crossbar.kernels.packed_tables import BIN_BITS, N_BINS, QUANTILE_BITS

BINS, LAST_BIN = np.float32(N_BINS), np.float32(N_BINS - 1)
BY_BIN, BY_QUANTILE = np.uint32(BIN_BITS), np.uint32(QUANTILE_BITS)
TOP_BITS = np.uint32(32 - QUANTILE_BITS)
HALF_WORD = np.int32(16)
TO_UNIT = np.float32(2.0**-24)
QUANTILES, PULSES, LEVELS, REGISTER = (
    np.uint32(n) for n in (0x3C6EF372, 0x9B05688C, 0x510E527F, 0x1F83D9AB)
)
MINUS = np.uint32(0xA54FF53A)
"""Salts: what a random word is for, and whether for G-."""
NEAREST, STOCHASTIC = 1, 2


@compiled()
def mix32(word):  # type: ignore[no-untyped-def]
    """Return a word of 32 bits that depends on all bits of another (C. Wellons, 2018)."""
    word = np.uint32(word ^ (word >> np.uint32(16)))
    word = np.uint32(word * np.uint32(0x7FEB352D))
    word = np.uint32(word ^ (word >> np.uint32(15)))
    word = np.uint32(word * np.uint32(0x846CA68B))
    return np.uint32(word ^ (word >> np.uint32(16)))


@compiled()
def random_word(j, key, salt):  # type: ignore[no-untyped-def]
    """Return the random word of a weight from the key of its row, of 64 bits."""
    counter = np.uint32(np.uint32(j) * np.uint32(0x9E3779B9))
    first = mix32(np.uint32(np.uint32(counter ^ np.uint32(key)) ^ salt))
    return mix32(np.uint32(first + np.uint32(key >> np.uint64(32))))


@compiled()
def unit_draw(j, key, salt):  # type: ignore[no-untyped-def]
    """Return a random number of [0, 1)."""
    return np.float32(random_word(j, key, salt) >> np.uint32(8)) * TO_UNIT


@compiled()
def prepare_pulses(target, x_plus, x_minus, key, down, up, pulses_plus, pulses_minus, plus, minus):  # type: ignore[no-untyped-def]
    """Fill in how many pulses each device gets, and which entry of its table is drawn.

    Parameters
    ----------
    target
        Wanted changes of the weights.
    x_plus, x_minus
        Positions of the walls.
    key
        Of the random words of the row.
    down, up
        Pulses for a change of the weight by 1, half of it by each device.
    pulses_plus, pulses_minus, plus, minus
        Filled in: numbers of pulses, and entries by direction, position and quantile.
    """
    for j in range(len(target)):
        is_up = target[j] > 0
        size = abs(target[j])
        pulses_plus[j] = size * (up if is_up else down)
        pulses_minus[j] = size * (down if is_up else up)
        way = np.uint32(1) if is_up else np.uint32(0)
        # One word has the quantiles of both sides, in its topmost bits.
        word = random_word(j, key, QUANTILES)
        at = np.uint32(min(x_plus[j] * BINS, LAST_BIN))
        row = np.uint32(np.uint32(way << BY_BIN) + at)
        plus[j] = np.uint32(np.uint32(row << BY_QUANTILE) + np.uint32(word >> TOP_BITS))
        word = np.uint32(word << BY_QUANTILE)
        at = np.uint32(min(x_minus[j] * BINS, LAST_BIN))
        row = np.uint32(np.uint32(np.uint32(np.uint32(1) - way) << BY_BIN) + at)
        minus[j] = np.uint32(np.uint32(row << BY_QUANTILE) + np.uint32(word >> TOP_BITS))


@compiled()
def whole_pulses(pulses, key, salt):  # type: ignore[no-untyped-def]
    """Replace pulses by whole numbers of them, the rest being the probability of one more."""
    for j in range(len(pulses)):
        pulses[j] = np.floor(pulses[j] + unit_draw(j, key, PULSES ^ salt))


@compiled()
def read_entries(entries, plus, minus):  # type: ignore[no-untyped-def]
    """Replace the numbers of entries by the entries; nothing here can be vectorised."""
    for j in range(len(plus)):
        plus[j] = entries[plus[j]]
        minus[j] = entries[minus[j]]


@compiled()
def other_tables(entry, device, table, size):  # type: ignore[no-untyped-def]
    """Move on to the entries of the table of each device."""
    for j in range(len(entry)):
        entry[j] = np.uint32(entry[j] + np.uint32(size * np.uint32(table[device[j]])))


@compiled()
def move_walls(x, pulses, entry, mean_unit, deviation_unit):  # type: ignore[no-untyped-def]
    """Move walls: s pulses change x by s mean + sqrt(s) (drawn - mean), within 0 to 1."""
    for j in range(len(x)):
        drawn, s = np.int32(entry[j]), pulses[j]
        mean = np.float32(drawn >> HALF_WORD) * mean_unit
        deviation = np.float32(np.int32(drawn << HALF_WORD) >> HALF_WORD) * deviation_unit
        moved = x[j] + s * mean + np.sqrt(s) * deviation
        x[j] = min(max(moved, np.float32(0)), np.float32(1))


@compiled()
def round_to_levels(x, top, rounding, key, salt):  # type: ignore[no-untyped-def]
    """Put walls on the nearest of the levels 0 to top, or on one of both neighbours at random."""
    if rounding == NEAREST:
        for j in range(len(x)):
            x[j] = np.rint(x[j] * top) / top
    else:
        for j in range(len(x)):
            level = np.floor(x[j] * top + unit_draw(j, key, LEVELS ^ salt))
            x[j] = min(level, top) / top


@compiled()
def read_weights(w, x_plus, x_minus, scale):  # type: ignore[no-untyped-def]
    """Fill in the weights of a row of nominal devices."""
    for j in range(len(w)):
        w[j] = scale * (x_plus[j] - x_minus[j])


@compiled()
def correct_weights(w, x_plus, x_minus, plus, minus, scale, low, stretch):  # type: ignore[no-untyped-def]
    """Add what devices add that are not the nominal one: g = x + (low + stretch x)."""
    for j in range(len(w)):
        p, m = plus[j], minus[j]
        w[j] += scale * (low[p] + stretch[p] * x_plus[j] - low[m] - stretch[m] * x_minus[j])


@compiled()
def release_register(register, target, step, bits, key):  # type: ignore[no-untyped-def]
    """Gather the wanted changes; leave those of whole steps that have come together.

    The register counts in units of the step over 2^(bits - 1): what is gathered stays within a
    step of both signs.
    """
    unit = step / np.float32(2.0 ** (bits - 1))
    for j in range(len(target)):
        counts = np.floor(target[j] / unit + unit_draw(j, key, REGISTER))
        gathered = register[j] + counts * unit
        target[j] = np.trunc(gathered / step) * step
        register[j] = gathered - target[j]
