"""Tests that files are replaced as a whole, whatever happens to who writes them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dwsynapse.io.replacing import keep_aside, replacing

WRITE_FOR_LONG = """
import sys, time
from pathlib import Path
from dwsynapse.io.replacing import replacing
with replacing(Path(sys.argv[1])) as temporary:
    temporary.write_text("half")
    print("writing", flush=True)
    time.sleep(60)
"""


def writer(path: Path) -> subprocess.Popen[str]:
    """Return a process that has begun to write a file."""
    command = [sys.executable, "-c", WRITE_FOR_LONG, path]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    assert run.stdout.readline() == "writing\n"
    return run


def make_old(folder: Path) -> None:
    """Let the files of a folder be of a minute ago."""
    for path in folder.iterdir():
        os.utime(path, (time.time() - 60,) * 2)


def test_what_a_killed_process_left_is_removed_and_what_others_write_is_not(tmp_path: Path) -> None:
    """The next who writes the file removes it, and nothing else."""
    killed, other = writer(tmp_path / "wire[1].svg"), writer(tmp_path / "wire[1].svg")
    (tmp_path / ".wire[1].notes.svg").write_text("of a user")
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    make_old(tmp_path)
    with replacing(tmp_path / "wire[1].svg") as temporary:
        temporary.write_text("whole")
    others = sorted(path.name for path in tmp_path.glob(".*"))
    other.kill()
    other.wait()
    assert len(others) == 2
    assert ".wire[1].notes.svg" in others
    assert (tmp_path / "wire[1].svg").read_text() == "whole"


def test_an_error_leaves_the_old_file_alone(tmp_path: Path) -> None:
    """And no temporary one."""
    path = tmp_path / "table.csv"
    path.write_text("old")
    with pytest.raises(IsADirectoryError), replacing(path) as temporary:
        temporary.parent.write_text("no file")
    assert [p.name for p in tmp_path.iterdir()] == ["table.csv"]
    assert path.read_text() == "old"


def test_all_that_is_kept_aside_stays(tmp_path):
    for number, name in enumerate(["a.csv.other", "a.csv.other2", "a.csv.other3"]):
        (tmp_path / "a.csv").write_text(str(number))
        assert keep_aside(tmp_path / "a.csv") == name
    assert [path.read_text() for path in sorted(tmp_path.iterdir())] == ["0", "1", "2"]
