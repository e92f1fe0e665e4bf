"""Demagnetising field of 16 replicas: lane kernel against scipy's FFT, side by side in one process.

Run with ``python benchmarks/demag_field.py``; prints one line of JSON with the ratio of the median
times per field (baseline over ours; above 1 means that ours is faster).
"""

import json
import time
from collections.abc import Callable

import numpy as np
import scipy.fft

from micromag.engine.lanes import LANES, aligned_zeros
from micromag.engine.terms.demag.demag_field import demag_field, demag_kernel, demag_work
from micromag.engine.terms.demag.newell_tensor import demagnetisation_tensor, on_padded_grid

CELLS, EDGES_M, Ms = (128, 16, 1), (5e-9, 5e-9, 5e-9), 8e5
DTYPE = np.float32


def lane_kernel(m: np.ndarray) -> Callable[[], np.ndarray]:
    """Return our way to the field, with its tables made and its code compiled."""
    kernel, work = demag_kernel(CELLS, EDGES_M, DTYPE), demag_work(CELLS, DTYPE)
    field = aligned_zeros((3, m.shape[1]), DTYPE)
    saturation = np.full(m.shape[1], Ms, DTYPE)

    def run() -> np.ndarray:
        demag_field(m, saturation, kernel, work, field)
        return field

    return run


def scipy_fft(m: np.ndarray) -> Callable[[], np.ndarray]:
    """Return the textbook way: real FFTs of all replicas, zero-padded in both directions."""
    padded = (2 * CELLS[0], 2 * CELLS[1])
    full = on_padded_grid(demagnetisation_tensor(CELLS, EDGES_M), (*padded, 1))[..., 0]
    xx, yy, zz, xy, _, _ = (scipy.fft.rfft2(part).real.astype(DTYPE) for part in full)
    magnetisation = np.ascontiguousarray(np.moveaxis(m, -1, 0)).reshape(LANES, 3, *CELLS[:2]) * Ms

    def run() -> np.ndarray:
        x, y, z = np.moveaxis(scipy.fft.rfft2(magnetisation, s=padded), 1, 0)
        product = np.stack([xx * x + xy * y, xy * x + yy * y, zz * z], axis=1)
        field = -scipy.fft.irfft2(product, s=padded)[:, :, : CELLS[0], : CELLS[1]]
        return np.moveaxis(field.reshape(LANES, 3, -1), 0, -1)

    return run


def median_s(functions: dict[str, Callable[[], np.ndarray]], rounds: int = 30) -> dict[str, float]:
    """Return the median time of each function, called in turn."""
    times: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            times[name].append(time.perf_counter() - start)
    return {name: float(np.median(values)) for name, values in times.items()}


def main() -> None:
    """Measure, check that both agree, and print the ratio."""
    m = aligned_zeros((3, int(np.prod(CELLS))), DTYPE)
    m[:] = np.random.default_rng(0).normal(size=m.shape)
    functions = {"baseline": scipy_fft(m), "ours": lane_kernel(m)}
    np.testing.assert_allclose(functions["ours"](), functions["baseline"](), atol=1e-5 * Ms)
    times = median_s(functions)
    per_field = {f"{name}_us_per_field": 1e6 * t / LANES for name, t in times.items()}
    print(json.dumps({"ratio": times["baseline"] / times["ours"], **per_field}))


if __name__ == "__main__":
    main()
