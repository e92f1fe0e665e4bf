"""Response tables as the update kernel reads them: quantiles on a grid of wall positions."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from fitting.response.response_table import ResponseTable

Floats32 = NDArray[np.float32]
Noise = Literal["table", "uniform"]

BIN_BITS, QUANTILE_BITS = 6, 7
N_BINS, N_QUANTILES = 2**BIN_BITS, 2**QUANTILE_BITS
"""Equally likely changes in each bin: with two directions 64 kB, which the fast memory holds."""
USED = 0.1, 0.9
"""Share of the range that weights are mapped to (S. Liu et al. 2021: 10 to 90 %)."""
MAX_TABLES = 256  # the number of one is kept in a byte: 255 kinds of device and the nominal one


class PackedTables(NamedTuple):
    """Responses of the devices of a crossbar, with positions x from 0 to 1 over the range of each.

    Parameters
    ----------
    entries
        What a pulse down (0) and up (1) does in each bin of x, in N_QUANTILES equally likely
        cases, shape (n_tables x 2 x N_BINS x N_QUANTILES,): the mean change in the upper 16 bits
        and the deviation from it in the lower, as signed numbers of these units of x.
    mean_unit, deviation_unit
        The units.
    table
        Table of each device, shape (n_devices,).
    low, stretch
        A device has the conductance g = x + (low + stretch x), in units in which the nominal
        device, the first, goes from 0 to 1; shape (n_devices,).
    steps
        Mean size of a change of the nominal device by a pulse down and up over the used range.
    """

    entries: NDArray[np.int32]
    mean_unit: np.float32
    deviation_unit: np.float32
    table: NDArray[np.uint8]
    low: Floats32
    stretch: Floats32
    steps: Floats32


def pack(
    tables: Sequence[ResponseTable], noise: Noise = "table", spread: float = 1.0
) -> PackedTables:
    """Return the tables as the kernel reads them.

    Parameters
    ----------
    tables
        Response of each kind of device; the first is the nominal one, whose mean step and range
        the periphery counts with. Devices whose tables differ by their junction alone share one.
    noise
        ``table`` draws from the table; ``uniform`` replaces deviations from the mean by uniform
        ones of the same variance, which with levels is stochastic rounding.
    spread
        Factor of the deviations: 0 for none, 1 for those of the table.

    Raises
    ------
    InputError
        If there are no tables or too many, or a step of one does not fit its range.
    """
    if not 1 <= len(tables) <= MAX_TABLES:
        problem = f"{len(tables)} response tables"
        raise InputError(problem, remedy=f"give 1 to {MAX_TABLES - 1} kinds of device")
    if noise not in get_args(Noise) or not 0 <= spread <= 10:
        raise InputError(
            f"noise {noise!r} with a spread of {spread:g}",
            remedy=f"choose {' or '.join(get_args(Noise))}, and a factor of 0 to 10",
        )
    nominal = tables[0]
    kept: list[Floats32] = []
    numbers = []
    for table in tables:
        changes = _changes(table)
        same = (n for n, other in enumerate(kept) if np.allclose(other, changes, atol=1e-6))
        numbers.append(next(same, len(kept)))
        if numbers[-1] == len(kept):
            kept.append(changes)
    ends = np.array([table.conductances_S[[0, -1]] for table in tables])
    low, high = ((ends - nominal.conductances_S[0]) / nominal.range_S).T
    changes = np.stack(kept)
    means = changes.mean(axis=-1)
    deviations = changes - means[..., None]
    if noise == "uniform":
        middle = (np.arange(N_QUANTILES) + 0.5) / N_QUANTILES - 0.5
        deviations = deviations.std(axis=-1)[..., None] * (middle / middle.std())
    within = slice(int(USED[0] * N_BINS), int(np.ceil(USED[1] * N_BINS)))
    means_16, mean_unit = _in_16_bits(means)
    deviations_16, deviation_unit = _in_16_bits(spread * deviations)
    return PackedTables(
        entries=((means_16[..., None] << 16) | (deviations_16 & 0xFFFF)).ravel(),
        mean_unit=mean_unit,
        deviation_unit=deviation_unit,
        table=np.array(numbers, np.uint8),
        low=low.astype(np.float32),
        stretch=(high - low - 1).astype(np.float32),
        steps=np.abs(means[0, :, within].mean(axis=1)).astype(np.float32),
    )


def _in_16_bits(values: Floats32) -> tuple[NDArray[np.int32], np.float32]:
    """Return whole numbers within 16 bits with sign, and the unit they count."""
    unit = max(float(np.abs(values).max()), 1e-9) / (2**15 - 1)
    return np.rint(values / unit).astype(np.int32), np.float32(unit)


def _changes(table: ResponseTable) -> Floats32:
    """Return the changes of x of one table, shape (2, N_BINS, N_QUANTILES)."""
    x = (np.arange(N_BINS) + 0.5) / N_BINS
    conductances_S = table.conductances_S[0] + table.range_S * x
    # The mean of each N_QUANTILES-th of the distribution, so that the mean is the table's.
    fine = 8
    uniform = (np.arange(fine * N_QUANTILES) + 0.5) / (fine * N_QUANTILES)
    found = []
    for direction in (-1, 1):
        drawn = table.sample(conductances_S[:, None], uniform, direction) / table.range_S
        found.append(np.sort(drawn, axis=1).reshape(N_BINS, N_QUANTILES, fine).mean(axis=-1))
    return np.array(found, np.float32)
