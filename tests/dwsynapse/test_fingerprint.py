"""The fingerprint of code: what changes it, and which files it covers."""

import os
import subprocess
import sys

import pytest

from dwsynapse.io import fingerprint as module
from dwsynapse.io.fingerprint import ROOMS, SOURCES, code_of, fingerprint, fingerprint_in

CODE = '''
"""What it is."""
from math import pi

def area(r):
    """Return the area."""
    return pi * r ** 2
'''
ALIKE = {
    "comment": CODE.replace("return pi", "# of a circle\n    return pi"),
    "docstring": CODE.replace("Return the area", "Return it"),
    "no docstring": CODE.replace('    """Return the area."""\n', ""),
    "formatting": CODE.replace("pi * r ** 2", "(pi\n        * r**2)"),
}
OTHERS = {
    "number": CODE.replace("** 2", "** 3"),
    "type": CODE.replace("** 2", "** 2.0"),
    "name": CODE.replace("(r)", "(R)"),
    "operator": CODE.replace("pi * r", "pi + r"),
    "import": CODE.replace("from math", "from numpy"),
    "default": CODE.replace("(r)", "(r=1)"),
    "order": "x = 1\ny = 2\n",
    "other order": "y = 2\nx = 1\n",
    "inside": "if x:\n    y = 1\n    z = 1\n",
    "after": "if x:\n    y = 1\nz = 1\n",
}


@pytest.mark.parametrize("name", ALIKE)
def test_comments_docstrings_and_formatting_do_not_count(name):
    assert code_of(ALIKE[name].encode()).digest == code_of(CODE.encode()).digest


def test_all_other_changes_count():
    digests = {code_of(source.encode()).digest for source in (CODE, *OTHERS.values())}
    assert len(digests) == len(OTHERS) + 1


def test_the_fingerprint_is_the_same_in_all_versions_of_python():
    # A fixed value: what `ast.dump` gives is different in 3.12 and 3.13.
    assert (
        code_of(b"def f(x: int = 1, *y): return {**x, 'a': f'{y!r:>3}'}\n").digest[:12]
        == "558e29312eef"
    )


@pytest.fixture
def project(tmp_path):
    """Return a folder with three packages: network imports a part of fitting."""
    files = {
        "network/__init__.py": "",
        "network/train.py": "def train():\n    from fitting.device import Device\n",
        "fitting/__init__.py": "",
        "fitting/device/__init__.py": "from fitting.device.model import Device",
        "fitting/device/model.py": "from dwsynapse.registry import names\nclass Device: pass",
        "fitting/fit.py": "x = 1",
        "dwsynapse/__init__.py": "from importlib import import_module",
        "dwsynapse/registry.py": "names = 1",
        "dwsynapse/other.py": "",
        "dwsynapse/forms/__init__.py": "import_module('a' + 'b')",
        "dwsynapse/forms/logistic.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "counts"),
    [
        ("network/train.py", True),
        ("network/new.py", True),
        ("fitting/device/model.py", True),
        ("fitting/__init__.py", True),
        ("dwsynapse/registry.py", True),
        ("fitting/fit.py", False),
        ("dwsynapse/other.py", False),
        ("dwsynapse/__init__.py", False),
        ("network/notes.txt", False),
    ],
)
def test_a_room_covers_its_own_sources_and_what_they_import(project, file, counts):
    before = fingerprint_in(project, "network")
    (project / file).write_text("changed = 2")
    assert (fingerprint_in(project, "network") != before) == counts


def test_a_module_that_imports_by_name_brings_its_whole_folder(project):
    with (project / "dwsynapse/registry.py").open("a") as file:
        file.write("\nfrom dwsynapse.forms import form")
    before = fingerprint_in(project, "network")
    (project / "dwsynapse/forms/logistic.py").write_text("k = 2")
    assert fingerprint_in(project, "network") != before


def test_imports_for_type_checkers_do_not_count(project):
    (project / "network/train.py").write_text("if TYPE_CHECKING:\n    import fitting.fit\n")
    before = fingerprint_in(project, "network")
    (project / "fitting/fit.py").write_text("x = 2")
    assert fingerprint_in(project, "network") == before


def test_sources_are_parsed_once(project, monkeypatch):
    before = fingerprint_in(project, "network")
    monkeypatch.setattr(module, "code_of", None)
    assert fingerprint_in(project, "network") == before


def test_new_code_that_cannot_be_written_is_parsed_once_too(project, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(project / "cache"))
    fingerprint_in(project, "network")
    kept = project / "dwsynapse/__pycache__/fingerprints.json"
    kept.rename(project / "kept.json")
    kept.mkdir()  # no file replaces a folder, whoever asks for it
    (project / "network/train.py").write_text("changed = 2")
    changed = fingerprint_in(project, "network")
    assert (project / "cache/dwsynapse/fingerprints.json").is_file()
    monkeypatch.setattr(module, "code_of", None)
    assert fingerprint_in(project, "network") == changed


def test_where_nothing_can_be_kept_the_fingerprint_is_the_same(project, monkeypatch):
    before = fingerprint_in(project, "network")
    (project / "dwsynapse/__pycache__/fingerprints.json").unlink()
    (project / "dwsynapse/__pycache__").rmdir()
    # Files in place of folders stop the superuser as well, whom permissions do not.
    (project / "dwsynapse/__pycache__").touch()
    (project / "cache").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(project / "cache"))
    assert fingerprint_in(project, "network") == before


@pytest.mark.parametrize("content", ['{"a": [', "[1]", ""])
def test_a_damaged_cache_is_made_again(project, content):
    before = fingerprint_in(project, "network")
    (project / "dwsynapse/__pycache__/fingerprints.json").write_text(content)
    assert fingerprint_in(project, "network") == before


LOADED = """
import sys
from dwsynapse.study import Network, SimulatedDevice, Fitting, Hardware
{imports}
print(*(m.__file__ for m in list(sys.modules.values()) if getattr(m, "__file__", None)))
"""
IMPORTS = {
    "micromag": "import micromag.cli, micromag.trials.simulate",
    "fitting": "import fitting.cli, fitting.make_device\nimport fitting.forms",
    "network": "import network.cli, network.training.train_model\n"
    "import network.training.rules.rule_trainer, network.training.rules.win_probability_rule",
}


@pytest.mark.parametrize("room", IMPORTS)
def test_a_fingerprint_covers_all_that_is_loaded(room):
    run = subprocess.run(
        [sys.executable, "-c", LOADED.format(imports=IMPORTS[room])],
        env=os.environ | {"PYTHONPATH": str(SOURCES)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.removeprefix(f"{SOURCES}/") for name in run.stdout.split()}
    ours = {name for name in loaded if name.split("/")[0] in ROOMS}
    assert len(ours) > 30
    assert ours - set(module._reached(SOURCES, room)) == {"dwsynapse/__init__.py"}


def test_every_room_has_a_fingerprint_of_its_own():
    found = [fingerprint(room) for room in (*ROOMS, "dwsynapse.summary")]
    assert len(set(found)) == len(found)
    assert all(len(one) == 12 for one in found)
