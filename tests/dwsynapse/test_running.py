"""Locks of killed runs are removed where no other run lives, and jobs they left are named."""

import os
import subprocess
import sys
import time

import pytest

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import atomic_path, write_text
from dwsynapse.study.runs import running
from dwsynapse.study.runs.running import Run, require_accounting


@pytest.fixture
def locks(tmp_path):
    folder = tmp_path / ".snakemake/locks"
    folder.mkdir(parents=True)
    (folder / "0.input.lock").write_text("lab.csv\n")
    (folder / "0.output.lock").write_text("results/lab/device.json\nresults/images.npz\n")
    return folder


def living(folder):
    """Start a run that lives until its standard input is closed."""
    script = "import sys, pathlib; from dwsynapse.study.runs.running import Run"
    script += "; run = Run(pathlib.Path())"
    script += "; run.unlock('results'); print(run.alone, flush=True); sys.stdin.read()"
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-c", script], cwd=folder, stdin=pipe, stdout=pipe, text=True
    )


def test_locks_of_a_killed_run_are_removed(locks, tmp_path):
    with living(tmp_path) as other:
        assert other.stdout.readline() == "True\n"
        assert not list(locks.iterdir())  # left by one before it
        (locks / "0.output.lock").write_text("results/lab/device.json\n")
        second = Run(tmp_path)
        second.unlock("results")
        assert not second.alone
        assert list(locks.iterdir())
        del second
        other.kill()
    third = Run(tmp_path)
    third.unlock("results")
    assert third.alone
    assert not list(locks.iterdir())


def test_results_of_a_clock_that_was_off_are_from_now(tmp_path, capsys):
    results, now = tmp_path / "results", time.time()
    results.mkdir()
    later = {"b.csv": 2 * 86400.0, "a.csv": 86400.0, "c.csv": 86400.5}
    for name, ahead_s in (later | {"old.csv": -9.0, "skew.csv": 5.0}).items():
        (results / name).touch()
        os.utime(results / name, (now + ahead_s, now + ahead_s))
    Run(tmp_path).tidy(results)
    times = {path.name: path.stat().st_mtime for path in results.iterdir()}
    assert times["old.csv"] < times["a.csv"] < times["c.csv"] < times["b.csv"] <= time.time()
    assert times["skew.csv"] == pytest.approx(now + 5)
    assert "note: 3 files in " in capsys.readouterr().err


def test_what_killed_commands_left_half_written_is_removed(tmp_path):
    results = tmp_path / "results"
    names = [".model0.a8_x2bq1.json", ".trials-1.done.abcdefgh.csv", ".gitignore", "a.b.abcdefgh.c"]
    for name in [*names, ".new.abcdefgh.csv"]:
        write_text(results / name, "")
        if not name.startswith(".new"):
            os.utime(results / name, (0, 0))
    with atomic_path(results / "model.json") as temporary:
        assert running.TEMPORARY.fullmatch(temporary.name)
    Run(tmp_path).tidy(results)
    left = {path.name for path in results.iterdir()}
    assert left == {".gitignore", "a.b.abcdefgh.c", ".new.abcdefgh.csv", "model.json"}


def test_runs_may_live_together(tmp_path):
    with living(tmp_path) as first, living(tmp_path) as second:
        alone = {first.stdout.readline(), second.stdout.readline()}
        assert "False\n" in alone
        assert not Run(tmp_path).alone
        first.kill()
        first.wait()
        assert not Run(tmp_path).alone
        second.kill()
    assert Run(tmp_path).alone


def test_locks_of_another_workflow_stay(locks, tmp_path):
    (locks / "1.output.lock").write_text("mine.json\n")
    Run(tmp_path).unlock("results")
    assert len(list(locks.iterdir())) == 3


def test_a_folder_where_nothing_can_be_written_is_left_to_snakemake(tmp_path):
    (tmp_path / ".snakemake").write_text("no folder")
    run = Run(tmp_path)
    run.unlock("results")
    assert not run.alone


def said(monkeypatch, text, returncode=0):
    done = subprocess.CompletedProcess([], returncode, text, text)
    monkeypatch.setattr(running, "_said", lambda words: done)


def test_jobs_of_a_killed_run_are_named(monkeypatch, tmp_path):
    said(monkeypatch, f"7|{tmp_path}|rule_trials_wildcards_wire_1_1\n8_1|{tmp_path}|rule_x|y\n")
    run = Run(tmp_path)
    with pytest.raises(InputError, match=r"still in the queue: 7, 8_1; .*`scancel 7 8_1`"):
        run.require_no_jobs_left()
    # The head process, and jobs of other folders.
    said(monkeypatch, f"7|{tmp_path}|(null)\n9|{tmp_path.parent}|rule_trials\n")
    run.require_no_jobs_left()


def test_accounting_that_is_off_is_told(monkeypatch):
    said(monkeypatch, "Slurm accounting storage is disabled\n", 1)
    with pytest.raises(InputError, match=r"storage is disabled; .* --slurm-status-command squeue"):
        require_accounting("sacct")
    require_accounting("squeue")
    said(monkeypatch, "")
    require_accounting("sacct")
