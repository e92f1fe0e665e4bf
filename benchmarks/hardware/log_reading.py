"""How fast a log of ten million reads is read and checked, and in how much memory.

Prints a table of docs/hardware.md: processor times and the most memory of processes of their own,
and the ratio to plain `pandas.read_csv`, run in turn.

    python benchmarks/hardware/log_reading.py [reads]
"""

import multiprocessing
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hardware.log import read_log, write_log
from hardware.program import Program

READS, N_OUT, N_IN, TIMES = 10_000_000, 10, 196, 8
Task = tuple[Path, Program, NDArray[np.uint8]]


def made_log(n_reads: int) -> tuple[Program, NDArray[np.uint8], pd.DataFrame]:
    """Return a program, images and a log of about so many reads, in the order of time."""
    rng = np.random.default_rng(1)
    fields_mT = np.round(rng.uniform(3.5, 5.5, (N_OUT, N_IN)), 1)
    program = Program(fields_mT, TIMES, np.zeros(N_OUT), 1, 0, "0" * 64)
    n_images = max(1, n_reads // (N_IN // 2 * N_OUT * TIMES))
    pixels = (rng.random((n_images, N_IN)) < 0.5).astype(np.uint8)
    image, in_ = np.nonzero(pixels)
    per_input = TIMES * N_OUT
    log = pd.DataFrame(
        {
            "image": np.repeat(image, per_input),
            "out": np.tile(np.arange(per_input) % N_OUT, len(image)),
            "in": np.repeat(in_, per_input),
            "read": np.tile(np.arange(per_input) // N_OUT, len(image)),
        }
    )
    set_mT = fields_mT[log["out"], log["in"]]
    log["field_set_mT"] = set_mT.astype(np.float32)
    noise_mT = 0.03 * rng.standard_normal(len(log))
    log["field_measured_mT"] = np.round(set_mT + noise_mT, 4).astype(np.float32)
    log["outcome"] = (rng.random(len(log)) < 0.5).astype(np.uint8)
    log["timestamp_s"] = np.round(np.arange(len(log)) * 0.02, 2)
    return program, pixels, log


def by_pandas(task: Task) -> int:
    """Read a CSV plainly."""
    return len(pd.read_csv(task[0]))


def read_and_checked(task: Task) -> int:
    """Read a log and check it against its program."""
    path, program, pixels = task
    return len(read_log(path, program, pixels, synthetic=path.suffix == ".parquet"))


def measured(run: Callable[[Task], int], task: Task) -> tuple[int, float, float]:
    """Return the reads, processor time (s) and most memory (MB) of a call in its own process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_timed, (run, task))


def _timed(run: Callable[[Task], int], task: Task) -> tuple[int, float, float]:
    start = time.process_time()
    n_reads = run(task)
    seconds = time.process_time() - start
    # Of this process alone; what the system says of resources begins with those of its parent.
    found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
    return n_reads, seconds, int(found[1]) / 1024 if found else np.nan


def main() -> None:
    """Print a row for each kind of log."""
    program, pixels, log = made_log(int(sys.argv[1]) if len(sys.argv) > 1 else READS)
    with TemporaryDirectory() as folder:
        names = ("log.csv", "random.csv", "words.csv", "log.csv.gz", "log.parquet")
        csv, randomised, words, gz, parquet = (Path(folder) / name for name in names)
        log.to_csv(csv, index=False)
        log.to_csv(gz, index=False, compression={"method": "gzip", "compresslevel": 1})
        log.attrs = {"synthetic": True}
        write_log(parquet, log)
        log = log.sample(frac=1, random_state=1)
        log["timestamp_s"] = np.sort(log["timestamp_s"].to_numpy())
        log.to_csv(randomised, index=False)
        log["outcome"] = np.array(["pinned", "passed"])[log["outcome"]]
        log.to_csv(words, index=False)
        n_reads = len(log)
        del log
        title = f"{n_reads / 1e6:.1f} million reads"
        print(f"| {title} | processor time (s) | most memory (MB) | times slower |")
        print("|---|---|---|---|")
        plain_s = 0.0
        for name, run, path in (
            ("pandas.read_csv, nothing checked", by_pandas, csv),
            ("CSV", read_and_checked, csv),
            ("CSV, reads in random order", read_and_checked, randomised),
            ("CSV, the same, outcomes as words", read_and_checked, words),
            ("CSV, gzip", read_and_checked, gz),
            ("Parquet", read_and_checked, parquet),
        ):
            found, seconds, memory_MB = measured(run, (path, program, pixels))
            assert found == n_reads
            plain_s = plain_s or seconds
            print(f"| {name} | {seconds:.1f} | {memory_MB:.0f} | {seconds / plain_s:.1f} |")


if __name__ == "__main__":
    main()
