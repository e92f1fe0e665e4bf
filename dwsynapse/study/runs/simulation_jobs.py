"""How long the jobs that simulate a device's trials last, and into how many to split a round."""

import json
from collections.abc import Iterable
from itertools import islice
from math import ceil, prod
from pathlib import Path

from dwsynapse.io.number_format import counted
from dwsynapse.study.devices.sources import SimulatedDevice

CELL_STEP_S = {"embedded": 22e-9, "oommf": 330e-9}
"""Seconds of one core for a step of one cell of one trial, of wires as small as the quick wire
(docs/engine.md)."""
LARGE_WIRE_CELLS, LARGE_WIRE_COST = 4000, 2.0
"""Cells from which a wire is no longer in the processor's caches, and what a step then costs."""
FOUR_EVALUATIONS_COST = 2.7
"""What a step costs with `demag_evaluations: 4`."""
OOMMF_STEP_FS = 100.0
SHARE_OF_WINDOW = 0.5
"""Of a trial's window until its outcome is decided; the quick wire's take 0.3, the paper's 0.57."""
JOB_S = (600.0, 3600.0)
"""Shorter jobs spend much of their time on starting, longer ones wait longer for a place."""
WANTED_JOB_S = 1200.0
MIN_LIMIT_MINUTES, LIMIT_FACTOR = 20, 4
"""The time limit of a job, and how many times longer than expected it may last."""
MAX_TABLES = 50
"""Tables that the speed is taken from: enough for a mean."""


def trial_s(device: SimulatedDevice, tables: Iterable[Path]) -> float:
    """Return the seconds of one core that a trial takes.

    Parameters
    ----------
    device
        The wire, its protocol and numerics.
    tables
        Tables of its trials. The time that those took that exist counts, as written next to them;
        without any, it is estimated from the number of cells and steps.
    """
    taken_s = n_trials = 0.0
    for table in islice((path for path in tables if path.is_file()), MAX_TABLES):
        record = table.with_suffix(".speed.json")
        if not record.is_file():
            continue
        speed = json.loads(record.read_text())
        if speed["simulated_ns"] > 0:
            taken_s += (speed["ended_s"] - speed["started_s"]) * speed["threads"]
            n_trials += len(table.read_text().splitlines()) - 3
    return taken_s / n_trials if n_trials else _estimated_trial_s(device)


def job_s(device: SimulatedDevice, one_trial_s: float) -> float:
    """Return how long a job of a device lasts, on one core."""
    sampling = device.sampling
    return ceil(sampling.trials_per_round / sampling.batches_per_round) * one_trial_s


def job_minutes(device: SimulatedDevice, one_trial_s: float) -> int:
    """Return a time limit that a job of a device keeps on slower processors too."""
    return max(MIN_LIMIT_MINUTES, ceil(LIMIT_FACTOR * job_s(device, one_trial_s) / 60))


def jobs_line(name: str, device: SimulatedDevice, one_trial_s: float) -> str:
    """Return a line on all simulation jobs of a device, and on a better number of them."""
    sampling = device.sampling
    n_trials, n_jobs = (
        sampling.rounds * per_round
        for per_round in (sampling.trials_per_round, sampling.batches_per_round)
    )
    line = (
        f"{name}: {counted(n_trials, 'trial')} in {counted(n_jobs, 'job')} "
        f"of about {_duration(job_s(device, one_trial_s))} on one core, "
        f"{_duration(n_trials * one_trial_s)} in all"
    )
    shortest_s, longest_s = JOB_S
    if shortest_s <= job_s(device, one_trial_s) <= longest_s:
        return line
    wanted = ceil(sampling.trials_per_round * one_trial_s / WANTED_JOB_S)
    batches = min(wanted, sampling.trials_per_round, 10_000)
    if batches == sampling.batches_per_round:
        return line
    other = sampling.model_copy(update={"batches_per_round": batches})
    lasts = job_s(device.model_copy(update={"sampling": other}), one_trial_s)
    return (
        f"{line}; sampling: {{batches_per_round: {batches}}} makes "
        f"{counted(sampling.rounds * batches, 'job')} of {_duration(lasts)}"
    )


def _estimated_trial_s(device: SimulatedDevice) -> float:
    numerics, protocol = device.numerics, device.protocol
    cells = prod(device.wire.cells)
    share = SHARE_OF_WINDOW if protocol.field.shape == "constant" else 1.0
    step_fs = numerics.time_step_fs if numerics.engine == "embedded" else OOMMF_STEP_FS
    steps = share * protocol.window_ns * 1e6 / step_fs
    cost = LARGE_WIRE_COST if cells > LARGE_WIRE_CELLS else 1.0
    if numerics.demag_evaluations == 4:
        cost *= FOUR_EVALUATIONS_COST
    return steps * cells * cost * CELL_STEP_S[numerics.engine]


def _duration(seconds: float) -> str:
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 1):.0f} s"
