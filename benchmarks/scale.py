"""Cost of a step per cell and replica, against cells, layers and replicas, and peak memory.

Run with ``python benchmarks/scale.py``: one line of JSON for each size, its cost as a ratio to the
quick wire's measured at the same time, and with ``--figure FILE.svg`` the curves.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from dwsynapse.io.figure_style import svg_figure
from micromag.engine.equation_of_motion import Equation, advance, equation_of, state_of
from micromag.engine.lanes import LANES
from micromag.engine.problem import Problem
from micromag.engine.thermal_noise import trial_key
from micromag.engine.timestep import longest_step_s

QUICK = (128, 16, 1)
CELLS = (QUICK, (256, 16, 1), (256, 32, 1), (256, 64, 1), (400, 80, 1))
LAYERS = tuple((128, 16, layers) for layers in (2, 3, 4, 6))
REPLICAS = (1, 8, 16, 32, 64, 128)
THREADS = 2


class Work:
    """A film of some size with all replicas it takes, ready to advance."""

    def __init__(self, cells: tuple[int, int, int], replicas: int = THREADS * LANES):
        problem = Problem(
            cells,
            (5e-9,) * 3,
            np.full(int(np.prod(cells)), 8e5),
            A=1.3e-11,
            alpha=0.02,
            temperature_K=300.0,
        )
        dt_s = 0.3 * longest_step_s(problem)
        self.equation: Equation = equation_of(problem, dt_s, np.float32, shared_demag=True)
        self.groups = [state_of(problem, np.float32) for _ in range(-(-replicas // LANES))]
        self.cells, self.replicas = cells, replicas
        for number, state in enumerate(self.groups):
            state.m[0] = 1
            keys = [trial_key(number, lane) for lane in range(LANES)]
            state.key[:] = np.array(keys).T

    def seconds(self, steps: int) -> float:
        """Return the wall time of some steps of all replicas on the threads."""
        start_s = time.perf_counter()
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda state: advance(state, self.equation, steps), self.groups))
        return time.perf_counter() - start_s


def measured(work: Work, baseline: Work) -> dict[str, Any]:
    """Return the cost of a size, and its ratio to the baseline's measured in turn with it."""
    cell_replicas = int(np.prod(work.cells)) * work.replicas
    steps = max(2, round(3e6 / cell_replicas))
    baseline_steps = round(3e6 / np.prod(QUICK) / baseline.replicas)
    ours, theirs = [], []
    for _ in range(5):
        ours.append(work.seconds(steps) / steps / cell_replicas)
        per_step = baseline.seconds(baseline_steps) / baseline_steps
        theirs.append(per_step / np.prod(QUICK) / baseline.replicas)
    return {
        "cells": work.cells,
        "replicas": work.replicas,
        "ns_per_cell_replica_step": 1e9 * float(np.median(ours)),
        "ratio_to_quick_wire": float(np.median(ours) / np.median(theirs)),
    }


def peak_memory_MB(cells: tuple[int, int, int], replicas: int) -> float:
    """Return the peak memory of a separate process that takes two steps with all replicas."""
    program = (
        "import resource; from scale import Work; "
        f"Work({cells}, {replicas}).seconds(2); "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parent,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(run.stdout)


def draw(path: Path, rows: dict[str, list[dict[str, Any]]]) -> None:
    """Draw the three curves of cost."""
    with svg_figure(path, size_inches=(9.0, 3.2), ncols=3) as (_, axes):
        for axis, (name, values) in zip(axes, rows.items(), strict=True):
            x = [
                {"cells": np.prod(row["cells"]), "layers": row["cells"][2]}.get(
                    name, row["replicas"]
                )
                for row in values
            ]
            axis.plot(x, [row["ratio_to_quick_wire"] for row in values], "o-")
            axis.axhline(1, color="0.6", lw=0.8)
            axis.set(xlabel=name, ylim=(0, None), xscale="log" if name == "replicas" else "linear")
        axes[0].set_ylabel("cost per cell, replica and step\n(quick wire, 32 replicas = 1)")


def main() -> None:
    """Measure every size and the quick wire."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--figure", type=Path, help="SVG to write")
    arguments = parser.parse_args()
    baseline = Work(QUICK)
    baseline.seconds(2)  # compiles
    sizes = {
        "cells": [(cells, THREADS * LANES) for cells in CELLS],
        "layers": [(cells, THREADS * LANES) for cells in (QUICK, *LAYERS)],
        "replicas": [(QUICK, replicas) for replicas in REPLICAS],
    }
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in sizes}
    for name, works in sizes.items():
        for cells, replicas in works:
            rows[name].append(measured(Work(cells, replicas), baseline))
            print(json.dumps({"curve": name, **rows[name][-1]}), flush=True)
    print(json.dumps({"peak_memory_MB": peak_memory_MB((400, 80, 1), 64), "replicas": 64}))
    if arguments.figure:
        draw(arguments.figure, rows)


if __name__ == "__main__":
    main()
