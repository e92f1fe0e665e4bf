"""Runs that are killed at random moments end, after reruns, in the files of an undisturbed run."""

import os
import random
import signal
import time
from collections import Counter

import psutil
import pytest

from tests.workflow.small_study import different, jobs_in, results, snakemake, write_study

KILLS = 50

pytestmark = pytest.mark.faults


def everything(run, rng):
    """End all processes, as when a machine goes down."""
    os.killpg(run.pid, signal.SIGKILL)


def head(run, rng):
    """End the process that sends jobs; these end when they notice."""
    os.kill(run.pid, signal.SIGKILL)


def one_command(run, rng):
    """End a command, as the system does for its memory."""
    found = [p for p in psutil.Process(run.pid).children(recursive=True) if p.name() != "bash"]
    if found:
        rng.choice(found).kill()


def time_limit(run, rng):
    """End all as Slurm does at a time limit: SIGTERM, and SIGKILL later."""
    os.killpg(run.pid, signal.SIGTERM)
    time.sleep(rng.uniform(0, 3))
    os.killpg(run.pid, signal.SIGKILL)


def hang_up(run, rng):
    """Close the terminal."""
    os.killpg(run.pid, signal.SIGHUP)


KINDS = [everything, everything, head, one_command, time_limit, hang_up]


def killed(folder, kind, rng):
    """Start a run, end it after a random number of jobs and a random time; return what it said."""
    run = snakemake(folder, start_new_session=True)
    said, jobs_left = [], rng.randrange(2)
    if rng.random() < 0.85:  # the others are killed while they start
        for line in run.stdout:
            said.append(line)
            jobs_left -= line.startswith("Finished jobid")
            if jobs_left < 0:
                break
    time.sleep(rng.uniform(0, 2))
    if run.poll() is None:
        kind(run, rng)
    # The pipe ends with the last process that writes to it.
    said += run.stdout.readlines()
    return "".join(said), run.wait()


@pytest.mark.parametrize("seed", range(2))
def test_a_study_that_is_killed_again_and_again_ends_in_the_same_files(
    tmp_path, undisturbed_results, seed
):
    rng, kills, studies = random.Random(seed), 0, 0
    while kills < KILLS / 2:
        folder = write_study(tmp_path / f"study{studies}")
        finished, status, studies = Counter(), None, studies + 1
        while status != 0:
            kind = rng.choice(KINDS)
            said, status = killed(folder, kind, rng)
            kills += status != 0
            assert "LockException" not in said
            finished.update(jobs_in(said)[1])
        assert {job: n for job, n in finished.items() if n > 1} == {}
        assert not different(results(folder / "results", speeds=False), undisturbed_results)
