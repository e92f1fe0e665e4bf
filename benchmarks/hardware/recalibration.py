"""How few reads find the drift of a virtual device, and how much accuracy they regain.

A program runs on a device whose curve has moved by 0.3 mT. From some of its reads, drawn at random,
the device is refitted and the fields of the program are shifted, on the instrument's grid.
Everything is synthetic, the task as well (tests/hardware/recalibration/drifting_task.py). Prints
the table of docs/hardware.md.

    python benchmarks/hardware/recalibration.py
"""

import argparse

import numpy as np
import pandas as pd

from dwsynapse.io.progress_bars import progress_bar
from fitting.comparison.new_counts.reads_needed import offset_sd_by_reads
from fitting.comparison.new_counts.refitted_device import refitted
from hardware.instruments.virtual_laboratory import run_program
from hardware.programming.simulated_correct import simulated_correct
from hardware.recalibration.moved_program import moved_program
from tests.hardware.recalibration.drifting_task import drifted, drifting_task
from tests.hardware.small_task import DEVICE, SETTINGS

DRIFT_MT, DRIFT_SD_MT, SCALE_SD = 0.3, 1.0, 0.0
N_IN, N_IMAGES = 784, 20
READS = (10, 30, 100, 300, 1000, 3000, 10_000)


def main() -> None:
    """Print a table in Markdown: a row for each number of reads."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=40, help="samples of each number")
    parser.add_argument("--seed", type=int, default=1, help="seed of the samples")
    options = parser.parse_args()
    program, pixels, labels = drifting_task(N_IN)
    now = drifted(DRIFT_MT)
    log = run_program(program, now, pixels[:N_IMAGES], SETTINGS, key=(options.seed,))

    def accuracy(*cases: tuple[object, object]) -> list[float]:
        p = np.stack([device.curve.probability(run.fields_mT) for run, device in cases])
        passing = p.astype(np.float32)
        correct, _ = simulated_correct(program, DEVICE, passing, pixels, labels, options.seed)
        return [float(value) for value in correct.mean(axis=1)]

    before, lost = accuracy((program, DEVICE), (program, now))
    print(f"accuracy before {before:.1%}, drifted by {DRIFT_MT:g} mT {lost:.1%}\n")
    print("| reads | offset found (mT) | sd (mT) | sd predicted | accuracy, shifted | regained |")
    print("|---|---|---|---|---|---|")
    fields_mT, n = np.unique(log["field_set_mT"].to_numpy(float), return_counts=True)
    planned = offset_sd_by_reads(DEVICE, fields_mT, n / n.sum(), DRIFT_SD_MT, SCALE_SD)
    for n_reads in progress_bar(READS):
        offsets, accuracies = [], []
        for i in range(options.repetitions):
            rng = np.random.default_rng([options.seed, n_reads, i])
            some = log.iloc[rng.choice(len(log), n_reads, replace=False)]
            counts = some.groupby(some["field_measured_mT"].round(2))["outcome"].agg(
                ["size", "sum"]
            )
            table = pd.DataFrame(
                {
                    "field_mT": counts.index.to_numpy(float),
                    "n_trials": counts["size"].to_numpy(float),
                    "n_passed": counts["sum"].to_numpy(float),
                }
            )
            found = refitted(
                DEVICE,
                table,
                DRIFT_SD_MT,
                SCALE_SD,
                name="now",
                source="simulation",
                data="a log",
                seed=i,
                draws=100,
            )
            offset_mT = found.offset.value
            moved = moved_program(program, offset_mT, found.device, SETTINGS.field_step_mT)
            offsets.append(offset_mT)
            accuracies += accuracy((moved, now))
        predicted = np.interp(np.log(n_reads), np.log(planned["reads"]), planned["offset_sd_mT"])
        regained = (np.mean(accuracies) - lost) / (before - lost)
        print(
            f"| {n_reads} | {np.mean(offsets):.3f} | {np.std(offsets, ddof=1):.3f} "
            f"| {predicted:.3f} | {np.mean(accuracies):.1%} | {regained:.0%} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
