"""Changes of the weights of a row by pulses on their devices, with carries between digits."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dwsynapse.kernels import compiled
from network.crossbar.kernels.packed_tables import N_BINS, N_QUANTILES
from network.crossbar.kernels.row_updates import (
    MINUS,
    correct_weights,
    move_walls,
    other_tables,
    prepare_pulses,
    read_entries,
    read_weights,
    release_register,
    round_to_levels,
    whole_pulses,
)

IDEAL, SCALED, WHOLE = 0, 1, 2
TABLE = np.uint32(2 * N_BINS * N_QUANTILES)
ZERO = np.uint32(0)


class Scheme(NamedTuple):
    """How weights are changed, in numbers for the kernels.

    Parameters
    ----------
    update
        IDEAL changes weights exactly, SCALED by fractions of pulses, WHOLE by whole pulses, the
        fraction being the probability of one more.
    levels, rounding
        Number of levels of a device (0: continuous), and NEAREST or STOCHASTIC.
    base, carry_every, carry_from
        Ratio of the digits, updates between carries (0: never), and the share of the lower digit's
        limit from which it is carried.
    register_bits
        Bits of a digital register that gathers changes and gives off whole pulses (0: none).
    """

    update: int
    levels: int
    rounding: int
    base: float
    carry_every: int
    carry_from: float
    register_bits: int


class LayerArrays(NamedTuple):
    """The arrays of one layer: row i holds the weights of input i, the last that of the bias.

    Parameters
    ----------
    x
        Positions of the walls, 0 to 1, shape (n_digits, 2, n_in + 1, n_out): digits of a weight
        from the highest, and its devices G+ and G-.
    device
        Kind of each device, the same shape.
    weights
        W = sum over digits of base^-digit scale (g+ - g-), shape (n_in + 1, n_out).
    register
        What a digital memory keeps for each weight, of that shape or empty.
    scale
        Weight for g+ - g- = 1 in the highest digit.
    """

    x: NDArray[np.float32]
    device: NDArray[np.uint8]
    weights: NDArray[np.float32]
    register: NDArray[np.float32]
    scale: np.float32


class RowSpace(NamedTuple):
    """Space for a row: wanted changes, pulses and entries of both sides, weights of a digit."""

    target: NDArray[np.float32]
    pulses_plus: NDArray[np.float32]
    pulses_minus: NDArray[np.float32]
    plus: NDArray[np.uint32]
    minus: NDArray[np.uint32]
    digit: NDArray[np.float32]


def row_space(n: int) -> RowSpace:
    """Return space for a row of n weights."""
    floats, words = np.zeros((4, n), np.float32), np.zeros((2, n), np.uint32)
    return RowSpace(floats[0], floats[1], floats[2], words[0], words[1], floats[3])


@compiled(forceinline=True)
def change_digit(layer, digit, i, key, scheme, tables, space):  # type: ignore[no-untyped-def]
    """Change one digit of row i by the wanted changes in the space, by pulses on both devices."""
    x_plus, x_minus = layer.x[digit, 0, i], layer.x[digit, 1, i]
    target, pulses_plus, pulses_minus, plus, minus, _ = space
    half = np.float32(np.float32(0.5) / digit_scale(layer, digit, scheme))
    down, up = np.float32(half / tables.steps[0]), np.float32(half / tables.steps[1])
    prepare_pulses(target, x_plus, x_minus, key, down, up, pulses_plus, pulses_minus, plus, minus)
    if scheme.update == WHOLE:
        whole_pulses(pulses_plus, key, ZERO)
        whole_pulses(pulses_minus, key, MINUS)
    if len(tables.entries) > TABLE:
        other_tables(plus, layer.device[digit, 0, i], tables.table, TABLE)
        other_tables(minus, layer.device[digit, 1, i], tables.table, TABLE)
    read_entries(tables.entries, plus, minus)
    move_walls(x_plus, pulses_plus, plus, tables.mean_unit, tables.deviation_unit)
    move_walls(x_minus, pulses_minus, minus, tables.mean_unit, tables.deviation_unit)
    if scheme.levels > 0:
        top = np.float32(scheme.levels - 1)
        round_to_levels(x_plus, top, scheme.rounding, key, ZERO)
        round_to_levels(x_minus, top, scheme.rounding, key, MINUS)


@compiled(forceinline=True)
def digit_scale(layer, digit, scheme):  # type: ignore[no-untyped-def]
    """Return the weight for g+ - g- = 1 in a digit, of which there are one or two."""
    return layer.scale if digit == 0 else np.float32(layer.scale / np.float32(scheme.base))


@compiled(forceinline=True)
def digit_weights(w, layer, digit, i, scheme, tables):  # type: ignore[no-untyped-def]
    """Fill in the weights of one digit of row i."""
    x, device = layer.x, layer.device
    scale = digit_scale(layer, digit, scheme)
    read_weights(w, x[digit, 0, i], x[digit, 1, i], scale)
    if len(tables.low) > 1:
        correct_weights(
            w,
            x[digit, 0, i],
            x[digit, 1, i],
            device[digit, 0, i],
            device[digit, 1, i],
            scale,
            tables.low,
            tables.stretch,
        )


@compiled(forceinline=True)
def refresh_row(layer, i, scheme, tables, space):  # type: ignore[no-untyped-def]
    """Read the weights of row i from its devices."""
    w = layer.weights[i]
    digit_weights(w, layer, 0, i, scheme, tables)
    if layer.x.shape[0] > 1:
        digit_weights(space.digit, layer, 1, i, scheme, tables)
        for j in range(len(w)):
            w[j] += space.digit[j]


@compiled(forceinline=True)
def update_row(layer, i, key, scheme, tables, space):  # type: ignore[no-untyped-def]
    """Change the weights of row i by the wanted changes in the space."""
    if scheme.update == IDEAL:
        w, target = layer.weights[i], space.target
        for j in range(len(w)):
            w[j] += target[j]
        return
    lowest = layer.x.shape[0] - 1
    if scheme.register_bits > 0:
        # A pulse on each device moves the weight by a step up and a step down.
        step = digit_scale(layer, lowest, scheme) * (tables.steps[0] + tables.steps[1])
        register, bits = layer.register[i], scheme.register_bits
        release_register(register, space.target, np.float32(step), bits, key)
    change_digit(layer, lowest, i, key, scheme, tables, space)
    refresh_row(layer, i, scheme, tables, space)


@compiled(forceinline=True)
def carry_row(layer, i, used, key, scheme, tables, space):  # type: ignore[no-untyped-def]
    """Carry what has come together in the lower digit of row i to the higher one.

    S. Agarwal et al., Symposium on VLSI Technology T174 (2017): both digits are changed by pulses,
    the lower by the opposite of what the higher shall gain.
    """
    target = space.target
    digit_weights(target, layer, 1, i, scheme, tables)
    limit = np.float32(scheme.carry_from * used) * digit_scale(layer, 1, scheme)
    for j in range(len(target)):
        target[j] = target[j] if abs(target[j]) >= limit else np.float32(0)
    change_digit(layer, 0, i, key, scheme, tables, space)
    for j in range(len(target)):
        target[j] = -target[j]
    change_digit(layer, 1, i, ~key, scheme, tables, space)
    refresh_row(layer, i, scheme, tables, space)
