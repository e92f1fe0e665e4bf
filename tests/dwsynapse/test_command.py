"""The command `dwsynapse`: each room's commands under one name."""

import os
import subprocess
import sys
from importlib import import_module

import pytest
from typer.testing import CliRunner

from dwsynapse.cli import COMMANDS, app
from dwsynapse.io.files import code_version


def test_help_names_every_room_and_version_says_what_runs():
    output = CliRunner().invoke(app, ["--help"]).output
    assert all(name in output for name in COMMANDS)
    assert CliRunner().invoke(app, ["--version"]).output == f"dwsynapse {code_version()}\n"


@pytest.mark.parametrize(
    ("name", "module"), [(name, where) for name, (where, _) in COMMANDS.items()]
)
def test_a_command_is_the_rooms_own(name, module):
    def lines(run):
        return [line for line in run.output.splitlines() if "Usage" not in line]

    runner = CliRunner()
    given = runner.invoke(app, [name, "--help"])
    assert f"Usage: dwsynapse {name}" in given.output
    assert lines(given) == lines(runner.invoke(import_module(module).app, ["--help"]))


def test_words_are_passed_on_as_they_are_and_errors_are_one_line(tmp_path):
    words = ["fitting", "fit", "--form", "probit", "--out", tmp_path / "wire", "--", "-absent.csv"]
    run = subprocess.run(
        [sys.executable, "-m", "dwsynapse", *words], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("error: -absent.csv: no such file")
    assert run.stderr.count("\n") == 1


@pytest.mark.parametrize("number", ["EIO", "ESTALE"])
def test_a_disk_that_fails_is_one_line(number):
    # Python names no file where reading fails that opening did not.
    code = (
        "import errno, os\nfrom dwsynapse.io.errors import run_command\n"
        f"def command(): raise OSError(errno.{number}, os.strerror(errno.{number}))\n"
        "run_command(command)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert run.stderr.startswith("error: ")
    assert run.stderr.endswith("check the disk that it is on\n")
    assert run.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "p ≤ 0.1, −1, é, 日"),
        ("cp1252", "p <= 0.1, -1, é, \\u65e5"),
        ("ascii", "p <= 0.1, -1, \\xe9, \\u65e5"),
    ],
)
def test_signs_that_the_output_has_not_are_written_in_others(encoding, said):
    code = (
        "import sys\nfrom dwsynapse.io.errors import run_command\n"
        "words = 'p ≤ 0.1, −1, é, 日'\n"
        "run_command(lambda: (print(words), print(words, file=sys.stderr)))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONIOENCODING": encoding},
    )
    assert ended.stdout.decode(encoding).strip() == said
    assert ended.stderr.decode(encoding).strip() == said
