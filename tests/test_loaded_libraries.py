"""Commands load no more than they need: big libraries take longer to load than a fit takes."""

import subprocess
import sys

import pytest

RUN = """
import importlib, sys
sys.argv = sys.argv[1:]
try:
    importlib.import_module(sys.argv[0] + ".cli").app()
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
    loaded = modules_of(tmp_path, "fitting", "fit", tmp_path / "counts.csv", "--out", out)
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


@pytest.mark.parametrize("room", ["fitting", "hardware"])
def test_help_loads_no_big_library(tmp_path, room):
    loaded = modules_of(tmp_path, room, "--help")
    assert not loaded & {"matplotlib", "numba", "pandas", "scipy.stats", "torch"}
