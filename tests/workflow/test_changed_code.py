"""Code that changed: what is made again, what can be kept, and how the results tell."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TREE = ("dwsynapse", "micromag", "fitting", "network", "hardware", "studies", "workflow", "config")
STUDY = "devices: {quick-wire: null, quick-track: null, ellis-wire: null}\n"
SOURCE = "fitting/make_device.py"
DEVICE = "results/ellis2023/device.json"


class Project:
    """A copy of the sources, and a folder beside it with a study of the published device."""

    def __init__(self, folder):
        self.tree, self.folder = folder / "tree", folder / "own"
        self.folder.mkdir()
        (self.folder / "study.yaml").write_text(STUDY)
        for name in TREE:
            not_code = shutil.ignore_patterns("__pycache__", "shipped")
            shutil.copytree(ROOT / name, self.tree / name, ignore=not_code)
        shutil.copy(ROOT / "Snakefile", self.tree)

    def run(self, *words, status=0):
        done = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=self.folder,
            env=os.environ
            | {
                "PYTHONPATH": str(self.tree),
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    def snakemake(self, *words):
        options = ["-s", str(self.tree / "Snakefile"), "--configfile", "study.yaml", "--cores", "1"]
        return self.run("snakemake", *options, *words, "--", "fit-ellis2023")

    def stale(self, *words, status=0):
        return self.run("dwsynapse", "stale", "study.yaml", *words, status=status)

    def change(self, text):
        with (self.tree / SOURCE).open("a") as file:
            file.write(text)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("project"))
    project.snakemake()
    return project


@pytest.fixture
def project(made, tmp_path):
    """Return a project whose device is made, to be changed."""
    shutil.copytree(made.folder.parent, tmp_path, dirs_exist_ok=True, symlinks=True)
    copied = object.__new__(Project)
    copied.tree, copied.folder = tmp_path / "tree", tmp_path / "own"
    return copied


def test_comments_and_docstrings_make_nothing_again(project):
    source = project.tree / SOURCE
    source.write_text(source.read_text().replace('"""', '"""Changed. ', 1) + "\n# changed\n")
    assert "Nothing to be done" in project.snakemake("-n")
    assert "2 results, all made by this code" in project.stale()


def test_changed_code_makes_the_results_of_its_room_again_and_says_so(project):
    before = (project.folder / DEVICE).read_bytes()
    project.change("CHANGED = 1\n")
    assert DEVICE in project.stale(status=1)
    said = project.snakemake()
    assert "note: fitting: 2 files are made again, since the code of fitting changed" in said
    assert (project.folder / DEVICE).read_bytes() != before  # which names the code
    assert "all made by this code" in project.stale()
    assert "Nothing to be done" in project.snakemake("-n")


def test_results_of_other_code_can_be_kept(project):
    before = (project.folder / DEVICE).read_bytes()
    project.change("CHANGED = 1\n")
    said = project.stale("--accept")
    assert "2 of 2 results in results were made by other code; the workflow keeps them" in said
    assert "Nothing to be done" in project.snakemake("-n")
    assert (project.folder / DEVICE).read_bytes() == before
    assert DEVICE in project.stale(status=1)  # they still are of other code
    project.change("CHANGED = 2\n")
    assert "code has changed since last execution" in project.snakemake("-n")


def test_code_of_a_room_that_made_nothing_makes_nothing_again(project):
    with (project.tree / "hardware/program.py").open("a") as file:
        file.write("CHANGED = 1\n")
    assert "Nothing to be done" in project.snakemake("-n")


def test_a_part_of_the_study_that_was_changed_is_refused_and_made_again(project):
    block = project.folder / "results/ellis2023/config/device.yaml"
    block.write_text(block.read_text().replace("h0_mT: 4.63", "h0_mT: 4.93"))
    with pytest.raises(AssertionError, match=r"device\.yaml: was changed after it was made"):
        project.snakemake()
    block.unlink()
    project.snakemake()
    assert "h0_mT: 4.63" in block.read_text()
    assert f"ok      {block.relative_to(project.folder)}" in project.run("dwsynapse", "why", DEVICE)


def test_other_changes_are_not_accepted_with_the_code(project):
    project.change("CHANGED = 1\n")
    other = STUDY.replace("ellis-wire: null", "ellis-wire: null, ellis2023: {citation: Another}")
    (project.folder / "study.yaml").write_text(other)
    said = project.stale("--accept", status=2)
    assert "error: study.yaml: more than code changed (params have changed" in said
    assert "rule publish" in project.snakemake("-n")
