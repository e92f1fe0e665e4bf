"""Commands end on a signal: within two seconds, with one line and the shell's exit status."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from dwsynapse.io.signals import GRACE_S, HEAD_VARIABLE

PIPES = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
START = "import sys, time; from dwsynapse.io.errors import run_command\n"
QUIET = "def command(): print('up', flush=True); time.sleep(60)\n"
# A clean-up that does not end, as a compiled kernel in the main thread would not.
STUBBORN = """
def command():
    try:
        print('up', flush=True)
        time.sleep(60)
    finally:
        time.sleep(60)
"""


def stopped(body: str, *numbers: int) -> tuple[subprocess.CompletedProcess[str], float]:
    """Start a command, send it signals once it is up; return how it ended, and after what time."""
    code = f"{START}{body}\nrun_command(command)"
    with subprocess.Popen([sys.executable, "-c", code], **PIPES) as process:
        assert process.stdout.readline() == "up\n"
        started_s = time.monotonic()
        for number in numbers:
            process.send_signal(number)
            time.sleep(0.1)
        out, err = process.communicate(timeout=10)
    took_s = time.monotonic() - started_s
    return subprocess.CompletedProcess(code, process.returncode, out, err), took_s


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_command_ends_with_one_line(number):
    ended, _ = stopped(QUIET, number)
    assert ended.returncode == 128 + number
    assert ended.stderr.strip().splitlines() == [
        f"stopped by {number.name}: the same command continues from what is saved, or starts again"
    ]


def test_a_command_that_cannot_stop_is_ended():
    ended, took_s = stopped(STUBBORN, signal.SIGTERM)
    assert ended.returncode == 128 + signal.SIGTERM
    assert ended.stderr.count("stopped by SIGTERM") == 1
    # It had its time; the sleeps of a minute each were not waited for.
    assert took_s >= GRACE_S


def importing(folder, import_s):
    """Return a command that imports a module for a time, which says what it saw."""
    (folder / "slow_module.py").write_text(
        f"""
import time
print('up', flush=True)
ends_s = time.monotonic() + {import_s}
try:
    while time.monotonic() < ends_s:
        pass
except BaseException:
    print('interrupted', flush=True)
    raise
print('whole', flush=True)
"""
    )
    return f"def command(): sys.path.insert(0, {str(folder)!r}); import slow_module; time.sleep(60)"


def test_an_import_is_finished_before_the_stop_is_raised(tmp_path):
    # An exception in the midst of an import crashes VTK.
    ended, _ = stopped(importing(tmp_path, 0.1), signal.SIGINT)
    assert ended.stdout == "whole\n"
    assert ended.returncode == 128 + signal.SIGINT
    assert ended.stderr.count("stopped by SIGINT") == 1


def test_a_long_import_is_ended_without_the_time_to_save_progress(tmp_path):
    grace = "import dwsynapse.io.signals as signals; signals.GRACE_S = 1000\n"
    ended, _ = stopped(grace + importing(tmp_path, 1000), signal.SIGINT)
    assert (ended.stdout, ended.returncode) == ("", 128 + signal.SIGINT)
    assert ended.stderr.count("stopped by SIGINT") == 1


def test_a_second_signal_ends_at_once():
    ended, _ = stopped(STUBBORN, signal.SIGINT, signal.SIGINT)
    assert ended.returncode == 128 + signal.SIGINT
    assert ended.stderr.count("stopped by") == 1


SAVING = """
def command():
    try:
        print('up', flush=True)
        time.sleep(60)
    finally:
        time.sleep(0.5)
        print('saved', flush=True)
"""


def test_a_signal_that_timeout_sends_twice_at_once_leaves_the_time_to_save():
    code = f"{START}{SAVING}\nrun_command(command)"
    with subprocess.Popen([sys.executable, "-c", code], **PIPES) as process:
        assert process.stdout.readline() == "up\n"
        for _ in range(2):
            process.send_signal(signal.SIGHUP)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (128 + signal.SIGHUP, "saved\n")
    assert err.count("stopped by SIGHUP") == 1


def test_a_command_of_the_workflow_ends_when_snakemake_was_killed():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as head:
        environment = os.environ | {HEAD_VARIABLE: str(head.pid)}
        words = [sys.executable, "-c", f"{START}{QUIET}\nrun_command(command)"]
        with subprocess.Popen(words, env=environment, **PIPES) as process:
            assert process.stdout.readline() == "up\n"
            head.kill()
            head.wait()
            _, err = process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM
    assert err.strip().startswith("stopped by SIGTERM")


def test_a_head_process_that_is_not_seen_ends_no_command():
    # Of another machine or container; no process has the number.
    environment = os.environ | {HEAD_VARIABLE: str(2**22 + 1)}
    body = "def command(): time.sleep(2.5); print('done')\n"
    code = f"{START}{body}\nrun_command(command)"
    ended = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (0, "done\n")


# Imports of classes, and callbacks of C, make other errors of what a signal raises.
TURNED = """
def command():
    try:
        print('up', flush=True)
        time.sleep(60)
    except BaseException as error:
        raise RuntimeError('Error calling __set_name__') from error
"""
# In a destructor an error is shown and then ignored.
IGNORED = """
class Destroyed:
    def __del__(self):
        print('up', flush=True)
        time.sleep(60)
def command():
    Destroyed()
    time.sleep(60)
"""


@pytest.mark.parametrize("body", [TURNED, IGNORED])
def test_a_stop_that_becomes_another_error_is_still_one_line(body):
    ended, _ = stopped(body, signal.SIGINT)
    assert ended.returncode == 128 + signal.SIGINT
    assert len(ended.stderr.strip().splitlines()) == 1
    assert ended.stderr.strip().startswith("stopped by SIGINT")


def test_a_signal_while_the_handlers_are_being_set_is_one_line():
    code = f"""{START}
import signal
class Slow:
    def __getattr__(self, name):
        signal.raise_signal(signal.SIGINT)
sys.modules['socket'] = Slow()
run_command(lambda: print('never'))"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20)
    assert (ended.returncode, ended.stdout) == (128 + signal.SIGINT, "")
    assert ended.stderr.strip().startswith("stopped by SIGINT")
    assert len(ended.stderr.strip().splitlines()) == 1


def test_little_is_imported_before_the_handlers_are_set():
    """Until then Python shows its own traceback."""
    code = (
        "import sys; before = set(sys.modules); import dwsynapse.io.errors; "
        "print(*set(sys.modules) - before)"
    )
    ended = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True)
    assert "dwsynapse.io.signals" in ended.stdout.split()
    assert not {"typing", "pathlib", "re", "socket", "threading"} & {*ended.stdout.split()}


# What Python does after a command has returned, made to last.
ENDED = """
import atexit
def command(): atexit.register(lambda: (print('up', flush=True), time.sleep(0.5)))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_has_ended_is_not_stopped(number):
    ended, _ = stopped(ENDED, number)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("body", [QUIET, ENDED])
def test_a_command_is_stopped_with_a_line_or_has_ended_whenever_the_signal_comes(body):
    """Signals of many times about the end of a short command, most of them within it."""
    body = body.replace("time.sleep(60)", "time.sleep(0.1)").replace("0.5", "0")
    code = f"{START}{body}\nrun_command(command)"
    rng = np.random.default_rng(3)
    for delay_s in rng.uniform(0, 0.2, 12):
        with subprocess.Popen([sys.executable, "-c", code], **PIPES) as process:
            assert process.stdout.readline() == "up\n"
            time.sleep(delay_s)
            process.send_signal(signal.SIGHUP)
            _, err = process.communicate(timeout=10)
        lines = err.count("stopped by SIGHUP")
        assert (process.returncode, lines) in ((128 + signal.SIGHUP, 1), (0, 0))


def test_signals_that_are_ignored_stay_so():
    body = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n" + QUIET
    ended, _ = stopped(body, signal.SIGHUP, signal.SIGTERM)
    assert ended.returncode == 128 + signal.SIGTERM


@pytest.mark.parametrize("output", ["| head -1", "2>&1 | head -1", ">&-", "2>&-", ">&- 2>&-"])
@pytest.mark.parametrize("unbuffered", ["", "-u"])
@pytest.mark.parametrize("signals", ["", "import signal; del signal.SIGPIPE, signal.SIGHUP"])
def test_results_are_made_though_nobody_reads_the_output(tmp_path, output, unbuffered, signals):
    """The reader has gone, or there never was one: without a word, and with status 0.

    Also where these signals do not exist, as on Windows.
    """
    code = f"""{signals}
{START}
def command():
  for _ in range(100_000): print('x' * 100)
  print('late', file=sys.stderr)
  open('result', 'w').close()
run_command(command)"""
    python = f'"{sys.executable}" {unbuffered} -c "{code}"'
    shell = f"set -o pipefail; {python} {output}"
    ended = subprocess.run(
        ["bash", "-c", shell], cwd=tmp_path, capture_output=True, text=True, timeout=20
    )
    said = "late\n" if output in ("| head -1", ">&-") else ""
    assert (ended.returncode, ended.stderr) == (0, said)
    assert (tmp_path / "result").exists()


def test_a_file_that_cannot_be_written_whole_is_named_in_one_line(tmp_path):
    """A limit on the size of files stands in for a full disk."""
    code = f"""{START}
import resource, signal
from dwsynapse.io.files import write_text
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
run_command(lambda: write_text({str(tmp_path / "big.csv")!r}, "x" * 5000))"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20)
    assert ended.returncode == 2
    assert ended.stderr == f"error: {tmp_path / 'big.csv'}: File too large\n"
    assert list(tmp_path.iterdir()) == []
