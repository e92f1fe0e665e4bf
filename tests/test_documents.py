"""The documents name only paths that exist and commands that run."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from dwsynapse.study.reading import over_defaults, read_study
from dwsynapse.study.study import Study

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(
    [*(ROOT / "docs").glob("*.md"), *(ROOT / f"{n}.md" for n in ("README", "CONTRIBUTING"))]
)
FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir()}
PLACEHOLDERS = re.compile(r"[*{}<>]|\.\.\.|\bX\b")
COMMAND = re.compile(r"python -m ([\w.]+)(?: ([a-z]+(?:-[a-z]+)*)(?=[ `\n]))?")


def quoted_paths(text):
    """Return the paths in backticks that start with a folder of the repository."""
    words = [word for quoted in re.findall(r"`([^`\n]+)`", text) for word in quoted.split()]
    paths = [word.strip("(),:;") for word in words if word.split("/")[0] in FOLDERS and "/" in word]
    made = ("results/", "results-", "recomputed/")
    return [path for path in paths if not PLACEHOLDERS.search(path) and not path.startswith(made)]


def linked_paths(text):
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    return [link.split("#")[0] for link in links if "://" not in link and not link.startswith("#")]


def commands():
    """Return the commands that the documents name, by the module after ``python -m``."""
    found = {}
    for path in (*DOCUMENTS, ROOT / "config" / "default.yaml", ROOT / "Makefile"):
        for module, command in COMMAND.findall(path.read_text()):
            if module.split(".")[0] in FOLDERS:
                found.setdefault(module, set()).update({command} - {""})
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_exists(document):
    text = document.read_text()
    missing = [path for path in quoted_paths(text) if not (ROOT / path).exists()]
    missing += [path for path in linked_paths(text) if not (document.parent / path).exists()]
    assert not missing


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_python_example_imports_what_exists(document):
    blocks = re.findall(r"```python\n(.*?)```", document.read_text(), re.DOTALL)
    for line in "\n".join(blocks).splitlines():
        module = re.match(r"(?:from|import) ([\w.]+)", line)
        if module and module[1].split(".")[0] in FOLDERS:
            path = ROOT / module[1].replace(".", "/")
            assert path.is_dir() or path.with_suffix(".py").is_file(), line


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_study_is_one(document):
    """Blocks of YAML that begin with keys of a study; others are of a device or a command."""
    blocks = re.findall(r"```yaml\n(.*?)```", document.read_text(), re.DOTALL)
    for content in map(yaml.safe_load, blocks):
        if content.keys() <= Study.model_fields.keys():
            read_study(over_defaults(content))


@pytest.mark.parametrize("module", commands())
def test_every_command_is_in_the_help_of_its_module(module):
    words = [sys.executable, "-m", module, "--help"]
    ran = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    missing = [
        name
        for name in commands()[module]
        if not re.search(rf"^\W*{name} ", ran.stdout, re.MULTILINE)
    ]
    assert "usage" in ran.stdout.lower()
    assert not missing


def test_the_search_for_paths_finds_them():
    text = (
        "`fitting/forms/none.py` and `results/x.csv`, [a](docs/none.md#here), `python -m fitting`"
    )
    assert quoted_paths(text) == ["fitting/forms/none.py"]
    assert linked_paths(text) == ["docs/none.md"]
