"""A run that was killed is continued by the same command."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STUDY = (
    "devices: {quick-wire: null, quick-track: null, lab: {source: measurement, counts: lab.csv}}\n"
)


def snakemake(folder):
    words = ["-s", ROOT / "Snakefile", "--profile", ROOT / "profiles/local", "--cores", "1"]
    words += ["--configfile", "study.yaml", "--", "fit-lab"]
    return subprocess.Popen(
        [sys.executable, "-m", "snakemake", *map(str, words)],
        cwd=folder,
        env=os.environ
        | {"PYTHONPATH": str(ROOT), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
def test_the_same_command_continues_a_run_that_was_ended(tmp_path, number):
    (tmp_path / "study.yaml").write_text(STUDY)
    (tmp_path / "lab.csv").write_text("field_mT,n,k\n4,20,1\n5,20,9\n6,20,18\n")
    run = snakemake(tmp_path)
    for line in run.stderr:
        if "rule fit_curve:" in line:
            break
    # Snakemake and the commands it started, as when a machine goes down or a terminal is closed.
    os.killpg(run.pid, number)
    run.stderr.read()
    assert run.wait() != 0
    locks = list((tmp_path / ".snakemake/locks").glob("*.lock"))
    assert bool(locks) == (number == signal.SIGKILL)
    again = snakemake(tmp_path)
    said = again.stderr.read()
    assert again.wait() == 0, said
    assert (tmp_path / "results/lab/device.json").is_file()
