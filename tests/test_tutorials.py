"""The notebooks of docs/tutorials run, cell by cell, and are kept without outputs."""

import ast
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "docs" / "tutorials").glob("*.ipynb"))


def cells(path):
    """Return the sources of a notebook's cells of code."""
    content = json.loads(path.read_text())
    return [cell for cell in content["cells"] if cell["cell_type"] == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_kept_without_outputs(path):
    assert len(NOTEBOOKS) == 3
    for cell in cells(path):
        assert (cell["outputs"], cell["execution_count"]) == ([], None)


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # what it writes lands here
    names = {}
    for number, cell in enumerate(cells(path), 1):
        tree = ast.parse("".join(cell["source"]))
        shown = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        place = f"{path.name}, cell {number}"
        exec(compile(tree, place, "exec"), names)
        if shown:  # as a notebook would
            value = eval(compile(ast.Expression(shown.value), place, "eval"), names)
            assert getattr(value, "_repr_svg_", value.__repr__)()
