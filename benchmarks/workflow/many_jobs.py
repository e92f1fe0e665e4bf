"""What a study of many simulation jobs costs besides the simulation.

Processor times on tables that are there already: their count and what a new batch finds in its
folder, each as a ratio to plainly reading the same bytes; the plan of 100 000 trials, for several
ways of splitting them; and with ``--run`` what Snakemake needs for each of 2000 jobs that only copy
a table, as a ratio to doing the same in a loop of the shell.

    python benchmarks/workflow/many_jobs.py [--run]
"""

import argparse
import json
import os
import resource
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import yaml

from dwsynapse.io.contracts import TRIALS
from fitting.counts.trial_counts import count_trials
from micromag.trials.ledger import Ledger
from micromag.trials.referee import Trial

ROOT = Path(__file__).parents[2]
TABLES, TRIALS_OF_A_TABLE = 3000, 33
PLANS = ((1, 2000), (4, 500), (20, 500), (100, 100))
"""Rounds, and jobs of each, that 100 000 trials are split into."""
JOBS = 2000
ORIGIN = {"code": "0", "seed": 1, "inputs": {}}
STUB = """#!/bin/bash
# Stands for python: simulating is copying a table, all else is done as always.
if [ "$2" = micromag ] && [ "$3" = simulate ]; then
    while [ $# -gt 0 ]; do
        case $1 in --out) out=$2 ;; --batch) batch=$2 ;; esac
        shift
    done
    cp {tables}/$batch.csv "$out" && cp {tables}/speed.json "${{out%.csv}}.speed.json"
else
    exec {python} "$@"
fi
"""


def write_tables(folder: Path, n_tables: int, suffix: str = ".csv") -> list[Path]:
    """Write tables of trials as jobs of one round leave them."""
    rng = np.random.default_rng(1)
    paths = []
    for number in range(1, n_tables + 1):
        fields_mT = rng.choice([4, 6, 7, 7.5, 8, 9, 12], TRIALS_OF_A_TABLE)
        passed = rng.random(TRIALS_OF_A_TABLE) < 1 / (1 + np.exp(15 - 2 * fields_mT))
        table = pd.DataFrame(
            {
                "field_mT": fields_mT,
                "replica": np.arange(TRIALS_OF_A_TABLE) * n_tables + number,
                "seed": 1,
                "outcome": np.where(passed, "passed", "pinned"),
                "decided_at_ns": rng.uniform(0.5, 3, TRIALS_OF_A_TABLE).round(6),
                "wall_position_nm": rng.uniform(0, 100, TRIALS_OF_A_TABLE).round(2),
                "engine": "embedded",
            }
        )
        paths.append(folder / f"{number}{suffix}")
        TRIALS.write(paths[-1], table, ORIGIN)
    return paths


def cpu_s(work: Callable[[], object]) -> float:
    """Return the least processor time of three calls."""
    times = []
    for _ in range(3):
        start_s = time.process_time()
        work()
        times.append(time.process_time() - start_s)
    return min(times)


def against_reading(what: str, paths: list[Path], work: Callable[[], object]) -> None:
    """Print the processor time of some work on files, and its ratio to plainly reading them."""
    plain_s = cpu_s(lambda: [path.read_text() for path in paths])
    seconds = cpu_s(work)
    say(what, files=len(paths), cpu_s=seconds, ratio_to_plain_reading=seconds / plain_s)


def say(what: str, **numbers: float) -> None:
    """Print one line of JSON."""
    rounded = {name: float(f"{value:.3g}") for name, value in numbers.items()}
    print(json.dumps({"what": what, **rounded}), flush=True)


def study(folder: Path, rounds: int, jobs: int) -> list[str]:
    """Write a study of 100 000 trials and return the Snakemake command for it."""
    sampling = {
        "rounds": rounds,
        "trials_per_round": 100_000 // rounds,
        "batches_per_round": jobs,
    }
    content = {"devices": {"quick-wire": {"sampling": sampling}}, "results": "results"}
    (folder / "study.yaml").write_text(yaml.safe_dump(content))
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
    options = ["--cores", "2", "--scheduler", "greedy", "--quiet"]
    return [*command, *options, "--configfile", "study.yaml"]


def children_s(command: list[str], folder: Path, path: str = "") -> float:
    """Return the processor time of a command and all its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = os.environ | {
        "PATH": f"{path}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    }
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def trivial_jobs(folder: Path) -> None:
    """Print what Snakemake takes for each of many jobs that copy a table."""
    (tables := folder / "tables").mkdir()
    write_tables(tables, JOBS)
    (tables / "speed.json").write_text("{}")
    (stub := folder / "bin").mkdir()
    (stub / "python").write_text(STUB.format(tables=tables, python=sys.executable))
    (stub / "python").chmod(0o755)
    snakemake = study(folder, 1, JOBS)
    device = "results/quick-wire"
    made = [f"{device}/rounds/1/trials-{number}.csv" for number in range(1, JOBS + 1)]
    children_s([*snakemake, "--", f"{device}/wall.omf", f"{device}/rounds/1/plan.csv"], folder)
    seconds = children_s([*snakemake, "--", *made], folder, str(stub))
    options = "-m micromag simulate --batch 1 --out plain.csv"
    loop = f"for job in {{1..{JOBS}}}; do bash -c {shlex.quote(f'bin/python {options}')}; done"
    plain_s = children_s(["bash", "-c", loop], folder)
    say("a trivial job in Snakemake", jobs=JOBS, cpu_s=seconds / JOBS, ratio=seconds / plain_s)


def main() -> None:
    """Print all measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", action="store_true", help="also run 2000 trivial jobs: minutes")
    run = parser.parse_args().run
    with TemporaryDirectory() as name:
        folder = Path(name)
        (there := folder / "round").mkdir()
        paths = write_tables(there, TABLES)
        against_reading("count of all tables", paths, lambda: count_trials(paths))
        paths = write_tables(there, JOBS, ".done.csv")
        trials = [Trial(7.5, 10**6 + replica) for replica in range(TRIALS_OF_A_TABLE)]
        out = there / "new.csv"
        against_reading(
            "ledger of a new batch", paths, lambda: Ledger(out, trials, "embedded", ORIGIN)
        )
        for rounds, jobs in PLANS:
            seconds = children_s([*study(folder, rounds, jobs), "--dry-run"], folder)
            say("plan of 100 000 trials", rounds=rounds, jobs_of_a_round=jobs, cpu_s=seconds)
        if run:
            trivial_jobs(folder)


if __name__ == "__main__":
    main()
