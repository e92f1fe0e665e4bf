"""The arrays of a network before training: devices assigned at random, small random weights."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.io.number_format import counted
from dwsynapse.study.crossbar import Crossbar
from fitting.response.device_spread import of_device
from fitting.response.response_table import ResponseTable
from network.crossbar.kernels.packed_tables import USED, PackedTables
from network.crossbar.kernels.pair_updates import IDEAL, SCALED, WHOLE, LayerArrays, Scheme
from network.crossbar.kernels.row_updates import NEAREST, STOCHASTIC
from network.reads.random_streams import generator

UPDATES = {"ideal": IDEAL, "fractional": SCALED, "whole": WHOLE}
ROUNDING = {"nearest": NEAREST, "stochastic": STOCHASTIC}


def scheme_of(config: Crossbar) -> Scheme:
    """Return how weights are changed, in numbers for the kernels."""
    carry = config.carry
    return Scheme(
        update=UPDATES[config.update],
        levels=config.n_levels,
        rounding=ROUNDING[config.rounding],
        base=carry.base if carry else 1.0,
        carry_every=carry.every if carry else 0,
        carry_from=carry.threshold if carry else 0.0,
        register_bits=config.register_bits or 0,
    )


def with_levels_of(config: Crossbar, response: ResponseTable) -> Crossbar:
    """Return the settings with the number of levels of the response, where they ask for it.

    Raises
    ------
    InputError
        If the response has fewer than two.
    """
    if config.levels != "response":
        return config
    number = len(response.levels_S)
    if number < 2:
        raise InputError(
            f"the response has {counted(number, 'level')}",
            where="levels",
            remedy="give their number, or null for a wall that rests anywhere",
        )
    return config.model_copy(update={"levels": number})


def devices_that_differ(table: ResponseTable, number: int, seed: int) -> list[ResponseTable]:
    """Return the nominal response and those of devices whose junctions differ from it.

    The first is the nominal one, which the periphery counts with; with more than one, no synapse
    is of it.
    """
    others = range(number) if number > 1 else ()
    return [table, *(of_device(table, seed, device) for device in others)]


def widths_of(config: Crossbar, n_in: int, n_out: int) -> tuple[int, ...]:
    """Return the neurons of all layers, the first being the pixels."""
    return n_in, *config.hidden, n_out


def start(
    config: Crossbar,
    tables: PackedTables,
    widths: Sequence[int],
    *,
    model: int,
    seed: int,
) -> tuple[LayerArrays, ...]:
    """Return the arrays before training.

    Weights are uniform within sqrt(6 / (n_in + n_out)) (X. Glorot and Y. Bengio, 2010), written
    exactly where the range of a device and its levels allow; all of it is in the highest digit.

    Parameters
    ----------
    config, tables
        How it learns, and the responses of the devices.
    widths
        Neurons of each layer.
    model, seed
        They determine weights and devices.
    """
    weights_rng = generator(seed, model, "crossbar weights")
    devices_rng = generator(seed, model, "crossbar devices")
    n_digits = 2 if config.carry else 1
    first = 1 if len(tables.low) > 1 else 0
    layers = []
    for n_in, n_out, limit in zip(widths, widths[1:], config.weight_limits, strict=False):
        shape = n_in + 1, n_out
        reach = np.sqrt(6 / (n_in + 1 + n_out))
        wanted = weights_rng.uniform(-reach, reach, shape).astype(np.float32)
        device = devices_rng.integers(first, len(tables.low), (n_digits, 2, *shape), dtype=np.uint8)
        scale = np.float32(limit / (USED[1] - USED[0]))
        half = np.zeros((n_digits, 2, *shape), np.float32)
        half[0] = wanted / (2 * scale) * np.array([1, -1], np.float32)[:, None, None]
        x = positions(0.5 + half, device, tables)
        if config.n_levels:
            top = np.float32(config.n_levels - 1)
            x = np.rint(x * top) / top
        register = np.zeros(shape if config.register_bits else (1, 1), np.float32)
        base = config.carry.base if config.carry else 1.0
        weights = wanted
        if config.update != "ideal":
            weights = weights_of(x, device, tables, float(scale), base)
        layers.append(LayerArrays(x.astype(np.float32), device, weights, register, scale))
    return tuple(layers)


def positions(
    conductances: NDArray[np.float32], device: NDArray[np.uint8], tables: PackedTables
) -> NDArray[np.float32]:
    """Return the wall positions for conductances in units of the nominal range, within 0 to 1."""
    spans = 1 + tables.stretch[device]
    return np.clip((conductances - tables.low[device]) / spans, 0, 1).astype(np.float32)


def weights_of(
    x: NDArray[np.float32],
    device: NDArray[np.uint8],
    tables: PackedTables,
    scale: float,
    base: float,
) -> NDArray[np.float32]:
    """Return the weights of a layer's devices, shape (n_in + 1, n_out)."""
    g = x + tables.low[device] + tables.stretch[device] * x
    digits = scale * (g[:, 0] - g[:, 1])
    return np.einsum("dij,d->ij", digits, base ** -np.arange(len(x), dtype=float)).astype(
        np.float32
    )
