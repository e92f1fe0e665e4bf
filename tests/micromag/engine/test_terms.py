"""Adding a term: one new file and one entry in the list, and it is there wherever it has to be."""

import os
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

from micromag.engine.terms import LOCAL_TERMS, TERMS

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


def test_a_term_is_one_file_and_one_entry(tmp_path):
    # In a copy, and in a process of its own: problem and kernels are put together at import.
    package = tmp_path / "micromag"
    shutil.copytree(ROOT / "micromag", package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(HERE / "toy_term.py", package / "engine" / "terms" / "sixth_order.py")
    registry = package / "engine" / "terms" / "__init__.py"
    head, entries = registry.read_text().split("TERMS: ")
    head += "from micromag.engine.terms.sixth_order import SixthOrder\n"
    entries = entries.replace("    Damping(),\n", "    Damping(),\n    SixthOrder(),\n")
    registry.write_text(f"{head}TERMS: {entries}")
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    run = subprocess.run(
        [sys.executable, HERE / "use_of_toy_term.py"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout == "the toy term is everywhere\n"


def test_no_two_terms_share_a_name():
    """Otherwise only the later one counts as present: total energies are wrong without an error."""
    parts = [part for term in TERMS for part in term.orders]
    parameters = [field.name for term in TERMS for field in fields(term.parameters)]
    coefficients = [term.name for term in LOCAL_TERMS]
    declared = [term.declared for term in TERMS]
    for names in (parts, parameters, coefficients, declared):
        assert sorted(names) == sorted(set(names))
