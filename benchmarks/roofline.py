"""How far the engine is from this machine's limits: arithmetic and memory traffic of a step.

Run with ``python benchmarks/roofline.py``; one line of JSON. The limits are measured on one core,
by multiply-adds that stay in registers and by a sum of arrays as large as a lane group's. The
arithmetic of a step is counted from the algorithm (a transform of n points as 5 n log2 n, the usual
count), its traffic as one read or write of an array for each that a kernel makes.
"""

import json
import time
from collections.abc import Callable

import numpy as np
from numba import njit

from micromag.engine.equation_of_motion import advance, equation_of, state_of
from micromag.engine.lanes import LANES, aligned_zeros, load, store
from micromag.engine.problem import Problem
from micromag.engine.timestep import longest_step_s

CELLS = (128, 16, 1)
ROUNDS, CHAINS = 20_000, 8
# For each cell: floating-point operations of the local terms, torque and Runge-Kutta update in a
# stage; integer and floating-point operations of the noise in a step.
LOCAL_PER_STAGE, NOISE_PER_STEP = 78, 190
# Arrays of three components that a step reads and writes besides the demagnetising field: noise 1,
# the four stages 6 + 8 + 8 + 7.
LOCAL_ARRAYS = 30


@njit(nogil=True)
def multiply_add(values, rounds):  # type: ignore[no-untyped-def]
    """Run independent chains of multiply-adds, all of which fit into registers."""
    a, b, c, d = load(values, 0), load(values, 1), load(values, 2), load(values, 3)
    e, f, g, h = load(values, 4), load(values, 5), load(values, 6), load(values, 7)
    x, y = load(values, 8), load(values, 9)
    for _ in range(rounds):
        a, b, c, d = a * x + y, b * x + y, c * x + y, d * x + y
        e, f, g, h = e * x + y, f * x + y, g * x + y, h * x + y
    store(values, 0, a + b + c + d + e + f + g + h)


@njit(nogil=True)
def add_arrays(a, b, target):  # type: ignore[no-untyped-def]
    """Read two arrays and write a third."""
    for i in range(target.shape[0]):
        store(target, i, load(a, i) + load(b, i))


def seconds(function: Callable[[], object], repeats: int = 15) -> float:
    """Return the least wall time of a call, after one that compiles."""
    function()
    times = []
    for _ in range(repeats):
        start_s = time.perf_counter()
        function()
        times.append(time.perf_counter() - start_s)
    return min(times)


def demag_operations(nx: int, ny: int) -> float:
    """Return the operations of a demagnetising field of one layer: transforms and the product."""
    px, py, columns = 2 * nx, 2 * ny, nx + 1
    along_x = 1.5 * ny * 5 * px * np.log2(px)
    along_y = columns * 3 * 5 * py * np.log2(py)
    return float(2 * (along_x + along_y) + columns * py * 3 * 6)


def main() -> None:
    """Measure the limits and a step on one core."""
    nx, ny, _ = CELLS
    n = nx * ny
    problem = Problem(CELLS, (5e-9,) * 3, np.full(n, 8e5), A=1.3e-11, alpha=0.02, temperature_K=300)
    equation = equation_of(problem, 0.3 * longest_step_s(problem), np.float32, shared_demag=True)
    state = state_of(problem, np.float32)
    state.m[0] = 1
    values = aligned_zeros((10,), np.float32)
    values[8] = 0.5
    a, b, c = (aligned_zeros((5 * n,), np.float32) for _ in range(3))
    flops = 2 * CHAINS * LANES * ROUNDS
    peak_per_s = flops / seconds(lambda: multiply_add(values, ROUNDS))
    bytes_per_s = 3 * a.nbytes / seconds(lambda: add_arrays(a, b, c))
    step_s = seconds(lambda: advance(state, equation, 10)) / 10
    operations = LANES * (n * (4 * LOCAL_PER_STAGE + NOISE_PER_STEP) + demag_operations(nx, ny))
    spectrum = 8 * (nx + 1) / nx  # written, read, written and read again, real and imaginary parts
    traffic = 3 * n * LANES * 4 * (LOCAL_ARRAYS + 2 + spectrum)
    line = {
        "step_us_per_replica": 1e6 * step_s / LANES,
        "operations_per_replica": operations / LANES,
        "bytes_per_replica": traffic / LANES,
        "peak_Gflop_per_s": 1e-9 * peak_per_s,
        "bandwidth_GB_per_s": 1e-9 * bytes_per_s,
        "share_of_peak_arithmetic": operations / step_s / peak_per_s,
        "share_of_bandwidth": traffic / step_s / bytes_per_s,
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
