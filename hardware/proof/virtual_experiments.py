"""Virtual experiments: a device within its uncertainty, a defect or none, a log and its verdict."""

import signal
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import active_children, get_context
from typing import NamedTuple

import numpy as np
import pandas as pd

from hardware.proof.planted_defects import Defect
from hardware.proof.virtual_run import Subject, Truth, VirtualRun, manifest_of
from hardware.verification.log_verification import verify

CHUNK = 10
"""Experiments that a process makes at a time."""


@dataclass(frozen=True)
class Case:
    """Experiments of one kind.

    Parameters
    ----------
    n_images
        Images that are shown.
    defect, size
        What is planted, and how much of it; None in a faithful device.
    """

    n_images: int
    defect: Defect | None = None
    size: float = 0.0

    @property
    def key(self) -> str:
        """A name of the case that is that of no other, for files and random numbers."""
        planted = f"{self.defect.name} {self.size:g} {self.defect.unit}" if self.defect else "none"
        return f"{self.n_images} {planted}".replace(" ", "-")

    @property
    def number(self) -> int:
        """A number from the name: part of the key of random numbers."""
        return zlib.crc32(self.key.encode())


class Judged(NamedTuple):
    """What was said of an experiment.

    Parameters
    ----------
    verdict
        The verdict.
    alarm
        Whether any test failed; the defect may still be within the tolerance.
    diagnosis
        Name of the diagnosis, None without an alarm or where no defect explains it.
    """

    verdict: str
    alarm: bool
    diagnosis: str | None


def virtual_log(subject: Subject, case: Case, seed: int, experiment: int) -> pd.DataFrame:
    """Return the log of one experiment, which depends on these arguments and nothing else."""
    rng = np.random.default_rng([seed, case.number, experiment])
    settings = subject.settings
    truth = Truth.drawn(subject.device, settings, rng)
    run = VirtualRun.start(subject, truth.curve)
    n = len(run.reads)

    def plant(stage: str) -> None:
        if case.defect and case.defect.stage == stage:
            case.defect.plant(run, case.size, rng)

    plant("bench")
    noise_mT = settings.field_noise_sd_mT * rng.standard_normal(n)
    # The electromagnet does not reverse: a field set near zero stays positive.
    at_probe_mT = (1 + truth.bench_scale) * run.bench_mT + truth.bench_offset_mT
    measured_mT = np.maximum(at_probe_mT + noise_mT, 0).astype(np.float32)
    run.acting_mT = np.maximum((measured_mT - truth.offset_mT) / (1 + truth.scale), 0.0)
    run.let_wires_differ(settings.wire_spread_mT, rng)
    plant("device")
    run.passed = (rng.random(n) < run.curve.probability(run.acting_mT)).astype(np.uint8)
    plant("log")
    run.end_early()
    return run.log(measured_mT)


def judge(subject: Subject, case: Case, seed: int, experiment: int) -> Judged:
    """Make the log of one experiment and verify it, as `python -m hardware verify` does."""
    log = virtual_log(subject, case, seed, experiment)
    found = verify(
        subject.program,
        subject.device,
        log,
        manifest_of(subject, log),
        subject.images,
        subject.settings,
        experiment,
    )["verdict"]
    name = found["diagnosis"]["name"] if found["diagnosis"] else None
    return Judged(found["verdict"], found["alarm"], name)


class Made(NamedTuple):
    """Experiments of a case from the first of them on."""

    case: Case
    first: int
    judged: list[Judged]


def experiments(
    subject: Subject, cases: Sequence[Case], n_experiments: int, seed: int, processes: int
) -> Iterator[Made]:
    """Make experiments, over processes, and yield them as they are made.

    Parameters
    ----------
    subject
        What they are about.
    cases
        Which are made; what comes out of one does not depend on the others.
    n_experiments
        How many of each.
    seed
        Seed of all.
    processes
        Number of processes.
    """
    parts = [
        (case, first, min(first + CHUNK, n_experiments), seed)
        for case in cases
        for first in range(0, n_experiments, CHUNK)
    ]
    if processes == 1:
        _begin(subject)
        yield from (_made(*part) for part in parts)
        return
    pool = ProcessPoolExecutor(
        processes, get_context("spawn"), initializer=_begin_process, initargs=(subject,)
    )
    try:
        jobs = [pool.submit(_made, *part) for part in parts]
        for job in as_completed(jobs):
            yield job.result()
    except BrokenProcessPool as error:
        raise MemoryError("a process of the experiments was killed") from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        # Only a stopped command leaves any running.
        for process in active_children():
            process.terminate()


_subjects: dict[int, Subject] = {}
"""In a process, what its experiments are about, by the number of images shown."""


def _begin(subject: Subject) -> None:
    _subjects.clear()
    _subjects[subject.settings.images] = subject


def _begin_process(subject: Subject) -> None:
    # The command that started the process ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _begin(subject)


def _made(case: Case, first: int, last: int, seed: int) -> Made:
    if case.n_images not in _subjects:
        _subjects[case.n_images] = next(iter(_subjects.values())).showing(case.n_images)
    subject = _subjects[case.n_images]
    return Made(case, first, [judge(subject, case, seed, i) for i in range(first, last)])
