"""A study of four devices through profiles/slurm, on a cluster of one node (`make test-slurm`)."""

import importlib.util
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from dwsynapse.study.reading import block_text
from tests.micromag.tiny_wire import TINY
from tests.workflow.accounted_slurm import (
    ACCOUNT,
    PARTITION,
    AccountedSlurm,
    missing_of_accounting,
)
from tests.workflow.one_node_slurm import CORES, OneNodeSlurm, missing
from tests.workflow.small_study import different, results, write_study
from tests.workflow.test_calibration import TARGET
from tests.workflow.test_snakemake import STUDY
from tests.workflow.test_track import STUDY as TRACKS
from tests.workflow.test_track import TRACK, write_grey_images

ROOT = Path(__file__).parents[2]
HANGS_S = 1800  # a job that never starts must not hang the tests
WORDS = ["--executor", "slurm", "--slurm-no-account", "--slurm-status-command", "squeue"]
WORDS += ["--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "10"]
pytestmark = pytest.mark.slurm


@pytest.fixture(scope="module")
def cluster():
    if importlib.util.find_spec("snakemake_executor_plugin_slurm") is None:
        pytest.skip("the executor plugin is not installed: `make test-slurm` installs it")
    if why := missing():
        pytest.skip(why)
    # A test that is stopped ends its daemons, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="slurm") as folder, OneNodeSlurm(Path(folder)) as slurm:
        yield slurm


def snakemake(profile, *words):
    options = ["-s", ROOT / "Snakefile", "--profile", ROOT / "profiles" / profile]
    options += ["--configfile", "study.yaml", *words]
    return [sys.executable, "-m", "snakemake", *map(str, options)]


def start(folder, command, environment=os.environ):
    path = f"{Path(sys.executable).parent}:{environment['PATH']}"
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment | {"PATH": path, "PYTHONPATH": ":".join([str(ROOT), *sys.path[1:]])},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(folder, command, environment=os.environ, status=0):
    started = start(folder, command, environment)
    try:
        said = started.communicate(timeout=HANGS_S)[0]
    finally:
        started.kill()
    assert started.returncode == status, said[-10_000:]
    return said


def folder_with_study(folder):
    """Return the folder, with a study of four devices and random images in place of MNIST."""
    devices = json.loads(json.dumps(STUDY["devices"] | {"my-track": TRACK}))
    devices["tiny-wire"]["sampling"]["batches_per_round"] = 2
    write_study(folder, STUDY | {"devices": devices, "crossbar": TRACKS["crossbar"]})
    run(folder, [*snakemake("local"), "--", "results/config/grey-images.yaml"])
    write_grey_images(folder / "results" / "grey-images.npz")
    return folder


@pytest.fixture(scope="module")
def local(cluster, tmp_path_factory):
    folder = folder_with_study(tmp_path_factory.mktemp("local") / "study")
    run(folder, snakemake("local"))
    return folder / "results"


def test_a_study_through_the_profile_gives_the_files_of_a_local_run(cluster, local, tmp_path):
    folder = folder_with_study(tmp_path / "study")
    before = len(cluster.jobs())
    said = run(folder, snakemake("slurm", *WORDS), cluster.environment)
    jobs = cluster.jobs()[before:]
    assert {state for _, state, *_ in jobs} == {"COMPLETED"}, said
    comments = [comment for *_, comment in jobs]
    # Both batches of a round are one array, and say which rule and device they are of.
    arrays = {number for number, *_ in jobs if "_" in number}
    assert sum(comment.startswith("rule_trials_wildcards_tiny-wire") for comment in comments) == 4
    assert len({number.split("_")[0] for number in arrays}) < len(arrays)
    # The fit and what follows it are one job for each device.
    networks = {comment.split("_")[1] for comment in comments if "rule_networks-" in comment}
    assert networks == {"networks-tiny-wire", "networks-ellis-wire", "networks-ellis2023"}
    assert not [comment for comment in comments if comment.startswith("rule_train_models")]
    assert len([comment for comment in comments if "rule_crossbars-my-track" in comment]) == 1
    # Relaxation, 4 batches, figure and those three; four jobs of the track.
    assert len(jobs) == 13
    assert max(int(cores) for _, _, cores, *_ in jobs) <= CORES
    ours, theirs = results(folder / "results"), results(local)
    assert len({name.parts[0] for name in ours if name.name == "device.json"}) == 3
    assert not different(ours, theirs)


def test_a_head_process_in_a_job_sends_jobs(cluster, local, tmp_path):
    folder = folder_with_study(tmp_path / "study")
    before = len(cluster.jobs())
    head = shlex.join(snakemake("slurm", *WORDS, "--", "fit-tiny-wire", "fit-ellis-wire"))
    out = folder / "head.log"
    run(
        folder,
        ["sbatch", "--wait", "--mem", "4G", "--output", out, "--wrap", head],
        cluster.environment,
    )
    jobs = cluster.jobs()[before:]
    assert len(jobs) > 6, out.read_text()
    assert {state for _, state, *_ in jobs} == {"COMPLETED"}
    ours, theirs = results(folder / "results"), results(local)
    assert {Path(device, "device.json") for device in ("tiny-wire", "ellis-wire")} <= ours.keys()
    assert not different(ours, {name: theirs[name] for name in ours})


def test_jobs_of_a_killed_head_process_are_not_sent_twice(cluster, local, tmp_path):
    folder = folder_with_study(tmp_path / "study")
    before = len(cluster.jobs())
    command = snakemake("slurm", *WORDS, "--", "fit-ellis-wire")
    cluster.take_no_job()
    head = start(folder, command, cluster.environment)
    for line in head.stdout:
        if "has been submitted" in line:
            break
    head.kill()
    head.communicate()
    (number, state, *_) = cluster.jobs()[before:][0]
    assert state == "PENDING"
    assert f"still in the queue: {number}; wait" in run(folder, command, cluster.environment, 1)
    cluster.take_jobs()
    cluster.wait_for_jobs()
    run(folder, command, cluster.environment)
    assert [state for _, state, *_ in cluster.jobs()[before:]] == ["COMPLETED"]
    device = "ellis-wire/device.json"
    assert (folder / "results" / device).read_bytes() == (local / device).read_bytes()


def test_the_loop_of_the_documentation_calibrates_a_wire_in_arrays_of_jobs(cluster, tmp_path):
    loop = next(
        block
        for block in (ROOT / "docs" / "cluster.md").read_text().split("```\n")
        if block.startswith("calibrate=")
    )
    loop = loop.replace("0.5:0.7", "0.55:0.65 --max-trials 256 --trials-per-wire 32")
    (tmp_path / "wire.yaml").write_text(block_text(TINY))
    (tmp_path / "counts.csv").write_text(TARGET)
    before = len(cluster.jobs())
    run(tmp_path, ["bash", "-c", loop], cluster.environment)
    jobs = cluster.jobs()[before:]
    assert {state for _, state, *_ in jobs} == {"COMPLETED"}
    # The wires of the first round, and trials of the best wire.
    tasks = sorted(int(number.split("_")[1]) for number, *_ in jobs)
    assert tasks == [1, *range(1, 9)]
    whole = loop.split("\n")[0].replace("calibrated", "whole")
    run(tmp_path, ["bash", "-c", f"{whole}; $calibrate"], cluster.environment)
    for name in ("calibration.json", "best-wire.yaml", "calibration.svg"):
        ours, theirs = ((tmp_path / f / name).read_bytes() for f in ("calibrated", "whole"))
        assert ours == theirs, name


def test_a_cluster_with_accounts_runs_jobs_of_the_account_and_the_partition(
    cluster, local, tmp_path
):
    if why := missing_of_accounting():
        pytest.skip(why)
    profile = (ROOT / "profiles" / "slurm" / "config.yaml").read_text()
    for key, value in (("slurm_account", ACCOUNT), ("slurm_partition", PARTITION)):
        profile, found = re.subn(rf"^  # {key}: \S+", f"  {key}: {value}", profile, flags=re.M)
        assert found == 1
    (tmp_path / "profile").mkdir()
    (tmp_path / "profile" / "config.yaml").write_text(profile)
    folder = folder_with_study(tmp_path / "study")
    command = snakemake(tmp_path / "profile", "--", "fit-tiny-wire", "fit-ellis-wire")
    place = tempfile.TemporaryDirectory(prefix="slurm")
    with place, AccountedSlurm(Path(place.name)) as accounted:
        run(folder, command, accounted.environment)
        jobs = accounted.accounted_jobs()
    assert len(jobs) > 6
    assert {tuple(job) for job in jobs} == {(ACCOUNT, PARTITION, "COMPLETED")}
    ours, theirs = results(folder / "results"), results(local)
    assert not different(ours, {name: theirs[name] for name in ours})
