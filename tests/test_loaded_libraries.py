"""Commands load no more than they need: big libraries take longer to load than a fit takes."""

import subprocess
import sys

import pytest

BIG = {"discretisedfield", "matplotlib", "numba", "pandas", "scipy.stats", "torch"}
RUN = """
import importlib, sys
sys.argv = sys.argv[1:]
try:
    importlib.import_module(sys.argv[0]).app()
finally:
    print(*sys.modules, sep="\\n", file=open({modules!r}, "w"))
"""


def modules_of(tmp_path, *words):
    """Return the modules that a command has loaded when it ends."""
    modules = tmp_path / "modules.txt"
    run = [sys.executable, "-c", RUN.format(modules=str(modules)), *map(str, words)]
    subprocess.run(run, check=True, capture_output=True)
    return set(modules.read_text().split())


def test_a_fit_loads_no_big_library_that_it_does_not_use(tmp_path):
    (tmp_path / "counts.csv").write_text(
        "field_mT,n_trials,n_passed\n3,50,1\n4,50,9\n4.5,50,22\n5,50,37\n6,50,49\n"
    )
    out = tmp_path / "wire"
    loaded = modules_of(tmp_path, "fitting.cli", "fit", tmp_path / "counts.csv", "--out", out)
    assert (out / "curve.svg").exists()
    unused = {
        "scipy.stats",
        "scipy.optimize",
        "matplotlib.pyplot",
        "numba",
        "torch",
        "dwsynapse.study.study",
    }
    assert not loaded & unused


COUNTS = "field_mT,n_trials,n_passed\n3,50,1\n4,50,9\n4.5,50,22\n5,50,37\n6,50,49\n"
TRIALS = (
    "field_mT,replica,seed,outcome,decided_at_ns,wall_position_nm,engine\n"
    "7.5,0,1,passed,1.0,90.0,embedded\n7.5,1,1,pinned,2.0,0.0,embedded\n"
)
SAMPLING = "rounds: 2\ntrials_per_round: 70\n"


@pytest.mark.parametrize(
    ("module", "words", "content", "unused"),
    [
        ("fitting.cli", "next given --trials 50 --out plan.csv", COUNTS, BIG - {"pandas"}),
        ("fitting.cli", "count given --out counts.csv", TRIALS, BIG - {"pandas"}),
        ("micromag.cli", "plan --config given --out plan.csv", SAMPLING, BIG - {"pandas"}),
        ("dwsynapse.cli", "study check given", "seed: 4\n", BIG),
        ("dwsynapse.cli", "study jobs given", "seed: 4\n", BIG),
    ],
)
def test_commands_that_run_between_jobs_load_little(
    tmp_path, monkeypatch, module, words, content, unused
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "given").write_text(content)
    loaded = modules_of(tmp_path, module, *words.split())
    assert not loaded & (unused | {"scipy.optimize"})


def test_the_front_door_loads_nothing_before_it_is_used():
    code = """
import sys
import dwsynapse as dw
before = set(sys.modules)
assert "fit" in dir(dw)
assert not before & {"numpy", "pydantic", "dwsynapse.front_door"}, before
dw.fit, dw.train, dw.SimulatedDevice, dw.DeviceModel
"""
    loaded = "print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code + loaded], check=True, capture_output=True)
    assert not set(run.stdout.decode().split()) & {"torch", "numba", "matplotlib"}


@pytest.mark.parametrize(
    "module",
    [
        "micromag.cli",
        "fitting.cli",
        "network.cli",
        "hardware.cli",
        "studies.ellis2023.cli",
        "dwsynapse.cli",
    ],
)
def test_help_loads_no_big_library(tmp_path, module):
    assert not modules_of(tmp_path, module, "--help") & BIG


def test_the_one_command_loads_no_more_than_the_room_that_is_called(tmp_path):
    loaded = modules_of(tmp_path, "dwsynapse.cli", "fitting", "fit", "--help")
    assert "fitting.cli" in loaded
    assert not loaded & (BIG | {"network.cli", "hardware.cli", "micromag.cli"})


@pytest.mark.parametrize(("last", "status"), [("None", 0), ("sys.exit(3)", 3), ("1 / 0", 1)])
def test_a_command_that_ends_does_not_take_apart_what_was_imported(last, status):
    code = f"""
import atexit, sys
from dwsynapse.io.errors import run_command
class Imported:
    def __del__(self): print("taken apart")
imported = Imported()
def command():
    atexit.register(lambda: print("cleaned up"))
    print("done")
    {last}
run_command(command)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (status, "done\ncleaned up\n")
