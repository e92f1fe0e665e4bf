"""A small synthetic crossbar, for tests and benchmarks."""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.special import ndtri

from fitting.response.binned_updates import PROBABILITIES
from fitting.response.response_table import ResponseTable
from hardware.crossbars.programming.crossbar_program import CrossbarProgram, Method
from hardware.crossbars.programming.make_crossbar_program import programmed
from hardware.crossbars.programming_log import ProgrammingManifest
from hardware.crossbars.verification.response_pulses import ResponsePulses

LOW_S, RANGE_S = 1e-5, 1e-5


def response(
    step: float = 0.046, spread: float = 0.025, *, skewed: bool = False, n_bins: int = 32
) -> ResponseTable:
    """Return a response whose steps up fall with the conductance, those down mirrored.

    Parameters
    ----------
    step, spread
        Mean and standard deviation of a step, as shares of the range.
    skewed
        Whether deviations are those of an exponential distribution instead of a normal one.
    n_bins
        Bins of conductance.
    """
    p = (np.arange(200) + 0.5) / 200
    deviations = -np.log1p(-p) - 1 if skewed else ndtri(p)
    x = np.linspace(0, 1, n_bins)
    up = step * (1.15 - 0.3 * x) + spread * deviations[:, None]
    down = -up[::-1, ::-1]
    conductances_S = LOW_S + RANGE_S * x
    return ResponseTable(conductances_S, p, RANGE_S * up, RANGE_S * down, source="synthetic")


def from_pulses(
    table: ResponseTable, pulses: int, seed: int
) -> tuple[ResponseTable, ResponsePulses]:
    """Return the response that so many pulses up and down in each bin would show of a true one."""
    rng = np.random.default_rng([seed, 77])
    n_bins = len(table.conductances_S)
    both = []
    for way in (1, -1):
        uniform = rng.random((pulses, n_bins))
        steps_S = table.sample(table.conductances_S, uniform, way)
        both.append(np.quantile(steps_S, PROBABILITIES, axis=0))
    up_S, down_S = both
    seen = replace(table, probabilities=PROBABILITIES, dG_up_S=up_S, dG_down_S=down_S)
    return seen, ResponsePulses(np.full((2, n_bins), float(pulses)))


def crossbar_program(
    table: ResponseTable,
    n_devices: int = 400,
    *,
    seed: int = 1,
    levels: int | None = None,
    method: Method = "closed",
) -> CrossbarProgram:
    """Return a program for conductances at random within 10 to 90 % of the range, from below."""
    n_rows = n_devices // 4
    x = np.random.default_rng([seed, 78]).uniform(0.1, 0.9, 4 * n_rows)
    if levels:
        x = np.rint(x * (levels - 1)) / (levels - 1)
    row, column = np.divmod(np.arange(2 * n_rows), 2)
    devices = pd.DataFrame(
        {
            "layer": 0,
            "row": np.tile(row, 2),
            "column": np.tile(column, 2),
            "digit": 0,
            "side": np.repeat(["plus", "minus"], 2 * n_rows),
            "low_S": LOW_S,
            "high_S": LOW_S + RANGE_S,
            "start_S": LOW_S,
            "conductance_S": LOW_S + RANGE_S * x,
        }
    )
    return programmed(devices, table, levels=levels, method=method)


def manifest(read_noise_sd_S: float = 0.0) -> ProgrammingManifest:
    """Return the manifest of a synthetic log."""
    stated = {"read_noise_sd_S": read_noise_sd_S}
    return ProgrammingManifest("virtual crossbar", True, "", "", stated)
