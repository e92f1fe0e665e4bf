"""How fast Kerr loops are decided, against peaks of the derivative loop by loop with scipy.

Prints a table of docs/hardware.md: processor times of 10 000 synthetic loops of 1000 points on one
core, and their ratio to `scipy.signal.find_peaks` called for each loop, run in turn.

    python benchmarks/hardware/kerr_loops.py
"""

import time
from dataclasses import replace

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks

from hardware.kerr_loops.outcomes import DETECTORS, Rules, found_steps
from hardware.kerr_loops.steps import MIN_SHARE, Floats
from hardware.kerr_loops.synthetic_loops import Setup, synthetic_loops

LOOPS, TIMES, SMOOTHED_POINTS = 10_000, 3, 5


def peaks_loop_by_loop(signal: Floats) -> list[int]:
    """Return the number of peaks of each loop, the simplest way to write the paper's detector."""
    counted = []
    for one in signal:
        derivative = np.abs(np.gradient(gaussian_filter1d(one, SMOOTHED_POINTS)))
        peaks, _ = find_peaks(derivative, height=MIN_SHARE * derivative.max(), distance=10)
        steps = [one[p : p + 10].mean() - one[max(p - 10, 0) : p].mean() for p in peaks]
        counted.append(int(np.sum(np.abs(steps) > MIN_SHARE * np.ptp(one))))
    return counted


def main() -> None:
    """Print a row for each detector."""
    loops = synthetic_loops(LOOPS, Setup(spot_offset_um=0.4), seed=1)
    runs = {"scipy.signal.find_peaks, loop by loop": lambda: peaks_loop_by_loop(loops.signal)}
    for detector in DETECTORS:
        runs[detector] = lambda detector=detector: found_steps(loops, Rules(detector=detector))
    noise_mT = 0.02 * np.random.default_rng(1).standard_normal(loops.field_mT.shape)
    measured = replace(loops, field_mT=loops.field_mT + noise_mT)
    runs["change-point, with the measured field of each loop"] = lambda: found_steps(
        measured, Rules()
    )
    spent_s = {name: np.inf for name in runs}
    for _ in range(TIMES):
        for name, run in runs.items():
            start = time.process_time()
            run()
            spent_s[name] = min(spent_s[name], time.process_time() - start)
    naive_s = next(iter(spent_s.values()))
    print("| 10 000 loops of 1000 points | processor time (s) | times faster |")
    print("|---|---|---|")
    for name, seconds in spent_s.items():
        print(f"| {name} | {seconds:.1f} | {naive_s / seconds:.1f} |")


if __name__ == "__main__":
    main()
